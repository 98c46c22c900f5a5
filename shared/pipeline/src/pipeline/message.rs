//! One message: its objects, and what becomes of it when some of them fail.

use super::{Handled, Pipeline, Session, Settled};
use crate::aggregate::Aggregate;
use crate::delivery::{Announced, Content, Message, ObjectRef};
use crate::pipeline_metrics::add_totals;
use crate::ports::{HandBack, ObjectStore};
use crate::report::{ObjectError, ObjectOutcome, Problem, Report, Totals};

impl<S: ObjectStore + Sync, M, H: HandBack + Sync> Pipeline<S, M, H> {
    pub(super) async fn message(&self, message: Message, session: &mut Session<'_>) -> Handled {
        let mut handled = Handled {
            id: message.id,
            comes_back: false,
            totals: Totals::default(),
            aggregate: Aggregate::default(),
            matches: vec![0; session.detectors.detectors().len()],
            beside_handed_back: Vec::new(),
        };
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
            Content::Objects(objects) => self.objects(&objects, session, &mut handled).await,
        }
        add_totals(&mut handled.aggregate, session.now, &handled.totals);
        handled
    }

    async fn objects(&self, objects: &[Announced], session: &mut Session<'_>, handled: &mut Handled) {
        let mut failed: Vec<(&ObjectRef, ObjectError)> = Vec::new();
        let mut good = Vec::new();
        for announced in objects {
            let (Announced::Created(object) | Announced::Otherwise(object)) = announced;
            handled.totals.objects_in += 1;
            let outcome = self.object(announced, session, handled).await;
            if matches!(
                (announced, &outcome),
                (Announced::Created(_), ObjectOutcome::Read | ObjectOutcome::Skipped(_))
            ) {
                good.push(object);
            }
            match outcome {
                ObjectOutcome::Read => handled.totals.objects_read += 1,
                ObjectOutcome::Skipped(reason) => {
                    *handled.totals.objects_skipped.entry(reason).or_default() += 1;
                }
                ObjectOutcome::Failed(error) => {
                    *handled.totals.objects_failed.entry(error.reason()).or_default() += 1;
                    failed.push((object, error));
                }
            }
        }
        if !failed.is_empty() {
            self.some_failed(&failed, &good, session, handled).await;
        }
        for (object, error) in failed {
            session.report.problems.push(Problem::Object { object: object.clone(), error });
        }
    }

    /// Some objects of the message failed.
    ///
    /// If others were read, the failed ones go back to the queue in messages of their own: so each
    /// fails alone, and what was read counts now and once. Where that is not possible the message
    /// comes back whole and nothing of it counts.
    async fn some_failed(
        &self,
        failed: &[(&ObjectRef, ObjectError)],
        good: &[&ObjectRef],
        session: &mut Session<'_>,
        handled: &mut Handled,
    ) {
        if handled.totals.objects_read > 0 && handled.id.is_some() {
            let objects: Vec<&ObjectRef> = failed.iter().map(|(object, _)| *object).collect();
            match self.hand_back.hand_back(&objects).await {
                Ok(()) => {
                    handled.beside_handed_back = good.iter().map(|&object| object.clone()).collect();
                    return;
                }
                Err(error) => session.report.problems.push(Problem::HandBack(error)),
            }
        }
        handled.comes_back = true;
        hold_back(handled);
        session.memory.take_back();
    }

    /// Handles messages whose failed objects were handed back, and whose counts then were not
    /// taken. If such a message came back whole it would bring the failed objects a second time;
    /// so the good ones are handed back as well. Only where that fails too does it come back.
    pub(super) async fn hand_back_the_rest(
        &self,
        messages: &mut [Settled],
        put: &[bool],
        report: &mut Report,
    ) {
        for (message, &was_put) in messages.iter_mut().zip(put) {
            if was_put || message.beside_handed_back.is_empty() {
                continue;
            }
            let objects: Vec<&ObjectRef> = message.beside_handed_back.iter().collect();
            match self.hand_back.hand_back(&objects).await {
                Ok(()) => message.is_handed_back = true,
                Err(error) => report.problems.push(Problem::HandBack(error)),
            }
        }
    }
}

/// Takes back what was counted for a message that will be delivered again.
fn hold_back(handled: &mut Handled) {
    let read = std::mem::take(&mut handled.totals.objects_read);
    if read > 0 {
        *handled.totals.objects_failed.entry(ObjectError::HeldBack.reason()).or_default() += read;
    }
    handled.totals.records = trailmeter_detection::RecordCounts::default();
    handled.aggregate = Aggregate::default();
    handled.matches.fill(0);
}
