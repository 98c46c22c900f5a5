//! `trailmeter doctor`: a deployment, looked at from outside, well and unwell.
//!
//! What follows from which answer is a table beside the code. Here is whether the right questions
//! are asked: of a stack in the local cloud, with those answers put in place of its own that it
//! cannot give, in the form in which AWS gives them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use aws_sdk_s3::types::NotificationConfiguration;
use serde_json::{Value, json};
use trailmeter_testkit::bad_input::good_file;
use trailmeter_testkit::http::{Answer, Request, Response, Server, relay};
use trailmeter_testkit::local_cloud::{LocalCloud, Stack};

use crate::command::{Run, trailmeter_at};
use crate::deployed::{counted, deploy};
use crate::support::{ask, cloud, key, put, root};

const CLOUDTRAIL: &str = "CloudTrail_20131101";

fn doctor(endpoint: &str, stack: &str, more: &[&str]) -> Result<Run> {
    trailmeter_at(endpoint, &[&["doctor", "--stack", stack], more].concat())
}

/// State and text of each finding by its check, those of one check in their order.
fn findings(run: &Run) -> Result<BTreeMap<String, Vec<(String, String)>>> {
    let mut found: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let result = run.json()?;
    for finding in result["findings"].as_array().context("findings are an array")? {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(finding["mend"].is_null(), text("state") == "ok", "{finding}");
        found.entry(text("check")).or_default().push((text("state"), text("what")));
    }
    Ok(found)
}

async fn cloudtrail(cloud: &LocalCloud, action: &str, body: &Value) -> Result<Value> {
    let target = format!("com.amazonaws.cloudtrail.v20131101.{CLOUDTRAIL}.{action}");
    ask(cloud, "cloudtrail", &target, body).await
}

/// A stack whose trail writes to its bucket, as an operator sets them up.
async fn with_trail(cloud: &LocalCloud, name: &str) -> Result<(Stack, String)> {
    let arn = format!("arn:aws:cloudtrail:us-east-1:000000000000:trail/{name}");
    let mode =
        [("DeliveryMode", "create-bucket"), ("TrailArn", &arn), ("AlarmEmail", "security@example.com")];
    let stack = deploy(cloud, name, &mode).await?;
    let trail = json!({
        "Name": name,
        "S3BucketName": stack.output("LogBucketName")?,
        "KmsKeyId": stack.output("LogKmsKeyArn")?,
        "IsMultiRegionTrail": true,
        "EnableLogFileValidation": true,
    });
    cloudtrail(cloud, "CreateTrail", &trail).await?;
    cloudtrail(cloud, "StartLogging", &json!({ "Name": name })).await?;
    Ok((stack, arn))
}

#[tokio::test]
async fn a_stack_is_looked_through_and_what_breaks_is_found() -> Result<()> {
    let cloud = cloud().await?;
    let (stack, arn) = with_trail(cloud, "patient").await?;
    let (s3, bucket) = (cloud.s3().await, stack.output("LogBucketName")?);
    put(&s3, bucket, &key("it"), &good_file(3)?).await?;
    counted(cloud, &stack, "ObjectsIn", 1).await?;

    let run = doctor(cloud.endpoint(), "patient", &["--format", "json"])?;
    let found = findings(&run)?;
    let state = |check: &str| found.get(check).map(|all| all[0].0.as_str()).unwrap_or_default();
    for check in [
        "stack",
        "mode",
        "trail",
        "bucket-policy",
        "key",
        "key-policy",
        "notification",
        "queue",
        "dead-letters",
        "function",
        "mapping",
        "management-events",
        "metrics",
    ] {
        assert_eq!(state(check), "ok", "{check}: {found:?}");
    }
    // The trail of the local cloud never writes and records no data events, its mails need no
    // confirmation, and of a template's table it leaves out that items expire.
    assert_eq!((state("trail-logging"), state("data-events")), ("warning", "warning"), "{found:?}");
    assert!(found["data-events"][0].1.contains("SigV2"), "{found:?}");
    assert_eq!(found["who-is-told"][0].1, "1 subscription(s), all confirmed");
    assert_eq!(found["ledger"][0].1, "its items do not expire, so it grows and costs more month by month");
    let table = doctor(cloud.endpoint(), "patient", &[])?.stdout;
    assert!(table.contains("\nok       mapping            it is enabled"), "{table}");

    breaks(cloud, &stack, &arn).await?;
    cloud.delete(&stack).await
}

