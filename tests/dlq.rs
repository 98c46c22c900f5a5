//! `trailmeter dlq`: what could not be handled is told, message by message, and goes back.

use anyhow::{Context, Result};
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName};
use serde_json::{Value, json};
use trailmeter_testkit::bad_input::{good_file, not_gzip};
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::http::{Answer, Response, Server};
use trailmeter_testkit::local_cloud::{LocalCloud, Stack};

use crate::command::{Run, trailmeter_at};
use crate::deployed::{counted, deploy, take, waiting};
use crate::messages;
use crate::support::{cloud, key, put};

/// Runs `trailmeter dlq` in the local cloud; arguments stand as in a shell.
async fn dlq(arguments: &str, more: &[&str]) -> Result<Run> {
    let endpoint = cloud().await?.endpoint();
    let arguments: Vec<&str> =
        ["dlq"].into_iter().chain(arguments.split_whitespace()).chain(more.iter().copied()).collect();
    trailmeter_at(endpoint, &arguments)
}

/// Messages in a queue that nobody has in hand.
async fn visible(cloud: &LocalCloud, url: &str) -> Result<u64> {
    let sqs = aws_sdk_sqs::Client::new(&cloud.config().await);
    let name = QueueAttributeName::ApproximateNumberOfMessages;
    let found = sqs.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await?;
    let attributes = found.attributes().context("a queue has attributes")?;
    Ok(attributes.get(&name).context("every queue is counted")?.parse()?)
}

#[tokio::test]
async fn a_file_that_failed_is_told_and_sent_back_when_it_is_mended() -> Result<()> {
    let cloud = cloud().await?;
    let mode = [
        ("DeliveryMode", "create-bucket"),
        ("TrailArn", "arn:aws:cloudtrail:us-east-1:111122223333:trail/logs"),
    ];
    let stack = deploy(cloud, "letters", &mode).await?;
    let (queue, dead) = (stack.output("DeliveryQueueUrl")?, stack.output("DeadLetterQueueUrl")?);
    // Five receives would take 75 minutes.
    let sqs = aws_sdk_sqs::Client::new(&cloud.config().await);
    let visibility = QueueAttributeName::VisibilityTimeout;
    sqs.set_queue_attributes().queue_url(queue).attributes(visibility, "1").send().await?;
    let run = dlq("list --stack letters", &[]).await?;
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), "no message is left over\n"), "{}", run.stderr);

    let (s3, bucket) = (cloud.s3().await, stack.output("LogBucketName")?);
    put(&s3, bucket, &key("poison"), &not_gzip()).await?;
    eventually("a dead letter", async || Ok((waiting(cloud, dead).await? > 0).then_some(()))).await?;
    let id = it_is_told(cloud, bucket, dead).await?;

    // As long as the cause is there it stays.
    let run = dlq("redrive --all --check --stack letters", &[]).await?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(run.stdout.starts_with(&format!("kept          {id}  s3://{bucket}/AWSLogs/")), "{}", run.stdout);
    assert!(run.stdout.contains("not-json: "), "{}", run.stdout);
    assert!(run.stdout.contains("0 message(s) sent back, 1 kept"), "{}", run.stdout);
    assert_eq!(visible(cloud, dead).await?, 1);

    it_is_mended_and_sent_back(cloud, &stack, &id).await?;
    cloud.delete(&stack).await
}

