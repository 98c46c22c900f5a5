//! The function `verify`, its real binary, on the chains of digests that the testkit's `chain.py` writes.

use anyhow::{Context, Result, bail};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use aws_sdk_sqs::Client as Sqs;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use trailmeter_testkit::digest_chain::{Chain, chain_py, stand_in};
use trailmeter_testkit::http::{Answer, Response, Server, relay};
use trailmeter_testkit::runtime_api::Function;

use crate::integrity::Chains;
use crate::ledger::table::Table;
use crate::support::{cloud, function};

/// Chains, and what the log and the metrics say of them when all their digests have landed.
const LANDED: [(&str, &[&str]); 8] = [
    ("valid", &[]),
    ("valid-quiet", &[]),
    ("log-content-changed", &["hash-mismatch"]),
    ("log-second-member", &["trailing-data"]),
    ("log-deleted", &["not-found"]),
    ("log-unnamed", &["unnamed"]),
    ("signed-by-another", &["bad-signature"]),
    ("gap-in-chain", &["gap"]),
];

/// A bucket with a chain, and the function that watches it.
struct Watched {
    chain: Chain,
    function: Function,
    namespace: String,
    _keys: Server,
}

impl Watched {
    async fn new(chains: &Chains, name: &str, more: &[(&str, &str)]) -> Result<Self> {
        Self::of(chains.get(name)?, more).await
    }

    async fn of(chain: Chain, more: &[(&str, &str)]) -> Result<Self> {
        chain.deliver(&cloud().await?.s3().await).await?;
        Self::over(chain, more).await
    }

    /// The function over a chain that is delivered, or will be.
    async fn over(chain: Chain, more: &[(&str, &str)]) -> Result<Self> {
        let cloud = cloud().await?;
        // One for each bucket, as a deployment has it.
        let place = chain.text("bucket")?;
        let table = Table::make(cloud, &format!("digests-{place}")).await?;
        let keys = stand_in(chain.folder(), cloud.endpoint().trim_start_matches("http://"))?;
        let key_service = format!("http://{}", keys.address());
        let namespace = format!("Trailmeter/{place}");
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", cloud.endpoint()),
            ("AWS_ENDPOINT_URL_CLOUDTRAIL", &key_service),
            ("TRAILMETER_NAMESPACE", &namespace),
            ("TRAILMETER_BUCKET", place),
            ("TRAILMETER_PREFIX", chain.text("prefix").unwrap_or_default()),
            ("TRAILMETER_INTEGRITY_TABLE", &table.name),
        ];
        variables.extend(more);
        let function = Function::start(&function("verify")?, &variables)?;
        Ok(Self { chain, function, namespace, _keys: keys })
    }

    /// Has a digest land. Returns whether its message is done.
    fn land(&self, digest: &str) -> Result<bool> {
        let body = json!({ "s3Bucket": self.chain.text("bucket")?, "s3ObjectKey": [digest] }).to_string();
        let message =
            json!({ "messageId": "m", "receiptHandle": "r", "body": body, "eventSource": "aws:sqs" });
        let answer = self.function.invoke(&json!({ "Records": [message] }))?.response()?;
        Ok(answer["batchItemFailures"].as_array().context("the answer names no messages")?.is_empty())
    }

    /// Deletes a log file as somebody does who may, in a bucket that keeps versions.
    async fn delete_first_log_file(&self) -> Result<()> {
        let (s3, bucket) = (cloud().await?.s3().await, self.chain.text("bucket")?);
        let log_files = self.chain.log_files()?;
        let first = log_files.first().context("a chain without log files")?;
        let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        s3.put_bucket_versioning().bucket(bucket).versioning_configuration(versions).send().await?;
        s3.delete_object().bucket(bucket).key(first).send().await?;
        Ok(())
    }

    /// What was told to be wrong or gone, in its order.
    fn told(&self) -> Vec<String> {
        const WORDS: [&str; 3] =
            ["not what CloudTrail delivered", "missing from the logs", "deleted by the lifecycle"];
        let is_finding = |line: &Value| WORDS.iter().any(|words| line["fields"]["message"] == *words);
        let reason = |line: &Value| line["fields"]["reason"].as_str().unwrap_or_default().to_owned();
        self.function.json_logs().iter().filter(|line| is_finding(line)).map(reason).collect()
    }

    async fn sum(&self, metric: &str) -> Result<f64> {
        cloud().await?.metric_sum(&self.namespace, metric, &[]).await
    }
}

#[tokio::test]
async fn each_digest_that_lands_is_verified_and_what_is_wrong_is_told_once() -> Result<()> {
    let chains = Chains::write("landed-")?;
    for (name, expected) in LANDED {
        let watched = Watched::new(&chains, name, &[]).await?;
        for digest in watched.chain.digests()? {
            assert!(watched.land(&digest)?, "{name}: {digest}");
        }
        assert_eq!(watched.told(), expected, "{name}");
        let wrong = watched.sum("IntegrityViolations").await? + watched.sum("IntegrityGaps").await?;
        assert_eq!(wrong.to_string(), expected.len().to_string(), "{name}");
        // Nothing is told, or counted, a second time.
        for digest in watched.chain.digests()? {
            assert!(watched.land(&digest)?, "{name}: {digest} again");
        }
        assert_eq!(watched.told(), expected, "{name}, a second time");
    }
    Ok(())
}