/// One thing after the other, each found by its name.
async fn breaks(cloud: &LocalCloud, stack: &Stack, arn: &str) -> Result<()> {
    let (s3, bucket) = (cloud.s3().await, stack.output("LogBucketName")?);
    cloudtrail(cloud, "StopLogging", &json!({ "Name": arn })).await?;
    let none = NotificationConfiguration::builder().build();
    let request = s3.put_bucket_notification_configuration().bucket(bucket);
    request.notification_configuration(none).send().await?;
    s3.delete_bucket_policy().bucket(bucket).send().await?;
    let sqs = aws_sdk_sqs::Client::new(&cloud.config().await);
    sqs.send_message().queue_url(stack.output("DeadLetterQueueUrl")?).message_body("x").send().await?;
    let run = doctor(cloud.endpoint(), "patient", &["--format", "json"])?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    let found = findings(&run)?;
    for (check, what) in [
        ("trail-logging", "it does not log"),
        ("notification", "the bucket does not tell the queue of new objects"),
        ("bucket-policy", "the bucket has no policy, so CloudTrail cannot write"),
        ("dead-letters", "about 1 deliveries failed for good and are not counted"),
    ] {
        assert_eq!(found[check], [("problem".to_owned(), what.to_owned())], "{found:?}");
    }
    Ok(())
}

/// In front of the local cloud: `answer` says what takes the place of its answers.
fn in_front(
    cloud: &LocalCloud,
    answer: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static,
) -> Result<(Server, String)> {
    let authority = cloud.endpoint().trim_start_matches("http://").to_owned();
    let server = Server::start(move |request| {
        let answer = answer(&request).map_or_else(|| relay(&authority, &request), Ok);
        answer.map_or(Answer::HangUp, Answer::Respond)
    })?;
    let endpoint = format!("http://{}", server.address());
    Ok((server, endpoint))
}

fn json_answer(body: &Value) -> Response {
    Response::new(200, &[("content-type", "application/x-amz-json-1.1")], body.to_string().into_bytes())
}

#[tokio::test]
async fn what_only_aws_can_say_of_a_trail_is_understood() -> Result<()> {
    let cloud = cloud().await?;
    let (stack, arn) = with_trail(cloud, "sick-trail").await?;
    let (_server, endpoint) = in_front(cloud, |request| {
        if String::from_utf8_lossy(&request.body).contains("Action=ListSubscriptionsByTopic") {
            return Some(Response::new(200, &[("content-type", "text/xml")], PENDING.as_bytes().to_vec()));
        }
        let (service, action) = request.header("x-amz-target")?.rsplit_once('.')?;
        // Shapes and spellings of CloudTrail's own pages on these calls.
        Some(match (service == CLOUDTRAIL).then_some(action)? {
            "GetTrailStatus" => json_answer(&json!({
                "IsLogging": true,
                "LatestDeliveryError": "AccessDenied",
                "LatestDeliveryTime": 1_795_242_000.123,
                "LatestDigestDeliveryError": "NoSuchBucket",
                "LatestNotificationError": "AuthorizationError",
                "StartLoggingTime": 1_795_000_000.0,
                "LatestDeliveryAttemptTime": "2026-11-21T09:00:00Z",
            })),
            "GetEventSelectors" => json_answer(&json!({
                "TrailARN": "arn",
                "AdvancedEventSelectors": [
                    { "Name": "m", "FieldSelectors": [
                        { "Field": "eventCategory", "Equals": ["Management"] },
                        { "Field": "readOnly", "Equals": ["false"] },
                        { "Field": "eventSource", "NotEquals": ["kms.amazonaws.com"] } ] },
                    { "Name": "d", "FieldSelectors": [
                        { "Field": "eventCategory", "Equals": ["Data"] },
                        { "Field": "resources.type", "Equals": ["AWS::S3::Object"] },
                        { "Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::b/"] } ] },
                ],
            })),
            _ => return None,
        })
    })?;
    let run = doctor(&endpoint, &stack.name, &["--format", "json", "--trail", &arn])?;
    let found = findings(&run)?;
    let texts = |check: &str| -> Vec<&str> { found[check].iter().map(|(_, what)| what.as_str()).collect() };
    assert_eq!(
        texts("trail-logging")[..3],
        [
            "the last delivery failed: AccessDenied",
            "the last digest failed: NoSuchBucket",
            "the last notification failed: AuthorizationError",
        ],
        "{found:?}"
    );
    assert_eq!(
        texts("management-events"),
        [
            "the trail records no management events that only read, and detectors of those see nothing",
            "the trail leaves out kms.amazonaws.com",
        ]
    );
    assert_eq!(found["data-events"][0].0, "ok", "{found:?}");
    assert_eq!(
        found["who-is-told"],
        [
            (
                "problem".to_owned(),
                "email security@example.com has not confirmed and hears nothing".to_owned(),
            )
        ]
    );
    assert_eq!(run.status, Some(1));
    let table = doctor(&endpoint, &stack.name, &[])?.stdout;
    assert!(table.contains("mend: have the link in AWS's mail followed"), "{table}");
    cloud.delete(&stack).await
}

