//! Trouble between the function and its services, one fault at a time: what comes of it is
//! `docs/faults.md`.
//!
//! The real binary runs between a local cloud and proxies that make the trouble. There are no
//! failpoints in the product. A proxy sees every request that the function makes, and as all its
//! effects are requests, "before this request" and "after it was carried out, before its answer" are
//! all the states that anyone could tell apart: a process that dies between two requests leaves the
//! world as one that dies before the second.
//!
//! For each row, whatever the fault: every message ends acknowledged or in the dead-letter queue, no
//! metric falls short of the truth, and what exceeds it `CountedMaybeTwice` has told.

/// CloudWatch.
mod cloudwatch;
/// The process is killed.
mod deaths;
/// DynamoDB.
mod dynamodb;
/// The local cloud, past the proxies.
mod local;
/// Deadlines, and a file that ends the process.
mod neighbours;
/// What came of a row.
mod played;
/// The model of the queue.
mod queue;
/// Two functions at once.
mod races;
/// Rows of the table.
mod row;
/// S3.
mod s3;
/// Who the function talks to.
mod services;
/// SQS.
mod sqs;
/// The table itself.
mod table;
/// What stands around the function.
mod world;

use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::support::cloud;
use played::Played;
use row::Row;

/// Rows that are played at the same time. Most of their time is waiting for the SDK's pauses.
const AT_ONCE: usize = 8;
/// Names a part of the rows' names: only these are played, and not compared with the page.
const ONLY: &str = "TRAILMETER_FAULTS";

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_ends_as_the_page_says() -> Result<()> {
    let endpoint = cloud().await?.endpoint();
    #[expect(clippy::disallowed_methods, reason = "to play a few rows while one works on them")]
    let only = std::env::var(ONLY).ok();
    tokio::task::spawn_blocking(move || {
        let Some(only) = only else {
            return table::compare(&play(endpoint, rows())?);
        };
        play(endpoint, rows().into_iter().filter(|row| row.name().contains(&only)).collect()).map(drop)
    })
    .await?
}

#[tokio::test(flavor = "multi_thread")]
async fn two_functions_at_once_count_once() -> Result<()> {
    let endpoint = cloud().await?.endpoint();
    tokio::task::spawn_blocking(move || races::play(endpoint)).await?
}

fn rows() -> Vec<Row> {
    let rows = [
        s3::rows(),
        dynamodb::rows(),
        cloudwatch::rows(),
        sqs::rows(),
        deaths::rows(),
        neighbours::rows(),
        s3::without_ledger(),
        cloudwatch::without_ledger(),
        sqs::without_ledger(),
    ];
    rows.into_iter().flatten().collect()
}

/// Plays all rows, several at a time, and gives them back in their order.
fn play(endpoint: &str, rows: Vec<Row>) -> Result<Vec<(Row, Played)>> {
    let next = Mutex::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((number, row)) = take(&next, &rows) {
                    let result = row.play(endpoint, number).with_context(|| row.name());
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    let mut played = Vec::new();
    let mut failed = Vec::new();
    for (row, (_, result)) in rows.into_iter().zip(results) {
        match result {
            Ok(outcome) => played.push((row, outcome)),
            Err(error) => failed.push(format!("{error:#}")),
        }
    }
    if !failed.is_empty() {
        bail!("{} rows are wrong:\n{}", failed.len(), failed.join("\n"));
    }
    Ok(played)
}

fn take<'a>(next: &Mutex<usize>, rows: &'a [Row]) -> Option<(usize, &'a Row)> {
    let mut next = next.lock().ok()?;
    let number = *next;
    *next += 1;
    rows.get(number).map(|row| (number, row))
}
