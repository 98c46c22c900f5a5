//! Stacks in the strict cloud: the template without one of its statements, what is delivered to it,
//! and what the function's role may do.

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sqs::types::QueueAttributeName;
use tokio::sync::OnceCell;
use trailmeter_testkit::bad_input::good_file;
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::http::{Request, relay};
use trailmeter_testkit::local_cloud::{LocalCloud, Packages, Stack, venv};

use crate::counts::whole;
use crate::deployed::{counted, waiting};
use crate::messages::{cloudtrail, form_urlencoded};
use crate::support::{functions, key, put, root};

/// Never dropped: the cloud's keeper ends it when this process ends.
static STRICT: OnceCell<LocalCloud> = OnceCell::const_new();

pub(super) async fn strict() -> Result<&'static LocalCloud> {
    STRICT.get_or_try_init(|| async { LocalCloud::start_from(&venv(), &[("AUTH", "true")]).await }).await
}

/// The template with what this cloud judges otherwise than IAM put right.
pub(super) fn judged_here(template: &str) -> Result<String> {
    // No request is secure here.
    let template = replaced(template, r#"aws:SecureTransport: "false""#, r#"aws:SecureTransport: "never""#)?;
    // IAM asks for the single message.
    let deletes = "sqs:DeleteMessage, sqs:GetQueueAttributes]";
    let template = replaced(&template, deletes, &format!("sqs:DeleteMessageBatch, {deletes}"))?;
    let sends = "- Sid: HandBackObjects\n                Effect: Allow\n                Action: ";
    let template = replaced(&template, sends, &format!("{sends}sqs:SendMessageBatch\n                #"))?;
    let mut template = template;
    for (indent, key) in [(16, "cloudwatch:namespace"), (18, "kms:ViaService")] {
        let pad = " ".repeat(indent);
        let condition = format!("{pad}Condition:\n{pad}  StringEquals:\n{pad}    {key}:");
        ensure!(template.contains(&condition), "the role has no condition on {key} any more");
        while template.contains(&condition) {
            template = without_block(&template, &condition)?;
        }
    }
    Ok(template)
}

pub(super) fn replaced(template: &str, old: &str, new: &str) -> Result<String> {
    ensure!(template.contains(old), "the template has no {old} any more");
    Ok(template.replace(old, new))
}

/// Drops the line that `head` begins with and everything after it that is indented deeper.
pub(super) fn without_block(template: &str, head: &str) -> Result<String> {
    let start = template.find(head).with_context(|| format!("the template has no {head} any more"))?;
    let end = start + block_length(&template[start..]);
    Ok(format!("{}{}", &template[..start], &template[end..]))
}

/// The template without the statements of this name. What is left in their place is dropped by
/// CloudFormation, in a list and as the outcome of a condition alike.
pub(super) fn without_statement(template: &str, sid: &str) -> Result<String> {
    let head = format!("- Sid: {sid}\n");
    ensure!(template.contains(&head), "the template has no statement {sid}");
    let mut rest = template;
    let mut out = String::new();
    while let Some(at) = rest.find(&head) {
        out.push_str(&rest[..at]);
        out.push_str("- !Ref AWS::NoValue\n");
        let indent = at - rest[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let padded = format!("{}{}", " ".repeat(indent), &rest[at..]);
        rest = &rest[at + block_length(&padded) - indent..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Length of the first line of `text` and of those after it that are indented deeper.
pub(super) fn block_length(text: &str) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    let deeper = lines.take_while(|line| line.trim().is_empty() || indent(line) > indent(first));
    first.len() + deeper.map(str::len).sum::<usize>()
}

/// A stack in the strict cloud.
pub(super) struct Deployed {
    pub(super) cloud: &'static LocalCloud,
    pub(super) stack: Stack,
}

impl Deployed {
    /// Deploys the template, perhaps without one of its statements.
    pub(super) async fn new(name: &str, without: Option<&str>, more: &[(&str, &str)]) -> Result<Self> {
        let template = std::fs::read_to_string(root().join("template.yaml"))?;
        let template = judged_here(&template)?;
        let template = match without {
            Some(sid) => without_statement(&template, sid)?,
            None => template,
        };
        let deployed = Self::of(name, &template, more).await?;
        deployed.hurry().await?;
        Ok(deployed)
    }

    pub(super) async fn of(name: &str, template: &str, more: &[(&str, &str)]) -> Result<Self> {
        let cloud = strict().await?;
        let packages = Packages::built(template, &functions()?)?;
        let mut parameters = vec![
            ("DeliveryMode", "create-bucket"),
            ("TrailArn", "arn:aws:cloudtrail:us-east-1:111122223333:trail/logs"),
            ("MaximumConcurrency", "0"),
            ("BatchWindow", "1"),
        ];
        parameters.extend(more);
        let stack = cloud.deploy(name, template, &parameters, &packages.code()).await?;
        Ok(Self { cloud, stack })
    }

    /// Five receives would take 75 minutes.
    pub(super) async fn hurry(&self) -> Result<()> {
        let sqs = aws_sdk_sqs::Client::new(&self.cloud.config().await);
        let visibility = QueueAttributeName::VisibilityTimeout;
        let queue = self.stack.output("DeliveryQueueUrl")?;
        sqs.set_queue_attributes().queue_url(queue).attributes(visibility, "2").send().await?;
        Ok(())
    }

    /// A log file with three denied calls lands in the bucket.
    pub(super) async fn deliver(&self, name: &str) -> Result<()> {
        put(&self.cloud.s3().await, self.stack.output("LogBucketName")?, &key(name), &good_file(3)?).await
    }

    /// A message that names a file which is there and one which is not.
    pub(super) async fn deliver_with_one_gone(&self) -> Result<()> {
        self.deliver("there").await?;
        // In one batch with the message its events would count once.
        self.is_counted("AccessDenied", 3).await?;
        let bucket = self.stack.output("LogBucketName")?;
        let body = cloudtrail(bucket, &[&key("there"), &key("gone")]);
        let sqs = aws_sdk_sqs::Client::new(&self.cloud.config().await);
        sqs.send_message()
            .queue_url(self.stack.output("DeliveryQueueUrl")?)
            .message_body(body)
            .send()
            .await?;
        Ok(())
    }

    /// Waits until so many messages were given up.
    pub(super) async fn dead_letters(&self, expected: u64) -> Result<()> {
        let url = self.stack.output("DeadLetterQueueUrl")?;
        eventually(&format!("{expected} dead letters of {}", self.stack.name), async || {
            Ok((waiting(self.cloud, url).await? >= expected).then_some(()))
        })
        .await
    }

    /// The sum of a series as it is now.
    pub(super) async fn sum(&self, metric: &str, reason: Option<&str>) -> Result<u64> {
        let dimensions: Vec<_> = reason.map(|reason| ("Reason", reason)).into_iter().collect();
        whole(self.cloud.metric_sum(self.stack.output("MetricNamespace")?, metric, &dimensions).await?)
    }

    pub(super) async fn is_counted(&self, metric: &str, expected: u64) -> Result<()> {
        counted(self.cloud, &self.stack, metric, expected).await
    }

    /// After its five receives a delivery has failed five times for this reason, and counts nothing.
    pub(super) async fn failed_for(&self, reason: &str) -> Result<()> {
        self.dead_letters(1).await?;
        self.is_counted("ObjectsFailed", 5).await?;
        ensure!(self.sum("ObjectsFailed", Some(reason)).await? == 5, "the reason is not {reason}");
        ensure!(self.sum("AccessDenied", None).await? == 0, "it counts");
        Ok(())
    }

    /// The ARN of the function's role.
    pub(super) async fn role(&self) -> Result<String> {
        let client = aws_sdk_cloudformation::Client::new(&self.cloud.config().await);
        let request = client.describe_stack_resource().stack_name(&self.stack.name);
        let described = request.logical_resource_id("DetectRole").send().await?;
        let name = described.stack_resource_detail().and_then(|detail| detail.physical_resource_id());
        Ok(format!("arn:aws:iam::000000000000:role/{}", name.context("the stack has a role")?))
    }

    /// What IAM says to an action of the function.
    pub(super) async fn may(&self, action: &str, resource: &str) -> Result<bool> {
        let question = [
            ("Action", "SimulatePrincipalPolicy"),
            ("Version", "2010-05-08"),
            ("PolicySourceArn", &self.role().await?),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", resource),
        ];
        let answer = element(&query(self.cloud, "iam", &question).await?, "EvalDecision")?;
        ensure!(["allowed", "implicitDeny"].contains(&answer.as_str()), "{action}: {answer}");
        Ok(answer == "allowed")
    }

    /// A client for the queues that acts with the function's role, as Lambda does.
    pub(super) async fn sqs_of_the_function(&self) -> Result<aws_sdk_sqs::Client> {
        Ok(sqs_of(self.cloud, self.credentials_of_the_function().await?).await)
    }

    pub(super) async fn credentials_of_the_function(&self) -> Result<Credentials> {
        let answer = query(
            self.cloud,
            "sts",
            &[
                ("Action", "AssumeRole"),
                ("Version", "2011-06-15"),
                ("RoleArn", &self.role().await?),
                ("RoleSessionName", "in-lambdas-place"),
            ],
        )
        .await?;
        let part = |name| element(&answer, name);
        let token = Some(part("SessionToken")?);
        Ok(Credentials::new(part("AccessKeyId")?, part("SecretAccessKey")?, token, None, "role"))
    }
}

pub(super) async fn s3_of(cloud: &LocalCloud, credentials: Credentials) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(&cloud.config().await);
    aws_sdk_s3::Client::from_conf(config.credentials_provider(credentials).build())
}

pub(super) async fn sqs_of(cloud: &LocalCloud, credentials: Credentials) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::config::Builder::from(&cloud.config().await);
    aws_sdk_sqs::Client::from_conf(config.credentials_provider(credentials).build())
}

/// A call by the query protocol, as the account's root: few calls are no reason for more SDKs.
pub(super) async fn query(cloud: &LocalCloud, service: &str, parameters: &[(&str, &str)]) -> Result<String> {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", form_urlencoded(value));
    let body = parameters.iter().map(pair).collect::<Vec<_>>().join("&");
    let authority = cloud.endpoint().trim_start_matches("http://").to_owned();
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=none"
    );
    let headers = [
        ("host", authority.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", &scope),
    ];
    let request = Request {
        method: "POST".to_owned(),
        target: "/".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: body.into_bytes(),
    };
    let answer = tokio::task::spawn_blocking(move || relay(&authority, &request)).await??;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    ensure!(answer.status == 200, "{service} answers {}: {text}", answer.status);
    Ok(text)
}

/// The text of the first element of this name.
pub(super) fn element(xml: &str, name: &str) -> Result<String> {
    let open = format!("<{name}>");
    let (_, rest) = xml.split_once(&open).with_context(|| format!("no {name} in {xml}"))?;
    Ok(rest.split_once('<').context("an element ends")?.0.to_owned())
}

/// The code of the error that a call must end with.
pub(super) fn refusal<T, E>(answer: Result<T, E>) -> Result<String>
where
    E: ProvideErrorMetadata + std::error::Error,
{
    match answer {
        Ok(_) => bail!("it is let through"),
        Err(error) => {
            let code = error.code().map(str::to_owned);
            code.with_context(|| format!("no code: {}", DisplayErrorContext(&error)))
        }
    }
}

pub(super) fn is_denied(code: &str) -> bool {
    ["AccessDenied", "AccessDeniedException", "AuthorizationError"].contains(&code)
}
