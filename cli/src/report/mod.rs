//! `trailmeter report`: what a scan finds, as a page for a browser.
//!
//! The page is one file that loads nothing: script, style and data are in it, and a policy lets nothing
//! else in. What the logs say reaches it as data, and the screen as text.

mod args;
mod destination;
mod document;
mod gather;
mod kept;
mod labels;
mod page;
mod ranking;
mod times;

use std::io::{Write, stdout};

use anyhow::Context;
use trailmeter_detection::FileMatches;
use trailmeter_detection::finding::WhichFindings;

pub(crate) use args::ReportArgs;
use destination::Destination;
use document::Document;
use gather::Gathered;

use crate::printable::Printable;
use crate::scan::inputs::Input;
use crate::scan::read::Keeping;
use crate::scan::read_each;
use crate::scan::summary::Summary;
use crate::{DONE, FAILED};

pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<u8> {
    let detectors = crate::detectors::from_args(&args.detectors)?;
    let destination = Destination::open(&args.output)?;
    let which = if args.all_findings { WhichFindings::All } else { WhichFindings::Usual };
    let most = usize::try_from(args.most_findings).unwrap_or(usize::MAX);
    let mut gathered = Gathered::new(detectors.detectors(), which, most);
    let take = |summary: &mut Summary, input: &Input, file: FileMatches| {
        gathered.read(&file);
        summary.read(&file, |counted| gathered.matched(counted, &input.name));
    };
    let summary = read_each(&args.paths, &args.reading, &detectors, Keeping::Findings(which), take)?;
    let gathered = gathered.finish().context("a finding cannot be written down")?;
    let document = Document::new(&args.paths, &detectors, &summary, gathered);
    destination.write(&page::html(&serde_json::to_vec(&document)?)?)?;
    if let Some(file) = destination.file() {
        writeln!(stdout(), "{}: {}", Printable(&file.display().to_string()), document.in_short())?;
    }
    Ok(if summary.has_failures() { FAILED } else { DONE })
}
