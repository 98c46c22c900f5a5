//! What is printed while a bucket is followed: a line for each file and detector that matches in it.
//!
//! It says what somebody wants to know who is woken by it: when, how bad, which detector, how often, who it
//! was, and in which account and region. What is asked last stands last, where a narrow terminal cuts it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::json;
use trailmeter_detection::{Counted, Detector, DetectorSet, Severity};

use crate::args::Format;
use crate::printable::{Printable, json as printable_json};
use crate::scan::counts_table;
use crate::terminal::Terminal;

/// A name of more than so many columns moves what stands behind it.
const NAME: usize = 26;

/// So many of those who did it are named in a line.
const NAMED: usize = 2;

/// What one file adds, by detector.
#[derive(Debug, Default)]
pub(super) struct Found(BTreeMap<usize, Matches>);

/// What a detector counts in a file.
#[derive(Debug, Default)]
struct Matches {
    count: u64,
    /// The newest of the events.
    newest: Option<i64>,
    /// Who did it, and how often.
    actors: BTreeMap<String, u64>,
}

impl Found {
    pub(super) fn add(&mut self, one: Counted<'_>) {
        let matches = self.0.entry(one.hit.detector).or_default();
        matches.count += 1;
        matches.newest = matches.newest.max(one.record.time);
        let actor = one.record.details.as_ref().map(|details| details.actor.name.as_str());
        if let Some(name) = actor.filter(|name| !name.is_empty()) {
            *matches.actors.entry(name.to_owned()).or_default() += 1;
        }
    }
}

impl Matches {
    /// When the newest event was.
    fn time(&self) -> Option<String> {
        self.newest.and_then(|time| Timestamp::from_second(time).ok()).map(|time| time.to_string())
    }

    /// Who did it most often, and how many others did it.
    fn who(&self) -> String {
        let mut actors: Vec<(&String, &u64)> = self.actors.iter().collect();
        actors.sort_by_key(|(name, count)| (Reverse(**count), *name));
        let names: Vec<&str> = actors.iter().take(NAMED).map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ");
        match actors.len().saturating_sub(NAMED) {
            0 => names,
            more => format!("{names} and {more} more"),
        }
    }
}

/// How lines are printed.
pub(super) struct Lines {
    format: Format,
    terminal: Option<Terminal>,
    /// Names are as wide as the longest, within reason.
    name: usize,
}

impl Lines {
    pub(super) fn new(format: Format, terminal: Option<Terminal>, detectors: &DetectorSet) -> Self {
        let longest = detectors.detectors().iter().map(|detector| detector.name.len()).max();
        Self { format, terminal, name: longest.unwrap_or(0).min(NAME) }
    }

    /// Prints what a file has added. `object` is its address.
    pub(super) fn print(&self, found: &Found, object: &str, detectors: &DetectorSet) -> io::Result<()> {
        for (&at, matches) in &found.0 {
            let detector = &detectors.detectors()[at];
            match self.format {
                Format::Json => writeln!(io::stdout().lock(), "{}", json_line(detector, matches, object))?,
                Format::Table => {
                    let (line, style) =
                        (self.line(detector, matches, object), counts_table::style(detector.severity));
                    writeln!(anstream::stdout().lock(), "{style}{line}{style:#}")?;
                }
            }
        }
        Ok(())
    }

    fn line(&self, detector: &Detector, matches: &Matches, object: &str) -> String {
        let time = matches.time().unwrap_or_else(|| "-".to_owned());
        // Whoever looks on knows the day.
        let time =
            time.split_once('T').filter(|_| self.terminal.is_some()).map_or(time.as_str(), |(_, time)| time);
        let (account, region) = origin(object);
        let severity = match detector.severity {
            Severity::Informational => "info",
            severity => severity.word(),
        };
        let who = Some(matches.who()).filter(|who| !who.is_empty()).unwrap_or_else(|| "-".to_owned());
        let line = format!(
            "{time:day$}  {severity:8}  {:width$}  {:>5}  {who}  {account} {region}  {}",
            detector.name,
            matches.count,
            detector.title,
            width = self.name,
            day = if self.terminal.is_some() { 9 } else { 20 },
        );
        let line = Printable(&line).to_string();
        self.terminal.map_or(line.clone(), |terminal| terminal.cut(&line, terminal.width))
    }
}

fn json_line(detector: &Detector, matches: &Matches, object: &str) -> String {
    let (account, region) = origin(object);
    printable_json(&json!({
        "detector": detector.name,
        "title": detector.title,
        "severity": detector.severity.word(),
        "matches": matches.count,
        "newest_event": matches.time(),
        "account": account,
        "region": region,
        "actors": matches.actors,
        "object": object,
    }))
}

/// Account and region, as the name of a file of CloudTrail has them.
fn origin(object: &str) -> (&str, &str) {
    let name = object.rsplit('/').next().unwrap_or_default();
    let mut parts = name.split('_');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(account), Some(_), Some(region)) => (account, region),
        _ => ("-", "-"),
    }
}

#[cfg(test)]
mod tests {
    use trailmeter_detection::{load, packaged_files};

    use super::*;

    const OBJECT: &str = "s3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/21/111122223333_CloudTrail_eu-west-1_20261121T0600Z_x.json.gz";

    #[test]
    fn a_line_says_when_what_how_often_where_and_who() {
        let set = load(&packaged_files(&["default".to_owned()]).unwrap()).unwrap();
        let root = set.detectors().iter().find(|detector| detector.name == "RootUsage").unwrap();
        let actors = [("deploy/bob", 1), ("deploy/alice", 3), ("carol", 1), ("dave", 1)];
        let actors = actors.map(|(name, count)| (name.to_owned(), count)).into();
        let matches = Matches { count: 6, newest: Some(1_795_240_800), actors };
        let lines = |terminal| Lines::new(Format::Table, terminal, &set);
        assert_eq!(
            lines(None).line(root, &matches, OBJECT),
            "2026-11-21T06:00:00Z  high      RootUsage                6  deploy/alice, carol and 2 more  111122223333 eu-west-1  ".to_owned()
                + &root.title
        );
        let terminal = Terminal { width: 80, is_utf8: true };
        assert_eq!(
            lines(Some(terminal)).line(root, &matches, OBJECT),
            "06:00:00Z  high      RootUsage                6  deploy/alice, carol and 2 more…"
        );
        let found: serde_json::Value = serde_json::from_str(&json_line(root, &matches, OBJECT)).unwrap();
        assert_eq!((&found["account"], &found["object"]), (&"111122223333".into(), &OBJECT.into()));
        assert_eq!(found["actors"]["deploy/alice"], 3);
    }

    #[test]
    fn names_of_others_move_no_cursor() {
        let set = load(&packaged_files(&["default".to_owned()]).unwrap()).unwrap();
        let actors = [("\u{1b}[2Jalice\n".to_owned(), 1)].into();
        let matches = Matches { count: 1, newest: None, actors };
        let object = "s3://logs/AWSLogs/\u{1b}]0;x\u{7}_a_b.json";
        let line = Lines::new(Format::Table, None, &set).line(&set.detectors()[0], &matches, object);
        assert!(line.starts_with("-                     ") && !line.contains(char::is_control), "{line:?}");
        let json = json_line(&set.detectors()[0], &matches, object);
        assert!(!json.contains(char::is_control), "{json:?}");
    }
}
