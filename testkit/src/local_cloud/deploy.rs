//! A template and its code, deployed through CloudFormation as it would be in AWS.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_cloudformation::error::DisplayErrorContext;
use aws_sdk_cloudformation::types::{Capability, Parameter};
use aws_sdk_s3::primitives::ByteStream;

use super::LocalCloud;
use crate::eventually::eventually;

/// The bucket for code, as `sam deploy` has one.
const CODE_BUCKET: &str = "testkit-code";

/// What the function at a local path of the template runs.
#[derive(Debug, Clone, Copy)]
pub struct Code<'a> {
    /// The path as it stands in the template, such as `functions/detect`.
    pub uri: &'a str,
    /// A zip with `bootstrap` in it.
    pub zip: &'a Path,
}

/// The packages of the functions, as `make build` leaves them.
#[derive(Debug, Clone)]
pub struct Packages(Vec<(String, PathBuf)>);

impl Packages {
    /// One for each function of a template: CloudFormation wants the code of all, even of those that
    /// a condition leaves out.
    pub fn built(template: &str, folder: &Path) -> Result<Self> {
        let names = template.lines().filter_map(|line| line.trim().strip_prefix("CodeUri: functions/"));
        let packages = names.map(|name| {
            let zip = folder.join(name).join("bootstrap.zip");
            ensure!(zip.exists(), "{} is not there: run `make build`", zip.display());
            Ok((format!("functions/{name}"), zip))
        });
        packages.collect::<Result<_>>().map(Self)
    }

    /// What the functions of the template run.
    #[must_use]
    pub fn code(&self) -> Vec<Code<'_>> {
        self.0.iter().map(|(uri, zip)| Code { uri, zip }).collect()
    }
}

/// A deployed stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Its outputs by key.
    pub outputs: BTreeMap<String, String>,
}

impl Stack {
    /// One output, or an error that names it.
    pub fn output(&self, key: &str) -> Result<&str> {
        self.outputs
            .get(key)
            .map(String::as_str)
            .with_context(|| format!("stack {} has no output {key}", self.name))
    }
}

