//! `make demo`: the main job, whole, on one machine.
//!
//! Deploys the template into the local cloud with the real binary, lets generated log files be
//! delivered, and shows what CloudWatch, the alarms and a subscriber see. Then it tampers with a log
//! file, lets one be missed, runs a backfill of two weeks, and delivers an access log. Fails if any
//! number differs from what the generator knows.

mod expected;
mod past;
mod report;
mod requests;
mod stage;
mod whole;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use expected::Expected;
use jiff::Timestamp;
use serde_json::Value;
use stage::Stage;
use trailmeter_testkit::digest_chain::stand_in;
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::generate::{Corpus, Plan};
use trailmeter_testkit::local_cloud::{INBOX, LocalCloud, Packages, Stack, with_variable};

/// Runs Trailmeter on the embedded local cloud.
#[derive(Debug, Parser)]
struct Arguments {
    /// The SAM template.
    #[arg(long, default_value = "template.yaml")]
    template: PathBuf,
    /// Where the packages of the functions are, each in a folder of its name.
    #[arg(long, default_value = "target/lambda")]
    functions: PathBuf,
    /// The command, for the report.
    #[arg(long, default_value = "target/debug/trailmeter")]
    trailmeter: PathBuf,
    /// A folder for the delivered files and the report on them.
    #[arg(long, default_value = "target/demo")]
    folder: PathBuf,
}

const STACK: &str = "trailmeter-demo";
/// The detector whose message is shown whole.
const SHOWN: &str = "AccessDenied";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let template = std::fs::read_to_string(&arguments.template)
        .with_context(|| format!("cannot read {}", arguments.template.display()))?;
    say("starting the local cloud")?;
    let cloud = LocalCloud::start().await?;
    say("deploying template.yaml with the real functions")?;
    let packages = Packages::built(&template, &arguments.functions)?;
    let chain = tempfile::tempdir()?;
    // The local cloud has no public keys of CloudTrail's.
    let keys = stand_in(chain.path(), cloud.endpoint().trim_start_matches("http://"))?;
    let key_service = format!("http://{}", keys.address());
    let template = with_variable(&template, "VerifyFunction", "AWS_ENDPOINT_URL_CLOUDTRAIL", &key_service)?;
    let stack = cloud.deploy(STACK, &template, &parameters(), &packages.code()).await?;
    let inbox = cloud.deploy("operator", INBOX, &[("Topic", stack.output("AlarmTopicArn")?)], &[]).await?;

    let corpus = corpus()?;
    say(&format!("delivering {} files to s3://{}", corpus.files.len(), stack.output("LogBucketName")?))?;
    deliver(&cloud, &stack, &corpus).await?;
    let expected = Expected::of(&corpus)?;
    let seen = Seen::wait(&cloud, &stack, &inbox, corpus.files.len(), &expected).await?;
    say(&seen.table(&expected))?;
    say(&seen.message(SHOWN)?)?;
    let chain = chain.path().to_owned();
    let stage = Stage { arguments: &arguments, cloud: &cloud, stack: &stack, keys: &keys, chain };
    whole::show(&stage).await?;
    past::show(&stage).await?;
    requests::show(&stage).await?;
    say(&report::write(&arguments, &corpus)?)?;

    cloud.delete(&inbox).await?;
    cloud.delete(&stack).await?;
    say("the stack is deleted and the local cloud stopped")
}

