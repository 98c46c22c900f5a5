//! One message: its objects, and what becomes of it when some of them fail.

use super::claims::Claimed;
use super::read_ahead::ReadAhead;
use super::{Handled, Pipeline, Session};
use crate::aggregate::Aggregate;
use crate::delivery::{Announced, Content, Message, ObjectRef};
use crate::ledger::Ledger;
use crate::pipeline_metrics::{self, add_totals};
use crate::ports::{FindingSink, ObjectStore, Queue};
use crate::report::{
    LOGS_ITSELF, NOT_CREATED, ObjectError, ObjectOutcome, Problem, Repeat, Report, TAKEN_APART,
};

impl<S: ObjectStore + Sync, M, Q: Queue + Sync, L: Ledger + Sync, F: FindingSink + Sync>
    Pipeline<S, M, Q, L, F>
{
    pub(super) async fn message(
        &self,
        message: Message,
        ahead: &ReadAhead<'_, S>,
        session: &mut Session<'_>,
    ) -> Handled {
        let is_suspect = message.is_suspect();
        let detectors = session.detectors.detectors().len();
        let mut handled = Handled::new(message.id, message.receipt, message.occasion, detectors);
        session.memory.begin_part();
        match message.content {
            Content::Notice(notice) => {
                *handled.totals.messages_skipped.entry(notice.reason()).or_default() += 1;
            }
            Content::Undecodable(error) => {
                *handled.totals.messages_failed.entry(error.reason()).or_default() += 1;
                handled.comes_back = true;
                session.report.problems.push(Problem::Message { id: handled.id.clone(), error });
            }
            Content::Event(event) => self.event_message(&event, session, &mut handled).await,
            Content::Objects(objects) => {
                let is_apart = is_suspect && self.take_apart(&objects, session, &mut handled).await;
                if !is_apart {
                    self.objects(&objects, ahead, session, &mut handled).await;
                }
                self.add_by_bucket(&objects, is_apart, session.moment.now, &mut handled.aggregate);
            }
        }
        handled.part = session.memory.end_part();
        let not_remembered = handled.part.not_remembered();
        if not_remembered > 0 {
            let now = session.moment.now;
            pipeline_metrics::add(&mut handled.aggregate, now, "RepeatsNotRemembered", &[], not_remembered);
        }
        add_totals(&mut handled.aggregate, session.moment.now, &handled.totals);
        if self.settings.counts_apart(&handled.occasion) {
            // Whatever it is: here goes by all that a message puts.
            handled.aggregate.set_apart();
        }
        handled
    }

    /// Where several buckets are read, each has a series of its own of what came in: what is silent in one must not
    /// be drowned by another. `is_apart`: those that were written come in with messages of their own.
    fn add_by_bucket(&self, objects: &[Announced], is_apart: bool, now: i64, aggregate: &mut Aggregate) {
        let buckets = &self.settings.buckets;
        if buckets.len() < 2 {
            return;
        }
        for announced in objects {
            let object = match announced {
                Announced::Created(_) if is_apart => continue,
                Announced::Created(object) | Announced::Otherwise(object) => object,
            };
            // Names that nobody set come from outside, and each would be paid for.
            let bucket = if buckets.contains(&object.bucket) { object.bucket.as_str() } else { "other" };
            pipeline_metrics::add(aggregate, now, "ObjectsIn", &[("Bucket", bucket)], 1);
        }
    }

    /// Sends each object of a suspect back in a message of its own, so that the one which may have
    /// ended the process takes none of the others along. Returns whether there is nothing more to do.
    async fn take_apart(
        &self,
        objects: &[Announced],
        session: &mut Session<'_>,
        handled: &mut Handled,
    ) -> bool {
        let created: Vec<&ObjectRef> = objects.iter().filter_map(Announced::created).collect();
        if created.len() < 2 || handled.id.is_none() {
            return false;
        }
        if let Err(error) = self.queue.hand_back(&created, &handled.occasion).await {
            session.report.problems.push(Problem::TakeApart(error));
            return false;
        }
        // The objects come in with their own messages. Those that were not written are done with here.
        let others = (objects.len() - created.len()) as u64;
        handled.totals.objects_in += others;
        if others > 0 {
            *handled.totals.objects_skipped.entry(NOT_CREATED).or_default() += others;
        }
        *handled.totals.messages_skipped.entry(TAKEN_APART).or_default() += 1;
        handled.is_handed_back = true;
        true
    }

    async fn objects(
        &self,
        objects: &[Announced],
        ahead: &ReadAhead<'_, S>,
        session: &mut Session<'_>,
        handled: &mut Handled,
    ) {
        let mut returning: Vec<&ObjectRef> = Vec::new();
        let mut good = Vec::new();
        for announced in objects {
            let (Announced::Created(object) | Announced::Otherwise(object)) = announced;
            handled.totals.objects_in += 1;
            let outcome = self.object(announced, ahead, session, handled).await;
            if outcome.comes_back() {
                returning.push(object);
            } else if matches!(announced, Announced::Created(_)) {
                good.push(object);
            }
            account(outcome, object, handled, &mut session.report);
        }
        if !returning.is_empty() {
            self.some_come_back(&returning, &good, session, handled).await;
        }
    }

    /// Some objects of the message have to come back.
    ///
    /// If others were read, these go back to the queue in messages of their own: so each
    /// fails alone, and what was read counts now and once. Where that is not possible the message
    /// comes back whole and nothing of it counts.
    async fn some_come_back(
        &self,
        returning: &[&ObjectRef],
        good: &[&ObjectRef],
        session: &mut Session<'_>,
        handled: &mut Handled,
    ) {
        if handled.totals.objects_read > 0 && handled.id.is_some() {
            match self.queue.hand_back(returning, &handled.occasion).await {
                Ok(()) => {
                    handled.beside_handed_back = good.iter().map(|&object| object.clone()).collect();
                    return;
                }
                Err(error) => session.report.problems.push(Problem::HandBack(error)),
            }
        }
        handled.comes_back = true;
        for claimed in hold_back(handled) {
            self.release(&claimed, session).await;
        }
        session.memory.take_back();
    }

    /// Handles messages whose failed objects were handed back, and whose counts then were not
    /// taken. If such a message came back whole it would bring the failed objects a second time;
    /// so the good ones are handed back as well. Only where that fails too does it come back.
    pub(super) async fn hand_back_the_rest(
        &self,
        messages: &mut [Handled],
        put: &[bool],
        report: &mut Report,
    ) {
        for (message, &was_put) in messages.iter_mut().zip(put) {
            if was_put || message.beside_handed_back.is_empty() {
                continue;
            }
            let objects: Vec<&ObjectRef> = message.beside_handed_back.iter().collect();
            match self.queue.hand_back(&objects, &message.occasion).await {
                Ok(()) => message.is_handed_back = true,
                Err(error) => report.problems.push(Problem::HandBack(error)),
            }
        }
    }
}

