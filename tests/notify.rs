//! The real function `notify`: alarms that ring, findings that are there or not, and a world that does not answer.

use std::sync::Arc;
use std::sync::Mutex;

use anyhow::{Context, Result, ensure};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use jiff::Timestamp;
use serde_json::{Value, json};
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::http::{Answer, Request, Response, Server};
use trailmeter_testkit::local_cloud::{LocalCloud, Stack};
use trailmeter_testkit::runtime_api::{Function, Invocation};

use crate::deployed::take;
use crate::support::{cloud, function};

/// What the function has around it in a deployment, with a mailbox that people would have.
const AROUND: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Parameters: { Address: { Type: String } }
Resources:
  Log: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: !Sub '/aws/lambda/${AWS::StackName}-detect' } }
  Notices:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${AWS::StackName}-notices'
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
  Webhook: { Type: AWS::SSM::Parameter, Properties: { Name: !Sub '/${AWS::StackName}/webhook', Type: String, Value: !Ref Address } }
  Topic: { Type: AWS::SNS::Topic }
  Inbox: { Type: AWS::SQS::Queue }
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: { Protocol: sqs, TopicArn: !Ref Topic, Endpoint: !GetAtt Inbox.Arn, RawMessageDelivery: true }
Outputs:
  Log: { Value: !Ref Log }
  Table: { Value: !Ref Notices }
  Webhook: { Value: !Ref Webhook }
  Topic: { Value: !Ref Topic }
  Url: { Value: !Ref Inbox }
";

struct World {
    cloud: &'static LocalCloud,
    stack: Stack,
}

impl World {
    /// A world of this name, which no other test may have, and the address of its chat.
    async fn new(name: &str, address: &str) -> Result<Self> {
        let cloud = cloud().await?;
        let stack = cloud.deploy(name, AROUND, &[("Address", address)], &[]).await?;
        Ok(Self { cloud, stack })
    }

    /// Starts the real function, with further variables or others.
    fn start(&self, variables: &[(&str, &str)]) -> Result<Function> {
        let namespace = format!("Trailmeter/{}", self.stack.name);
        let mut all = vec![
            ("AWS_ENDPOINT_URL", self.cloud.endpoint()),
            ("TRAILMETER_STACK", &self.stack.name),
            ("TRAILMETER_NAMESPACE", &namespace),
            ("TRAILMETER_LOG_GROUP", self.stack.output("Log")?),
            ("TRAILMETER_DASHBOARD", "dashboard"),
            ("TRAILMETER_TOPIC", self.stack.output("Topic")?),
            ("TRAILMETER_NOTICE_TABLE", self.stack.output("Table")?),
            // What is not there at once will not come in these tests.
            ("TRAILMETER_WAIT_SECONDS", "0"),
        ];
        all.extend(variables);
        Function::start(&function("notify")?, &all)
    }

    /// Writes lines to the log, as detect would.
    async fn log(&self, lines: &[Value]) -> Result<()> {
        let logs = aws_sdk_cloudwatchlogs::Client::new(&self.cloud.config().await);
        let group = self.stack.output("Log")?;
        drop(logs.create_log_stream().log_group_name(group).log_stream_name("s").send().await);
        let at = Timestamp::now().as_millisecond();
        for lines in lines.chunks(1000) {
            let events = lines.iter().map(|line| {
                InputLogEvent::builder()
                    .timestamp(at)
                    .message(line.to_string())
                    .build()
                    .context("an event is whole")
            });
            let events = events.collect::<Result<Vec<_>>>()?;
            let put =
                logs.put_log_events().log_group_name(group).log_stream_name("s").set_log_events(Some(events));
            put.send().await?;
        }
        Ok(())
    }

    fn finding(&self, id: &str, name: &str) -> Value {
        let now = Timestamp::now();
        json!({
            "type": "trailmeter.finding", "version": 1, "detector": "Denied", "title": "Calls denied", "severity": "high",
            "namespace": format!("Trailmeter/{}", self.stack.name), "metric": "Denied", "value": 1.0,
            "arrival_time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), "event_time": "2026-11-21T06:00:00Z", "event_id": id,
            "actor": { "kind": "user", "name": name, "arn": format!("arn:aws:iam::111122223333:user/{name}") },
            "source_ip": "192.0.2.7", "event_source": "s3.amazonaws.com", "event_name": "GetObject",
            "object": "s3://logs/AWSLogs/a.json.gz",
        })
    }