#[tokio::test]
async fn what_was_deleted_and_what_was_to_go_is_told_from_what_is_not_there() -> Result<()> {
    let chains = Chains::write("gone-")?;
    for (name, variables, marks, expected) in [
        ("log-deleted", [].as_slice(), false, "not-found"),
        ("valid", &[], true, "deleted"),
        // The chain is older than that.
        ("valid-quiet", &[("TRAILMETER_EXPIRES_DAYS", "30")], true, "expired"),
    ] {
        let watched = Watched::new(&chains, name, variables).await?;
        if marks {
            watched.delete_first_log_file().await?;
        }
        for digest in watched.chain.digests()? {
            assert!(watched.land(&digest)?, "{name}: {digest}");
        }
        assert_eq!(watched.told(), [expected], "{name}");
        let metric = if expected == "expired" { "LogFilesExpired" } else { "IntegrityGaps" };
        assert_eq!(watched.sum(metric).await?.to_string(), "1", "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_log_file_that_nobody_counted_is_queued() -> Result<()> {
    let chains = Chains::write("caught-up-")?;
    let cloud = cloud().await?;
    let sqs = Sqs::new(&cloud.config().await);
    let queue = sqs.create_queue().queue_name("caught-up").send().await?;
    let queue = queue.queue_url().context("a queue has an address")?;
    let ledger = Table::make(cloud, "caught-up").await?;
    let catch_up = [
        ("TRAILMETER_LEDGER_TABLE", ledger.name.as_str()),
        ("TRAILMETER_QUEUE_URL", queue),
        ("TRAILMETER_LEDGER_DAYS", "3653"),
    ];
    let young = Watched::new(&chains, "valid-quiet", &catch_up).await?;
    let quiet =
        young.chain.digests()?.into_iter().map(|digest| young.land(&digest)).collect::<Result<Vec<_>>>()?;
    assert!(quiet.iter().any(|is_done| *is_done), "an hour without log files has none to wait for");

    let mut at_once = catch_up.to_vec();
    at_once.push(("TRAILMETER_CATCH_UP_AFTER_MINUTES", "0"));
    let watched = Watched::new(&chains, "valid", &at_once).await?;
    let digests = watched.chain.digests()?;
    for digest in &digests {
        assert!(watched.land(digest)?, "{digest}");
    }
    let log_files = watched.chain.log_files()?.len();
    assert_eq!(watched.sum("DeliveriesCaughtUp").await?.to_string(), log_files.to_string());
    let received = sqs.receive_message().queue_url(queue).max_number_of_messages(10).send().await?;
    let body: Value = serde_json::from_str(received.messages()[0].body().context("a message has a body")?)?;
    assert_eq!(body["trailmeter"], json!({ "caughtUp": true }));
    Ok(())
}

/// A number that is 10,000 in the worst hour that anyone has told of.
const CROWD: usize = 10_000;

/// S3, where the log files of a chain are read from its folder, one in ten of them is gone, and all else is the
/// cloud's: it would take longer to put so many than to verify them.
fn crowd(chain: &Chain, cloud: &str) -> Result<Server> {
    let (buckets, cloud) = (chain.folder().join("buckets"), cloud.trim_start_matches("http://").to_owned());
    Server::start(move |request| {
        let path = request.target.split('?').next().unwrap_or_default();
        let response = if !path.contains("/CloudTrail/") {
            relay(&cloud, &request).unwrap_or_else(|_| Response::new(500, &[], Vec::new()))
        } else if path.ends_with("7.json.gz") {
            let gone =
                "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>";
            Response::new(404, &[("content-type", "application/xml")], gone.into())
        } else {
            match std::fs::read(buckets.join(path.trim_start_matches('/'))) {
                Ok(body) => Response::new(200, &[], body),
                Err(_) => Response::new(500, &[], Vec::new()),
            }
        };
        Answer::Respond(response)
    })
}

#[tokio::test]
async fn ten_thousand_log_files_in_one_digest_have_an_outcome_each() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let files = CROWD.to_string();
    chain_py(["--crowded".as_ref(), folder.path().as_os_str(), "logs-crowded".as_ref(), files.as_ref()])?;
    let chain = Chain::read(folder.path())?;
    let cloud = cloud().await?;
    let s3 = crowd(&chain, cloud.endpoint())?;
    let s3_endpoint = format!("http://{}", s3.address());
    let sqs = Sqs::new(&cloud.config().await);
    let queue = sqs.create_queue().queue_name("crowded").send().await?;
    let ledger = Table::make(cloud, "crowded").await?;
    let variables = [
        ("AWS_ENDPOINT_URL_S3", s3_endpoint.as_str()),
        ("TRAILMETER_LEDGER_TABLE", ledger.name.as_str()),
        ("TRAILMETER_QUEUE_URL", queue.queue_url().context("a queue has an address")?),
        ("TRAILMETER_LEDGER_DAYS", "3653"),
        ("TRAILMETER_CATCH_UP_AFTER_MINUTES", "0"),
    ];
    let digests = chain.digests()?;
    let [digest] = &digests[..] else { bail!("{digests:?}") };
    cloud.s3().await.create_bucket().bucket("logs-crowded").send().await?;
    chain.deliver_one(&cloud.s3().await, digest).await?;
    let watched = Watched::over(chain, &variables).await?;
    assert!(watched.land(digest)?);
    for (metric, expected) in [
        ("DigestsValid", "1"),
        ("LogFilesValid", "9000"),
        ("IntegrityGaps", "1000"),
        ("IntegrityViolations", "0"),
        ("DeliveriesCaughtUp", "9000"),
    ] {
        assert_eq!(watched.sum(metric).await?.to_string(), expected, "{metric}");
    }
    assert_eq!(watched.told(), ["not-found"; 100], "a log that can be read");
    let mib = watched.function.peak_resident_bytes()? / 1024 / 1024;
    assert!(mib < 256, "{mib} MiB of the 1,024 that the template has");
    Ok(())
}

#[tokio::test]
async fn a_chain_that_no_trail_of_ours_has_is_foreign() -> Result<()> {
    let (ours, theirs) = (Chains::write("ours-")?, Chains::write("theirs-")?);
    for (is_ours, name, organization, trail) in [
        (true, "valid-quiet", "", "every_thing"),
        (false, "valid-quiet", "", "another"),
        // A member account's digests are its organisation's.
        (true, "valid-organization", "o-a1b2c3d4e5", "every_thing"),
        (false, "valid-organization", "", "every_thing"),
    ] {
        let chain = if is_ours { &ours } else { &theirs }.get(name)?;
        let trail = format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{trail}");
        let variables = [("TRAILMETER_TRAILS", trail.as_str()), ("TRAILMETER_ORGANIZATION", organization)];
        let digests = chain.digests()?;
        let watched = Watched::of(chain, &variables).await?;
        for digest in &digests {
            assert!(watched.land(digest)?, "{name}: {digest}");
        }
        let expected = if is_ours { Vec::new() } else { vec!["foreign"; digests.len()] };
        assert_eq!(watched.told(), expected, "{name} of {trail}");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_trail_wrote_to_another_bucket_is_said_and_no_alarm() -> Result<()> {
    let chains = Chains::write("moved-")?;
    let watched = Watched::new(&chains, "valid-bucket-changed", &[]).await?;
    let own = watched.chain.text("bucket")?.to_owned();
    let objects = watched.chain.objects()?;
    for digest in
        watched.chain.digests()?.into_iter().filter(|key| objects.contains_key(&(own.clone(), key.clone())))
    {
        assert!(watched.land(&digest)?, "{digest}");
    }
    assert_eq!(watched.told(), [""; 0]);
    // The digest before, and a log file of the hour in which the trail was changed.
    assert_eq!(watched.sum("ObjectsElsewhere").await?.to_string(), "2");
    let elsewhere = watched.function.json_logs().into_iter().filter(|line| {
        line["fields"]["message"].as_str().is_some_and(|message| message.starts_with("not looked at"))
    });
    // Quoted in the log, as whatever others may have written.
    let buckets: Vec<_> = elsewhere.map(|line| line["fields"]["bucket"].clone()).collect();
    assert_eq!(buckets, vec![json!(format!("{:?}", format!("{own}-before"))); 2]);
    Ok(())
}

/// What EventBridge sends each hour.
fn schedule() -> Value {
    json!({ "source": "aws.events", "detail-type": "Scheduled Event" })
}

#[tokio::test]
async fn a_round_verifies_what_nobody_was_told_of_and_says_that_a_chain_has_stopped() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let until = Timestamp::now() - SignedDuration::from_hours(5);
    let until = Timestamp::from_second(until.as_second() / 3600 * 3600)?.to_string();
    chain_py(["--recent".as_ref(), folder.path().as_os_str(), "logs-of-a-round".as_ref(), until.as_ref()])?;
    let watched = Watched::of(Chain::read(folder.path())?, &[]).await?;
    for _ in 0..2 {
        // The second time there is nothing new.
        assert_eq!(watched.function.invoke(&schedule())?.response()?, json!({ "chains": 1 }));
        for (metric, expected) in [
            ("DigestsValid", "4"),
            ("LogFilesValid", "8"),
            ("IntegrityGaps", "1"),
            ("IntegrityViolations", "0"),
        ] {
            assert_eq!(watched.sum(metric).await?.to_string(), expected, "{metric}");
        }
    }
    assert_eq!(watched.told(), [""; 0], "every file is what CloudTrail delivered");
    Ok(())
}

#[tokio::test]
async fn a_trail_that_has_just_begun_is_waited_for() -> Result<()> {
    let chains = Chains::write("round-")?;
    // The chain is of another year: in the last day there was nothing.
    let watched = Watched::new(&chains, "valid", &[]).await?;
    assert_eq!(watched.function.invoke(&schedule())?.response()?, json!({ "chains": 0 }));
    assert_eq!(watched.sum("IntegrityGaps").await?.to_string(), "0");
    Ok(())
}
