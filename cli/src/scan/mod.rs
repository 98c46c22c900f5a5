//! `trailmeter scan`: the same scanner, offline.

pub(crate) mod inputs;
mod memory;
pub(crate) mod ordered;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod read;
pub(crate) mod summary;

use std::num::NonZero;

use trailmeter_detection::{DetectorSet, FileMatches, Memory, Repeats};
use trailmeter_logs::Limits;

use crate::args::{Format, ReadArgs, ScanArgs};
use crate::{DONE, FAILED};
use inputs::{Input, Inputs};
use progress::Progress;
use read::{Buffer, Keeping, Reader};
use summary::Summary;

/// Pairs of event and detector that are remembered; some 200 MB at the most.
pub(crate) const REMEMBERED: usize = 4_000_000;

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<u8> {
    let detectors = crate::detectors::from_args(&args.detectors)?;
    let summary = read_all(args, &detectors, |_| {})?;
    match args.format {
        Format::Table => output::table(&summary, &detectors)?,
        Format::Json => output::json(&summary, &detectors)?,
    }
    Ok(if summary.has_failures() { FAILED } else { DONE })
}

/// Reads everything that the arguments name, counts it, and gives each file that could be read to
/// `each`, in the order of the inputs. What fails is named on standard error.
pub(crate) fn read_all(
    args: &ScanArgs,
    detectors: &DetectorSet,
    mut each: impl FnMut(FileMatches),
) -> anyhow::Result<Summary> {
    let take = |summary: &mut Summary, _: &Input, file: FileMatches| {
        summary.read(&file, |_| {});
        each(file);
    };
    read_each(&args.paths, &args.reading, detectors, Keeping::Nothing, take)
}

/// Reads everything that `paths` name, and gives each file that could be read to `take`, in the
/// order of the inputs. What fails is named on standard error.
pub(crate) fn read_each(
    paths: &[String],
    args: &ReadArgs,
    detectors: &DetectorSet,
    keeping: Keeping,
    mut take: impl FnMut(&mut Summary, &Input, FileMatches),
) -> anyhow::Result<Summary> {
    let threads = args.threads.map_or_else(cores, usize::from);
    let limits = Limits { inflated: args.max_inflated_mib << 20, ..Limits::default() };
    let limits = memory::share(limits, threads, args.max_memory_mib);
    let repeats = if args.count_duplicates { Repeats::AsTheyStand } else { Repeats::Once };
    let mut reader = Reader::new(detectors, limits, keeping);
    let inputs = Inputs::find(paths, &mut reader)?;

    let mut summary = Summary::new(detectors, Memory::new(repeats, REMEMBERED));
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
        Input::weight,
        Buffer::default,
        |buffer, input| reader.scan(input, buffer),
        |input, result| {
            progress.advance(input);
            match result {
                Ok(file) => take(&mut summary, input, file),
                Err(error) => progress.suspend(|| summary.failed(&input.name, error.reason(), &error)),
            }
        },
    );
    progress.finish();
    Ok(summary)
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
