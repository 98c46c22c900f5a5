//! The result of the tests for people.

use std::io::{Write, stdout};

use super::Report;
use crate::printable::Printable;
use crate::table::{align_right, table};

pub(super) fn print(report: &Report) -> anyhow::Result<()> {
    let mut table = table(["DETECTOR", "TESTS", "FAILED"]);
    for one in &report.0 {
        let Some(name) = &one.name else { continue };
        let (tests, failed) = if one.is_untested() {
            ("no tests".to_owned(), String::new())
        } else {
            (one.tests.len().to_string(), one.failed().to_string())
        };
        table.add_row([name.clone(), tests, failed]);
    }
    align_right(&mut table, [1, 2]);
    let mut out = stdout().lock();
    writeln!(out, "{}\n", table.trim_fmt())?;
    for one in &report.0 {
        for error in &one.errors {
            writeln!(out, "{}", Printable(&error.to_string()))?;
        }
        for failure in one.failures() {
            writeln!(out, "{}", Printable(&failure.what.to_string()))?;
            for line in &failure.decided_by {
                writeln!(out, "    decided by {}", Printable(line))?;
            }
        }
    }
    let detectors = report.0.len() - report.errors();
    let mut parts = vec![format!("{} inline test(s): {} failed", report.tests(), report.failed())];
    if report.untested() > 0 {
        parts.push(format!("{} detector(s) have no tests", report.untested()));
    }
    if report.errors() > 0 {
        parts.push(format!("{} cannot be used", report.errors()));
    }
    writeln!(out, "{detectors} detector(s), {}", parts.join(", "))?;
    Ok(())
}
