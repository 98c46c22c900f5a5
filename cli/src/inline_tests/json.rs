//! The result of the tests for programs. The keys are documented in `docs/commands.md`.

use std::io::{Write, stdout};

use serde_json::{Value, json};

use super::{Ran, Report, found_word, word};
use crate::printable::json_lines;

pub(super) fn print(report: &Report) -> anyhow::Result<()> {
    let detectors: Vec<Value> = report
        .0
        .iter()
        .map(|one| {
            let errors: Vec<String> = one.errors.iter().map(ToString::to_string).collect();
            json!({
                "name": one.name,
                "file": one.file,
                "errors": errors,
                "failed": one.failed(),
                "tests": one.tests.iter().map(test).collect::<Vec<_>>(),
            })
        })
        .collect();
    let result = json!({
        "tests": report.tests(),
        "failed": report.failed(),
        "untested": report.untested(),
        "unusable": report.errors(),
        "detectors": detectors,
    });
    writeln!(stdout().lock(), "{}", json_lines(&result))?;
    Ok(())
}

fn test(ran: &Ran) -> Value {
    let found =
        ran.failure.as_ref().map_or(word(ran.test.expected), |failure| found_word(failure.what.found));
    json!({
        "name": ran.test.name,
        "line": ran.test.place.line,
        "column": ran.test.place.column,
        "passed": ran.failure.is_none(),
        "expected": word(ran.test.expected),
        "found": found,
        "outcome": ran.failure.as_ref().map(|failure| &failure.what.outcome),
        "decided_by": ran.failure.as_ref().map_or(&[][..], |failure| &failure.decided_by),
    })
}