/// Takes down the outcome of an object.
fn account(outcome: ObjectOutcome, object: &ObjectRef, handled: &mut Handled, report: &mut Report) {
    let totals = &mut handled.totals;
    let (outcomes, reason) = match outcome {
        ObjectOutcome::Read => {
            totals.objects_read += 1;
            return;
        }
        ObjectOutcome::Skipped(reason) => {
            if reason == LOGS_ITSELF {
                report.problems.push(Problem::LogsItself(object.clone()));
            }
            (&mut totals.objects_skipped, reason)
        }
        ObjectOutcome::Duplicate(repeat) => {
            if repeat == Repeat::InOtherHands {
                report.problems.push(Problem::InOtherHands(object.clone()));
            }
            (&mut totals.objects_duplicate, repeat.reason())
        }
        ObjectOutcome::Failed(error) => {
            let reason = error.reason();
            report.problems.push(Problem::Object { object: object.clone(), error });
            (&mut totals.objects_failed, reason)
        }
    };
    *outcomes.entry(reason).or_default() += 1;
}

/// Takes back what was counted for a message that will be delivered again. Returns its claims.
fn hold_back(handled: &mut Handled) -> Vec<Claimed> {
    let read = std::mem::take(&mut handled.totals.objects_read);
    if read > 0 {
        *handled.totals.objects_failed.entry(ObjectError::HeldBack.reason()).or_default() += read;
    }
    handled.totals.records = trailmeter_detection::RecordCounts::default();
    handled.aggregate = Aggregate::default();
    handled.matches.fill(0);
    std::mem::take(&mut handled.claims)
}
