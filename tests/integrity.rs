//! `trailmeter verify` on chains of digests that `integrity/chain.py` writes: what it says of each tampering, and that it
//! says what the AWS CLI says.
//!
//! Buckets are the local cloud's. It has no public keys, so `ListPublicKeys` and what is asked about trails is answered
//! by a stand-in, through which everything else goes on to the cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_s3::primitives::ByteStream;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use trailmeter_integrity::{LogHasher, Signed};
use trailmeter_testkit::http::{Answer, Response, Server, relay};
use trailmeter_testkit::local_cloud::venv;

use crate::command::{Run, shared_material, trailmeter, trailmeter_with};
use crate::support::{cloud, root};

/// Reasons of all that is wrong, by chain. `*` stands before what only Trailmeter looks for.
const EXPECTED: [(&str, &[&str]); 42] = [
    ("valid", &[]),
    ("valid-organization", &[]),
    ("valid-spki", &[]),
    ("valid-quiet", &[]),
    ("valid-backfill", &[]),
    // A copy is of one bucket.
    ("valid-bucket-changed", &["not-found"]),
    ("log-byte-flipped", &["corrupt-gzip"]),
    ("log-content-changed", &["hash-mismatch"]),
    ("log-truncated", &["truncated-gzip"]),
    ("log-trailing-bytes", &["trailing-data"]),
    ("log-second-member", &["trailing-data"]),
    ("log-uncompressed", &["not-gzip"]),
    ("log-empty", &["truncated-gzip"]),
    ("log-deleted", &["not-found"]),
    ("log-unnamed", &["*unnamed"]),
    ("digest-changed", &["*gap", "bad-signature"]),
    ("digest-moved", &["*gap", "moved"]),
    ("digest-deleted", &["*gap", "not-found"]),
    ("newest-digest-deleted", &["*stopped"]),
    ("digest-corrupt", &["*gap", "not-gzip"]),
    ("digest-no-json", &["*gap", "bad-format"]),
    ("digest-without-field", &["*gap", "bad-format"]),
    ("digest-without-signature", &["*gap", "no-signature"]),
    ("digest-trailing-bytes", &["*gap", "trailing-data"]),
    ("signed-by-another", &["*gap", "bad-signature"]),
    ("unknown-key", &["*gap", "unknown-key"]),
    ("key-is-none", &["*gap", "bad-key"]),
    ("key-not-valid-then", &["*key-not-valid-then"]),
    ("predecessor-replaced", &["*previous-hash", "*unnamed"]),
    ("spliced", &["*gap", "*spliced"]),
    // Its decoy looks like the one digest of another trail, which came to an end.
    ("spliced-other-trail", &["*gap", "*spliced", "*stopped", "moved"]),
    ("end-before-start", &["*end-before-start"]),
    ("overlap", &["*overlap"]),
    ("in-the-future", &["*in-the-future"]),
    ("gap-in-chain", &["*gap"]),
    ("logging-stopped", &["*broken-chain", "*gap"]),
    ("previous-is-null", &["*broken-chain"]),
    ("foreign-account", &["*foreign"]),
    ("leads-back", &["*spliced"]),
    ("backfill-deleted", &["*unnamed", "not-found"]),
    ("backfill-without-time", &["*unnamed", "bad-format"]),
    ("empty", &["*stopped"]),
];

/// Of these the AWS CLI says something else, or nothing ever. `docs/integrity.md` says what.
const OTHERWISE: [&str; 3] = [
    // It reads public keys in one encoding.
    "valid-spki",
    // It takes a digest with bytes behind it.
    "digest-trailing-bytes",
    // It goes round and round.
    "leads-back",
];

/// The chains, in a folder.
pub(crate) struct Chains {
    folder: TempDir,
}

impl Chains {
    /// Has them written, with names of buckets that begin with `prefix`.
    pub(crate) fn write(prefix: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let written = Command::new(venv().join("bin/python"))
            .arg("-B")
            .arg(root().join("tests/integrity/chain.py"))
            .arg(folder.path())
            .arg(prefix)
            .output()
            .context("cannot run Python: run `make setup`")?;
        ensure!(written.status.success(), "chain.py: {}", String::from_utf8_lossy(&written.stderr));
        Ok(Self { folder })
    }

    pub(crate) fn get(&self, name: &str) -> Result<Chain> {
        let folder = self.folder.path().join(name);
        let json = |file: &str| -> Result<Value> {
            let text = std::fs::read(folder.join(file)).with_context(|| format!("{name}/{file}"))?;
            Ok(serde_json::from_slice(&text)?)
        };
        Ok(Chain { about: json("chain.json")?, keys: json("keys.json")?, folder: folder.clone() })
    }

