//! A stack in the local cloud, and what is to be seen of it from outside.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use aws_sdk_cloudformation::types::{Capability, Parameter};
use aws_sdk_sqs::types::QueueAttributeName;
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::http::{Request, forward};
use trailmeter_testkit::local_cloud::{LocalCloud, Packages, Stack};

use crate::counts::whole;
use crate::messages::form_urlencoded;
use crate::support::{functions, root};

/// Deploys the template as it stands.
pub(crate) async fn deploy(cloud: &LocalCloud, name: &str, mode: &[(&str, &str)]) -> Result<Stack> {
    let template = std::fs::read_to_string(root().join("template.yaml"))?;
    let packages = Packages::built(&template, &functions()?)?;
    // The local cloud's poller reads these two as text and would stop at other values. The
    // architecture is a word to it: what runs is what was built for this machine.
    let mut parameters = vec![("MaximumConcurrency", "0"), ("BatchWindow", "1")];
    parameters.extend(mode);
    cloud.deploy(name, &template, &parameters, &packages.code()).await
}

/// Waits until a metric of the stack has this sum, no more and no less.
pub(crate) async fn counted(cloud: &LocalCloud, stack: &Stack, metric: &str, expected: u64) -> Result<()> {
    let namespace = stack.output("MetricNamespace")?;
    let mut found = 0;
    eventually(&format!("{metric} of {expected} in {namespace}"), async || {
        found = whole(cloud.metric_sum(namespace, metric, &[]).await?)?;
        // Beyond it there is no way back; looking on would only take time.
        Ok((found >= expected).then_some(()))
    })
    .await?;
    ensure!(found == expected, "{metric} is {found} and not {expected}");
    Ok(())
}

/// Names of the objects of a bucket.
pub(crate) async fn objects(s3: &aws_sdk_s3::Client, bucket: &str) -> Result<BTreeSet<String>> {
    let listed = s3.list_objects_v2().bucket(bucket).send().await.with_context(|| format!("no {bucket}"))?;
    Ok(listed.contents().iter().filter_map(|object| object.key().map(str::to_owned)).collect())
}

/// Bodies of the messages that are there, which are deleted.
pub(crate) async fn take(cloud: &LocalCloud, url: &str) -> Result<Vec<String>> {
    let sqs = aws_sdk_sqs::Client::new(&cloud.config().await);
    let received = sqs.receive_message().queue_url(url).max_number_of_messages(10).send().await?;
    let mut bodies = Vec::new();
    for message in received.messages() {
        bodies.extend(message.body().map(str::to_owned));
        let handle = message.receipt_handle().context("a message has a handle")?;
        sqs.delete_message().queue_url(url).receipt_handle(handle).send().await?;
    }
    Ok(bodies)
}

/// Messages of a queue, those in flight too.
pub(crate) async fn waiting(cloud: &LocalCloud, url: &str) -> Result<u64> {
    let sqs = aws_sdk_sqs::Client::new(&cloud.config().await);
    let found =
        sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All).send().await?;
    let attributes = found.attributes().context("a queue has attributes")?;
    [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ]
    .iter()
    .map(|name| Ok(attributes.get(name).context("every queue is counted")?.parse::<u64>()?))
    .sum()
}

/// Changes parameters of a stack and waits until that is done.
pub(crate) async fn update(cloud: &LocalCloud, name: &str, changes: &[(&str, &str)]) -> Result<()> {
    let client = aws_sdk_cloudformation::Client::new(&cloud.config().await);
    let described = client.describe_stacks().stack_name(name).send().await?;
    let stack = described.stacks().first().context("the stack is there")?;
    let mut request = client
        .update_stack()
        .stack_name(name)
        .use_previous_template(true)
        .capabilities(Capability::CapabilityNamedIam)
        .capabilities(Capability::CapabilityAutoExpand);
    for key in stack.parameters().iter().filter_map(Parameter::parameter_key) {
        let parameter = Parameter::builder().parameter_key(key);
        let change = changes.iter().find(|(changed, _)| *changed == key);
        request = request.parameters(match change {
            Some((_, value)) => parameter.parameter_value(*value).build(),
            None => parameter.use_previous_value(true).build(),
        });
    }
    request.send().await?;
    let status = eventually("the update to settle", async || {
        let described = client.describe_stacks().stack_name(name).send().await?;
        let status = described.stacks().first().and_then(|stack| stack.stack_status());
        Ok(status.map(|status| status.as_str().to_owned()).filter(|s| !s.ends_with("IN_PROGRESS")))
    });
    ensure!(status.await? == "UPDATE_COMPLETE", "the update failed");
    Ok(())
}

/// Publishes by SNS's query protocol: one call is no reason for one more SDK.
pub(crate) async fn publish(cloud: &LocalCloud, topic: &str, message: &str) -> Result<()> {
    let (topic, message) = (form_urlencoded(topic), form_urlencoded(message));
    let body = format!("Action=Publish&Version=2010-03-31&TopicArn={topic}&Message={message}");
    let authority = cloud.endpoint().trim_start_matches("http://").to_owned();
    let scope = "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=none";
    let headers = [
        ("host", authority.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", scope),
    ];
    let request = Request {
        method: "POST".to_owned(),
        target: "/".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: body.into_bytes(),
    };
    let status = tokio::task::spawn_blocking(move || forward(&authority, &request)).await??;
    ensure!(status == 200, "SNS answers {status}");
    Ok(())
}
