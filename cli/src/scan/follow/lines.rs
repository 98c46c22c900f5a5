//! What is printed while a bucket is followed: a line for each file and detector that matches in it.
//!
//! It says what somebody wants to know who is woken by it: when, how bad, which detector, how often, in
//! which account and region.

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

/// What one file adds, by detector: how often, and the newest of its events.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found(BTreeMap<usize, (u64, Option<i64>)>);

impl Found {
    pub(super) fn add(&mut self, one: Counted<'_>) {
        let (matches, newest) = self.0.entry(one.hit.detector).or_default();
        *matches += 1;
        *newest = (*newest).max(one.record.time);
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
        for (&at, &(matches, newest)) in &found.0 {
            let one = One { detector: &detectors.detectors()[at], matches, newest, object };
            match self.format {
                Format::Json => writeln!(io::stdout().lock(), "{}", one.json())?,
                Format::Table => {
                    let (line, style) = (self.line(&one), counts_table::style(one.detector.severity));
                    writeln!(anstream::stdout().lock(), "{style}{line}{style:#}")?;
                }
            }
        }
        Ok(())
    }

    fn line(&self, one: &One<'_>) -> String {
        let time = one.newest.and_then(|time| Timestamp::from_second(time).ok());
        let time = time.map_or_else(|| "-".to_owned(), |time| time.to_string());
        let (account, region) = origin(one.object);
        let severity = match one.detector.severity {
            Severity::Informational => "info",
            severity => severity.word(),
        };
        let line = format!(
            "{time:20}  {severity:8}  {:width$}  {:>5}  {account} {region:14}  {}",
            one.detector.name,
            one.matches,
            one.detector.title,
            width = self.name,
        );
        let line = Printable(&line).to_string();
        self.terminal.map_or(line.clone(), |terminal| terminal.cut(&line, terminal.width))
    }
}

/// A line in the making.
struct One<'o> {
    detector: &'o Detector,
    matches: u64,
    newest: Option<i64>,
    object: &'o str,
}

impl One<'_> {
    fn json(&self) -> String {
        let (account, region) = origin(self.object);
        let time = self.newest.and_then(|time| Timestamp::from_second(time).ok());
        printable_json(&json!({
            "detector": self.detector.name,
            "title": self.detector.title,
            "severity": self.detector.severity.word(),
            "matches": self.matches,
            "newest_event": time.map(|time| time.to_string()),
            "account": account,
            "region": region,
            "object": self.object,
        }))
    }
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
    fn a_line_says_when_what_how_often_and_where() {
        let set = load(&packaged_files(&["default".to_owned()]).unwrap()).unwrap();
        let at = set.detectors().iter().position(|detector| detector.name == "RootUsage").unwrap();
        let one =
            One { detector: &set.detectors()[at], matches: 3, newest: Some(1_795_240_800), object: OBJECT };
        let lines = |terminal| Lines::new(Format::Table, terminal, &set);
        let line = lines(None).line(&one);
        assert_eq!(
            line,
            "2026-11-21T06:00:00Z  high      RootUsage                3  111122223333 eu-west-1       "
                .to_owned()
                + &one.detector.title
        );
        let terminal = Terminal { width: 80, is_utf8: true };
        let cut = lines(Some(terminal)).line(&one);
        assert!(cut.starts_with("2026-11-21T06:00:00Z  high      RootUsage") && cut.ends_with('…'), "{cut}");
        let found: serde_json::Value = serde_json::from_str(&one.json()).unwrap();
        assert_eq!((&found["account"], &found["object"]), (&"111122223333".into(), &OBJECT.into()));
        let odd = One { newest: None, object: "s3://logs/AWSLogs/\u{1b}[2J.json", ..one };
        assert!(
            lines(None).line(&odd).starts_with("-                     high"),
            "{}",
            lines(None).line(&odd)
        );
    }
}
