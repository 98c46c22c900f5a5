//! Chains of CloudTrail's digests, which `python/chain.py` writes with keys of its own, and a stand-in for who has its
//! public keys: the local cloud has none.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::primitives::ByteStream;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::http::{Answer, Request, Response, Server, relay};
use crate::local_cloud::venv;

/// Has `chain.py` write what these arguments ask for.
pub fn chain_py(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<()> {
    let run = Command::new(venv().join("bin/python"))
        .arg("-B")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/chain.py"))
        .args(arguments)
        .output()
        .context("cannot run Python: run `make setup`")?;
    ensure!(run.status.success(), "chain.py: {}", String::from_utf8_lossy(&run.stderr));
    Ok(())
}

/// A chain in a folder.
#[derive(Debug, Clone)]
pub struct Chain {
    folder: PathBuf,
    about: Value,
}

/// An object of a chain.
#[derive(Debug, Clone)]
pub struct Object {
    /// The file with its content.
    pub path: PathBuf,
    /// Its user metadata: a digest has its signature there.
    pub metadata: BTreeMap<String, String>,
}

impl Chain {
    /// A chain that `chain.py` wrote into a folder.
    pub fn read(folder: &Path) -> Result<Self> {
        Ok(Self { folder: folder.to_owned(), about: json_of(&folder.join("chain.json"))? })
    }

    /// Where it was written to.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it is of: `bucket`, `prefix`, `account`, `region`, `trail`, `trail_arn`, `start`, `end`.
    pub fn text(&self, field: &str) -> Result<&str> {
        self.about[field].as_str().with_context(|| format!("chain.json has no {field}"))
    }

    /// Its objects by bucket and key.
    pub fn objects(&self) -> Result<BTreeMap<(String, String), Object>> {
        let buckets = self.folder.join("buckets");
        let mut found = BTreeMap::new();
        let mut folders = vec![buckets.clone()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).into_iter().flatten();
            for path in entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()? {
                if path.is_dir() {
                    folders.push(path);
                } else if !path.to_string_lossy().ends_with(".metadata.json") {
                    let place = path.strip_prefix(&buckets)?.to_string_lossy().into_owned();
                    let (bucket, key) = place.split_once('/').context("an object is in a bucket")?;
                    let metadata = metadata(&path)?;
                    found.insert((bucket.to_owned(), key.to_owned()), Object { path, metadata });
                }
            }
        }
        Ok(found)
    }

    /// Keys of its digests, the oldest first.
    pub fn digests(&self) -> Result<Vec<String>> {
        let mut digests: Vec<String> = self.keys()?.filter(|key| is_digest(key)).collect();
        digests.sort_by_key(|key| key.rsplit('_').next().map(str::to_owned));
        Ok(digests)
    }

    /// Keys of its log files, the oldest first.
    pub fn log_files(&self) -> Result<Vec<String>> {
        Ok(self.keys()?.filter(|key| !is_digest(key)).collect())
    }

    fn keys(&self) -> Result<impl Iterator<Item = String>> {
        Ok(self.objects()?.into_keys().map(|(_, key)| key))
    }

    /// Puts all of it into buckets of its own.
    pub async fn deliver(&self, s3: &aws_sdk_s3::Client) -> Result<()> {
        let objects = self.objects()?;
        let mut buckets: BTreeSet<&str> = objects.keys().map(|(bucket, _)| bucket.as_str()).collect();
        buckets.insert(self.text("bucket")?);
        for bucket in buckets {
            s3.create_bucket().bucket(bucket).send().await?;
        }
        for ((bucket, key), object) in &objects {
            put(s3, bucket, key, object).await?;
        }
        Ok(())
    }

    /// Puts one object into the bucket that it is of.
    pub async fn deliver_one(&self, s3: &aws_sdk_s3::Client, key: &str) -> Result<()> {
        let bucket = self.text("bucket")?;
        let path = self.folder.join("buckets").join(bucket).join(key);
        let metadata = metadata(&path)?;
        put(s3, bucket, key, &Object { path, metadata }).await
    }
}

