//! The result of a scan, for people and for programs.

use std::collections::BTreeMap;
use std::io::{Write, stdout};

use jiff::Timestamp;
use serde_json::json;
use trailmeter_detection::{DetectorSet, Needs};

use super::counts_table::CountsTable;
use super::summary::Summary;
use super::timeline::{Timeline, length};
use crate::printable::json as printable_json;
use crate::terminal::Terminal;

/// Where a note goes on that takes several lines.
const INDENT: usize = 9;

pub(super) fn json(summary: &Summary, detectors: &DetectorSet) -> anyhow::Result<()> {
    let by_name: serde_json::Map<_, _> = detectors
        .detectors()
        .iter()
        .enumerate()
        .map(|(at, detector)| {
            let exclusions: BTreeMap<&str, u64> = detector
                .exclusions
                .iter()
                .enumerate()
                .map(|(of, exclusion)| {
                    (exclusion.name.as_str(), summary.excluded.get(&(at, of)).copied().unwrap_or(0))
                })
                .collect();
            let counts = json!({
                "matches": summary.matches[at], "excluded": summary.excluded_by(at), "exclusions": exclusions,
            });
            (detector.name.clone(), counts)
        })
        .collect();
    let malformed: BTreeMap<&str, u64> =
        summary.records.malformed.iter().map(|(reason, &count)| (reason.reason(), count)).collect();
    let result = json!({
        "objects": {
            "read": summary.objects_read,
            "skipped": summary.objects_skipped,
            "failed": summary.objects_failed,
        },
        "records": {
            "read": summary.records.read,
            "matched": summary.records.matched,
            "unmatched": summary.records.unmatched,
            "malformed": summary.records.malformed_total(),
            "duplicate": summary.records.duplicate,
        },
        "malformed": malformed,
        "data_events": summary.data_events,
        "repeats_not_remembered": summary.not_remembered(),
        "detectors": by_name,
    });
    writeln!(stdout().lock(), "{}", printable_json(&result))?;
    Ok(())
}

/// `on` is the terminal and what it shows of time; without it the table is for a pipe or a file.
pub(super) fn table(
    summary: &Summary,
    detectors: &DetectorSet,
    on: Option<(Terminal, &Timeline)>,
) -> anyhow::Result<()> {
    // It takes colours out again where nobody wants them.
    let mut out = anstream::stdout().lock();
    let step = CountsTable { summary, detectors, on }.print(&mut out)?;
    writeln!(out)?;
    let mut notes = vec![objects(summary), records(summary)];
    notes.extend(on.zip(step).and_then(|((_, timeline), step)| time(timeline, step)));
    notes.extend(hints(summary, detectors).into_iter().map(|hint| format!("note     {hint}")));
    for note in notes {
        match on {
            Some((terminal, _)) => {
                terminal.wrapped(&note, INDENT).iter().try_for_each(|line| writeln!(out, "{line}"))?;
            }
            None => writeln!(out, "{note}")?,
        }
    }
    Ok(())
}

fn objects(summary: &Summary) -> String {
    format!(
        "objects  {} read, {} skipped{}, {} failed{}",
        summary.objects_read,
        summary.objects_skipped.values().sum::<u64>(),
        reasons(&summary.objects_skipped),
        summary.objects_failed.values().sum::<u64>(),
        reasons(&summary.objects_failed),
    )
}

fn records(summary: &Summary) -> String {
    let records = &summary.records;
    format!(
        "records  {} read: {} matched, {} unmatched, {} malformed{}, {} duplicate",
        records.read,
        records.matched,
        records.unmatched,
        records.malformed_total(),
        reasons(&records.malformed.iter().map(|(reason, &count)| (reason.reason(), count)).collect()),
        records.duplicate,
    )
}

/// What the marks of time stand for.
fn time(timeline: &Timeline, step: i64) -> Option<String> {
    let (oldest, newest) = timeline.span()?;
    let at = |seconds| Timestamp::from_second(seconds).ok();
    Some(format!("time     {} to {}, {} a mark", at(oldest)?, at(newest)?, length(step)))
}

fn reasons(counts: &BTreeMap<&'static str, u64>) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = counts.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    format!(" ({})", parts.join(", "))
}

/// What a zero in the table does not say by itself.
pub(crate) fn hints(summary: &Summary, detectors: &DetectorSet) -> Vec<String> {
    let mut hints = Vec::new();
    if summary.objects_read == 0 && !summary.has_failures() {
        hints.push("there was nothing to read: no log files at the given places".to_owned());
    }
    let blind: Vec<&str> = detectors
        .detectors()
        .iter()
        .filter(|detector| detector.needs == Needs::Data)
        .map(|detector| detector.name.as_str())
        .collect();
    if summary.records.read > 0 && summary.data_events == 0 && !blind.is_empty() {
        hints.push(format!(
            "no data events in these logs: {} see nothing until the trail records them",
            blind.join(", ")
        ));
    }
    let not_remembered = summary.not_remembered();
    if not_remembered > 0 {
        hints.push(format!("{not_remembered} events were too many to remember: repeats of them count again"));
    }
    hints
}