    /// What SNS brings when the alarm on a metric goes on with so many matches.
    fn alarm(&self, metric: &str, matches: u32) -> Value {
        let alarm = json!({
            "AlarmName": format!("{}-{metric}", self.stack.name), "AlarmDescription": "Look who it was.",
            "NewStateValue": "ALARM", "NewStateReason": format!("Threshold Crossed: 1 datapoint [{matches}.0 (x)]"),
            "StateChangeTime": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string(),
            "Trigger": {
                "MetricName": metric, "Namespace": format!("Trailmeter/{}", self.stack.name), "Period": 300, "EvaluationPeriods": 2,
            },
        });
        json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": alarm.to_string() } }] })
    }

    /// The next message in the mailbox.
    async fn message(&self) -> Result<Value> {
        let url = self.stack.output("Url")?;
        let body =
            eventually("a message", async || Ok(take(self.cloud, url).await?.into_iter().next())).await?;
        Ok(serde_json::from_str(&body)?)
    }
}

fn outcome(invocation: Invocation) -> Result<String> {
    let answer = invocation.response()?;
    answer["outcomes"][0].as_str().map(str::to_owned).with_context(|| answer.to_string())
}

#[tokio::test]
async fn the_message_says_who_it_was() -> Result<()> {
    let world = World::new("notify-who", "https://192.0.2.1/").await?;
    let other = json!({ "message": "invocation done" });
    world
        .log(&[
            world.finding("e1", "mallory"),
            other,
            world.finding("e2", "mallory"),
            world.finding("e1", "mallory"),
        ])
        .await?;
    let function = world.start(&[])?;
    let event = world.alarm("Denied", 2);
    assert_eq!(outcome(function.invoke(&event)?)?, "told");
    let notice = world.message().await?;
    assert_eq!(notice["summary"]["actors"]["counts"], json!({ "arn:aws:iam::111122223333:user/mallory": 2 }));
    assert_eq!(notice["summary"]["source_ips"]["counts"], json!({ "192.0.2.7": 2 }));
    assert_eq!((&notice["severity"], &notice["remarks"]), (&json!("high"), &json!([])));
    assert_eq!(outcome(function.invoke(&event)?)?, "already-told", "SNS delivers at least once");
    Ok(())
}

