//! `trailmeter scan`: the same scanner, offline.

mod counts_table;
mod follow;
pub(crate) mod inputs;
mod memory;
pub(crate) mod ordered;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod read;
mod since;
mod sparkline;
pub(crate) mod summary;
mod timeline;

use std::num::NonZero;

use trailmeter_detection::{DetectorSet, FileMatches, Memory, Repeats};
use trailmeter_logs::Limits;

use crate::args::{Format, LogArgs, ReadArgs, ScanArgs};
use crate::terminal::Terminal;
use crate::{DONE, FAILED};
use inputs::{Input, Inputs};
use progress::Progress;
use read::{Buffer, InputError, Keeping, Reader};
pub(crate) use since::Since;
use summary::Summary;
use timeline::Timeline;

/// Pairs of event and detector that are remembered; some 200 MB at the most.
pub(crate) const REMEMBERED: usize = 4_000_000;

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<u8> {
    let detectors = crate::detectors::from_args(&args.logs.detectors)?;
    if args.following.follow {
        return follow::run(args, &detectors);
    }
    let logs = &args.logs;
    let mut timeline = Timeline::new(detectors.detectors().len());
    let take = |summary: &mut Summary, _: &Input, file: FileMatches| {
        summary.read_in_time(&file, &mut timeline, |_| {});
    };
    let summary = read_each(&logs.paths, &logs.reading, &detectors, Keeping::Nothing, take)?;
    print(&summary, &detectors, &timeline, logs.format)
}

/// Prints what was counted. Returns the exit status.
fn print(
    summary: &Summary,
    detectors: &DetectorSet,
    timeline: &Timeline,
    format: Format,
) -> anyhow::Result<u8> {
    match format {
        Format::Table => {
            output::table(summary, detectors, Terminal::of_stdout().map(|terminal| (terminal, timeline)))?;
        }
        Format::Json => output::json(summary, detectors)?,
    }
    Ok(if summary.has_failures() { FAILED } else { DONE })
}

/// Reads everything that the arguments name, counts it, and gives each file that could be read to
/// `each`, in the order of the inputs. What fails is named on standard error.
pub(crate) fn read_all(
    args: &LogArgs,
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
    let mut reader = Reader::new(detectors, limits(args), keeping);
    let inputs = Inputs::find(paths, &mut reader)?;

    let mut summary = new_summary(args, detectors);
    for failure in inputs.failed {
        summary.failed(&failure.name, failure.reason, &failure.problem);
    }
    for reason in inputs.skipped {
        summary.skipped(reason);
    }
    let progress = Progress::new(&inputs.logs);
    read_inputs(&inputs.logs, &reader, threads(args), |input, result| {
        progress.advance(input);
        match result {
            Ok(file) => {
                progress.suspend(|| summary::name_malformed(&input.name, &file));
                take(&mut summary, input, file);
            }
            Err(error) => progress.suspend(|| summary.failed(&input.name, error.reason(), &error)),
        }
    });
    progress.finish();
    Ok(summary)
}

/// Reads these inputs on several threads, and gives the results to `take` in their order.
fn read_inputs(
    inputs: &[Input],
    reader: &Reader<'_>,
    threads: usize,
    take: impl FnMut(&Input, Result<FileMatches, InputError>),
) {
    let work = |buffer: &mut Buffer, input: &Input| reader.scan(input, buffer);
    ordered::for_each(inputs, threads, Input::weight, Buffer::default, work, take);
}

fn new_summary(args: &ReadArgs, detectors: &DetectorSet) -> Summary {
    let repeats = if args.count_duplicates { Repeats::AsTheyStand } else { Repeats::Once };
    Summary::new(detectors, Memory::new(repeats, REMEMBERED))
}

fn limits(args: &ReadArgs) -> Limits {
    let limits = Limits { inflated: args.max_inflated_mib << 20, ..Limits::default() };
    memory::share(limits, threads(args), args.max_memory_mib)
}

fn threads(args: &ReadArgs) -> usize {
    args.threads.map_or_else(cores, usize::from)
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
