//! Findings, for people and for programs.

use std::io::{Write, stdout};

use serde_json::{Value, json};

use super::finding::{Finding, State};
use crate::printable::{Printable, json as json_line};

pub(super) fn table(stack: &str, findings: &[Finding]) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    for finding in findings {
        let Finding { check, state, what, mend } = finding;
        writeln!(out, "{:<8} {check:<18} {}", state.word(), Printable(what))?;
        if let Some(mend) = mend {
            writeln!(out, "{:<8} {:<18} mend: {}", "", "", Printable(mend))?;
        }
    }
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    writeln!(
        out,
        "\n{}: {} problem(s), {} warning(s), {} unknown, {} ok",
        Printable(stack),
        count(State::Problem),
        count(State::Warning),
        count(State::Unknown),
        count(State::Ok),
    )?;
    Ok(())
}

pub(super) fn json(stack: &str, findings: &[Finding]) -> anyhow::Result<()> {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let all: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "check": finding.check,
                "state": finding.state.word(),
                "what": finding.what,
                "mend": finding.mend,
            })
        })
        .collect();
    let result = json!({
        "stack": stack,
        "problems": count(State::Problem),
        "warnings": count(State::Warning),
        "unknown": count(State::Unknown),
        "findings": all,
    });
    writeln!(stdout().lock(), "{}", json_line(&result))?;
    Ok(())
}
