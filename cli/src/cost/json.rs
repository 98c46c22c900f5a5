//! The cost for programs. The keys are documented in `docs/cost.md`.

use std::io::{Write, stdout};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::bill::Bill;
use super::monthly_cost_of;
use super::number::rounded;
use super::prices::{DATE, REGION};
use super::report::Report;
use crate::printable::json as printable_json;

pub(super) fn print(report: &Report<'_>) -> anyhow::Result<()> {
    let (summary, measured) = (report.summary, report.measured);
    let volume = &measured.volume;
    let time = |seconds| Timestamp::from_second(seconds).map(|time| time.to_string()).ok();
    let result = json!({
        "prices": { "region": REGION, "date": DATE },
        "objects": {
            "read": summary.objects_read,
            "skipped": summary.objects_skipped,
            "failed": summary.objects_failed,
        },
        "records": volume.records,
        "record_bytes": volume.bytes,
        "time": {
            "first": measured.span.and_then(|span| time(span.first)),
            "last": measured.span.and_then(|span| time(span.last)),
            "days": report.days.map(f64::from).or_else(|| measured.span.map(|span| rounded(span.days()))),
            "days_given": report.days.is_some(),
        },
        "replayed": {
            "invocations": volume.invocations,
            "metric_requests": volume.requests,
            "series": measured.hours.series(),
            "series_hours": measured.hours.total(),
            "pipeline_series": measured.own_series,
        },
        "detectors": detectors(report),
        "series_budget": report.series_budget,
        "month": {
            "trailmeter": bill(&report.trailmeter),
            "cloudwatch_logs": bill(&report.cloudwatch_logs),
        },
        "notes": report.notes(),
        "assumptions": report.assumptions,
    });
    writeln!(stdout().lock(), "{}", printable_json(&result))?;
    Ok(())
}

fn detectors(report: &Report<'_>) -> Map<String, Value> {
    let found = report.detectors.detectors().iter().zip(&report.measured.detectors);
    found
        .zip(&report.summary.matches)
        .map(|((detector, replay), matches)| {
            let figures = json!({
                "matches": matches,
                "series": replay.series,
                "over_budget": report.is_over_budget(replay),
                "dimension_values": replay.dimension_values,
                "datapoints": replay.datapoints,
                "series_hours": replay.series_hours.total(),
                "alarm": replay.alarm.word(),
                "usd": rounded(monthly_cost_of(replay, report.month)),
            });
            (detector.name.clone(), figures)
        })
        .collect()
}

fn bill(bill: &Bill) -> Value {
    let items: Map<String, Value> = bill
        .items
        .iter()
        .map(|item| {
            let line = json!({
                "quantity": rounded(item.quantity), "unit": item.price.unit, "usd": rounded(item.usd),
            });
            (item.price.word.to_owned(), line)
        })
        .collect();
    json!({ "items": items, "usd": rounded(bill.total()) })
}
