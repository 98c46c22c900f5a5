//! `trailmeter verify` on chains of digests that the testkit's `chain.py` writes: what it says of each tampering, and that it
//! says what the AWS CLI says.
//!
//! Buckets are the local cloud's. It has no public keys, so `ListPublicKeys` and what is asked about trails is answered
//! by a stand-in, through which everything else goes on to the cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;
use trailmeter_integrity::{LogHasher, Signed};
use trailmeter_testkit::digest_chain::{Chain, chain_py, stand_in};
use trailmeter_testkit::http::{Answer, Response, Server, relay};
use trailmeter_testkit::local_cloud::venv;

use crate::command::{Run, shared_material, trailmeter, trailmeter_with};
use crate::support::cloud;

/// Reasons of all that is wrong, by chain. `*` stands before what only Trailmeter looks for.
const EXPECTED: [(&str, &[&str]); 43] = [
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
    // The copy is of one bucket here, too.
    ("log-led-away", &["*foreign", "not-found"]),
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
        chain_py([folder.path().as_os_str(), prefix.as_ref()])?;
        Ok(Self { folder })
    }

    pub(crate) fn get(&self, name: &str) -> Result<Chain> {
        Chain::read(&self.folder.path().join(name))
    }

    fn names(&self) -> Result<BTreeSet<String>> {
        let entries = std::fs::read_dir(self.folder.path())?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }
}

/// The options that both commands take.
fn options_for(chain: &Chain) -> Result<Vec<String>> {
    let mut options =
        ["--trail-arn", chain.text("trail_arn")?, "--start-time", chain.text("start")?].to_vec();
    options.extend(["--end-time", chain.text("end")?, "--account-id", chain.text("account")?, "--verbose"]);
    Ok(options.into_iter().map(str::to_owned).collect())
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
    let folder = chain.folder();
    let (bucket, keys) = (folder.join("buckets").join(chain.text("bucket")?), folder.join("keys.json"));
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
        let server = stand_in(chain.folder(), &authority)?;
        let endpoint = format!("http://{}", server.address());
        let (theirs, ours, lenient) = tokio::task::spawn_blocking(move || -> Result<_> {
            let options = options_for(&chain)?;
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

/// The service that knows the public keys does not answer.
#[tokio::test]
async fn without_public_keys_there_is_no_verdict() -> Result<()> {
    let chains = Chains::write("no-keys-")?;
    let cloud = cloud().await?;
    let chain = chains.get("log-content-changed")?;
    chain.deliver(&cloud.s3().await).await?;
    let authority = cloud.endpoint().trim_start_matches("http://").to_owned();
    let refused = "the public keys of eu-west-1 cannot be listed (cloudtrail:ListPublicKeys)";
    for (status, error, exits, says) in [
        (500, "InternalFailure", 3, refused),
        (400, "AccessDeniedException", 3, refused),
        // Of a time that a digest claims and that is none there are no keys: its own fault, and no other digest's.
        (400, "InvalidTimeRangeException", 1, "INVALID: public key not found"),
    ] {
        let authority = authority.clone();
        let server = Server::start(move |request| {
            let is_asked =
                request.header("x-amz-target").is_some_and(|target| target.ends_with("ListPublicKeys"));
            Answer::Respond(if is_asked {
                let body = serde_json::json!({ "__type": error, "message": "no" }).to_string();
                Response::new(status, &[("content-type", "application/x-amz-json-1.1")], body.into_bytes())
            } else {
                relay(&authority, &request)
                    .unwrap_or_else(|why| Response::new(502, &[], why.to_string().into_bytes()))
            })
        })?;
        let endpoint = format!("http://{}", server.address());
        let mut options = options_for(&chain)?;
        options.extend(["--s3-bucket".to_owned(), chain.text("bucket")?.to_owned()]);
        let run = tokio::task::spawn_blocking(move || verify(&endpoint, &options, &[])).await??;
        assert_eq!(run.status, Some(exits), "{error}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(says), "{error}: {}", run.stderr);
        assert_eq!(run.stderr.contains("INVALID"), exits == 1, "{error}: {}", run.stderr);
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
