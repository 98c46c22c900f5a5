//! Two weeks that nobody was there for, counted by a backfill.

use anyhow::{Result, ensure};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use trailmeter_testkit::generate::{Corpus, Plan, Truth};

use super::expected::Expected;
use super::stage::Stage;
use super::{is, say};

const DAYS: i64 = 14;
const FILES_A_DAY: usize = 3;

pub(crate) async fn show(stage: &Stage<'_>) -> Result<()> {
    let bucket = stage.stack.output("LogBucketName")?;
    let now = Timestamp::now();
    let past = weeks(now)?;
    stage
        .unnoticed(bucket, async || {
            for file in &past.files {
                stage.put(bucket, &file.key, file.body.clone()).await?;
            }
            Ok(())
        })
        .await?;
    say(&format!("\nTHE PAST\n{} files of {DAYS} days, of which nobody was notified:", past.files.len()))?;

    let day = |ago: i64| (now - (ago * 24).hours()).to_zoned(TimeZone::UTC).date();
    // Of what was put just now no notification is still to come.
    let options = format!(
        "backfill --stack {} --from {} --to {} --leave-minutes 0 --yes",
        stage.stack.name,
        day(DAYS - 1),
        day(0)
    );
    let run = stage.trailmeter(&options)?;
    ensure!(run.status == Some(0), "trailmeter backfill ended with {:?}: {}", run.status, run.shown);
    say(run.shown.trim_end())?;

    let expected = Expected::of(&past)?;
    stage.wait("ObjectsRead.Backfill", past.files.len() as u64).await?;
    say(&format!("\n{:<34}{:>10}{:>10}", "BY THE TIME OF THE EVENT", "IN FILES", "METRIC"))?;
    for (name, detector) in &expected.detectors {
        let metric = format!("{name}.Backfill");
        let sum = stage.sum(&metric).await?;
        let matches = detector.matches;
        ensure!(is(sum, matches), "{metric}: CloudWatch has {sum}, the files hold {matches}");
        if matches > 0 && detector.is_default {
            say(&format!("{metric:<34}{matches:>10}{sum:>10}"))?;
        }
    }
    let known = stage.sum("ObjectsDuplicate.Backfill").await?;
    ensure!(known > 0.0, "the backfill was told of files that were counted before");
    say(&format!("{known} files had been counted already, and were passed over."))
}

/// Files of each day, at this time of it.
fn weeks(now: Timestamp) -> Result<Corpus> {
    let mut files = Vec::new();
    for ago in 0..DAYS {
        let plan = Plan {
            seed: 1000 + ago.unsigned_abs(),
            files: FILES_A_DAY,
            records_per_file: 60,
            until: now - (ago * 24).hours(),
            regions: vec!["us-west-2".to_owned()],
            suspicion: 4,
            ..Plan::default()
        };
        files.extend(Corpus::generate(&plan)?.files);
    }
    Ok(Corpus { truth: Truth::of(&files), files })
}