async fn put(s3: &aws_sdk_s3::Client, bucket: &str, key: &str, object: &Object) -> Result<()> {
    let mut request = s3.put_object().bucket(bucket).key(key);
    for (name, value) in &object.metadata {
        request = request.metadata(name, value);
    }
    let body = std::fs::read(&object.path).with_context(|| format!("the chain has no {key}"))?;
    let body = ByteStream::from(body);
    request.body(body).send().await.with_context(|| format!("cannot deliver {key}"))?;
    Ok(())
}

fn is_digest(key: &str) -> bool {
    key.contains("/CloudTrail-Digest/")
}

fn metadata(path: &Path) -> Result<BTreeMap<String, String>> {
    let beside = PathBuf::from(format!("{}.metadata.json", path.display()));
    if !beside.exists() {
        return Ok(BTreeMap::new());
    }
    Ok(serde_json::from_value(json_of(&beside)?["Metadata"].take())?)
}

fn json_of(path: &Path) -> Result<Value> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

/// What the stand-in answers itself.
const ANSWERED: [&str; 3] = ["ListPublicKeys", "DescribeTrails", "DescribeOrganization"];

/// Starts a stand-in of AWS that has the public keys and the trail of the chain in this folder, which may be written
/// later. Everything else goes on to the server at `authority`.
pub fn stand_in(folder: &Path, authority: &str) -> Result<Server> {
    let (folder, authority) = (folder.to_owned(), authority.to_owned());
    Server::start(move |request| {
        let action = request.header("x-amz-target").and_then(|target| target.rsplit('.').next());
        let answer = match action.filter(|action| ANSWERED.contains(action)) {
            Some(action) => answer(&folder, action, &request),
            None => relay(&authority, &request),
        };
        let failed = |error: anyhow::Error| Response::new(500, &[], error.to_string().into_bytes());
        Answer::Respond(answer.unwrap_or_else(failed))
    })
}

fn answer(folder: &Path, action: &str, request: &Request) -> Result<Response> {
    let chain = Chain::read(folder)?;
    let answer = match action {
        "ListPublicKeys" => {
            json!({ "PublicKeyList": public_keys(folder, &serde_json::from_slice(&request.body)?)? })
        }
        "DescribeTrails" => json!({ "trailList": [{
            "Name": chain.text("trail")?,
            "TrailARN": chain.text("trail_arn")?,
            "HomeRegion": "eu-west-1",
            "S3BucketName": chain.text("bucket")?,
            "S3KeyPrefix": chain.about["prefix"],
            "IsOrganizationTrail": chain.about["organization"].is_string(),
        }]}),
        _ => json!({ "Organization": { "Id": chain.about["organization"] } }),
    };
    Ok(Response::new(200, &[("content-type", "application/x-amz-json-1.1")], answer.to_string().into_bytes()))
}

/// The keys that were valid at some moment of the time that is asked for.
fn public_keys(folder: &Path, asked: &Value) -> Result<Vec<Value>> {
    let time = |value: &Value| -> Result<i64> {
        Ok(value.as_str().context("a time is text")?.parse::<Timestamp>()?.as_second())
    };
    #[expect(clippy::cast_possible_truncation, reason = "seconds, perhaps with a fraction")]
    let asked = |field: &str| asked[field].as_f64().map(|time| time as i64).context("no time was asked for");
    let (from, to) = (asked("StartTime")?, asked("EndTime")?);
    let mut listed = Vec::new();
    for key in
        json_of(&folder.join("keys.json"))?["PublicKeyList"].as_array().context("keys.json is no list")?
    {
        let (start, end) = (time(&key["ValidityStartTime"])?, time(&key["ValidityEndTime"])?);
        if start <= to && from <= end {
            listed.push(json!({
                "Value": key["Value"],
                "Fingerprint": key["Fingerprint"],
                "ValidityStartTime": start,
                "ValidityEndTime": end,
            }));
        }
    }
    Ok(listed)
}
