//! Two weeks that nobody was there for, counted by a backfill.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use trailmeter_testkit::generate::{Corpus, File, Plan};

use super::expected::{Counted, Expected};
use super::stage::{Run, Stage};
use super::{is, say};

const DAYS: i64 = 14;
const FILES_A_DAY: usize = 3;

pub(crate) async fn show(stage: &Stage<'_>) -> Result<()> {
    let bucket = stage.stack.output("LogBucketName")?;
    let now = Timestamp::now();
    let days = days(now)?;
    let files: Vec<&File> = days.iter().flat_map(|day| &day.files).collect();
    stage
        .unnoticed(bucket, async || {
            for file in &files {
                stage.put(bucket, &file.key, file.body.clone()).await?;
            }
            Ok(())
        })
        .await?;
    say(&format!("\nTHE PAST\n{} files of {DAYS} days, of which nobody was notified:", files.len()))?;

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

    let expected = expected(&days)?;
    stage.wait("ObjectsIn.Backfill", queued(&run)?).await?;
    stage.wait("ObjectsRead.Backfill", files.len() as u64).await?;
    say(&format!("\n{:<34}{:>10}{:>10}", "BY THE TIME OF THE EVENT", "IN FILES", "METRIC"))?;
    for (name, Counted { matches, is_default, .. }) in expected {
        let metric = format!("{name}.Backfill");
        if matches > 0 {
            stage.wait(&metric, matches).await?;
        }
        let sum = stage.sum(&metric).await?;
        ensure!(is(sum, matches), "{metric}: CloudWatch has {sum}, the files hold {matches}");
        if matches > 0 && is_default {
            say(&format!("{metric:<34}{matches:>10}{sum:>10}"))?;
        }
    }
    let known = stage.sum("ObjectsDuplicate.Backfill").await?;
    ensure!(known > 0.0, "the backfill was told of files that were counted before");
    say(&format!("{known} files had been counted already, and were passed over."))
}

/// How many files the command says it has queued.
fn queued(run: &Run) -> Result<u64> {
    let mut lines = run.shown.lines();
    let line = lines.find(|line| line.contains("object(s) queued")).context("nothing was queued")?;
    Ok(line.split_whitespace().nth(1).context("a line of its own")?.parse()?)
}

/// Files of each day, at this time of it.
fn days(now: Timestamp) -> Result<Vec<Corpus>> {
    let day = |ago: i64| {
        Corpus::generate(&Plan {
            seed: 1000 + ago.unsigned_abs(),
            files: FILES_A_DAY,
            records_per_file: 60,
            until: now - (ago * 24).hours(),
            regions: vec!["us-west-2".to_owned()],
            suspicion: 4,
            ..Plan::default()
        })
    };
    (0..DAYS).map(day).collect()
}

/// What all days together hold.
fn expected(days: &[Corpus]) -> Result<BTreeMap<String, Counted>> {
    let mut sums: BTreeMap<String, Counted> = BTreeMap::new();
    for day in days {
        for (name, mut counted) in Expected::of(day)?.detectors {
            counted.matches += sums.get(&name).map_or(0, |sum| sum.matches);
            sums.insert(name, counted);
        }
    }
    Ok(sums)
}
