//! The explanation for people.

use std::io::{StdoutLock, Write, stdout};

use trailmeter_detection::model::Explanation;
use trailmeter_detection::{Detector, Exclusion, Verdict};
use trailmeter_logs::Record;

use super::words::{asks, cut};
use super::{Excluding, Explained, Outcome};
use crate::printable::Printable;

/// Prints one record after the other.
pub(super) struct Printer<'d> {
    detector: &'d Detector,
    is_first: bool,
}

impl<'d> Printer<'d> {
    pub(super) fn new(detector: &'d Detector) -> Self {
        Self { detector, is_first: true }
    }

    pub(super) fn print(&mut self, one: &Explained<'_>) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        if !std::mem::take(&mut self.is_first) {
            writeln!(out)?;
        }
        let number = one.number.map_or_else(|| "the record".to_owned(), |number| format!("record {number}"));
        match &one.outcome {
            Err(malformed) => {
                writeln!(out, "{number} is malformed ({}): no detector sees it", malformed.reason())?;
            }
            Ok(outcome) => {
                writeln!(out, "{} on {number}{}", self.detector.name, what_it_is(outcome.record))?;
                explain(&mut out, self.detector, outcome)?;
            }
        }
        Ok(())
    }
}

/// What tells a record from others at a glance.
fn what_it_is(record: &Record<'_>) -> String {
    let fields = ["eventTime", "eventSource", "eventName"];
    let fields = fields.iter().filter_map(|name| record.value().get(name)?.as_str());
    let texts: Vec<String> = fields.chain(record.event_id()).map(cut).collect();
    if texts.is_empty() { String::new() } else { format!(": {}", texts.join(" ")) }
}

fn explain(out: &mut StdoutLock<'_>, detector: &Detector, outcome: &Outcome<'_>) -> anyhow::Result<()> {
    tree(out, &outcome.rule, "", "")?;
    // Nobody asks an exclusion about a record that the rule leaves alone.
    if outcome.rule.holds {
        for (exclusion, excluding) in detector.exclusions.iter().zip(&outcome.exclusions) {
            writeln!(out, "{}", headline(exclusion, excluding))?;
            writeln!(out, "     reason: {}", Printable(exclusion.reason.trim()))?;
            tree(out, &excluding.tree, "", "")?;
        }
    }
    writeln!(out, "{}", verdict(detector, outcome))?;
    if outcome.record.is_update() {
        writeln!(
            out,
            "     the record updates an event that was delivered before: a match is counted as a repeat"
        )?;
    }
    Ok(())
}

fn headline(exclusion: &Exclusion, excluding: &Excluding<'_>) -> String {
    let until = match exclusion.expires {
        None => "never ends".to_owned(),
        Some(day) if excluding.has_ended => format!("ended on {day}"),
        Some(day) => format!("holds until {day}"),
    };
    let effect = match (excluding.has_ended, excluding.tree.holds) {
        (false, true) => "takes it out",
        (false, false) => "does not take it out",
        (true, true) => "does not count any more, and would have taken it out",
        (true, false) => "does not count any more",
    };
    format!(
        "exclusion {} (owner {}, {until}): {effect}",
        Printable(&exclusion.name),
        Printable(&exclusion.owner)
    )
}

fn verdict(detector: &Detector, outcome: &Outcome<'_>) -> String {
    match outcome.verdict {
        Verdict::Match => format!("match: {} counts it", detector.name),
        Verdict::NoMatch if outcome.rule.holds => {
            "no match: the rule matches, but the detector looks at aggregated \
             events alone, or at all but these; or the record has none of the numbers that it adds up"
                .to_owned()
        }
        Verdict::NoMatch => "no match: the rule does not match".to_owned(),
        Verdict::Excluded(at) => {
            let name = &detector.exclusions[at].name;
            format!("excluded: the rule matches, and {} takes it out", Printable(name))
        }
    }
}

/// A line for each node, its verdict first.
fn tree(out: &mut StdoutLock<'_>, node: &Explanation<'_>, branch: &str, below: &str) -> anyhow::Result<()> {
    let verdict = if node.holds { "yes" } else { "no" };
    writeln!(out, "{verdict:<5}{branch}{}", asks(&node.node))?;
    for (at, part) in node.parts.iter().enumerate() {
        let is_last = at + 1 == node.parts.len();
        let (branch, deeper) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        tree(out, part, &format!("{below}{branch}"), &format!("{below}{deeper}"))?;
    }
    Ok(())
}
