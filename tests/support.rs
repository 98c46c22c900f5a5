//! Binaries, the local cloud, and the world of one test in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::error::DisplayErrorContext;
use serde_json::Value;
use tokio::sync::OnceCell;
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::http::{Request, relay};
use trailmeter_testkit::local_cloud::LocalCloud;
use trailmeter_testkit::runtime_api::Function;
use trailmeter_testkit::strict_cloudwatch::StrictCloudWatch;

/// Never dropped: the cloud's keeper ends it when this process ends.
static CLOUD: OnceCell<LocalCloud> = OnceCell::const_new();

/// The local cloud, started by whichever test needs it first.
pub(crate) async fn cloud() -> Result<&'static LocalCloud> {
    CLOUD.get_or_try_init(LocalCloud::start).await.context("no local cloud: run `make test`")
}

/// Where the functions are, each in a folder of its name.
pub(crate) fn functions() -> Result<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the Makefile says where it has put the functions")]
    let path = std::env::var_os("TRAILMETER_FUNCTIONS").map(PathBuf::from);
    path.context("TRAILMETER_FUNCTIONS is not set: run `make test`")
}

/// A function's binary as it is deployed.
pub(crate) fn function(name: &str) -> Result<PathBuf> {
    let path = functions()?.join(name).join("bootstrap");
    path.canonicalize().with_context(|| format!("{} is not there: run `make test`", path.display()))
}

/// The binary of the function that counts.
pub(crate) fn detect() -> Result<PathBuf> {
    function("detect")
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."))
}

/// A bucket in the local cloud, a namespace, and a strict CloudWatch in front of the local one.
pub(crate) struct World {
    pub(crate) cloud: &'static LocalCloud,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) bucket: String,
    pub(crate) namespace: String,
    pub(crate) cloudwatch: StrictCloudWatch,
}

impl World {
    /// A world of this name, which no other test may have.
    pub(crate) async fn new(name: &str) -> Result<Self> {
        let cloud = cloud().await?;
        let s3 = cloud.s3().await;
        let bucket = format!("trailmeter-logs-{name}");
        s3.create_bucket().bucket(&bucket).send().await.with_context(|| format!("cannot make {bucket}"))?;
        let cloudwatch = StrictCloudWatch::start_in_front_of(cloud.endpoint())?;
        Ok(Self { cloud, s3, bucket, namespace: format!("Trailmeter/{name}"), cloudwatch })
    }

    /// Puts an object into the bucket.
    pub(crate) async fn put(&self, key: &str, body: &[u8]) -> Result<()> {
        put(&self.s3, &self.bucket, key, body).await
    }

    /// Starts the real function for the bucket, with further variables or others.
    pub(crate) fn start(&self, variables: &[(&str, &str)]) -> Result<Function> {
        let endpoint = self.cloudwatch.endpoint();
        let mut all = vec![
            ("AWS_ENDPOINT_URL", self.cloud.endpoint()),
            ("AWS_ENDPOINT_URL_CLOUDWATCH", &endpoint),
            ("TRAILMETER_BUCKETS", &self.bucket),
            ("TRAILMETER_NAMESPACE", &self.namespace),
            // What is summed up is counted, and most tests compare all that is counted with what they delivered.
            ("TRAILMETER_FINDING_LINES", "10000"),
        ];
        all.extend(variables);
        Function::start(&detect()?, &all)
    }
}

/// Asks a service of the local cloud by its JSON protocol: a call or two are no reason for one more SDK.
pub(crate) async fn ask(cloud: &LocalCloud, service: &str, target: &str, body: &Value) -> Result<Value> {
    let authority = cloud.endpoint().trim_start_matches("http://").to_owned();
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=none"
    );
    let headers = [
        ("host", authority.as_str()),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", target),
        ("authorization", &scope),
    ];
    let request = Request {
        method: "POST".to_owned(),
        target: "/".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: body.to_string().into_bytes(),
    };
    let answer = tokio::task::spawn_blocking(move || relay(&authority, &request)).await??;
    ensure!(answer.status == 200, "{target}: {}", String::from_utf8_lossy(&answer.body));
    Ok(serde_json::from_slice(&answer.body)?)
}

/// Puts an object.
pub(crate) async fn put(s3: &aws_sdk_s3::Client, bucket: &str, key: &str, body: &[u8]) -> Result<()> {
    let request = s3.put_object().bucket(bucket).key(key).body(body.to_vec().into());
    match request.send().await {
        Ok(_) => Ok(()),
        Err(error) => anyhow::bail!("cannot put {key}: {}", DisplayErrorContext(&error)),
    }
}

/// What an invocation logged, the first `seen` lines being older. The one that accounts for the invocation is the last.
pub(crate) async fn log_since(function: &Function, seen: usize) -> Result<Vec<String>> {
    eventually("the invocation's log", async || {
        let lines: Vec<String> = function.logs().into_iter().skip(seen).collect();
        let is_whole = lines.iter().any(|line| line.contains("invocation done"));
        Ok(is_whole.then_some(lines))
    })
    .await
}

/// A key as CloudTrail makes them, the last part being `name`.
pub(crate) fn key(name: &str) -> String {
    format!(
        "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/111122223333_CloudTrail_us-east-1_20261121T0600Z_{name}.json.gz"
    )
}
