//! `trailmeter diff`: what would another set of detectors change?

mod args;
mod changes;
mod json;
mod sides;
mod table;

use anyhow::Context;
use trailmeter_detection::FileMatches;
use trailmeter_logs::SkipReason;

pub(crate) use args::DiffArgs;
use changes::{Change, Figures, Moved};
use sides::Sides;

use crate::args::Format;
use crate::cost::measured::Measured;
use crate::cost::meter::{Deployment, Meter};
use crate::cost::month::Month;
use crate::cost::monthly_cost_of;
use crate::scan::inputs::Input;
use crate::scan::read::Keeping;
use crate::scan::read_each;
use crate::scan::summary::Summary;
use crate::{DONE, FAILED, WRONG};

pub(crate) fn run(args: &DiffArgs) -> anyhow::Result<u8> {
    let old = args.load(&args.old).context("the old detectors")?;
    let new = args.load(&args.new).context("the new detectors")?;
    let sides = Sides::new(&old, &new);
    let mut moved = Moved::new(sides.pairs.len());
    let mut old_meter = Meter::new(&old, Deployment::default());
    let mut new_meter = Meter::new(&new, Deployment::default());
    let take = |summary: &mut Summary, _: &Input, file: FileMatches| {
        let counted = counted(summary, &file);
        moved.add(&sides, &file, &counted);
        let (old, new) = sides.split(&file);
        old_meter.read(old);
        new_meter.read(new);
    };
    let summary = read_each(&args.paths, &args.reading, &sides.both, Keeping::Ids, take)?;
    let digests = summary.objects_skipped.get(SkipReason::Digest.reason()).copied().unwrap_or(0);
    let (old, new) = (old_meter.finish(digests), new_meter.finish(digests));
    // The same files span the same time, whichever set looks at them.
    let month = old.month(args.days);
    let report = Report {
        changes: changes(&sides, &summary, moved, &old, &new, month),
        old_usd: old.trailmeter(month).total(),
        new_usd: new.trailmeter(month).total(),
        days: args.days.map(f64::from).or_else(|| old.span.map(|span| span.days())),
        summary: &summary,
    };
    match args.format {
        Format::Table => table::print(&report)?,
        Format::Json => json::print(&report)?,
    }
    Ok(match (summary.has_failures(), report.changes.iter().any(Change::is_any)) {
        (true, _) => FAILED,
        (false, true) => WRONG,
        (false, false) => DONE,
    })
}

/// All that there is to print.
struct Report<'r> {
    changes: Vec<Change>,
    /// What a month of the whole deployment costs.
    old_usd: f64,
    new_usd: f64,
    /// How many days the logs stand for, as given or as their events say.
    days: Option<f64>,
    summary: &'r Summary,
}

/// The matches of a file that count: the record's place in it, and the detector's in the set.
fn counted(summary: &mut Summary, file: &FileMatches) -> Vec<(usize, usize)> {
    let mut counted = Vec::new();
    let mut records = file.matched().map(|(record, _)| record).enumerate();
    let mut current = records.next();
    summary.read(file, |one| {
        // They come in the order of the file.
        while current.is_some_and(|(_, record)| !std::ptr::eq(record, one.record)) {
            current = records.next();
        }
        counted.extend(current.map(|(at, _)| (at, one.hit.detector)));
    });
    counted
}

fn changes(
    sides: &Sides,
    summary: &Summary,
    moved: Moved,
    old: &Measured,
    new: &Measured,
    month: Month,
) -> Vec<Change> {
    let figures = |measured: &Measured, detector: usize| {
        let replay = &measured.detectors[sides.in_its_set(detector)];
        Figures {
            matches: summary.matches[detector],
            excluded: summary.excluded_by(detector),
            series: replay.series,
            usd: monthly_cost_of(replay, month),
        }
    };
    sides
        .pairs
        .iter()
        .zip(moved.newly.into_iter().zip(moved.no_longer))
        .map(|(pair, (newly, no_longer))| Change {
            old: pair.old.map(|at| figures(old, at)),
            new: pair.new.map(|at| figures(new, at)),
            pair: pair.clone(),
            newly,
            no_longer,
        })
        .collect()
}
