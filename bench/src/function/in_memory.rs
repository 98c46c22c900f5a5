//! The function with its objects and its ledger in memory, and metrics whose requests are made and not sent.
//!
//! The pipeline is the real one, with everything on: matches are counted once by the ledger too. What is not in it is
//! the network, its encryption, the ledger's own client, and findings, which go to the log.

mod ledger;
mod store;

use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use nix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use trailmeter_aws::{CloudWatchSink, SqsQueue, Unsent};
use trailmeter_detection::{DetectorSet, Options, load_with, pack_names, packaged_files};
use trailmeter_logs::Limits;
use trailmeter_pipeline::{
    FindingSettings, LedgerSettings, Moment, Pipeline, ReadAheadSettings, Settings, Timestamps, Unavailable,
    decode,
};

use ledger::MemoryLedger;
pub(crate) use store::MemoryStore;

/// 2026-11-21T06:00:00Z.
const NOW: i64 = 1_795_240_800;

pub(crate) struct Function<'s> {
    pub(crate) detectors: DetectorSet,
    pub(crate) unsent: Unsent,
    pipeline: Pipeline<&'s MemoryStore, CloudWatchSink, Option<SqsQueue>, MemoryLedger>,
    invocations: u64,
}

impl<'s> Function<'s> {
    /// A function with these packs, or all, over a store.
    pub(crate) fn new(store: &'s MemoryStore, packs: &[String]) -> Result<Self> {
        let all: Vec<String> = pack_names().into_iter().map(str::to_owned).collect();
        let files = packaged_files(if packs.is_empty() { &all } else { packs })?;
        let options = Options { skips_packaged_tests: true, ..Options::default() };
        let detectors = load_with(&files, &options)
            .map_err(|errors| anyhow!("{} mistakes in the packs", errors.len()))?;
        let unsent = Unsent::default();
        let sink = unsent.cloudwatch_sink("Trailmeter".to_owned());
        let pipeline = Pipeline::new(settings(), store, sink, None, Some(MemoryLedger::default()));
        Ok(Self { detectors, unsent, pipeline, invocations: 0 })
    }

    /// One invocation, of which nothing may fail. Returns how many matches it counted.
    pub(crate) async fn invoke(&mut self, payload: &Value) -> Result<u64> {
        self.invocations += 1;
        let attempt = self.invocations.to_string();
        let moment = Moment { now: NOW, attempt: &attempt, lease: NOW + 180 };
        let report = self.pipeline.run(&self.detectors, decode(payload), moment, || Duration::MAX).await;
        ensure!(report.problems.is_empty() && report.returned.is_empty(), "{:?}", report.problems.first());
        ensure!(report.totals.objects_read == report.totals.objects_in, "{:?}", report.totals);
        Ok(report.matches.iter().sum())
    }
}

/// As the template deploys it.
fn settings() -> Settings {
    Settings {
        buckets: vec![store::BUCKET.to_owned()],
        timestamps: Timestamps::Arrival,
        dimension_values: 50,
        covers_loaded: false,
        limits: Limits::default(),
        remembered: 500_000,
        ledger: LedgerSettings { events: true, unavailable: Unavailable::Hold },
        read_ahead: ReadAheadSettings { objects: 8, bytes: 64 << 20 },
        findings: FindingSettings::default(),
        caught_up_alarms: true,
    }
}

/// An invocation with a message about each object.
pub(crate) fn payload(keys: &[&str]) -> Value {
    let message = |(at, key): (usize, &&str)| {
        let created = json!({ "Records": [{
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": store::BUCKET }, "object": { "key": key } },
        }] });
        json!({
            "eventSource": "aws:sqs",
            "messageId": format!("m{at}"),
            "receiptHandle": format!("r{at}"),
            "attributes": { "ApproximateReceiveCount": "1" },
            "body": created.to_string(),
        })
    };
    json!({ "Records": keys.iter().enumerate().map(message).collect::<Vec<_>>() })
}

/// The CPU time of this process so far.
pub(crate) fn cpu() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).context("this process has no clock")?.into())
}
