//! What changes, for people.

use std::io::{Write, stdout};

use comfy_table::Table;

use super::Report;
use super::changes::{Change, Events, Figures};
use crate::printable::Printable;
use crate::table::align_right;

const HEADER: [&str; 8] =
    ["", "DETECTOR", "MATCHES", "NEWLY", "NO LONGER", "EXCLUDED", "SERIES", "USD A MONTH"];

pub(super) fn print(report: &Report<'_>) -> anyhow::Result<()> {
    let (changed, same): (Vec<&Change>, Vec<&Change>) =
        report.changes.iter().partition(|change| change.is_any());
    let mut out = stdout().lock();
    if !changed.is_empty() {
        writeln!(out, "{}\n", table(&changed).trim_fmt())?;
    }
    for change in &changed {
        for (kind, events) in [("newly matched", &change.newly), ("no longer matched", &change.no_longer)] {
            if events.count > 0 {
                writeln!(out, "{} {kind}: {}", change.pair.name, named(events))?;
            }
        }
    }
    if changed.iter().any(|change| change.newly.count + change.no_longer.count > 0) {
        writeln!(out)?;
    }
    writeln!(out, "{} detector(s) change, {} do not", changed.len(), same.len())?;
    writeln!(out, "{}", month(report))?;
    let summary = report.summary;
    writeln!(
        out,
        "objects  {} read, {} skipped, {} failed; records  {} read",
        summary.objects_read,
        summary.objects_skipped.values().sum::<u64>(),
        summary.objects_failed.values().sum::<u64>(),
        summary.records.read,
    )?;
    if summary.objects_read == 0 && !summary.has_failures() {
        writeln!(out, "note     there was nothing to read: no log files at the given places")?;
    }
    if summary.not_remembered() > 0 {
        writeln!(
            out,
            "note     {} events were too many to remember: repeats of them count again",
            summary.not_remembered()
        )?;
    }
    Ok(())
}

fn table(changes: &[&Change]) -> Table {
    let mut table = crate::table::table(HEADER);
    for change in changes {
        let sign = match (change.old, change.new) {
            (None, _) => "+",
            (_, None) => "-",
            _ => "~",
        };
        let both = |of: &dyn Fn(Figures) -> String| {
            let (old, new) = (change.old.map(of), change.new.map(of));
            match (old, new) {
                (Some(old), Some(new)) if old == new => old,
                (old, new) => format!("{} -> {}", or_dash(old), or_dash(new)),
            }
        };
        table.add_row([
            sign.to_owned(),
            change.pair.name.clone(),
            both(&|figures| figures.matches.to_string()),
            change.newly.count.to_string(),
            change.no_longer.count.to_string(),
            both(&|figures| figures.excluded.to_string()),
            both(&|figures| figures.series.to_string()),
            both(&|figures| format!("{:.2}", figures.usd)),
        ]);
    }
    align_right(&mut table, 2..HEADER.len());
    table
}

fn or_dash(figure: Option<String>) -> String {
    figure.unwrap_or_else(|| "-".to_owned())
}

fn month(report: &Report<'_>) -> String {
    let (old, new) = (report.old_usd, report.new_usd);
    let change = format!("{:+.2}", new - old);
    let change = if change == "-0.00" { "+0.00" } else { &change };
    let days = report.days.map_or_else(String::new, |days| format!(", scaled from {days:.2} days of logs"));
    format!("a month costs {old:.2} -> {new:.2} USD ({change}){days}")
}

/// The examples, and how many more there are.
fn named(events: &Events) -> String {
    let mut parts: Vec<String> = events.examples.iter().map(|id| Printable(id).to_string()).collect();
    let more = events.count - events.examples.len() as u64;
    if parts.is_empty() {
        return format!("{more} without an eventID");
    }
    if more > 0 {
        parts.push(format!("and {more} more"));
    }
    parts.join(", ")
}