/// By `list` and by `show`, which leave it where it is. Returns its id.
async fn it_is_told(cloud: &LocalCloud, bucket: &str, dead: &str) -> Result<String> {
    let run = dlq("list --stack letters --format json", &[]).await?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let found = run.json()?;
    assert_eq!((&found["waiting"], &found["logs"]), (&json!(1), &json!("read")), "{found}");
    let message = &found["messages"][0];
    assert_eq!(message["objects"], json!([{ "bucket": bucket, "key": key("poison") }]), "{found}");
    assert_eq!((&message["origin"], &message["reason"]), (&json!("delivery"), &json!("not-json")), "{found}");
    assert!(message["since"].is_string() && message["expires"].is_string(), "{found}");
    assert!(message["receives"].as_u64() >= Some(5), "{found}");
    let error = message["error"].as_str().unwrap_or_default();
    assert_eq!(error, "the file is neither gzip nor a JSON object (at byte 0 of the inflated file)");
    let id = message["id"].as_str().context("a message has an id")?.to_owned();

    let table = dlq("list --stack letters", &[]).await?.stdout;
    assert!(table.contains(&id) && table.contains("not-json (1): "), "{table}");
    assert!(table.contains(&format!("s3://{bucket}/{}", key("poison"))), "{table}");
    let shown = dlq("show --stack letters", &[&id]).await?;
    assert_eq!(shown.status, Some(0), "{}", shown.stderr);
    // Each of the tries has its line, and the body is there.
    assert!(shown.stdout.matches("\nerror     ").count() >= 5, "{}", shown.stdout);
    assert!(shown.stdout.contains("\nto do     an object with the name of a log file"), "{}", shown.stdout);
    assert!(shown.stdout.contains("\"eventSource\": \"aws:s3\""), "{}", shown.stdout);
    assert_eq!(visible(cloud, dead).await?, 1, "looking takes nothing away");
    Ok(id)
}

async fn it_is_mended_and_sent_back(cloud: &LocalCloud, stack: &Stack, id: &str) -> Result<()> {
    let (queue, dead) = (stack.output("DeliveryQueueUrl")?, stack.output("DeadLetterQueueUrl")?);
    let (s3, bucket) = (cloud.s3().await, stack.output("LogBucketName")?);
    // Writing it is a delivery of its own.
    put(&s3, bucket, &key("poison"), &good_file(3)?).await?;
    counted(cloud, stack, "ObjectsRead", 1).await?;
    let dry = dlq("redrive --check --dry-run --stack letters", &[id]).await?;
    assert!(dry.stdout.starts_with("would-send    "), "{}{}", dry.stdout, dry.stderr);
    assert_eq!((dry.status, visible(cloud, dead).await?), (Some(0), 1));

    let run = dlq("redrive --check --stack letters", &[id]).await?;
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("1 message(s) sent back, 0 kept\nnote     "), "{}", run.stdout);
    let done = async || Ok((waiting(cloud, queue).await? == 0).then_some(()));
    eventually("the message to be handled", done).await?;
    assert_eq!(waiting(cloud, dead).await?, 0);
    let gone = dlq("redrive --stack letters", &[id]).await?;
    assert_eq!(gone.status, Some(1));
    assert!(gone.stdout.contains("no such message"), "{}", gone.stdout);
    Ok(())
}

/// Two queues without a stack.
struct Queues {
    sqs: aws_sdk_sqs::Client,
    dead: String,
    source: String,
}

impl Queues {
    async fn new(name: &str) -> Result<Self> {
        let sqs = aws_sdk_sqs::Client::new(&cloud().await?.config().await);
        let mut urls = Vec::new();
        for part in ["dead", "source"] {
            let made = sqs.create_queue().queue_name(format!("{name}-{part}")).send().await?;
            urls.push(made.queue_url().context("a queue has a URL")?.to_owned());
        }
        let [dead, source] = urls.try_into().map_err(|_| anyhow::anyhow!("two queues"))?;
        Ok(Self { sqs, dead, source })
    }

    async fn send(&self, body: &str, attributes: &[(&str, &str)]) -> Result<String> {
        let mut request = self.sqs.send_message().queue_url(&self.dead).message_body(body);
        for (name, value) in attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(*value).build()?;
            request = request.message_attributes(*name, value);
        }
        Ok(request.send().await?.message_id().context("a message has an id")?.to_owned())
    }

    async fn run(&self, arguments: &str, more: &[&str]) -> Result<Run> {
        dlq(arguments, &[&["--queue", &self.dead, "--source", &self.source], more].concat()).await
    }
}

fn invocation(payload: &Value) -> String {
    json!({
        "version": "1.0",
        "timestamp": "2026-11-21T06:14:09.000Z",
        "requestContext": { "requestId": "r", "functionArn": "arn:aws:lambda:us-east-1:1:function:f:$LATEST",
            "condition": "RetriesExhausted", "approximateInvokeCount": 3 },
        "requestPayload": payload,
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": { "errorType": "InvocationFailed", "errorMessage": "1 object(s) failed" },
    })
    .to_string()
}