impl LocalCloud {
    /// Creates a stack from a template's text and waits until it is complete. Functions whose
    /// `CodeUri` or `Code` is one of these get the zip that stands beside it.
    pub async fn deploy(
        &self,
        name: &str,
        template: &str,
        parameters: &[(&str, &str)],
        code: &[Code<'_>],
    ) -> Result<Stack> {
        let mut template = unfilled(template);
        for (at, code) in code.iter().enumerate() {
            let key = format!("{name}-{at}.zip");
            self.upload(&key, code.zip).await?;
            template = with_code(&template, code.uri, CODE_BUCKET, &key);
        }
        let parameter = |(key, value): &(&str, &str)| {
            Parameter::builder().parameter_key(*key).parameter_value(*value).build()
        };
        let request = aws_sdk_cloudformation::Client::new(&self.config().await)
            .create_stack()
            .stack_name(name)
            // By location: a template within the request may have 51,200 bytes and no more.
            .template_url(self.upload_template(name, template).await?)
            .set_parameters(Some(parameters.iter().map(parameter).collect()))
            .capabilities(Capability::CapabilityNamedIam)
            .capabilities(Capability::CapabilityAutoExpand);
        // The SDK's errors say why only in their sources.
        if let Err(error) = request.send().await {
            bail!("stack {name} is refused: {}", DisplayErrorContext(&error));
        }
        match self.settled(name).await?.as_deref() {
            Some("CREATE_COMPLETE") => self.describe(name).await,
            status => bail!("stack {name} is {status:?}: {}", self.failures(name).await?),
        }
    }

    /// Deletes a stack and waits until it is gone. Buckets have to be empty, as in AWS.
    pub async fn delete(&self, stack: &Stack) -> Result<()> {
        let name = stack.name.as_str();
        let client = aws_sdk_cloudformation::Client::new(&self.config().await);
        client.delete_stack().stack_name(name).send().await?;
        match self.settled(name).await?.as_deref() {
            None | Some("DELETE_COMPLETE") => Ok(()),
            status => bail!("stack {name} is {status:?}: {}", self.failures(name).await?),
        }
    }

    async fn upload(&self, key: &str, zip: &Path) -> Result<()> {
        let code =
            std::fs::read(zip).with_context(|| format!("cannot read {}: run `make build`", zip.display()))?;
        self.put_code(key, code).await
    }

    async fn upload_template(&self, stack: &str, template: String) -> Result<String> {
        let key = format!("{stack}.yaml");
        self.put_code(&key, template.into_bytes()).await?;
        Ok(format!("{}/{CODE_BUCKET}/{key}", self.endpoint()))
    }

    async fn put_code(&self, key: &str, code: Vec<u8>) -> Result<()> {
        let client = self.s3().await;
        // It is there already from the second stack on.
        drop(client.create_bucket().bucket(CODE_BUCKET).send().await);
        let put = client.put_object().bucket(CODE_BUCKET).key(key).body(ByteStream::from(code));
        put.send().await.context("cannot upload the code")?;
        Ok(())
    }

    /// Waits until nothing is in progress; `None` is a stack that is not there.
    async fn settled(&self, name: &str) -> Result<Option<String>> {
        let client = aws_sdk_cloudformation::Client::new(&self.config().await);
        eventually(&format!("stack {name} to settle"), async || {
            let Ok(described) = client.describe_stacks().stack_name(name).send().await else {
                return Ok(Some(None));
            };
            let status = described
                .stacks()
                .first()
                .and_then(|stack| stack.stack_status())
                .map(|s| s.as_str().to_owned());
            Ok(match status {
                Some(status) if status.ends_with("IN_PROGRESS") => None,
                status => Some(status),
            })
        })
        .await
    }

    async fn describe(&self, name: &str) -> Result<Stack> {
        let client = aws_sdk_cloudformation::Client::new(&self.config().await);
        let described = client.describe_stacks().stack_name(name).send().await?;
        let stack = described.stacks().first().context("a stack is gone as soon as it was made")?;
        let outputs = stack
            .outputs()
            .iter()
            .filter_map(|output| Some((output.output_key()?.to_owned(), output.output_value()?.to_owned())))
            .collect();
        Ok(Stack { name: name.to_owned(), outputs })
    }

    /// The reasons that the stack's events give, or those in the cloud's own log where they give none.
    async fn failures(&self, name: &str) -> Result<String> {
        let client = aws_sdk_cloudformation::Client::new(&self.config().await);
        let events = client.describe_stack_events().stack_name(name).send().await?;
        let reasons: Vec<String> = events
            .stack_events()
            .iter()
            .filter(|event| event.resource_status().is_some_and(|status| status.as_str().ends_with("FAILED")))
            .map(|event| {
                let (resource, reason) = (event.logical_resource_id(), event.resource_status_reason());
                format!("{}: {}", resource.unwrap_or("?"), reason.unwrap_or("no reason"))
            })
            .collect();
        if reasons.is_empty() {
            let log = self.log()?;
            let errors: Vec<&str> = log.lines().filter(|line| line.contains(" ERROR ")).collect();
            return Ok(errors.join("; "));
        }
        Ok(reasons.join("; "))
    }
}

/// Puts the place of the code where a template has a local path, as `sam package` does. Line by
/// line, because a parser of YAML would have to know CloudFormation's tags to write them back.
pub(super) fn with_code(template: &str, uri: &str, bucket: &str, key: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in template.lines() {
        let content = line.trim_start();
        let indent = &line[..line.len() - content.len()];
        let is_path = |name: &str| content.strip_prefix(name).is_some_and(|value| value.trim() == uri);
        lines.push(if is_path("CodeUri:") {
            format!("{indent}CodeUri: s3://{bucket}/{key}")
        } else if is_path("Code:") {
            format!("{indent}Code: {{S3Bucket: {bucket}, S3Key: {key}}}")
        } else {
            line.to_owned()
        });
    }
    lines.join("\n") + "\n"
}

/// Gives a function of a template one more environment variable.
pub fn with_variable(template: &str, function: &str, name: &str, value: &str) -> Result<String> {
    const HEAD: &str = "        Variables:\n";
    let resource = template.find(&format!("\n  {function}:\n"));
    let at = resource.and_then(|at| Some(at + template[at..].find(HEAD)? + HEAD.len()));
    let (before, after) = template.split_at(at.with_context(|| format!("no variables of {function}"))?);
    Ok(format!("{before}          {name}: {value}\n{after}"))
}

/// Makes an alarm on `FILL(metric, …)` one on the metric: the local cloud knows no expressions, and
/// fills nothing in either case.
pub(super) fn unfilled(template: &str) -> String {
    const HEAD: &str = "      Metrics:\n        - Id: filled\n";
    const BELOW_METRIC: &str = "              ";
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(HEAD) {
        out.push_str(&rest[..at]);
        let block = &rest[at + HEAD.len()..];
        let length =
            block.split_inclusive('\n').take_while(|line| line.starts_with("        ")).map(str::len);
        let (block, after) = block.split_at(length.sum());
        let mut lines = block.lines().peekable();
        while let Some(line) = lines.next() {
            for property in of_the_metric(line.trim()) {
                out.extend(["      ", &property, "\n"]);
            }
            // A metric of several lines: what is below it stands as deep as below the alarm.
            while line.trim() == "Metric:"
                && let Some(below) = lines.next_if(|line| line.starts_with(BELOW_METRIC))
            {
                out.extend([&below[BELOW_METRIC.len() - "      ".len()..], "\n"]);
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What a line of a `MetricStat` is among the properties of an alarm.
fn of_the_metric(line: &str) -> Vec<String> {
    if let Some(metric) = line.strip_prefix("Metric: { ").and_then(|rest| rest.strip_suffix(" }")) {
        return metric.split(", ").map(str::to_owned).collect();
    }
    match line.strip_prefix("Stat: ") {
        Some(statistic) => vec![format!("Statistic: {statistic}")],
        None if line.starts_with("Period: ") => vec![line.to_owned()],
        None => Vec::new(),
    }
}
