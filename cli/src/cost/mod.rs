//! `trailmeter cost`: what a month of these detectors on these logs costs, before it is deployed.
//!
//! Files are replayed through the function's own aggregation and packing
//! ([`trailmeter_pipeline::Replay`]); prices stand in one dated table, `prices.rs`; a [`Bill`] is
//! quantities times prices and knows nothing else.
//!
//! Whoever wants to know what another set of detectors would cost on the same files replays them
//! once for each set:
//!
//! ```text
//! use crate::cost::meter::{Deployment, Meter};
//!
//! let mut meter = Meter::new(&detectors, Deployment::default());
//! crate::scan::read_all(&args, &detectors, |file| meter.read(file))?;
//! let measured = meter.finish(0);
//! let month = measured.month(None);               // or of a given number of days
//! monthly_cost_of(&measured.detectors[at], month) // dollars, of one detector
//! measured.trailmeter(month).total()              // dollars, of the whole deployment
//! ```
//!
//! `measured.detectors` is in the order of the set. Both sets have to be scaled by the same `month`,
//! as the same files span the same time; then the difference of two costs is the change.

mod args;
pub(crate) mod assumed;
pub(crate) mod bill;
mod json;
pub(crate) mod ledger;
pub(crate) mod measured;
pub(crate) mod meter;
pub(crate) mod month;
pub(crate) mod number;
pub(crate) mod prices;
mod report;
mod series;
mod table;

use trailmeter_logs::SkipReason;

use crate::args::Format;
use crate::scan::read_all;
use crate::{DONE, FAILED, WRONG};
pub(crate) use args::CostArgs;
use bill::Bill;
use measured::DetectorReplay;
use meter::Meter;
use month::Month;
use report::Report;

/// What a month of one detector costs in dollars, beside what the deployment costs anyway: its
/// series and its alarm. A series that several detectors feed is in the cost of each.
pub(crate) fn monthly_cost_of(detector: &DetectorReplay, month: Month) -> f64 {
    Bill::of(&detector.usage(month)).total()
}

pub(crate) fn run(args: &CostArgs) -> anyhow::Result<u8> {
    let detectors = crate::detectors::from_args(&args.logs.detectors)?;
    let deployment = args.deployment();
    let mut assumptions = assumed::sentences(&deployment);
    assumptions.push(ledger::sentence(deployment.ledger));
    let mut meter = Meter::new(&detectors, deployment);
    let summary = read_all(&args.logs, &detectors, |file| meter.read(file))?;
    let digests = summary.objects_skipped.get(SkipReason::Digest.reason()).copied().unwrap_or(0);
    let measured = meter.finish(digests);
    let month = measured.month(args.days);
    let report = Report {
        detectors: &detectors,
        summary: &summary,
        trailmeter: measured.trailmeter(month),
        cloudwatch_logs: measured.cloudwatch_logs(month),
        measured: &measured,
        month,
        days: args.days,
        series_budget: args.series_budget,
        assumptions,
    };
    match args.logs.format {
        Format::Table => table::print(&report)?,
        Format::Json => json::print(&report)?,
    }
    let is_over = report.name_those_over_budget();
    Ok(match (summary.has_failures(), is_over) {
        (true, _) => FAILED,
        (false, true) => WRONG,
        (false, false) => DONE,
    })
}
