//! The cost for people.

use std::io::{Write, stdout};

use comfy_table::Table;
use jiff::Timestamp;

use super::bill::Item;
use super::measured::DetectorReplay;
use super::monthly_cost_of;
use super::number::{dollars, float, quantity};
use super::prices::PRICES;
use super::report::Report;
use crate::table::{align_right, table};

pub(super) fn print(report: &Report<'_>) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{}\n", detectors(report).trim_fmt())?;
    writeln!(out, "{}", read(report))?;
    writeln!(out, "{}\n", time(report))?;
    writeln!(out, "{}\n", bills(report).trim_fmt())?;
    writeln!(
        out,
        "Trailmeter costs ${} a month, CloudWatch Logs with metric filters ${}.",
        dollars(report.trailmeter.total()),
        dollars(report.cloudwatch_logs.total())
    )?;
    for note in report.notes() {
        writeln!(out, "note     {note}")?;
    }
    writeln!(out, "\nWhat this takes for granted:")?;
    for assumption in &report.assumptions {
        writeln!(out, "- {assumption}")?;
    }
    Ok(())
}

/// The dearest first.
fn detectors(report: &Report<'_>) -> Table {
    let mut table =
        table(["DETECTOR", "MATCHES", "SERIES", "DATAPOINTS", "ALARM", "USD/MONTH", "DIMENSION VALUES"]);
    let mut rows: Vec<_> = report
        .detectors
        .detectors()
        .iter()
        .zip(&report.measured.detectors)
        .zip(&report.summary.matches)
        .map(|((detector, replay), matches)| {
            (detector, replay, matches, monthly_cost_of(replay, report.month))
        })
        .collect();
    rows.sort_by(|one, other| other.3.total_cmp(&one.3));
    for (detector, replay, &matches, usd) in rows {
        table.add_row([
            detector.name.clone(),
            quantity(float(matches)),
            quantity(float(replay.series)),
            quantity(float(replay.datapoints)),
            replay.alarm.word().to_owned(),
            dollars(usd),
            values(replay, report.is_over_budget(replay)),
        ]);
    }
    align_right(&mut table, [1, 2, 3, 5]);
    table
}

fn values(replay: &DetectorReplay, is_over_budget: bool) -> String {
    let values =
        replay.dimension_values.iter().map(|(name, &count)| format!("{name} {}", quantity(float(count))));
    let over = is_over_budget.then(|| "OVER BUDGET".to_owned());
    over.into_iter().chain(values).collect::<Vec<_>>().join(", ")
}

fn read(report: &Report<'_>) -> String {
    let (summary, volume) = (report.summary, &report.measured.volume);
    format!(
        "read     {} objects, {} records, {} MB inflated; {} skipped, {} failed",
        quantity(float(summary.objects_read)),
        quantity(float(volume.records)),
        quantity(float(volume.bytes) / 1e6),
        summary.objects_skipped.values().sum::<u64>(),
        summary.objects_failed.values().sum::<u64>(),
    )
}

fn time(report: &Report<'_>) -> String {
    let time =
        |seconds| Timestamp::from_second(seconds).map_or_else(|_| "?".to_owned(), |time| time.to_string());
    let span = report.measured.span.map_or_else(
        || "events without a time".to_owned(),
        |span| format!("events from {} to {}", time(span.first), time(span.last)),
    );
    let days = match (report.days, report.measured.span) {
        (Some(days), _) => format!("taken for {days} days"),
        (None, Some(span)) => format!("{} days", quantity(span.days())),
        (None, None) => "taken for 30 days".to_owned(),
    };
    format!("time     {span}: {days}, scaled to a month of 30")
}

fn bills(report: &Report<'_>) -> Table {
    let mut table = table(["A MONTH OF", "TRAILMETER", "", "USD", "CLOUDWATCH LOGS", "", "USD"]);
    for price in &PRICES {
        let items = [&report.trailmeter, &report.cloudwatch_logs].map(|bill| bill.item(price.charge));
        if items.iter().any(Option::is_some) {
            let [ours, theirs] = items.map(cells);
            table.add_row([vec![price.title.to_owned()], ours, theirs].concat());
        }
    }
    let totals = [&report.trailmeter, &report.cloudwatch_logs].map(|bill| dollars(bill.total()));
    let [ours, theirs] = totals;
    table.add_row([
        "TOTAL".to_owned(),
        String::new(),
        String::new(),
        ours,
        String::new(),
        String::new(),
        theirs,
    ]);
    align_right(&mut table, [1, 3, 4, 6]);
    table
}

fn cells(item: Option<&Item>) -> Vec<String> {
    item.map_or_else(
        || vec![String::new(); 3],
        |item| vec![quantity(item.quantity), item.price.unit.to_owned(), dollars(item.usd)],
    )
}
