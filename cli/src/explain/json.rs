//! The explanation for programs. The keys are documented in `docs/commands.md`.

use std::io::{Write, stdout};

use serde_json::{Value, json};
use trailmeter_detection::model::{Explanation, Node, Tested};
use trailmeter_detection::{Detector, Verdict};

use super::words::{answer, cut, kind, preview, verdict};
use super::{Explained, Outcome};
use crate::printable::json as printable_json;

/// Prints one object, with a line for each record.
pub(super) struct Printer<'d> {
    detector: &'d Detector,
    separator: &'static str,
}

impl<'d> Printer<'d> {
    pub(super) fn begin(detector: &'d Detector) -> anyhow::Result<Self> {
        let (name, file) = (json!(detector.name), json!(detector.file));
        write!(
            stdout().lock(),
            "{{\"detector\":{},\"file\":{},\"records\":[",
            printable_json(&name),
            printable_json(&file)
        )?;
        Ok(Self { detector, separator: "\n" })
    }

    pub(super) fn print(&mut self, explained: &Explained<'_>) -> anyhow::Result<()> {
        write!(stdout().lock(), "{}{}", self.separator, printable_json(&record(self.detector, explained)))?;
        self.separator = ",\n";
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "after the end there is nothing more to print")]
    pub(super) fn end(self) -> anyhow::Result<()> {
        writeln!(stdout().lock(), "\n]}}")?;
        Ok(())
    }
}

fn record(detector: &Detector, explained: &Explained<'_>) -> Value {
    match &explained.outcome {
        Err(malformed) => {
            json!({ "record": explained.number, "verdict": "malformed", "malformed": malformed.reason() })
        }
        Ok(outcome) => json!({
            "record": explained.number,
            "event_id": outcome.record.event_id(),
            "is_update": outcome.record.is_update(),
            "verdict": verdict(outcome.verdict),
            "excluded_by": excluded_by(detector, outcome.verdict),
            "rule": tree(&outcome.rule),
            "exclusions": exclusions(detector, outcome),
        }),
    }
}

fn excluded_by(detector: &Detector, verdict: Verdict) -> Option<&str> {
    match verdict {
        Verdict::Excluded(at) => Some(&detector.exclusions[at].name),
        Verdict::Match | Verdict::NoMatch => None,
    }
}

fn exclusions(detector: &Detector, outcome: &Outcome<'_>) -> Vec<Value> {
    let each = detector.exclusions.iter().zip(&outcome.exclusions);
    each.map(|(exclusion, excluding)| {
        json!({
            "name": exclusion.name,
            "owner": exclusion.owner,
            "reason": exclusion.reason,
            "expires": exclusion.expires.map_or_else(|| "never".to_owned(), |day| day.to_string()),
            "has_ended": excluding.has_ended,
            "rule": tree(&excluding.tree),
        })
    })
    .collect()
}

/// A node of the tree, with those below it.
pub(crate) fn tree(node: &Explanation<'_>) -> Value {
    let asks = match &node.node {
        Node::All => "all-of",
        Node::Any => "any-of",
        Node::Not => "not",
        Node::Test(test) => return tested(test, node.holds),
    };
    let parts: Vec<Value> = node.parts.iter().map(tree).collect();
    json!({ "asks": asks, "holds": node.holds, "parts": parts })
}

fn tested(test: &Tested<'_>, holds: bool) -> Value {
    let found: Vec<Value> = test
        .found
        .iter()
        .map(|found| {
            json!({
                "place": cut(&found.place),
                "type": kind(found.value).rsplit(' ').next(),
                "value": preview(found.value),
                "answer": answer(found.answer),
                "meets": found.meets,
            })
        })
        .collect();
    json!({ "asks": "test", "test": cut(&test.text), "holds": holds, "found": found, "more": test.more })
}
