//! What changes, for programs. The keys are documented in `docs/commands.md`.

use std::io::{Write, stdout};

use serde_json::{Map, Value, json};

use super::Report;
use super::changes::{Change, Events, Figures};
use crate::cost::number::rounded;
use crate::printable::json_lines;

pub(super) fn print(report: &Report<'_>) -> anyhow::Result<()> {
    let detectors: Map<String, Value> =
        report.changes.iter().map(|change| (change.pair.name.clone(), detector(change))).collect();
    let summary = report.summary;
    let result = json!({
        "changes": report.changes.iter().any(Change::is_any),
        "objects": {
            "read": summary.objects_read,
            "skipped": summary.objects_skipped,
            "failed": summary.objects_failed,
        },
        "records": summary.records.read,
        "repeats_not_remembered": summary.not_remembered(),
        "days": report.days.map(rounded),
        "usd_a_month": { "old": rounded(report.old_usd), "new": rounded(report.new_usd) },
        "detectors": detectors,
    });
    writeln!(stdout().lock(), "{}", json_lines(&result))?;
    Ok(())
}

fn detector(change: &Change) -> Value {
    json!({
        "changes": change.is_any(),
        "old": change.old.map(figures),
        "new": change.new.map(figures),
        "newly_matched": events(&change.newly),
        "no_longer_matched": events(&change.no_longer),
    })
}

fn figures(figures: Figures) -> Value {
    json!({
        "matches": figures.matches,
        "excluded": figures.excluded,
        "series": figures.series,
        "usd_a_month": rounded(figures.usd),
    })
}

fn events(events: &Events) -> Value {
    json!({ "count": events.count, "examples": events.examples })
}
