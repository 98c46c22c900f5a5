//! Findings as events of EventBridge.
//!
//! An event bus knows no name by which it would take two events for one: what is sent again after an answer was lost,
//! or because an object is read again, arrives twice. The finding's id in the detail is the same both times.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::{DateTime, DateTimeFormat};
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use trailmeter_detection::finding::{Finding, FindingFormat};
use trailmeter_pipeline::FindingError;

use super::document::{document, groups};
use super::sent::{Outcome, Sent, Source};
use crate::sdk_error::{Described, THROTTLING};

/// EventBridge's limits on a request and what is in it.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html>
const MOST_ENTRIES: usize = 10;
const MOST_BYTES: usize = 256 * 1024;
const SOURCE: &str = "trailmeter";
const DETAIL_TYPE: &str = "Trailmeter Finding";
/// A time counts as so many bytes.
const TIME_BYTES: usize = 14;
/// How often entries are sent that EventBridge names as failed for now. Whole requests are repeated by the SDK.
const ATTEMPTS: u32 = 3;
/// The pause before the first repetition; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Sends findings with `PutEvents`.
#[derive(Debug, Clone)]
pub struct FindingsEventBus {
    client: Client,
    bus: String,
    format: FindingFormat,
}

/// An entry and its size as EventBridge reckons.
struct SizedEntry {
    entry: PutEventsRequestEntry,
    bytes: usize,
}

impl FindingsEventBus {
    pub(crate) fn new(client: Client, bus: String, format: FindingFormat) -> Self {
        Self { client, bus, format }
    }

    /// Sends an event for each finding.
    pub(super) async fn send(&self, findings: &[Finding<'_>]) -> Result<(), FindingError> {
        let mut sent = Sent::default();
        let mut entries = Vec::new();
        for finding in findings {
            match self.entry(finding) {
                Ok(entry) => entries.push(entry),
                Err(source) => sent.refuse(source),
            }
        }
        let requests = groups(entries, MOST_ENTRIES, MOST_BYTES, |entry| entry.bytes);
        sent.send(requests, |entries| {
            put(self.client.clone(), entries.into_iter().map(|sized| sized.entry).collect())
        })
        .await;
        sent.end("event-bus")
    }

    fn entry(&self, finding: &Finding<'_>) -> Result<SizedEntry, Source> {
        let event = &*finding.event;
        let resources: usize = event.resources.iter().map(String::len).sum();
        let around = TIME_BYTES + SOURCE.len() + DETAIL_TYPE.len() + resources;
        let detail = document(finding, &self.format, MOST_BYTES.saturating_sub(around))?;
        let time = event.event_time.as_deref();
        let time = time.and_then(|time| DateTime::from_str(time, DateTimeFormat::DateTime).ok());
        let bytes = around + detail.len();
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .set_time(time)
            .set_resources(Some(event.resources.clone()))
            .detail(detail)
            .build();
        Ok(SizedEntry { entry, bytes })
    }
}

/// Puts entries until each was taken or refused for good.
async fn put(client: Client, mut entries: Vec<PutEventsRequestEntry>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut pause = FIRST_PAUSE;
    for attempt in 1..=ATTEMPTS {
        let answer = match client.put_events().set_entries(Some(entries.clone())).send().await {
            Ok(answer) => answer,
            Err(error) => {
                outcome.not_taken += entries.len();
                outcome.first.get_or_insert(Described::boxed(&error));
                outcome.is_down = true;
                return outcome;
            }
        };
        let mut again = Vec::new();
        for (entry, result) in entries.into_iter().zip(answer.entries()) {
            let Some(code) = result.error_code() else { continue };
            if is_for_now(code) && attempt < ATTEMPTS {
                again.push(entry);
            } else {
                outcome.not_taken += 1;
                outcome.first.get_or_insert_with(|| refused(code, result));
            }
        }
        entries = again;
        if entries.is_empty() {
            return outcome;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    outcome
}

fn is_for_now(code: &str) -> bool {
    THROTTLING.contains(&code) || ["InternalFailure", "InternalException"].contains(&code)
}

fn refused(code: &str, result: &PutEventsResultEntry) -> Source {
    let message = result.error_message().unwrap_or("EventBridge says no more");
    format!("EventBridge refuses an event with {code}: {message}").into()
}