#[tokio::test]
async fn every_kind_of_message_is_told_and_goes_back_as_what_it_was() -> Result<()> {
    let (cloud, queues) = (cloud().await?, Queues::new("kinds").await?);
    let evil = key("\u{1b}]0;pwned\u{7}\n\u{9b}31m\u{202e}x");
    let payload: Value = serde_json::from_str(&messages::s3("logs", &key("direct")))?;
    let ids = [
        queues.send(&messages::s3("logs", &evil), &[]).await?,
        queues.send(&messages::sns(&messages::cloudtrail("logs", &[&key("a"), &key("b")])), &[]).await?,
        queues.send("no notification", &[]).await?,
        queues.send(&invocation(&payload), &[]).await?,
        queues
            .send(
                &messages::event_bridge("logs", &key("ruled")),
                &[("ERROR_CODE", "NO_PERMISSIONS"), ("ERROR_MESSAGE", "not let in")],
            )
            .await?,
        queues.send(&invocation(&Value::Null), &[]).await?,
    ];
    let found = queues.run("list --no-logs --format json", &[]).await?.json()?;
    let told = |id: &str| -> Result<Vec<Value>> {
        let all = found["messages"].as_array().context("messages are an array")?;
        let message = all.iter().find(|message| message["id"] == id).context("every message is listed")?;
        let objects = message["objects"].as_array().map_or(0, Vec::len);
        Ok(vec![message["origin"].clone(), message["reason"].clone(), objects.into()])
    };
    for (id, expected) in ids.iter().zip([
        json!(["delivery", null, 1]),
        json!(["delivery", null, 2]),
        json!(["delivery", "not-json", 0]),
        json!(["invocation", "invocation-failed", 1]),
        json!(["rule", "not-delivered", 1]),
        json!(["invocation", "unknown-shape", 0]),
    ]) {
        assert_eq!(Value::from(told(id)?), expected);
    }
    assert_eq!(found["logs"], "left-out");
    nothing_moves_the_cursor(&queues, &ids).await?;

    // What cannot be read stays with --check: here all, as there is no such bucket.
    let run = queues.run("redrive --all --check", &[]).await?;
    assert_eq!(run.status, Some(1));
    assert_eq!((run.stdout.matches("kept  ").count(), visible(cloud, &queues.dead).await?), (6, 6));
    // Without it they go back, but for the record that holds nothing to send.
    let run = queues.run("redrive --all --format json", &[]).await?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    let kept = run.json()?["messages"]
        .as_array()
        .map_or(0, |all| all.iter().filter(|message| message["result"] == "kept").count());
    assert_eq!((kept, visible(cloud, &queues.dead).await?), (1, 1));
    let back = take(cloud, &queues.source).await?;
    assert_eq!(back.len(), 5);
    assert!(back.contains(&payload.to_string()), "{back:?}");
    assert!(back.contains(&messages::s3("logs", &evil)), "{back:?}");
    Ok(())
}

