//! A message that reads well in a mail and on a phone: short lines, the answer first, one thing under another.

use std::fmt::Write;

use trailmeter_detection::finding::{Finding, time_text};

use crate::links::{Deployment, Links};
use crate::notice::{Kind, MOST_NAMES, Notice, tallies};
use crate::printable::printable;
use crate::subject::times;

/// Alarms that one message tells of at length. In a storm the rest have a line each.
pub(crate) const MOST_AT_LENGTH: usize = 10;

/// The words for people.
pub(crate) fn text(notices: &[Notice], deployment: &Deployment) -> String {
    let mut out = String::new();
    #[expect(clippy::expect_used, reason = "writing to a string cannot fail")]
    all(&mut out, notices, deployment).expect("a string takes everything");
    out
}

fn all(out: &mut String, notices: &[Notice], deployment: &Deployment) -> std::fmt::Result {
    let (at_length, in_short) = notices.split_at(notices.len().min(MOST_AT_LENGTH));
    for (at, notice) in at_length.iter().enumerate() {
        if at > 0 {
            out.push_str("\n----------------------------------------\n\n");
        }
        one(out, notice, deployment)?;
    }
    if !in_short.is_empty() {
        writeln!(out, "\n----------------------------------------\n\nAnd {} more", in_short.len())?;
    }
    for notice in in_short {
        let (what, matches) = (printable(&notice.what(deployment)), times(notice.gathered.matches()));
        writeln!(out, "  {what}: {matches}")?;
    }
    Ok(())
}

fn one(out: &mut String, notice: &Notice, deployment: &Deployment) -> std::fmt::Result {
    heading(out, notice, deployment)?;
    if notice.has_findings() {
        names(out, notice)?;
        events(out, notice)?;
    }
    for remark in &notice.remarks {
        writeln!(out, "\nNote: {}", printable(remark))?;
    }
    if !notice.alarm.description.is_empty() {
        writeln!(
            out,
            "\n{}",
            notice.alarm.description.lines().map(printable).collect::<Vec<_>>().join("\n")
        )?;
    }
    if !notice.alarm.reason.is_empty() {
        writeln!(out, "\nCloudWatch says: {}", printable(&notice.alarm.reason))?;
    }
    writeln!(out)?;
    for (name, link) in Links::of(notice, deployment).named() {
        writeln!(out, "{name}:\n{link}")?;
    }
    Ok(())
}

fn heading(out: &mut String, notice: &Notice, deployment: &Deployment) -> std::fmt::Result {
    let what = printable(&notice.what(deployment));
    match notice.gathered.detectors.as_slice() {
        [(_, title)] => writeln!(out, "{what}: {}", printable(title))?,
        [] => writeln!(out, "{what}")?,
        many => {
            writeln!(out, "{what}: {} detectors", many.len())?;
            for (name, title) in many.iter().take(MOST_NAMES) {
                writeln!(out, "  {}: {}", printable(name), printable(title))?;
            }
        }
    }
    match notice.kind {
        Kind::Alarm => {}
        Kind::Digest if notice.is_on() => out.push_str("The alarm is still on, and there is more.\n"),
        Kind::Digest => out.push_str("The alarm rang again, and there is more.\n"),
        Kind::State => {
            writeln!(out, "The alarm {} is {}.", printable(&notice.alarm.name), notice.alarm.state.word())?;
        }
    }
    if !notice.has_findings() {
        return Ok(());
    }
    let at_least = if notice.gathered.is_cut { "at least " } else { "" };
    let severity = notice.gathered.severity.map_or("", |severity| severity.word());
    writeln!(out, "{at_least}{}, severity {severity}", times(notice.gathered.matches()))?;
    let summary = &notice.gathered.summary;
    match (&summary.first_event, &summary.last_event) {
        (Some(first), Some(last)) if first == last => writeln!(out, "at {}", readable(first)),
        (Some(first), Some(last)) => writeln!(out, "from {}\nto {}", readable(first), readable(last)),
        _ => writeln!(out, "at a time that the records do not tell"),
    }
}

/// `2026-11-21 20:00:00 UTC`.
fn readable(time: &str) -> String {
    time.replace('T', " ").replace('Z', " UTC")
}

fn names(out: &mut String, notice: &Notice) -> std::fmt::Result {
    for (word, tally) in tallies(&notice.gathered.summary) {
        let top = tally.top();
        if top.is_empty() {
            continue;
        }
        writeln!(out, "\n{word}")?;
        for (name, count) in top.iter().take(MOST_NAMES) {
            writeln!(out, "  {count} x {}", printable(name))?;
        }
        let rest: u64 = top.iter().skip(MOST_NAMES).map(|(_, count)| count).sum::<u64>() + tally.others;
        if rest > 0 {
            let names = match top.len().saturating_sub(MOST_NAMES) {
                _ if tally.others > 0 => "others".to_owned(),
                1 => "1 other".to_owned(),
                more => format!("{more} others"),
            };
            writeln!(out, "  {rest} x {names}")?;
        }
    }
    Ok(())
}

fn events(out: &mut String, notice: &Notice) -> std::fmt::Result {
    let events = &notice.gathered.events;
    if events.is_empty() {
        return Ok(());
    }
    let all = events.len() as u64 == notice.gathered.matches();
    let which = match (all, events.len()) {
        (true, 1) => "Event".to_owned(),
        (true, _) => "Events, the newest first".to_owned(),
        (false, count) => format!("The newest {count} events"),
    };
    writeln!(out, "\n{which}")?;
    events.iter().try_for_each(|finding| event(out, finding))
}

fn event(out: &mut String, finding: &Finding<'_>) -> std::fmt::Result {
    let event = &*finding.event;
    let time = event.event_time.as_deref().map_or_else(|| "at an unknown time".to_owned(), readable);
    let api = event.api().map(|api| printable(&api)).unwrap_or_default();
    let error = event.error_code.as_deref().map_or_else(String::new, |code| format!(", {}", printable(code)));
    writeln!(out, "- {time}\n  {api}{error}")?;
    let from = event.source_ip.as_deref().map_or_else(String::new, |ip| format!(" from {}", printable(ip)));
    writeln!(out, "  {}{from}", printable(&event.actor.name))?;
    for arn in event.resources.iter().take(2) {
        writeln!(out, "  on {}", printable(arn))?;
    }
    for (name, value) in &event.parameters {
        writeln!(out, "  {}: {}", printable(name), printable(value))?;
    }
    if let Some(id) = &event.event_id {
        writeln!(out, "  event {}", printable(id))?;
    }
    Ok(())
}

/// The span that was looked at, for a remark.
pub(crate) fn span(from: i64, to: i64) -> String {
    let time = |seconds| time_text(seconds).map(|time| readable(&time)).unwrap_or_default();
    format!("{} to {}", time(from), time(to))
}
