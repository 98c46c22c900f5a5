//! A single event: looked at at once, claimed only if it counts, and counted once with the file that brings it again.
//!
//! To the ledger it is an object of its own. It takes its event for each detector that matches as a file does, so
//! whichever of the two comes first counts it, and what is true of files that have an event in common is true of
//! these. Most events match nothing: they cost no question to the ledger.

use trailmeter_detection::{FileMatches, RecordCounts};
use trailmeter_logs::LogKind;

use super::claims::{Claimed, Right, failed_before};
use super::object::take_over;
use super::{Handled, Pipeline, Session};
use crate::delivery::SingleEvent;
use crate::ledger::{Ledger, ObjectVersion};
use crate::ports::FindingSink;
use crate::report::{EVENT_LEFT_TO_FILE, LEDGER_OF_EVENTS_OFF, ObjectError, Problem, Repeat};
use crate::settings::Unavailable;

/// What becomes of a single event.
enum Outcome {
    /// It has one of the outcomes of records.
    Record(RecordCounts),
    /// It is left to the file.
    Left(&'static str),
    /// Another invocation is at it.
    InOtherHands,
    Failed(ObjectError),
}

impl<S, M, Q, L: Ledger + Sync, F: FindingSink + Sync> Pipeline<S, M, Q, L, F> {
    /// Handles a message that brings a single event.
    pub(super) async fn event_message(
        &self,
        event: &SingleEvent,
        session: &mut Session<'_>,
        message: &mut Handled,
    ) {
        let reason = match self.single_event(event, session, message).await {
            Outcome::Record(records) => {
                message.totals.records += &records;
                return;
            }
            Outcome::Left(reason) => {
                *message.totals.messages_skipped.entry(reason).or_default() += 1;
                return;
            }
            Outcome::InOtherHands => {
                session.report.problems.push(Problem::InOtherHands(event.object.clone()));
                Repeat::InOtherHands.reason()
            }
            Outcome::Failed(error) => {
                let reason = error.reason();
                session.report.problems.push(Problem::Object { object: event.object.clone(), error });
                reason
            }
        };
        *message.totals.messages_failed.entry(reason).or_default() += 1;
        message.comes_back = true;
    }

    async fn single_event(
        &self,
        event: &SingleEvent,
        session: &mut Session<'_>,
        message: &mut Handled,
    ) -> Outcome {
        if !self.settings.ledger.events || self.ledger.is_none() {
            // Nobody would know it again in the file.
            return Outcome::Left(LEDGER_OF_EVENTS_OFF);
        }
        if session.is_very_late() {
            return Outcome::Failed(ObjectError::OutOfTime);
        }
        let file = match self.scan(LogKind::Events, session).read_whole(event.file().as_bytes()) {
            Ok(file) => file,
            Err(error) => return Outcome::Failed(error.into()),
        };
        if file.hits().is_empty() {
            self.add_matches(&file, session, message, |_| {});
            return Outcome::Record(RecordCounts::default());
        }
        self.count_event(event, &file, session, message).await
    }

    /// Counts an event that some detector matches, unless it is counted elsewhere.
    async fn count_event(
        &self,
        event: &SingleEvent,
        file: &FileMatches,
        session: &mut Session<'_>,
        message: &mut Handled,
    ) -> Outcome {
        let version = ObjectVersion { object: event.object.clone(), version: String::new() };
        let claimed = match self.claim(version.clone(), session).await {
            Ok(Right::Claimed(claimed)) => claimed,
            Ok(Right::Repeat(Repeat::InOtherHands)) => return Outcome::InOtherHands,
            Ok(Right::Repeat(Repeat::Counted | Repeat::SameInvocation)) => {
                return Outcome::Record(RecordCounts { read: 1, duplicate: 1, ..RecordCounts::default() });
            }
            Ok(Right::NoLedger) => return Outcome::Left(LEDGER_OF_EVENTS_OFF),
            Ok(Right::Unknown) => return self.event_without_ledger(ObjectError::Ledger(failed_before())),
            Err(error) => return self.event_without_ledger(error),
        };
        let in_doubt = match self.take_events(&version, file, None, session).await {
            Ok(Some(in_doubt)) => in_doubt,
            other => {
                self.release(&claimed, session).await;
                return other
                    .map_or_else(|error| self.event_without_ledger(error), |_| Outcome::InOtherHands);
            }
        };
        let matches = self.count_matches(file, &version, session, message).await;
        take_over(Claimed { matches, in_doubt, ..claimed }, session, message);
        Outcome::Record(RecordCounts::default())
    }

    /// Decides about an event that the ledger does not answer for. A file would be counted where the settings say
    /// so, since nothing else brings what is in it; an event is left to its file.
    fn event_without_ledger(&self, error: ObjectError) -> Outcome {
        match (self.settings.ledger.unavailable, &error) {
            (Unavailable::Count, ObjectError::Ledger(_)) => Outcome::Left(EVENT_LEFT_TO_FILE),
            _ => Outcome::Failed(error),
        }
    }
}
