//! `trailmeter explain`: why does this detector match this record, or why not?

mod args;
mod json;
mod read;
mod table;
pub(crate) mod words;

use std::path::Path;

use anyhow::bail;
use jiff::civil::Date;
use trailmeter_detection::model::{Document, Explanation, explain};
use trailmeter_detection::{Detector, DetectorFile, Exclusion, Loaded, Verdict, load_each};
use trailmeter_logs::{Element, LogKind, Malformed, Record};

pub(crate) use args::ExplainArgs;
use read::{Chosen, Content};

use crate::args::Format;
use crate::detectors::{files_below, files_named, lines, options, today};
use crate::{DONE, USAGE, WRONG};

pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<u8> {
    let detector = detector(args)?;
    let chosen = read::read(&args.record, &args.choice())?;
    let today = today();
    let mut verdicts = Vec::new();
    let mut out = Output::begin(args.format, &detector)?;
    // One by one: a tree can be much larger than its record.
    for chosen in &chosen {
        let record = parsed(chosen);
        let outcome = match &record {
            Ok(record) => {
                is_asked(&detector, record)?;
                Ok(Outcome::of(&detector, record, today))
            }
            Err(malformed) => Err(*malformed),
        };
        verdicts.extend(outcome.as_ref().ok().map(|outcome| outcome.verdict));
        out.print(&Explained { number: chosen.number, outcome })?;
    }
    out.end()?;
    Ok(match verdicts.as_slice() {
        [] => USAGE,
        some if some.contains(&Verdict::Match) => DONE,
        _ => WRONG,
    })
}

/// A detector is not asked of every log, and then it does not matter what it would say.
fn is_asked(detector: &Detector, record: &Record<'_>) -> anyhow::Result<()> {
    let is_line = record.value().get("accessLog").is_some();
    let (kind, words) = if is_line {
        (LogKind::AccessLog, "a line of an access log")
    } else {
        (LogKind::Events, "a record of CloudTrail")
    };
    if detector.source.takes(kind) {
        return Ok(());
    }
    let (name, source) = (&detector.name, detector.source.word());
    bail!("{name} is never asked of {words}: its `source` is {source}")
}

/// Where explanations go.
enum Output<'d> {
    Table(table::Printer<'d>),
    Json(json::Printer<'d>),
}

impl<'d> Output<'d> {
    fn begin(format: Format, detector: &'d Detector) -> anyhow::Result<Self> {
        Ok(match format {
            Format::Table => Self::Table(table::Printer::new(detector)),
            Format::Json => Self::Json(json::Printer::begin(detector)?),
        })
    }

    fn print(&mut self, explained: &Explained<'_>) -> anyhow::Result<()> {
        match self {
            Self::Table(printer) => printer.print(explained),
            Self::Json(printer) => printer.print(explained),
        }
    }

    fn end(self) -> anyhow::Result<()> {
        match self {
            Self::Table(_) => Ok(()),
            Self::Json(printer) => printer.end(),
        }
    }
}

/// A record of the file, and what became of it.
struct Explained<'r> {
    /// Which one of the file it is, if it stands among others.
    number: Option<u64>,
    outcome: Result<Outcome<'r>, Malformed>,
}

/// What a detector makes of a record, and why.
struct Outcome<'r> {
    record: &'r Record<'r>,
    verdict: Verdict,
    rule: Explanation<'r>,
    /// In the order of the file.
    exclusions: Vec<Excluding<'r>>,
}

/// An exclusion's part in it.
struct Excluding<'r> {
    has_ended: bool,
    tree: Explanation<'r>,
}

impl<'r> Outcome<'r> {
    fn of(detector: &Detector, record: &'r Record<'r>, today: Date) -> Self {
        let document = Document::from(record);
        let rule = explain(detector.rule.expr(), document);
        let exclusions: Vec<Excluding<'_>> = detector
            .exclusions
            .iter()
            .map(|exclusion| Excluding {
                has_ended: has_ended(exclusion, today),
                tree: explain(exclusion.rule.expr(), document),
            })
            .collect();
        // All but the rule decides as in a scan: whether it looks at such records at all.
        let is_passed_over = rule.holds && detector.verdict(document) == Verdict::NoMatch;
        let takes_out = exclusions.iter().position(|exclusion| !exclusion.has_ended && exclusion.tree.holds);
        let verdict = match takes_out {
            _ if !rule.holds || is_passed_over => Verdict::NoMatch,
            Some(at) => Verdict::Excluded(at),
            None => Verdict::Match,
        };
        Self { record, verdict, rule, exclusions }
    }
}