/// SNS has these words in the place of the ARN of a subscription that is not confirmed.
const PENDING: &str = "<ListSubscriptionsByTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">
<ListSubscriptionsByTopicResult><Subscriptions><member>
<TopicArn>arn:aws:sns:us-east-1:000000000000:alarms</TopicArn><Protocol>email</Protocol>
<SubscriptionArn>PendingConfirmation</SubscriptionArn><Owner>000000000000</Owner>
<Endpoint>security@example.com</Endpoint>
</member></Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>";

/// Each service says no in the way of its protocol.
fn denial(request: &Request) -> Response {
    let json = [("content-type", "application/x-amz-json-1.1")];
    let error = |kind: &str| json!({ "__type": kind, "message": "User: x is not authorized" }).to_string();
    if request.header("x-amz-target").is_some() {
        return Response::new(400, &json, error("AccessDeniedException").into_bytes());
    }
    if request.header("smithy-protocol").is_some() {
        // A map of one pair of texts.
        let body = b"\xa1\x66__type\x6cAccessDenied".to_vec();
        return Response::new(403, &[("smithy-protocol", "rpc-v2-cbor")], body);
    }
    if request.target.starts_with("/2015-03-31/") {
        let headers = [("content-type", "application/json"), ("x-amzn-errortype", "AccessDeniedException")];
        return Response::new(403, &headers, error("AccessDeniedException").into_bytes());
    }
    let is_query = request.header("content-type").is_some_and(|kind| kind.contains("form-urlencoded"));
    let detail = "<Code>AccessDenied</Code><Message>Access Denied</Message>";
    let body = if is_query {
        format!("<ErrorResponse><Error><Type>Sender</Type>{detail}</Error></ErrorResponse>")
    } else {
        format!("<Error>{detail}</Error>")
    };
    Response::new(403, &[("content-type", "text/xml")], body.into_bytes())
}

