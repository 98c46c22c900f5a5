//! `trailmeter backfill` into the local cloud's queue, and what the real function counts of it.

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use trailmeter_testkit::bad_input::{good_record, gzip};
use trailmeter_testkit::runtime_api::Function;

use crate::command::{Run, trailmeter_at};
use crate::counts::Counts;
use crate::ledger::table::Table;
use crate::messages::{back, batch, s3};
use crate::support::World;

/// The events in the file of each of four days, by their numbers; one stands in two files.
const EVENTS: [Range<usize>; 4] = [0..3, 3..8, 8..10, 9..16];

/// A bucket with some days, the queue and the table of a deployment.
pub(crate) struct Deployed {
    pub(crate) world: World,
    pub(crate) table: Table,
    sqs: aws_sdk_sqs::Client,
    pub(crate) queue: String,
}

/// The days, which are of the last two weeks: of older ones CloudWatch takes no count. They are as keys have them.
pub(crate) fn days() -> [String; 4] {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    [5, 4, 3, 2].map(|days| today.saturating_sub(days.days()).strftime("%Y/%m/%d").to_string())
}

pub(crate) fn key(day: &str) -> String {
    format!("AWSLogs/111122223333/CloudTrail/us-east-1/{day}/a.json.gz")
}

/// A file with these events, on a day.
pub(crate) fn file_of(day: &str, events: Range<usize>) -> Result<Vec<u8>> {
    let time = format!("{}T09:00:00Z", day.replace('/', "-"));
    let records: Vec<String> =
        events.map(|number| good_record(number).replace("2026-03-14T09:00:00Z", &time)).collect();
    gzip(format!(r#"{{"Records":[{}]}}"#, records.join(",")).as_bytes())
}

impl Deployed {
    pub(crate) async fn new(name: &str) -> Result<Self> {
        let world = World::new(name).await?;
        let table = Table::make(world.cloud, name).await?;
        let sqs = aws_sdk_sqs::Client::new(&world.cloud.config().await);
        let made = sqs.create_queue().queue_name(format!("deliveries-of-{name}")).send().await?;
        let queue = made.queue_url().context("a queue has a URL")?.to_owned();
        for (day, events) in days().iter().zip(EVENTS) {
            world.put(&key(day), &file_of(day, events)?).await?;
        }
        Ok(Self { world, table, sqs, queue })
    }

    pub(crate) fn start(&self) -> Result<Function> {
        self.world.start(&[
            ("TRAILMETER_LEDGER", "event"),
            ("TRAILMETER_LEDGER_TABLE", &self.table.name),
            ("TRAILMETER_QUEUE_URL", &self.queue),
        ])
    }

    /// Runs the command over these days; arguments stand as in a shell.
    fn backfill(&self, arguments: &str) -> Result<Run> {
        self.backfill_to(&self.queue, arguments)
    }

    fn backfill_to(&self, queue: &str, arguments: &str) -> Result<Run> {
        let World { bucket, .. } = &self.world;
        let [first, .., last] = days().map(|day| day.replace('/', "-"));
        // What was put just now is no delivery that is still to come.
        let place = format!(
            "backfill --bucket {bucket} --queue-url {queue} --table {} --leave-minutes 0 --rate 5000 --from {first} \
             --to {last} {arguments}",
            self.table.name
        );
        trailmeter_at(self.world.cloud.endpoint(), &place.split_whitespace().collect::<Vec<_>>())
    }

    /// Hands the function what is in the queue, as Lambda would. Returns how many messages that were.
    pub(crate) async fn deliver(&self, function: &Function) -> Result<usize> {
        let mut delivered = 0;
        loop {
            let request = self.sqs.receive_message().queue_url(&self.queue).max_number_of_messages(10);
            let messages = request.send().await?.messages.unwrap_or_default();
            if messages.is_empty() {
                return Ok(delivered);
            }
            for message in messages {
                let body = message.body().context("a message has a body")?.to_owned();
                ensure!(function.invoke(&batch(&[("m", body)]))?.response()? == back(&[]), "it comes back");
                let receipt = message.receipt_handle().context("a message has a receipt")?;
                self.sqs.delete_message().queue_url(&self.queue).receipt_handle(receipt).send().await?;
                delivered += 1;
            }
        }
    }

    pub(crate) fn sums(&self, series: &[&str]) -> Result<Vec<u64>> {
        let counts = Counts::of(&self.world.cloudwatch)?;
        Ok(series.iter().map(|series| counts.get(series)).collect())
    }
}

pub(crate) const SERIES: [&str; 4] =
    ["AccessDenied", "AccessDenied.Backfill", "ObjectsRead.Backfill", "ObjectsDuplicate.Backfill"];

#[tokio::test]
async fn days_are_counted_once_beside_what_was_delivered() -> Result<()> {
    let here = Deployed::new("past").await?;
    let function = here.start()?;
    let delivered = s3(&here.world.bucket, &key(&days()[1]));
    assert_eq!(function.invoke(&batch(&[("m", delivered)]))?.response()?, back(&[]));

    let dry = here.backfill("--dry-run --format json")?;
    assert_eq!(dry.status, Some(0), "{}", dry.stderr);
    let estimate = &dry.json()?["estimate"];
    assert_eq!((&estimate["objects"], &estimate["folders"]), (&json!(4), &json!(4)), "{estimate}");
    assert_eq!(here.deliver(&function).await?, 0, "nothing is sent");

    let run = here.backfill("--yes")?;
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout.contains("  objects  4 in 4 folder(s)") && run.stdout.contains("  cost     about $ "),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("4 object(s) queued"), "{}", run.stdout);
    here.deliver(&function).await?;
    // Sixteen events: five were delivered, and one of the rest stands in two files.
    assert_eq!(here.sums(&SERIES)?, [5, 11, 3, 1]);

    let again = here.backfill("--yes")?;
    assert!(again.stdout.contains("is done already"), "{}", again.stdout);
    let other = here.backfill("--yes --name other --format json")?;
    assert_eq!(other.json()?["progress"]["queued"], json!(4), "{}", other.stdout);
    here.deliver(&function).await?;
    assert_eq!(here.sums(&SERIES)?, [5, 11, 3, 5], "all was counted");

    let recount = here.backfill("--yes --name once-more --recount")?;
    assert_eq!(recount.status, Some(0), "{}", recount.stderr);
    here.deliver(&function).await?;
    assert_eq!(here.sums(&SERIES[..3])?, [5, 11 + 16, 7]);
    Ok(())
}

/// The table says how far it has come, whoever wrote it.
#[tokio::test]
async fn what_was_interrupted_goes_on_where_it_stopped() -> Result<()> {
    let here = Deployed::new("interrupted").await?;
    let function = here.start()?;
    // To a queue that is not there it stops at the first folder, which is not done then.
    let lost = here.backfill_to(&format!("{}-of-nobody", here.queue), "--yes --name night")?;
    assert_eq!(lost.status, Some(2), "{}", lost.stdout);
    assert!(lost.stderr.contains("the same command goes on"), "{}", lost.stderr);
    let run = here.backfill("--yes --name night --format json")?;
    let found = run.json()?;
    assert_eq!((&found["state"], &found["progress"]["queued"]), (&json!("done"), &json!(4)), "{found}");
    here.deliver(&function).await?;
    assert_eq!(here.sums(&SERIES)?, [0, 16, 4, 0]);
    let other = here.backfill("--yes --name night --account 111122223333")?;
    assert_eq!(other.status, Some(2), "{}", other.stdout);
    assert!(other.stderr.contains("give this one another name"), "{}", other.stderr);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_done_is_said_with_what_helps() -> Result<()> {
    let here = Deployed::new("refused").await?;
    let bucket = here.world.bucket.clone();
    let run = |arguments: &str| {
        trailmeter_at(here.world.cloud.endpoint(), &arguments.split_whitespace().collect::<Vec<_>>())
    };
    for (arguments, status, says) in [
        (
            format!("backfill --bucket {bucket} --dry-run --from 2026-11-18 --to 2026-11-17"),
            2,
            "--from: 2026-11-18 is after 2026-11-17",
        ),
        (format!("backfill --bucket {bucket} --dry-run --from yesterday"), 2, "is no day of the calendar"),
        (
            format!("backfill --bucket {bucket} --dry-run --from 2026-11-17 --prefix audit"),
            1,
            "/audit/AWSLogs/, where keys are",
        ),
        (format!("backfill --bucket {bucket} --from 2026-11-17 --yes"), 2, "--queue-url"),
        (
            format!("backfill --bucket {bucket} --queue-url http://q --from 2026-11-17 --yes"),
            2,
            "there is no ledger",
        ),
        (
            "backfill --bucket no-such-bucket-anywhere --dry-run --from 2026-11-17".to_owned(),
            2,
            "there is no such bucket",
        ),
        ("backfill --stack no-such-stack --from 2026-11-17".to_owned(), 2, "there is no stack no-such-stack"),
        ("backfill --from 2026-11-17".to_owned(), 2, "--stack"),
    ] {
        let run = run(&arguments)?;
        assert_eq!(run.status, Some(status), "{arguments}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(says), "{arguments}: {}", run.stderr);
    }
    let unasked = here.backfill("")?;
    assert_eq!(unasked.status, Some(1));
    assert!(unasked.stderr.contains("--yes begins without a question"), "{}", unasked.stderr);
    let found: Value = here.backfill("--dry-run --format json")?.json()?;
    assert_eq!((&found["state"], &found["progress"]), (&json!("estimated"), &json!(null)), "{found}");
    Ok(())
}
