//! What is written to the log: a line for each problem that names the object and the cause, and
//! one line that accounts for the invocation.

use lambda_runtime::tracing::{error, info, warn};
use trailmeter_detection::DetectorSet;
use trailmeter_pipeline::{Current, DetectorEvent, Problem, Repeat, Report};

use crate::start::StartError;

/// A version can have as many mistakes as lines; the first ones are enough to mend it.
const MOST_REASONS: usize = 20;

/// Why the function does not start.
pub fn start_failed(problem: &StartError) {
    error!(error = %problem, "the function does not start");
}

pub(crate) fn started(detectors: &DetectorSet) {
    let names: Vec<&str> = detectors.detectors().iter().map(|detector| detector.name.as_str()).collect();
    info!(detectors = names.len(), names = names.join(","), "started");
}

/// What happened to the detectors.
pub(crate) fn detectors(current: &Current) {
    for event in &current.events {
        match event {
            DetectorEvent::Taken { source, version } => {
                let detectors = current.detectors.detectors().len();
                info!(source, %version, detectors, "detectors loaded");
            }
            DetectorEvent::Rejected { source, version, reasons } => {
                let version = version.as_ref().map_or("none", |version| version.0.as_str());
                let mistakes = reasons.len();
                for reason in reasons.iter().take(MOST_REASONS) {
                    // It may quote what others wrote: no line break forges a log line.
                    let reason = reason.replace(char::is_control, " ");
                    error!(source, version, mistakes, reason, "detectors rejected: what ran before goes on");
                }
            }
            DetectorEvent::Expired(expired) => warn!(
                detector = expired.detector,
                exclusion = expired.exclusion,
                owner = ?expired.owner,
                last_day = %expired.last_day,
                "exclusion expired: what it took out counts again"
            ),
            DetectorEvent::WithoutAlarm(names) => {
                warn!(detectors = names.len(), names = names.join(","), "no alarm watches these detectors");
            }
        }
    }
}

pub(crate) fn report(report: &Report, detectors: &DetectorSet) {
    report.problems.iter().for_each(problem);
    let totals = &report.totals;
    let matches: Vec<String> = detectors
        .detectors()
        .iter()
        .zip(&report.matches)
        .filter(|(_, count)| **count > 0)
        .map(|(detector, count)| format!("{}={count}", detector.name))
        .collect();
    info!(
        messages = report.messages,
        returned = report.returned.len(),
        objects_in = totals.objects_in,
        objects_read = totals.objects_read,
        objects_skipped = totals.objects_skipped.values().sum::<u64>(),
        objects_duplicate = totals.objects_duplicate.values().sum::<u64>(),
        objects_failed = totals.objects_failed.values().sum::<u64>(),
        records_read = totals.records.read,
        records_matched = totals.records.matched,
        records_unmatched = totals.records.unmatched,
        records_malformed = totals.records.malformed_total(),
        records_duplicate = totals.records.duplicate,
        matches = matches.join(","),
        requests = report.requests,
        "invocation done"
    );
}

fn problem(problem: &Problem) {
    match problem {
        Problem::Message { id, error } => {
            warn!(message_id = ?id.as_deref().unwrap_or("none"), reason = error.reason(), %error, "message failed");
        }
        // Keys are written by others: `?` quotes them, so that no line break forges a log line.
        Problem::Object { object, error } => {
            warn!(bucket = ?object.bucket, key = ?object.key, reason = error.reason(), %error, "object failed");
        }
        Problem::Malformed { object, reason, offset, lines } => {
            let error = "lines of an access log that cannot be read are not counted";
            warn!(bucket = ?object.bucket, key = ?object.key, reason, offset, lines, error, "lines malformed");
        }
        Problem::LogsItself(object) => {
            let error = "the bucket logs to itself, and each of its logs would make another one: let it log to another bucket";
            error!(bucket = ?object.bucket, key = ?object.key, reason = "logs-itself", error, "object skipped");
        }
        Problem::Put { error, maybe_twice } => {
            error!(effect = ?error.effect, maybe_twice, %error, "metrics not put: their messages come back");
        }
        Problem::HandBack(error) => warn!(%error, "message comes back whole"),
        Problem::TakeApart(error) => warn!(%error, "message is read as it is"),
        Problem::LeftUnread(messages) => {
            warn!(messages, "too little time is left: messages come back unread");
        }
        Problem::InOtherHands(object) => {
            let reason = Repeat::InOtherHands.reason();
            let error = "another invocation is at it; if it fails this object is read in a later one";
            warn!(bucket = ?object.bucket, key = ?object.key, reason, error, "object failed");
        }
        Problem::Acknowledge(error) => warn!(%error, "messages are acknowledged with the invocation"),
        Problem::MaybeTwice { object, matches } => {
            warn!(bucket = ?object.bucket, key = ?object.key, matches, "perhaps counted twice");
        }
        Problem::Ledger { doing, object: Some(object), error } => {
            let reason = error.problem.reason();
            error!(bucket = ?object.bucket, key = ?object.key, reason, %error, "ledger failed to {doing}");
        }
        Problem::Ledger { doing, object: None, error } => {
            error!(reason = error.problem.reason(), %error, "ledger failed to {doing}");
        }
        Problem::Findings { object, error } => {
            let (place, findings) = (error.place, error.findings);
            error!(bucket = ?object.bucket, key = ?object.key, place, findings, %error, "findings not kept: they stand in this log");
        }
        Problem::ClaimLost(object) => {
            error!(bucket = ?object.bucket, key = ?object.key, "claim lost to another invocation: nothing of it is put here");
        }
        Problem::Unbalanced(totals) => {
            error!(?totals, "the counts do not add up: please report this as a bug");
        }
    }
}
