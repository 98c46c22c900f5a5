//! The local cloud starts, deploys and leaves nothing behind.

use anyhow::{Context, Result};
use aws_sdk_cloudformation::types::StackStatus;
use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, MetricDatum, Statistic};

use super::deploy::{unfilled, with_code, with_variable};
use super::{LocalCloud, eventually, venv};

const TEMPLATE: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Name:
    Type: String
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub '${Name}-queue'
Outputs:
  QueueUrl:
    Value: !Ref Queue
";

#[test]
fn local_paths_of_code_are_replaced_and_nothing_else() {
    let template = "F:\n  CodeUri: functions/detect\n  Runtime: provided.al2023\nG:\n  Code: functions/detect\nH:\n  CodeUri: functions/other\n  Code:\n    ZipFile: x\n";
    let expected = "F:\n  CodeUri: s3://b/k.zip\n  Runtime: provided.al2023\nG:\n  Code: {S3Bucket: b, S3Key: k.zip}\nH:\n  CodeUri: functions/other\n  Code:\n    ZipFile: x\n";
    assert_eq!(with_code(template, "functions/detect", "b", "k.zip"), expected);
}

#[test]
fn an_alarm_on_what_is_filled_is_one_on_the_metric() {
    let template = "A:\n      AlarmName: a\n      Metrics:\n        - Id: filled\n          Expression: FILL(m, 0)\n        - Id: m\n          MetricStat:\n            Metric: { Namespace: !Sub \"N/${S}\", MetricName: M }\n            Period: 3600\n            Stat: Sum\n          ReturnData: false\n      Threshold: 1\n";
    let expected = "A:\n      AlarmName: a\n      Namespace: !Sub \"N/${S}\"\n      MetricName: M\n      Period: 3600\n      Statistic: Sum\n      Threshold: 1\n";
    assert_eq!(unfilled(template), expected);
    let lines = "\n              Namespace: !Sub \"N/${S}\"\n              MetricName: M\n              Dimensions: !If\n                - C\n";
    let (before, after) = template.split_once(" { Namespace: !Sub \"N/${S}\", MetricName: M }\n").unwrap();
    let expected = expected.replace("M\n", "M\n      Dimensions: !If\n        - C\n");
    assert_eq!(unfilled(&[before, lines, after].concat()), expected, "in several lines");
    assert_eq!(unfilled(TEMPLATE), TEMPLATE);
}

#[test]
fn a_variable_stands_with_its_function() {
    let template = "\n  F:\n    P:\n        Variables:\n          A: 1\n  G:\n    P:\n        Variables:\n          B: 2\n";
    let expected = template.replace("          B: 2\n", "          C: 3\n          B: 2\n");
    assert_eq!(with_variable(template, "G", "C", "3").unwrap(), expected);
    assert!(with_variable(template, "H", "C", "3").is_err());
}

/// One test, because a start takes seconds.
#[tokio::test]
async fn it_starts_deploys_and_is_gone_when_dropped() -> Result<()> {
    let cloud = LocalCloud::start().await?;
    let stack = cloud.deploy("first", TEMPLATE, &[("Name", "inbox")], &[]).await?;
    let url = stack.output("QueueUrl")?;
    assert!(url.starts_with(cloud.endpoint()) && url.ends_with("/inbox-queue"), "{url}");
    let sqs = aws_sdk_sqs::Client::new(&cloud.config().await);
    sqs.send_message().queue_url(url).message_body("hello").send().await?;
    let received = sqs.receive_message().queue_url(url).send().await?;
    assert_eq!(received.messages().first().and_then(|message| message.body()), Some("hello"));

    metrics_are_read_back_series_by_series(&cloud).await?;
    refused_templates_say_why(&cloud).await?;

    cloud.delete(&stack).await?;
    let cloudformation = aws_sdk_cloudformation::Client::new(&cloud.config().await);
    let stacks = cloudformation.list_stacks().stack_status_filter(StackStatus::CreateComplete).send().await?;
    assert!(stacks.stack_summaries().is_empty());

    let (directory, endpoint) = (cloud.directory().to_owned(), cloud.endpoint().to_owned());
    assert!(directory.exists());
    drop(cloud);
    assert!(!directory.exists());
    assert!(std::net::TcpStream::connect(endpoint.trim_start_matches("http://")).is_err());
    Ok(())
}

async fn refused_templates_say_why(cloud: &LocalCloud) -> Result<()> {
    let broken = TEMPLATE.replace("AWS::SQS::Queue", "AWS::No::Such");
    let error =
        cloud.deploy("second", &broken, &[("Name", "x")], &[]).await.err().context("it was deployed")?;
    assert!(format!("{error:#}").contains("AWS::No::Such"), "{error:#}");
    Ok(())
}

async fn metrics_are_read_back_series_by_series(cloud: &LocalCloud) -> Result<()> {
    let client = aws_sdk_cloudwatch::Client::new(&cloud.config().await);
    let datum = |value| MetricDatum::builder().metric_name("RootUsage").value(value);
    let account = Dimension::builder().name("Account").value("1").build();
    let request = client.put_metric_data().namespace("N");
    request
        .metric_data(datum(3.0).build())
        .metric_data(datum(5.0).dimensions(account).build())
        .send()
        .await?;
    let sums = (
        cloud.metric_sum("N", "RootUsage", &[]).await?,
        cloud.metric_sum("N", "RootUsage", &[("Account", "1")]).await?,
    );
    assert_eq!(format!("{sums:?}"), "(3.0, 5.0)");

    let alarm = client.put_metric_alarm().alarm_name("a-RootUsage").namespace("N").metric_name("RootUsage");
    let alarm = alarm.statistic(Statistic::Sum).period(60).evaluation_periods(1).threshold(1.0);
    alarm.comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold).send().await?;
    let rings = eventually("the alarm to ring", async || {
        Ok(cloud.alarms("a-").await?.into_iter().find(|(_, in_alarm)| *in_alarm))
    });
    assert_eq!(rings.await?.0, "RootUsage");
    Ok(())
}

#[tokio::test]
async fn without_the_tools_it_says_what_to_do() -> Result<()> {
    let nowhere = venv().join("no/such/place");
    let error = LocalCloud::start_from(&nowhere, &[]).await.err().context("it started")?;
    assert!(error.to_string().contains("TRAILMETER_VENV"), "{error:#}");
    Ok(())
}