/// A bucket of its own: the local cloud cannot make trails, and the generator stands in for one.
fn parameters() -> [(&'static str, &'static str); 17] {
    [
        ("DeliveryMode", "create-bucket"),
        // The one whose chain of digests comes later.
        ("TrailArn", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/every_thing"),
        ("Architecture", "x86_64"),
        // Both are read as text by the local cloud's poller, which then stops; these values do no harm.
        ("MaximumConcurrency", "0"),
        ("BatchWindow", "1"),
        ("PackActivity", "yes"),
        ("PackCis", "yes"),
        ("PackInsight", "yes"),
        ("PackNetwork", "yes"),
        ("PackSources", "yes"),
        ("PackThreats", "yes"),
        ("FindingsBucket", "yes"),
        // More alarms ring at once than are told of by themselves in an hour.
        ("PlainAlarms", "yes"),
        ("Verify", "yes"),
        // What was not counted by the time at which its digest lands is missed here.
        ("CatchUpAfterMinutes", "0"),
        ("AccessLogs", "create-bucket"),
        ("PackS3Access", "yes"),
    ]
}

fn corpus() -> Result<Corpus> {
    Corpus::generate(&Plan {
        files: 12,
        records_per_file: 400,
        repeats_per_mille: 200,
        malformed_per_mille: 1,
        until: Timestamp::now(),
        // Those come later, with a chain.
        digest_files: 0,
        insight_files: 1,
        network_activity_files: 1,
        aggregated_files: 1,
        unknown_files: 1,
        suspicion: 2,
        ..Plan::default()
    })
}

async fn deliver(cloud: &LocalCloud, stack: &Stack, corpus: &Corpus) -> Result<()> {
    let s3 = cloud.s3().await;
    let bucket = stack.output("LogBucketName")?;
    for file in &corpus.files {
        let request = s3.put_object().bucket(bucket).key(&file.key).body(file.body.clone().into());
        request.send().await.with_context(|| format!("cannot deliver {}", file.key))?;
    }
    Ok(())
}

/// Records whose event was delivered before or was not. Where two files with one event are read at
/// the same time, one detector's count can fall to the one file and another's to the other: then both
/// records have matched, and still each detector has counted the event once.
const SPLIT: [&str; 2] = ["RecordsMatched", "RecordsDuplicate"];

/// What is to be seen from outside once the files are counted.
struct Seen {
    metrics: BTreeMap<String, f64>,
    alarms: BTreeMap<String, bool>,
    notified: BTreeMap<String, String>,
    notices: BTreeMap<String, Notice>,
}

/// What `notify` tells of an alarm, as far as the demo shows it.
struct Notice {
    who: String,
    from: String,
    text: String,
}

impl Seen {
    async fn wait(
        cloud: &LocalCloud,
        stack: &Stack,
        inbox: &Stack,
        objects: usize,
        expected: &Expected,
    ) -> Result<Self> {
        let namespace = stack.output("MetricNamespace")?;
        eventually("every delivered object counted", async || {
            let counted = cloud.metric_sum(namespace, "ObjectsIn", &[]).await?;
            Ok(is(counted, objects as u64).then_some(()))
        })
        .await?;
        let mut metrics = BTreeMap::new();
        for name in expected.detectors.keys().chain(expected.records.keys()) {
            metrics.insert(name.clone(), cloud.metric_sum(namespace, name, &[]).await?);
        }
        let prefix = format!("{STACK}-");
        let alarms: BTreeMap<String, bool> =
            eventually("an alarm for every detector that reached its threshold", async || {
                let alarms: BTreeMap<String, bool> = cloud.alarms(&prefix).await?.into_iter().collect();
                let all_ring = expected.ringing().all(|name| alarms.get(name) == Some(&true));
                Ok(all_ring.then_some(alarms))
            })
            .await?;
        let (mut notified, mut notices) = (BTreeMap::new(), BTreeMap::new());
        eventually("a notification for every alarm, and a notice that says who it was", async || {
            notifications(cloud, inbox, &prefix, &mut notified, &mut notices).await?;
            let all_notified = expected.ringing().all(|name| notified.contains_key(name));
            Ok((all_notified && notices.contains_key(SHOWN)).then_some(()))
        })
        .await?;
        let seen = Self { metrics, alarms, notified, notices };
        seen.check(expected)?;
        Ok(seen)
    }

    /// The demo proves what it shows.
    fn check(&self, expected: &Expected) -> Result<()> {
        let matches = expected.detectors.iter().map(|(name, detector)| (name, detector.matches));
        let is_split = |name: &&String| SPLIT.contains(&name.as_str());
        let records = expected.records.iter().filter(|(name, _)| !is_split(name));
        let records = records.map(|(name, &count)| (name, count));
        for (name, count) in matches.chain(records) {
            let sum = self.metrics.get(name).copied().unwrap_or_default();
            ensure!(is(sum, count), "{name}: CloudWatch has {sum}, the files hold {count}");
        }
        let split: f64 = SPLIT.iter().filter_map(|name| self.metrics.get(*name)).sum();
        let count = SPLIT.iter().filter_map(|name| expected.records.get(*name)).sum();
        ensure!(is(split, count), "{SPLIT:?}: CloudWatch has {split}, the files hold {count}");
        Ok(())
    }

    fn table(&self, expected: &Expected) -> String {
        let mut text = format!(
            "\n{:<34}{:>10}{:>10}  {:<8}{}\n",
            "DETECTOR", "IN FILES", "METRIC", "ALARM", "MOST OF THEM BY, AS THE MESSAGE SAYS"
        );
        let (shown, silent): (Vec<_>, Vec<_>) =
            expected.detectors.iter().partition(|(_, detector)| detector.matches > 0 || detector.is_default);
        for (name, detector) in shown {
            let alarm = match self.alarms.get(name) {
                Some(true) => "ALARM",
                Some(false) => "ok",
                None => "none",
            };
            let notice = self.notices.get(name).map(|notice| format!("{} from {}", notice.who, notice.from));
            let notified = notice.as_deref().or(self.notified.get(name).map(String::as_str)).unwrap_or("-");
            let sum = self.metrics.get(name).copied().unwrap_or_default();
            let line = format!("{name:<34}{:>10}{sum:>10}  {alarm:<8}{notified}\n", detector.matches);
            text.push_str(&line);
        }
        let line = format!("{} detectors of other packs found nothing in these files.\n", silent.len());
        text.push_str(&line);
        text.push_str("\nPIPELINE\n");
        for (name, count) in &expected.records {
            let sum = self.metrics.get(name).copied().unwrap_or_default();
            let line = format!("{name:<34}{count:>10}{sum:>10}\n");
            text.push_str(&line);
        }
        text
    }

    /// The message of an alarm, as a mailbox has it.
    fn message(&self, name: &str) -> Result<String> {
        let notice = self.notices.get(name).with_context(|| format!("no notice of {name}"))?;
        ensure!(notice.text.contains(&notice.who) && notice.text.contains(&notice.from), "{}", notice.text);
        let lines: Vec<String> = notice.text.lines().map(|line| format!("  | {line}\n")).collect();
        Ok(format!("THE MESSAGE OF {name}\n{}", lines.concat()))
    }
}

/// Takes what has arrived at the operator's inbox, by alarm: CloudWatch's own messages, and those of `notify`.
async fn notifications(
    cloud: &LocalCloud,
    inbox: &Stack,
    prefix: &str,
    notified: &mut BTreeMap<String, String>,
    notices: &mut BTreeMap<String, Notice>,
) -> Result<()> {
    let sqs = aws_sdk_sqs::Client::new(&cloud.config().await);
    let url = inbox.output("Url")?;
    let received = sqs.receive_message().queue_url(url).max_number_of_messages(10).send().await?;
    for message in received.messages() {
        let body: Value = serde_json::from_str(message.body().unwrap_or_default()).unwrap_or_default();
        let name = body["AlarmName"].as_str().or(body["alarm"]["name"].as_str()).unwrap_or_default();
        let name = name.strip_prefix(prefix).unwrap_or(name).to_owned();
        match body["NewStateValue"].as_str() {
            Some(state) => drop(notified.insert(name.clone(), format!("{name} is {state}"))),
            None => notices.extend(notice(&body).map(|notice| (name, notice))),
        }
        if let Some(handle) = message.receipt_handle() {
            sqs.delete_message().queue_url(url).receipt_handle(handle).send().await?;
        }
    }
    Ok(())
}

fn notice(body: &Value) -> Option<Notice> {
    let most = |kind: &str| {
        let counts = body["summary"][kind]["counts"].as_object()?;
        // Of several as often the first by name, as the text has it.
        Some(counts.iter().max_by_key(|(name, count)| (count.as_u64(), Reverse(*name)))?.0.clone())
    };
    let from = most("source_ips").unwrap_or_else(|| "nowhere in particular".to_owned());
    Some(Notice { who: most("actors")?, from, text: body["text"].as_str()?.to_owned() })
}

/// Whether a sum read back is this count.
fn is(sum: f64, count: u64) -> bool {
    (sum - exact(count)).abs() < 0.5
}

#[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^53")]
fn exact(count: u64) -> f64 {
    count as f64
}

fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}