#[tokio::test]
async fn without_findings_it_tells_all_the_same() -> Result<()> {
    let world = World::new("notify-nobody", "https://192.0.2.1/").await?;
    world.log(&[world.finding("e1", "mallory")]).await?;
    for (settings, alarm, remark) in [
        (vec![], world.alarm("Quiet", 7), "The alarm counts 7. No findings were found"),
        (vec![("TRAILMETER_LOG_GROUP", "/gone")], world.alarm("Denied", 1), "The findings could not be read"),
    ] {
        let function = world.start(&settings)?;
        assert_eq!(outcome(function.invoke(&alarm)?)?, "told");
        let notice = world.message().await?;
        let remarks = notice["remarks"].to_string();
        ensure!(remarks.contains(remark), "{remarks}");
        ensure!(
            notice["alarm"]["reason"].as_str().is_some_and(|reason| reason.starts_with("Threshold")),
            "{notice}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_alarm_of_ours_is_passed_on() -> Result<()> {
    let world = World::new("notify-foreign", "https://192.0.2.1/").await?;
    let function = world.start(&[])?;
    let message =
        |text: &str| json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": text } }] });
    let mut foreign = world.alarm("Denied", 1);
    let text = foreign["Records"][0]["Sns"]["Message"]
        .as_str()
        .unwrap_or_default()
        .replace("notify-foreign-", "other-");
    foreign = message(&text);
    assert_eq!(outcome(function.invoke(&foreign)?)?, "passed-on");
    assert_eq!(world.message().await?["alarm"]["name"], "other-Denied");
    assert_eq!(outcome(function.invoke(&message("hello"))?)?, "passed-on");
    assert_eq!(world.message().await?["text"], "hello");
    assert_eq!(outcome(function.invoke(&json!({ "detail-type": "Scheduled Event" }))?)?, "nothing-new");
    let Invocation::Error(error) = function.invoke(&json!({ "detail-type": "Something Else" }))? else {
        anyhow::bail!("an event of nobody's is no success")
    };
    ensure!(error.message.contains("neither from SNS nor from the schedule"), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn ten_thousand_findings_make_one_message() -> Result<()> {
    let world = World::new("notify-storm", "https://192.0.2.1/").await?;
    let findings: Vec<Value> =
        (0..10_000).map(|at| world.finding(&format!("e{at}"), &format!("user-{}", at % 2500))).collect();
    world.log(&findings).await?;
    let function = world.start(&[])?;
    assert_eq!(outcome(function.invoke(&world.alarm("Denied", 10_000))?)?, "told");
    let notice = world.message().await?;
    assert_eq!(notice["summary"]["findings"], 10_000);
    assert_eq!(notice["events"].as_array().map(Vec::len), Some(10));
    ensure!(take(world.cloud, world.stack.output("Url")?).await?.is_empty(), "one message, not more");
    Ok(())
}

#[tokio::test]
async fn a_topic_that_is_gone_fails_the_invocation_so_that_lambda_repeats_it() -> Result<()> {
    let world = World::new("notify-topic", "https://192.0.2.1/").await?;
    world.log(&[world.finding("e1", "mallory")]).await?;
    let event = world.alarm("Denied", 1);
    let function = world.start(&[("TRAILMETER_TOPIC", "arn:aws:sns:us-east-1:000000000000:gone")])?;
    let Invocation::Error(error) = function.invoke(&event)? else { anyhow::bail!("nobody was told") };
    ensure!(error.message.contains("nobody was told"), "{error:?}");
    // The same event again, when the topic is back: it was not taken for told.
    let function = world.start(&[])?;
    assert_eq!(outcome(function.invoke(&event)?)?, "told");
    assert_eq!(world.message().await?["summary"]["findings"], 1);
    Ok(())
}

#[tokio::test]
async fn a_table_that_is_gone_makes_no_difference_to_who_is_told() -> Result<()> {
    let world = World::new("notify-table", "https://192.0.2.1/").await?;
    world.log(&[world.finding("e1", "mallory")]).await?;
    let function = world.start(&[("TRAILMETER_NOTICE_TABLE", "gone")])?;
    assert_eq!(outcome(function.invoke(&world.alarm("Denied", 1))?)?, "told");
    assert_eq!(world.message().await?["summary"]["findings"], 1);
    Ok(())
}

/// A chat that answers with these, one after the other and then the last one again.
fn chat(answers: &[u16]) -> Result<(Server, Arc<Mutex<Vec<Request>>>)> {
    let (answers, seen) = (answers.to_vec(), Arc::new(Mutex::new(Vec::new())));
    let requests = Arc::clone(&seen);
    let server = Server::start(move |request| {
        let Ok(mut seen) = seen.lock() else { return Answer::Respond(Response::new(500, &[], Vec::new())) };
        let status = answers[seen.len().min(answers.len() - 1)];
        seen.push(request);
        Answer::Respond(Response::new(status, &[], Vec::new()))
    })?;
    Ok((server, requests))
}

#[tokio::test]
async fn a_chat_hears_of_it_and_its_address_stays_a_secret() -> Result<()> {
    for (name, answers, calls) in
        [("ok", &[200][..], 1), ("busy", &[503, 200], 2), ("down", &[500], 2), ("revoked", &[404], 1)]
    {
        let (server, seen) = chat(answers)?;
        let address = format!("http://{}/services/T0/B0/swordfish", server.address());
        let world = World::new(&format!("notify-chat-{name}"), &address).await?;
        world.log(&[world.finding("e1", "mallory")]).await?;
        let function = world.start(&[("TRAILMETER_WEBHOOK", world.stack.output("Webhook")?)])?;
        assert_eq!(outcome(function.invoke(&world.alarm("Denied", 1))?)?, "told", "{name}");
        assert_eq!(world.message().await?["summary"]["findings"], 1, "{name}");
        let seen = seen.lock().map_err(|_| anyhow::anyhow!("a handler panicked"))?;
        assert_eq!(seen.len(), calls, "{name}");
        let body: Value = serde_json::from_slice(&seen[0].body)?;
        ensure!(body["text"].as_str().is_some_and(|text| text.contains("user/mallory")), "{body}");
        let log = function.logs().join("\n");
        ensure!(!log.contains("swordfish"), "{name}: the address is in the log");
        ensure!(
            log.contains("the webhook does not take the message") == (*answers.last().unwrap_or(&0) != 200),
            "{name}: {log}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_address_that_is_none_is_said_and_not_shown() -> Result<()> {
    for (name, address, says) in [
        ("plain", "http://chat.example.com/swordfish", "it begins with https://"),
        ("none", "swordfish", "it begins with https://"),
        ("nobody", "http://127.0.0.1:9/swordfish", "it does not answer"),
    ] {
        let world = World::new(&format!("notify-address-{name}"), address).await?;
        let function = world.start(&[("TRAILMETER_WEBHOOK", world.stack.output("Webhook")?)])?;
        assert_eq!(outcome(function.invoke(&world.alarm("Denied", 1))?)?, "told", "{name}");
        let log = function.logs().join("\n");
        ensure!(log.contains(says) && !log.contains("swordfish"), "{name}: {log}");
    }
    Ok(())
}
