//! Are the logs whole? A log file is tampered with and another is never counted; `verify` finds both.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use trailmeter_testkit::digest_chain::{Chain, chain_py};

use super::say;
use super::stage::Stage;

/// What each log file of the chain has.
const DETECTOR: &str = "AccessDenied";

pub(crate) async fn show(stage: &Stage<'_>) -> Result<()> {
    let bucket = stage.stack.output("LogBucketName")?;
    let chain = write(stage, bucket)?;
    let s3 = stage.cloud.s3().await;
    let log_files = chain.log_files()?;
    let (missed, delivered) = log_files.split_last().context("a chain without log files")?;
    let before = whole(stage.sum(DETECTOR).await?);
    let objects = whole(stage.sum("ObjectsIn").await?);

    for key in delivered {
        chain.deliver_one(&s3, key).await?;
    }
    stage.unnoticed(bucket, async || chain.deliver_one(&s3, missed).await).await?;
    let counted = before + delivered.len() as u64;
    stage.wait(DETECTOR, counted).await?;
    say(&format!(
        "\nARE THE LOGS WHOLE?\n{} log files with a call that was denied; of one no notification came: {DETECTOR} is {counted}",
        log_files.len()
    ))?;

    // Whoever covers their tracks leaves a file that is sound.
    let tampered = &delivered[1];
    stage.put(bucket, tampered, gzip(br#"{"Records":[]}"#)?).await?;
    stage.wait("ObjectsIn", objects + log_files.len() as u64).await?;
    for digest in chain.digests()? {
        chain.deliver_one(&s3, &digest).await?;
    }
    stage.wait("DeliveriesCaughtUp", 1).await?;
    stage.wait(DETECTOR, counted + 1).await?;
    stage.wait("IntegrityViolations", 1).await?;
    stage.ring("logs-changed").await?;
    let caught_up = counted + 1;
    say(&format!(
        "the record is taken out of another, and the digests land:\n  \
         DeliveriesCaughtUp 1, and {DETECTOR} is {caught_up}\n  \
         IntegrityViolations 1, and the alarm logs-changed rings"
    ))?;
    say(&stated(stage, tampered)?)?;

    let run = stage.trailmeter(&format!(
        "verify --trail-arn {} --start-time {} --end-time {} --s3-bucket {bucket} --account-id {} --region {}",
        chain.text("trail_arn")?,
        chain.text("start")?,
        chain.text("end")?,
        chain.text("account")?,
        chain.text("region")?,
    ))?;
    ensure!(run.status == Some(1), "trailmeter verify ended with {:?}: {}", run.status, run.shown);
    let named = format!("s3://{bucket}/{tampered}\tINVALID: hash value doesn't match");
    ensure!(run.shown.contains(&named), "trailmeter verify does not name it: {}", run.shown);
    say(run.shown.trim_end())
}

/// Has the chain written: of the hours that have just passed.
fn write(stage: &Stage<'_>, bucket: &str) -> Result<Chain> {
    let hour = Timestamp::now()
        .round(jiff::TimestampRound::new().smallest(jiff::Unit::Hour).mode(jiff::RoundMode::Trunc))?;
    let folder = stage.chain.to_string_lossy().into_owned();
    chain_py(["--recent", &folder, bucket, &hour.to_string()])?;
    Chain::read(&stage.chain)
}

/// The line of the function's log about an object.
fn stated(stage: &Stage<'_>, key: &str) -> Result<String> {
    const WORDS: &str = "not what CloudTrail delivered";
    let log = stage.cloud.log()?;
    let mut lines = log.lines().filter(|line| line.contains(key));
    let line = lines.find_map(|line| Some(&line[line.find(WORDS)?..]));
    Ok(format!(
        "the log of the function verify:\n  | {}",
        line.context("the log of the function does not name the file")?
    ))
}

fn gzip(inflated: &[u8]) -> Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(inflated)?;
    Ok(packed.finish()?)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of ones")]
fn whole(sum: f64) -> u64 {
    sum.round() as u64
}