/// A key is written by whoever writes objects.
async fn nothing_moves_the_cursor(queues: &Queues, ids: &[String]) -> Result<()> {
    let mut outputs =
        vec![queues.run("list", &[]).await?, queues.run("redrive --all --check --dry-run", &[]).await?];
    for id in ids {
        outputs.push(queues.run("show --no-logs", &[id]).await?);
        outputs.push(queues.run("show --no-logs --format json", &[id]).await?);
    }
    for run in outputs {
        for text in [&run.stdout, &run.stderr] {
            let bad = text.chars().find(|character| character.is_control() && *character != '\n');
            assert_eq!(bad, None, "{text:?}");
            assert!(text.lines().all(|line| !line.starts_with("31m")), "{text:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_long_queue_is_listed_in_part_and_sent_back_whole() -> Result<()> {
    let (cloud, queues) = (cloud().await?, Queues::new("long").await?);
    let mut ids = Vec::new();
    for number in 0..37 {
        ids.push(queues.send(&messages::cloudtrail("logs", &[&format!("AWSLogs/{number}")]), &[]).await?);
    }
    let run = queues.run("list --no-logs --limit 12", &[]).await?;
    assert!(run.stdout.contains("\n12 of about 37 messages: --limit shows more\n"), "{}", run.stdout);
    let found = queues.run("list --no-logs --format json", &[]).await?.json()?;
    assert_eq!(found["messages"].as_array().map(Vec::len), Some(37), "each once");
    assert_eq!(visible(cloud, &queues.dead).await?, 37);
    // Without --log-group there is no error to show, which is said.
    let run = queues.run("list", &[]).await?;
    assert!(run.stderr.contains("the function's log was not read"), "{}", run.stderr);
    let run = queues.run("list --log-group /aws/lambda/none", &[]).await?;
    assert!(run.stderr.contains("there is no log group /aws/lambda/none"), "{}", run.stderr);

    // The last of the queue is found, whichever that is.
    for id in [&ids[36], &ids[0]] {
        let run = queues.run("redrive", &[id]).await?;
        assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    }
    assert_eq!(visible(cloud, &queues.dead).await?, 35);
    let run = queues.run("redrive --all", &[]).await?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    // The local cloud cannot move messages by itself.
    assert!(run.stderr.contains("so they are sent one by one"), "{}", run.stderr);
    assert!(run.stdout.contains("\n35 message(s) sent back, 0 kept\n"), "{}", run.stdout);
    assert_eq!((waiting(cloud, &queues.dead).await?, waiting(cloud, &queues.source).await?), (0, 37));
    Ok(())
}

#[tokio::test]
async fn sqs_moves_them_by_itself_where_it_can() -> Result<()> {
    let (asked, requests) = std::sync::mpsc::channel();
    let server = Server::start(move |request| {
        let target = request.header("x-amz-target").unwrap_or_default().to_owned();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let arn = format!("arn:aws:sqs:us-east-1:1:{}", body["QueueUrl"].as_str().unwrap_or_default());
        let answer = match target.as_str() {
            "AmazonSQS.GetQueueAttributes" => {
                json!({ "Attributes": { "QueueArn": arn, "ApproximateNumberOfMessages": "4000" } })
            }
            _ => json!({ "TaskHandle": "h" }),
        };
        drop(asked.send((target, body)));
        let headers = [("content-type", "application/x-amz-json-1.0")];
        Answer::Respond(Response::new(200, &headers, answer.to_string().into_bytes()))
    })?;
    let arguments = ["dlq", "redrive", "--all", "--queue", "dead", "--source", "source"];
    let run = trailmeter_at(&format!("http://{}", server.address()), &arguments)?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stdout.starts_with("SQS moves about 4000 message(s) by itself"), "{}", run.stdout);
    let moves: Vec<Value> = requests
        .try_iter()
        .filter(|(target, _)| target == "AmazonSQS.StartMessageMoveTask")
        .map(|(_, body)| body)
        .collect();
    let arns = ["arn:aws:sqs:us-east-1:1:dead", "arn:aws:sqs:us-east-1:1:source"];
    assert_eq!(moves, [json!({ "SourceArn": arns[0], "DestinationArn": arns[1] })]);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_used_is_refused() -> Result<()> {
    for (arguments, expected) in [
        ("list --stack no-such-stack", "there is no stack no-such-stack"),
        ("list --queue http://127.0.0.1:1/000000000000/none", "sqs:GetQueueAttributes"),
        (
            "list --queue http://127.0.0.1:1/000000000000/none",
            "the queue http://127.0.0.1:1/000000000000/none",
        ),
        ("list", "--stack <NAME>"),
        ("list --stack a --queue b", "cannot be used with"),
        ("redrive --stack a", "required"),
        ("redrive --all id --stack a", "cannot be used with"),
        ("redrive --all --queue b", "--source says which queue it goes back to"),
        ("list --queue b --limit 0", "0 is not in 1..=10000"),
    ] {
        let run = dlq(arguments, &[]).await?;
        assert_eq!(run.status, Some(2), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{arguments}: {}", run.stderr);
    }
    Ok(())
}
