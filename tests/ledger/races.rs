//! Processes that want the same at the same time.
//!
//! Which of them is first is not decided here and differs from run to run; what counts must not.
//! `shared/pipeline` goes through the orders one by one, with a ledger in memory.

use std::sync::Barrier;
use std::thread;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use trailmeter_testkit::runtime_api::Function;

use super::Remembering;
use crate::messages::{back, batch};

const PROCESSES: usize = 4;
/// A message that meets a claim comes back. It is never in the way of itself, so a few turns do.
const MOST_TURNS: usize = 20;

/// Each process has its own message, and tries until it is done with it.
fn race(functions: &[Function], bodies: &[String]) -> Result<()> {
    let start = Barrier::new(functions.len());
    thread::scope(|scope| {
        let runs: Vec<_> = functions
            .iter()
            .zip(bodies)
            .map(|(function, body)| {
                scope.spawn(|| until_done(function, &batch(&[("m", body.clone())]), &start))
            })
            .collect();
        runs.into_iter().try_for_each(|run| run.join().ok().context("a process panicked")?)
    })
}

fn until_done(function: &Function, event: &Value, start: &Barrier) -> Result<()> {
    function.wait_until_ready()?;
    start.wait();
    for _ in 0..MOST_TURNS {
        if function.invoke(event)?.response()? == back(&[]) {
            return Ok(());
        }
    }
    bail!("not done in {MOST_TURNS} turns")
}

#[tokio::test]
async fn many_processes_on_one_object_count_it_once() -> Result<()> {
    let here = Remembering::new("one-object").await?;
    let functions: Vec<Function> = (0..PROCESSES).map(|_| here.start("event", &[])).collect::<Result<_>>()?;
    for round in 0..5 {
        let name = format!("it{round}");
        here.put(&name, 100 * round..100 * round + 50).await?;
        race(&functions, &vec![here.s3(&name); PROCESSES])?;
    }
    let series = ["AccessDenied", "ObjectsRead", "ObjectsFailed", "CountedMaybeTwice"];
    assert_eq!(here.sums(&series)?, [250, 5, 0, 0]);
    assert_eq!(here.sums(&["ObjectsDuplicate{Reason=already-counted}"])?, [5 * (PROCESSES as u64 - 1)]);
    Ok(())
}

/// Hundreds of events in each, so that their transactions meet.
#[tokio::test]
async fn the_same_events_in_many_files_at_once_count_once() -> Result<()> {
    let here = Remembering::new("same-events").await?;
    let functions: Vec<Function> = (0..PROCESSES).map(|_| here.start("event", &[])).collect::<Result<_>>()?;
    for round in 0..3 {
        let first = 1000 * round;
        let mut bodies = Vec::new();
        for process in 0..PROCESSES {
            let name = format!("it{round}-{process}");
            // All of them have the middle in common.
            here.put(&name, first + 50 * process..first + 50 * process + 350).await?;
            bodies.push(here.s3(&name));
        }
        race(&functions, &bodies)?;
    }
    let distinct = 3 * (50 * (PROCESSES as u64 - 1) + 350);
    assert_eq!(here.sums(&["AccessDenied", "CountedMaybeTwice", "ObjectsFailed"])?, [distinct, 0, 0]);
    assert_eq!(here.sums(&["RecordsRead", "RecordsMatched"])?, [3 * PROCESSES as u64 * 350, distinct]);
    Ok(())
}