#[tokio::test]
async fn what_may_not_be_asked_is_named_with_its_permission() -> Result<()> {
    let cloud = cloud().await?;
    let topic = cloud.deploy("locked-trail", TOPIC, &[], &[]).await?;
    let mode = [
        ("DeliveryMode", "existing-topic"),
        ("LogBucketName", "trailmeter-logs-locked"),
        ("TrailTopicArn", topic.output("Arn")?),
    ];
    cloud.s3().await.create_bucket().bucket("trailmeter-logs-locked").send().await?;
    let stack = deploy(cloud, "locked", &mode).await?;
    let (_server, endpoint) = in_front(cloud, |request| {
        let is_stacks = String::from_utf8_lossy(&request.body).contains("Stack");
        (!is_stacks).then(|| denial(request))
    })?;
    let run = doctor(&endpoint, "locked", &["--format", "json"])?;
    let found = findings(&run)?;
    for (check, call) in [
        ("trail", "cloudtrail:DescribeTrails"),
        ("bucket-policy", "s3:GetBucketPolicy"),
        ("trail-subscription", "sns:GetSubscriptionAttributes"),
        ("queue", "sqs:GetQueueAttributes"),
        ("dead-letters", "sqs:GetQueueAttributes"),
        ("function", "lambda:GetFunctionConfiguration"),
        ("mapping", "lambda:ListEventSourceMappings"),
        ("alarms", "cloudwatch:DescribeAlarms"),
        ("who-is-told", "sns:ListSubscriptionsByTopic"),
        ("metrics", "cloudwatch:GetMetricData"),
    ] {
        let [(state, what)] = found[check].as_slice() else { panic!("{check}: {found:?}") };
        assert_eq!(state, "unknown", "{check}: {found:?}");
        assert!(what.starts_with(&format!("{call} is denied: ")), "{check}: {what}");
    }
    assert_eq!(run.status, Some(0), "what is not known is no problem: {found:?}");
    cloud.delete(&stack).await
}

/// A topic that a trail notifies.
const TOPIC: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Topic: { Type: AWS::SNS::Topic }
Outputs:
  Arn: { Value: !Ref Topic }
";

#[tokio::test]
async fn an_existing_bucket_is_asked_for_its_rule() -> Result<()> {
    let (cloud, bucket) = (cloud().await?, "trailmeter-logs-ruled");
    cloud.s3().await.create_bucket().bucket(bucket).send().await?;
    let mode = [("DeliveryMode", "existing-bucket"), ("LogBucketName", bucket), ("Ledger", "off")];
    let stack = deploy(cloud, "ruled", &mode).await?;
    let run = doctor(cloud.endpoint(), "ruled", &["--format", "json"])?;
    let found = findings(&run)?;
    assert_eq!(found["rule"], [("ok".to_owned(), "it is enabled and sends to the queue".to_owned())]);
    assert_eq!(found["notification"][0].1, "the bucket does not send its events to EventBridge");
    assert_eq!(found["trail"][0].0, "unknown", "{found:?}");
    assert!(found["ledger"][0].1.starts_with("off: "), "{found:?}");
    assert_eq!(run.status, Some(1));
    cloud.delete(&stack).await
}

#[tokio::test]
async fn a_stack_that_is_none_is_refused() -> Result<()> {
    let cloud = cloud().await?;
    let run = doctor(cloud.endpoint(), "no-such-stack", &[])?;
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("there is no stack no-such-stack"), "{}", run.stderr);
    let other = cloud.deploy("somebody-elses", TOPIC, &[], &[]).await?;
    let run = doctor(cloud.endpoint(), "somebody-elses", &[])?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("it is none of Trailmeter's"), "{}", run.stdout);
    cloud.delete(&other).await
}

/// The page for whoever is woken: a word on every alarm of the pipeline, and every permission that
/// the commands use.
#[test]
fn the_page_has_every_alarm_and_every_permission() -> Result<()> {
    let page = std::fs::read_to_string(root().join("docs/operating.md"))?;
    let template = std::fs::read_to_string(root().join("template.yaml"))?;
    let alarms: Vec<&str> = template
        .lines()
        .filter_map(|line| line.split_once("AlarmName: !Sub \"${AWS::StackName}-")?.1.strip_suffix('"'))
        .filter(|name| name.starts_with(char::is_lowercase))
        .collect();
    assert!(alarms.len() >= 8, "{alarms:?}");
    for alarm in alarms {
        assert!(page.contains(&format!("\n### {alarm}\n")), "{alarm} has no section");
    }
    let mut calls = 0;
    for entry in std::fs::read_dir(root().join("shared/aws/src/operator"))? {
        let code = std::fs::read_to_string(entry?.path())?;
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for text in code.split('"').skip(1).step_by(2) {
            let Some((service, action)) = text.split_once(':') else { continue };
            if service.chars().all(char::is_lowercase) && action.starts_with(char::is_uppercase) {
                calls += 1;
                assert!(page.contains(&format!("`{text}`")), "{text} is not on the page");
            }
        }
    }
    assert!(calls >= 20, "{calls}");
    Ok(())
}