fn has_ended(exclusion: &Exclusion, today: Date) -> bool {
    exclusion.expires.is_some_and(|last_day| last_day < today)
}

fn parsed(chosen: &Chosen) -> Result<Record<'_>, Malformed> {
    Record::parse(match &chosen.content {
        Content::Bytes { bytes, depth } => Element::Bytes { bytes, depth: *depth },
        Content::TooLarge => Element::TooLarge,
        Content::BadLine(why) => Element::BadLine { why: *why, offset: 0, length: 0 },
    })
}

/// The detector that is asked for: by name among those that are loaded, or the one of a file.
fn detector(args: &ExplainArgs) -> anyhow::Result<Detector> {
    let options = options(&args.lists)?;
    let name = args.detector.as_str();
    if is_file(name) {
        let loaded = load_each(&files_below(&[name.into()])?, &options);
        return match loaded.len() {
            1 => only(loaded),
            count => {
                bail!("{name} holds {count} detectors: say which with --detectors {name}, and its name first")
            }
        };
    }
    let files: Vec<DetectorFile> = files_named(&args.packs, &args.files)?;
    let loaded = load_each(&files, &options);
    let refused = loaded.iter().filter(|one| one.result.is_err()).count();
    let mut detectors = Vec::new();
    for one in loaded {
        match one.result {
            Ok(detector) if detector.name == name => return Ok(*detector),
            Ok(detector) => detectors.push(detector.name),
            Err(_) => {}
        }
    }
    bail!("{}", no_such_detector(name, &detectors, refused))
}

/// Names have neither dots nor slashes.
fn is_file(name: &str) -> bool {
    name.contains(['/', '\\', '.']) || Path::new(name).exists()
}

fn only(loaded: Vec<Loaded>) -> anyhow::Result<Detector> {
    let mut mistakes = Vec::new();
    for one in loaded {
        match one.result {
            Ok(detector) => return Ok(*detector),
            Err(errors) => mistakes.extend(errors),
        }
    }
    bail!("the detector cannot be used\n{}", lines(&mistakes))
}

/// What is said about a name that no detector has.
pub(crate) fn no_such_detector(name: &str, detectors: &[String], refused: usize) -> String {
    let folded = name.to_lowercase();
    let is_near = |other: &&String| {
        let other = other.to_lowercase();
        !folded.is_empty() && (other.contains(&folded) || folded.contains(&other))
    };
    let near: Vec<&str> = detectors.iter().filter(is_near).take(5).map(String::as_str).collect();
    let near = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
    let refused = if refused == 0 {
        String::new()
    } else {
        format!("; {refused} more cannot be used: see `trailmeter check`")
    };
    format!("there is no detector {name:?} among the {} that are loaded{near}{refused}", detectors.len())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;
    use trailmeter_detection::load;

    use super::*;

    /// As in a scan: to the end of its last day.
    #[test]
    fn an_exclusion_holds_on_its_last_day() {
        let text = "name: A\ntitle: t\nwhat: w\nwhy: y\nsources: [s]\nlogs: cloudtrail\npattern: '{ $.a = 1 }'\n\
                    exclude: [{ name: E, owner: o, reason: r, expires: 2026-03-31, pattern: '{ $.a = 1 }' }]\n\
                    tests:\n  - { name: b, match: true, record: {} }\n  - { name: c, match: false, record: {} }\n";
        let file = DetectorFile { path: "a.yaml".to_owned(), pack: None, text: text.to_owned() };
        let mut set = load(&[file]).unwrap();
        let detector = set.detectors()[0].clone();
        let record = Record::from_value(json!({ "a": 1 })).unwrap();
        for (today, expected) in
            [(date(2026, 3, 31), Verdict::Excluded(0)), (date(2026, 4, 1), Verdict::Match)]
        {
            assert_eq!(Outcome::of(&detector, &record, today).verdict, expected, "{today}");
            set.expire(today);
            assert_eq!(set.detectors()[0].verdict((&record).into()), expected, "{today}");
        }
    }
}
