//! What the function and Lambda say of the last hours.

use super::super::facts::Facts;
use super::super::finding::{Finding, State};
use super::ago;

/// A metric that should be zero.
struct Wanted {
    name: &'static str,
    state: State,
    what: &'static str,
    mend: &'static str,
}

const ZEROS: [Wanted; 10] = [
    Wanted {
        name: "CountsUnbalanced",
        state: State::Problem,
        what: "invocations whose counts do not add up",
        mend: "a bug in Trailmeter: please report it with the log line `the counts do not add up`",
    },
    Wanted {
        name: "DetectorVersionsRejected",
        state: State::Problem,
        what: "looks at loaded detectors that cannot be used",
        mend: "see `detectors rejected` in the function's log, and mend the file it names; what ran before goes on",
    },
    Wanted {
        name: "ObjectsFailed",
        state: State::Warning,
        what: "times that a log file could not be read",
        mend: "each is tried five times, then it is a dead letter; the function's log names them (`object failed`)",
    },
    Wanted {
        name: "MessagesFailed",
        state: State::Warning,
        what: "messages that could not be understood",
        mend: "somebody sends to the queue what is no notification; they end as dead letters, which show it",
    },
    Wanted {
        name: "LedgerFailures",
        state: State::Warning,
        what: "times that the ledger could not be asked",
        mend: "see `ledger failed` in the function's log: throttling, its role, or the table",
    },
    Wanted {
        name: "CountedWithoutLedger",
        state: State::Warning,
        what: "log files counted without the ledger, perhaps twice",
        mend: "the ledger could not be asked, and LedgerUnavailable=count went on without it",
    },
    Wanted {
        name: "CountedMaybeTwice",
        state: State::Warning,
        what: "matches counted perhaps twice",
        mend: "an answer of CloudWatch was lost, or a process died; counts of that time are that much too high at most",
    },
    Wanted {
        name: "Errors",
        state: State::Warning,
        what: "invocations that ended with an error",
        mend: "see the function's log for `Task timed out`, `Runtime exited` or `the function does not start`",
    },
    Wanted {
        name: "Throttles",
        state: State::Warning,
        what: "invocations that Lambda did not start",
        mend: "the account's concurrency is used up: raise it, or lower MaximumConcurrency",
    },
    Wanted {
        name: "DetectorsWithoutAlarm",
        state: State::Warning,
        what: "detectors that no alarm watches, counted at each start",
        mend: "see `no alarm watches these detectors` in the function's log; say `alarm: none` if it is meant",
    },
];

/// The names of the metrics that are wanted in the stack's namespace; the rest is Lambda's.
pub(crate) const OF_LAMBDA: [&str; 2] = ["Errors", "Throttles"];

/// The names of all that should be zero.
pub(crate) fn zeros() -> impl Iterator<Item = &'static str> {
    ZEROS.iter().map(|wanted| wanted.name)
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let check = "metrics";
    let metrics = match &facts.metrics {
        Ok(metrics) => metrics,
        Err(error) => return vec![Finding::unanswered(check, error)],
    };
    let value = |name: &str| metrics.get(name).copied().unwrap_or(0.0);
    let span = ago(facts.hours * 3600);
    let mut found = Vec::new();
    if value("ObjectsIn") <= 0.0 {
        found.push(Finding::warning(
            check,
            format!("no object came to the function in the last {span}"),
            "right for a new stack. Otherwise look for what is not ok above, from the trail on downwards",
        ));
    }
    for wanted in ZEROS.iter().filter(|wanted| value(wanted.name) > 0.0) {
        let what = format!("{} in the last {span}: {} {}", wanted.name, value(wanted.name), wanted.what);
        found.push(Finding { check, state: wanted.state, what, mend: Some(wanted.mend.to_owned()) });
    }
    if found.is_empty() {
        found.push(Finding::ok(
            check,
            format!("{} objects in the last {span}, none failed", value("ObjectsIn")),
        ));
    }
    found
}
