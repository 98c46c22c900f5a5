//! `trailmeter scan`: the same scanner, offline.

mod inputs;
mod ordered;
mod output;
mod progress;
mod read;
mod summary;

use std::num::NonZero;

use trailmeter_detection::{Memory, Repeats};
use trailmeter_logs::Limits;

use crate::args::{Format, ScanArgs};
use crate::{DONE, FAILED};
use inputs::Inputs;
use progress::Progress;
use read::Reader;
use summary::Summary;

/// Pairs of event and detector that are remembered; some 300 MB at the most.
const REMEMBERED: usize = 4_000_000;

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<u8> {
    let detectors = crate::detectors::from_args(&args.detectors)?;
    let limits = Limits { inflated: args.max_inflated_mib << 20, ..Limits::default() };
    let repeats = if args.count_duplicates { Repeats::AsTheyStand } else { Repeats::Once };
    let mut reader = Reader::new(&detectors, limits);
    let inputs = Inputs::find(&args.paths, &mut reader)?;
    let threads = args.threads.map_or_else(cores, usize::from);

    let mut summary = Summary::new(&detectors, Memory::new(repeats, REMEMBERED));
    for failure in inputs.failed {
        summary.failed(&failure.name, failure.reason, &failure.problem);
    }
    for reason in inputs.skipped {
        summary.skipped(reason);
    }
    let progress = Progress::new(&inputs.logs);
    ordered::for_each(
        &inputs.logs,
        threads,
        |input| reader.scan(input),
        |input, result| {
            progress.advance(input);
            match result {
                Ok(file) => summary.read(&file),
                Err(error) => progress.suspend(|| summary.failed(&input.name, error.reason(), &error)),
            }
        },
    );
    progress.finish();
    match args.format {
        Format::Table => output::table(&summary, &detectors)?,
        Format::Json => output::json(&summary, &detectors)?,
    }
    Ok(if summary.has_failures() { FAILED } else { DONE })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
