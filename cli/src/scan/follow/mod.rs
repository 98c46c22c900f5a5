//! `trailmeter scan --follow`: what is delivered to a bucket is read as it comes.
//!
//! The bucket is listed, not subscribed to: that needs no queue, no topic and no right but to read, and
//! disturbs nobody. An object that S3 does not give this time is tried again with each look; one that is
//! no log file fails by name, as in any scan.

mod lines;
mod stop;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal, Write, stderr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::Offset;
use trailmeter_aws::ListedObject;
use trailmeter_detection::finding::WhichFindings;
use trailmeter_detection::{DetectorSet, FileMatches};

use super::inputs::{Input, Inputs, Place};
use super::read::{Buffer, InputError, Keeping, Reader, Remote};
use super::summary::Summary;
use super::timeline::Timeline;
use super::{limits, new_summary, ordered, print, threads};
use crate::args::{Format, ScanArgs};
use crate::detectors::{now, today};
use crate::printable::Printable;
use crate::terminal::Terminal;
use lines::{Found, Lines};
use stop::Stop;
use watch::Watch;

pub(super) fn run(args: &ScanArgs, detectors: &DetectorSet) -> anyhow::Result<u8> {
    let mut watches = args.logs.paths.iter().map(|path| watch(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let remote = Arc::new(Remote::connect().context("cannot reach S3")?);
    let stop = Stop::on_signals(remote.runtime()).context("cannot listen for Ctrl-C")?;
    let mut following = Following::new(args, detectors, &remote, stop.clone());

    let since = args.following.since.map(|since| since.time(now()));
    for watch in &mut watches {
        let since = since.map(day_of).transpose()?;
        let new = watch.begin(&*remote, since, today())?;
        tell(&format!(
            "following {}, a look every {} s; Ctrl-C ends it",
            watch.describe(),
            args.following.interval
        ));
        following.read(new, watch)?;
    }
    let mut troubles = Troubles::default();
    while !stop.wait(Duration::from_secs(args.following.interval.into())) {
        let mut failed = BTreeSet::new();
        for watch in &mut watches {
            let look = watch.look(&*remote, today());
            failed.extend(look.failed.iter().map(ToString::to_string));
            following.read(look.new, watch)?;
        }
        let tally = &following.tally;
        tally.status.suspend(|| troubles.tell(failed));
        tally.status.say(format!("{} file(s) read, last look at {:.0}", tally.summary.objects_read, now()));
    }
    following.tally.finish(&troubles, args.logs.format)
}

fn watch(path: &str) -> anyhow::Result<Watch> {
    let Some(location) = path.strip_prefix("s3://") else {
        bail!("{path} cannot be followed: name s3://BUCKET/PREFIX");
    };
    let (bucket, prefix) = location.split_once('/').unwrap_or((location, ""));
    if bucket.is_empty() {
        bail!("{path} names no bucket: write s3://BUCKET/PREFIX");
    }
    Watch::new(bucket, prefix)
}

/// A time, with the day in whose folder its files are.
fn day_of(time: i64) -> anyhow::Result<(i64, jiff::civil::Date)> {
    let at = jiff::Timestamp::from_second(time).context("--since is no time of this calendar")?;
    Ok((time, Offset::UTC.to_datetime(at).date()))
}

/// Who reads, and what was read so far.
struct Following<'d> {
    reader: Reader<'d>,
    threads: usize,
    stop: Stop,
    tally: Tally<'d>,
}

impl<'d> Following<'d> {
    fn new(args: &ScanArgs, detectors: &'d DetectorSet, remote: &Arc<Remote>, stop: Stop) -> Self {
        let reading = &args.logs.reading;
        let tally = Tally {
            detectors,
            summary: new_summary(reading, detectors),
            timeline: Timeline::new(detectors.detectors().len()),
            lines: Lines::new(args.logs.format, Terminal::of_stdout(), detectors),
            awaited: BTreeMap::new(),
            status: Status::new(),
        };
        // Who did it is what somebody asks first.
        let keeping = Keeping::Findings(WhichFindings::Usual);
        let reader = Reader::over(detectors, limits(reading), keeping, Arc::clone(remote));
        Self { reader, threads: threads(reading), stop, tally }
    }

    /// Reads new objects, counts them, and prints a line for each that matches. What is not begun
    /// when the end is asked for is not read.
    fn read(&mut self, new: Vec<ListedObject>, watch: &mut Watch) -> io::Result<()> {
        let Self { reader, threads, stop, tally } = self;
        let mut inputs = Inputs::default();
        inputs.add_listed(new);
        for reason in inputs.skipped {
            tally.summary.skipped(reason);
        }
        let mut printed = Ok(());
        ordered::for_each(
            &inputs.logs,
            *threads,
            Input::weight,
            Buffer::default,
            |buffer, input| (!stop.is_asked()).then(|| reader.scan(input, buffer)),
            |input, result| {
                if let (Some(result), true) = (result, printed.is_ok()) {
                    printed = tally.take(input, result, watch);
                }
            },
        );
        printed
    }
}

/// What was read so far.
struct Tally<'d> {
    detectors: &'d DetectorSet,
    summary: Summary,
    timeline: Timeline,
    lines: Lines,
    /// Objects that S3 has not given yet: what they are counted as if it never does.
    awaited: BTreeMap<String, &'static str>,
    status: Status,
}