    fn names(&self) -> Result<BTreeSet<String>> {
        let entries = std::fs::read_dir(self.folder.path())?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }
}

#[derive(Clone)]
pub(crate) struct Chain {
    about: Value,
    keys: Value,
    folder: PathBuf,
}

impl Chain {
    pub(crate) fn text(&self, field: &str) -> Result<&str> {
        self.about[field].as_str().with_context(|| format!("chain.json has no {field}"))
    }

    /// The options that both commands take.
    fn options(&self) -> Result<Vec<String>> {
        let mut options =
            ["--trail-arn", self.text("trail_arn")?, "--start-time", self.text("start")?].to_vec();
        options.extend(["--end-time", self.text("end")?, "--account-id", self.text("account")?, "--verbose"]);
        Ok(options.into_iter().map(str::to_owned).collect())
    }

    fn buckets(&self) -> PathBuf {
        self.folder.join("buckets")
    }

    /// Bucket and key of each object, with its file and its metadata.
    pub(crate) fn objects(&self) -> Result<BTreeMap<(String, String), (PathBuf, Value)>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.buckets()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).into_iter().flatten();
            for path in entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()? {
                if path.is_dir() {
                    folders.push(path);
                } else if !path.to_string_lossy().ends_with(".metadata.json") {
                    let place = path.strip_prefix(self.buckets())?.to_string_lossy().into_owned();
                    let (bucket, key) = place.split_once('/').context("an object is in a bucket")?;
                    let beside = PathBuf::from(format!("{}.metadata.json", path.display()));
                    let metadata = std::fs::read(beside).ok().map(|text| serde_json::from_slice(&text));
                    let value = (path.clone(), metadata.transpose()?.unwrap_or(Value::Null));
                    found.insert((bucket.to_owned(), key.to_owned()), value);
                }
            }
        }
        Ok(found)
    }

    /// Puts it into buckets of the local cloud.
    pub(crate) async fn deliver(&self, s3: &aws_sdk_s3::Client) -> Result<()> {
        let objects = self.objects()?;
        let mut buckets: BTreeSet<&str> = objects.keys().map(|(bucket, _)| bucket.as_str()).collect();
        buckets.insert(self.text("bucket")?);
        for bucket in buckets {
            s3.create_bucket().bucket(bucket).send().await?;
        }
        for ((bucket, key), (path, metadata)) in &objects {
            let mut request = s3.put_object().bucket(bucket).key(key);
            for (name, value) in metadata["Metadata"].as_object().into_iter().flatten() {
                request = request.metadata(name, value.as_str().unwrap_or_default());
            }
            request.body(ByteStream::from(std::fs::read(path)?)).send().await?;
        }
        Ok(())
    }

    /// A stand-in of AWS that has its public keys and its trail; S3 is the cloud's at `authority`.
    pub(crate) fn stand_in(&self, authority: String) -> Result<Server> {
        let chain = self.clone();
        Server::start(move |request| {
            let action = request.header("x-amz-target").and_then(|target| target.rsplit('.').next());
            let answer = match action.map(str::to_owned) {
                Some(action) => chain.answer(&action, &request.body),
                None => relay(&authority, &request),
            };
            let failed = |error: anyhow::Error| Response::new(500, &[], error.to_string().into_bytes());
            Answer::Respond(answer.unwrap_or_else(failed))
        })
    }

    fn answer(&self, action: &str, body: &[u8]) -> Result<Response> {
        let answer = match action {
            "ListPublicKeys" => json!({ "PublicKeyList": self.public_keys(&serde_json::from_slice(body)?)? }),
            "DescribeTrails" => json!({ "trailList": [{
                "Name": self.text("trail")?,
                "TrailARN": self.text("trail_arn")?,
                "HomeRegion": "eu-west-1",
                "S3BucketName": self.text("bucket")?,
                "S3KeyPrefix": self.about["prefix"],
                "IsOrganizationTrail": self.about["organization"].is_string(),
            }]}),
            "DescribeOrganization" => json!({ "Organization": { "Id": self.about["organization"] } }),
            other => bail!("nobody should ask for {other}"),
        };
        Ok(Response::new(
            200,
            &[("content-type", "application/x-amz-json-1.1")],
            answer.to_string().into_bytes(),
        ))
    }

    /// The keys that were valid at some moment of the time that is asked for.
    fn public_keys(&self, asked: &Value) -> Result<Vec<Value>> {
        let time = |value: &Value| -> Result<i64> {
            Ok(value.as_str().context("a time is text")?.parse::<Timestamp>()?.as_second())
        };
        #[expect(clippy::cast_possible_truncation, reason = "seconds, perhaps with a fraction")]
        let asked =
            |field: &str| asked[field].as_f64().map(|time| time as i64).context("no time was asked for");
        let (from, to) = (asked("StartTime")?, asked("EndTime")?);
        let mut listed = Vec::new();
        for key in self.keys["PublicKeyList"].as_array().context("keys.json is no list")? {
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
}

/// Lines that stand behind those of the AWS CLI.
fn is_ours(line: &str) -> bool {
    line.starts_with("Finding\t") || line.starts_with("trailmeter: log files that no digest names")
}

fn in_aws(endpoint: &str) -> [(&'static str, String); 6] {
    [
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_REGION", "eu-west-1".to_owned()),
        ("AWS_DEFAULT_REGION", "eu-west-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ]
}

/// The AWS CLI's own command.
fn validate_logs(endpoint: &str, options: &[String]) -> Result<Run> {
    let aws = venv().join("awscli/bin/aws");
    let output = Command::new(&aws)
        .args(["cloudtrail", "validate-logs"])
        .args(options)
        .envs(in_aws(endpoint))
        .env("HOME", "/nonexistent")
        .output()
        .with_context(|| format!("cannot run {}: run `make test`", aws.display()))?;
    Ok(Run {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

fn verify(endpoint: &str, options: &[String], more: &[&str]) -> Result<Run> {
    let environment = in_aws(endpoint);
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut arguments = vec!["verify"];
    arguments.extend(options.iter().map(String::as_str));
    arguments.extend(more);
    trailmeter_with(&environment, &arguments)
}

fn verify_copy(chain: &Chain, more: &[&str]) -> Result<Run> {
    let (bucket, keys) = (chain.buckets().join(chain.text("bucket")?), chain.folder.join("keys.json"));
    std::fs::create_dir_all(&bucket)?;
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let (bucket, keys) = (path(&bucket), path(&keys));
    trailmeter(&[&["verify", &bucket, "--public-keys", &keys], more].concat())
}

/// The reasons in lines of JSON, those of findings with a star.
fn reasons(run: &Run) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for line in run.stdout.lines() {
        let line: Value = serde_json::from_str(line)?;
        if let Some(reason) = line["reason"].as_str() {
            let star = if line["kind"] == "finding" { "*" } else { "" };
            found.insert(format!("{star}{reason}"));
        }
    }
    Ok(found)
}

#[tokio::test]
async fn the_aws_cli_prints_the_same_lines() -> Result<()> {
    let chains = Chains::write("same-lines-")?;
    let cloud = cloud().await?;
    let s3 = cloud.s3().await;
    let authority = cloud.endpoint().trim_start_matches("http://").to_owned();
    let mut wrong = Vec::new();
    for name in chains.names()?.iter().filter(|name| !OTHERWISE.contains(&name.as_str())) {
        let chain = chains.get(name)?;
        chain.deliver(&s3).await?;
        let server = chain.stand_in(authority.clone())?;
        let endpoint = format!("http://{}", server.address());
        let (theirs, ours, lenient) = tokio::task::spawn_blocking(move || -> Result<_> {
            let options = chain.options()?;
            let theirs = validate_logs(&endpoint, &options)?;
            Ok((theirs, verify(&endpoint, &options, &[])?, verify(&endpoint, &options, &["--lenient"])?))
        })
        .await??;
        drop(server);
        let behind = ours.stderr.strip_prefix(&theirs.stderr);
        let is_same = ours.stdout == theirs.stdout
            && behind.is_some_and(|behind| behind.lines().all(is_ours))
            && lenient.status == theirs.status
            && (behind == Some("") && ours.status == theirs.status || ours.status == Some(1));
        if !is_same {
            wrong.push(format!(
                "{name}: {:?} and {:?}\n{}{}\n{}{}",
                theirs.status, ours.status, theirs.stdout, theirs.stderr, ours.stdout, ours.stderr
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    Ok(())
}

#[test]
fn every_tampering_of_a_copy_is_found_and_named() -> Result<()> {
    let chains = Chains::write("copy-")?;
    let expected: BTreeMap<&str, &[&str]> = EXPECTED.into_iter().collect();
    assert_eq!(chains.names()?, expected.keys().map(ToString::to_string).collect::<BTreeSet<_>>());
    for (name, reasons_of) in expected {
        let chain = chains.get(name)?;
        let times = ["--end-time", chain.text("end")?, "--format", "json"];
        let run = verify_copy(&chain, &times)?;
        if name == "empty" {
            // A folder without digests says nothing of a trail.
            assert_eq!(run.status, Some(2), "{name}: {}{}", run.stdout, run.stderr);
            continue;
        }
        let found = reasons(&run).with_context(|| format!("{name}: {}{}", run.stdout, run.stderr))?;
        assert_eq!(found, reasons_of.iter().map(ToString::to_string).collect(), "{name}");
        let status = i32::from(!reasons_of.is_empty());
        assert_eq!(run.status, Some(status), "{name}: {}{}", run.stdout, run.stderr);
        let lenient = verify_copy(&chain, &[&times[..], &["--lenient"]].concat())?;
        let status = i32::from(reasons_of.iter().any(|reason| !reason.starts_with('*')));
        assert_eq!(lenient.status, Some(status), "{name}: {}{}", lenient.stdout, lenient.stderr);
    }
    Ok(())
}

/// What is known of the AWS CLI's own tests.
#[test]
fn the_published_semantics_hold() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let text = std::fs::read(material.join("data/suites/digest/semantics.json"))?;
    let semantics: Value = serde_json::from_slice(&text)?;
    let chains = Chains::write("semantics-")?;
    let printed = |name: &str| -> Result<(Option<i32>, String)> {
        let chain = chains.get(name)?;
        let run = verify_copy(&chain, &["--end-time", chain.text("end")?, "--verbose", "--lenient"])?;
        Ok((run.status, run.stdout + &run.stderr))
    };
    let wrong = |name: &str, line: &str, sums: &str| -> Result<()> {
        let (status, text) = printed(name)?;
        ensure!(status == Some(1) && text.contains(line) && text.contains(sums), "{name}: {text}");
        Ok(())
    };
    for case in semantics["cases"].as_array().context("cases are an array")? {
        let text =
            |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("no text in {case}"));
        match case["id"].as_str() {
            Some("string_to_sign_no_previous") => {
                let digest = &case["digest"];
                ensure!(digest["previousDigestSignature"].is_null());
                let signed = Signed {
                    end_time: &text(&digest["digestEndTime"])?,
                    bucket: &text(&digest["digestS3Bucket"])?,
                    key: &text(&digest["digestS3Object"])?,
                    sha256: &hash(&text(&case["inflated_digest_bytes"])?)?,
                    previous_signature: None,
                };
                assert_eq!(signed.text(), text(&case["string_to_sign"])?);
            }
            Some("log_hash_is_of_inflated_bytes") => {
                for example in case["examples"].as_array().into_iter().flatten() {
                    assert_eq!(hash(&text(&example["raw"])?)?, text(&example["sha256"])?);
                }
            }
            Some("multi_member_gzip_log") => {
                wrong("log-second-member", &text(&case["expected"])?, "9/10 log files valid, 1/10")?;
            }
            Some("digest_location_mismatch") => {
                wrong("digest-moved", "INVALID: has been moved", "4/5 digest files valid, 1/5")?;
            }
            Some("chain_actions") => {
                let (status, gap) = printed("logging-stopped")?;
                ensure!(
                    status == Some(0) && gap.contains("No log files were delivered") && gap.contains("5/5")
                );
                wrong("digest-deleted", "INVALID: not found", "4/5 digest files valid, 1/5")?;
                wrong(
                    "digest-changed",
                    "INVALID: signature verification failed",
                    "4/5 digest files valid, 1/5",
                )?;
                // A change of buckets needs two of them: `the_aws_cli_prints_the_same_lines` has it.
            }
            Some("backfill_digest_key") => {
                let (status, text) = printed("valid-backfill")?;
                ensure!(
                    status == Some(0)
                        && text.contains("5/5 digest files valid\n2/2 backfill digest files valid")
                );
            }
            // Every chain is signed in this form, by other code than ours.
            Some("string_to_sign_form") => {}
            other => bail!("{other:?} is not tested: what does it mean for us?"),
        }
    }
    Ok(())
}

/// The hash of a log file of this text.
fn hash(inflated: &str) -> Result<String> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(inflated.as_bytes())?;
    let mut hasher = LogHasher::new();
    hasher.push(&packed.finish()?)?;
    Ok(hasher.finish()?)
}
