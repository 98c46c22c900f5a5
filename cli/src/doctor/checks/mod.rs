//! From facts to findings, and nothing else: no call, no clock.

mod alarms;
mod function;
mod ledger;
mod metrics;
mod policies;
mod queues;
mod stack;
mod trail;
mod wiring;

#[cfg(test)]
mod tests;

pub(super) use metrics::{OF_LAMBDA, zeros};

use super::facts::{Facts, Mode};
use super::finding::Finding;

/// Everything that was looked at, in the order in which a log file comes along.
pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = stack::check(facts);
    // Without a mode this is none of Trailmeter's stacks, and every other answer would mislead.
    let Some(mode) = Mode::of(&facts.stack) else { return found };
    found.extend(trail::check(facts, mode));
    found.extend(policies::check(facts, mode));
    found.extend(wiring::check(facts, mode));
    found.extend(queues::check(facts));
    found.extend(function::check(facts));
    found.extend(ledger::check(facts));
    found.extend(alarms::check(facts));
    found.extend(metrics::check(facts));
    found
}

/// How long ago, for people.
fn ago(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{} seconds", seconds.max(0)),
        120..7200 => format!("{} minutes", seconds / 60),
        7200..172_800 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