impl Tally<'_> {
    fn take(
        &mut self,
        input: &Input,
        result: Result<FileMatches, InputError>,
        watch: &mut Watch,
    ) -> io::Result<()> {
        let Self { detectors, summary, timeline, lines, awaited, status } = self;
        match (result, &input.place) {
            (Ok(file), _) => {
                awaited.remove(&input.name);
                let mut found = Found::default();
                summary.read_in_time(&file, timeline, |one| found.add(one));
                status.suspend(|| lines.print(&found, &input.name, detectors))?;
            }
            (Err(error), Place::Object(object)) if error.may_pass() => {
                watch.forget(&object.key);
                let is_news = awaited.insert(input.name.clone(), error.reason()).is_none();
                if is_news {
                    status.suspend(|| {
                        tell(&format!("{}: {error}; it is tried again with each look", input.name));
                    });
                }
            }
            (Err(error), _) => {
                awaited.remove(&input.name);
                status.suspend(|| summary.failed(&input.name, error.reason(), &error));
            }
        }
        Ok(())
    }

    fn finish(mut self, troubles: &Troubles, format: Format) -> anyhow::Result<u8> {
        self.status.finish();
        for problem in &troubles.0 {
            self.summary.failed("to the last", "unlistable", problem);
        }
        for (name, reason) in self.awaited {
            self.summary.failed(&name, reason, &"it could not be read until the end");
        }
        print(&self.summary, self.detectors, &self.timeline, format)
    }
}

/// What could not be listed with the last look: it is told when it begins and when it is over, and not
/// with each look in between.
#[derive(Default)]
struct Troubles(BTreeSet<String>);

impl Troubles {
    fn tell(&mut self, now: BTreeSet<String>) {
        for problem in now.difference(&self.0) {
            tell(&format!("{problem}; it is tried again with each look"));
        }
        if now.is_empty() && !self.0.is_empty() {
            tell("S3 can be listed again");
        }
        self.0 = now;
    }
}

/// A line on standard error.
fn tell(text: &str) {
    // With stderr gone there is nobody to tell.
    let _ignored = writeln!(stderr(), "trailmeter: {}", Printable(text));
}

/// A line on a terminal that shows that somebody is still looking.
struct Status(Option<ProgressBar>);

impl Status {
    fn new() -> Self {
        let line = stderr().is_terminal().then(ProgressBar::new_spinner);
        if let (Some(line), Ok(style)) = (&line, ProgressStyle::with_template("{wide_msg}")) {
            line.set_style(style);
        }
        Self(line)
    }

    fn say(&self, text: String) {
        if let Some(line) = &self.0 {
            line.set_message(text);
        }
    }

    /// Prints something above it.
    fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(line) => line.suspend(print),
            None => print(),
        }
    }

    fn finish(&self) {
        if let Some(line) = &self.0 {
            line.finish_and_clear();
        }
    }
}
