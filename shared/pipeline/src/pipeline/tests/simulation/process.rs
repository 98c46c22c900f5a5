//! One run of the function, whose every call is a step.

use std::future::{Future, pending, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use super::cloud::Cloud;
use super::plan::Fate;
use crate::delivery::{Message, ObjectRef, Occasion};
use crate::pipeline::tests::fixtures::{LEASE, at_once, batch, settings};
use crate::pipeline::tests::memory_ledger::failure;
use crate::{
    Datum, Effect, Entry, EventMatch, Ledger, LedgerError, LedgerSettings, MetricSink, Moment, ObjectBody,
    ObjectStore, ObjectVersion, Pipeline, PutError, Queue, QueueError, ReadAheadSettings, ReadError,
    ReadProblem, Report, Settings, Taken, Unavailable,
};

/// One run of the function.
pub(super) struct Process<'c> {
    cloud: &'c Cloud<'c>,
    is_dead: AtomicBool,
    pub(super) messages: Vec<Message>,
}

/// A call that was not answered well.
struct Unanswered {
    may_be_done: bool,
}

impl<'c> Process<'c> {
    pub(super) fn new(cloud: &'c Cloud<'c>, messages: Vec<Message>) -> Self {
        Self { cloud, is_dead: AtomicBool::new(false), messages }
    }

    pub(super) fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::Relaxed)
    }

    pub(super) async fn run(&self, now: i64) -> Report {
        let ledger = LedgerSettings { events: true, unavailable: Unavailable::Hold };
        // Room for some bodies, and not for all.
        let read_ahead = ReadAheadSettings { objects: self.cloud.plan.read_ahead, bytes: 300 };
        let settings = Settings { ledger, read_ahead, ..settings() };
        let pipeline = Pipeline::new(settings, self, self, self, Some(self));
        let attempt = self.cloud.serial().to_string();
        let moment = Moment { now, attempt: &attempt, lease: now + LEASE };
        let invocation = batch(self.messages.clone());
        let report = pipeline.run(&self.cloud.detectors, invocation, moment, || Duration::MAX).await;
        assert!(report.totals.balance(), "{:?}", report.totals);
        // The answer is a step as well: if it never arrives, every message comes back.
        drop(self.step(|| ()).await);
        report
    }

    /// Lets others go first, and then does what this step's fate allows.
    async fn step<T>(&self, act: impl FnOnce() -> T) -> Result<T, Unanswered> {
        let mut was_polled = false;
        poll_fn(|_| if std::mem::replace(&mut was_polled, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
        if self.is_dead() {
            // It died at another object's step.
            return pending().await;
        }
        match self.cloud.next_fate() {
            Fate::Fine => Ok(act()),
            Fate::Fails => Err(Unanswered { may_be_done: false }),
            Fate::LosesAnswer => {
                act();
                Err(Unanswered { may_be_done: true })
            }
            Fate::IsLost => Err(Unanswered { may_be_done: true }),
            Fate::DiesBefore => self.die().await,
            Fate::DiesAfter => {
                act();
                self.die().await
            }
        }
    }

    async fn die<T>(&self) -> T {
        self.is_dead.store(true, Ordering::Relaxed);
        pending().await
    }

    /// A call of the ledger in memory, which answers at once.
    async fn ledger<T, F>(&self, call: impl FnOnce() -> F) -> Result<T, LedgerError>
    where
        F: Future<Output = Result<T, LedgerError>>,
    {
        self.step(|| at_once(call())).await.unwrap_or_else(|_| Err(failure()))
    }
}

/// A body in one piece: what breaks in the middle is no step of its own, as nobody sees it.
pub(super) struct Body(Option<String>, String);

impl ObjectBody for Body {
    type Chunk = Vec<u8>;

    fn version(&self) -> &str {
        &self.1
    }

    fn length(&self) -> Option<usize> {
        self.0.as_ref().map(String::len)
    }

    async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.0.take().map(String::into_bytes))
    }
}

impl ObjectStore for &Process<'_> {
    type Body = Body;

    async fn open(&self, object: &ObjectRef) -> Result<Body, ReadError> {
        let body = self.step(|| Body(Some(self.cloud.text(object)), self.cloud.version(object))).await;
        body.map_err(|_| ReadError { problem: ReadProblem::Throttled, source: "as the plan has it".into() })
    }
}

impl MetricSink for &Process<'_> {
    async fn put(&self, data: &[Datum]) -> Result<(), PutError> {
        let put = self.step(|| self.cloud.taken.lock().unwrap().extend(data.to_vec())).await;
        put.map_err(|unanswered| PutError {
            effect: if unanswered.may_be_done { Effect::Uncertain } else { Effect::NotApplied },
            source: "as the plan has it".into(),
        })
    }
}

impl Queue for &Process<'_> {
    async fn hand_back(&self, objects: &[&ObjectRef], _: &Occasion) -> Result<(), QueueError> {
        let sent = self.step(|| self.cloud.send(objects)).await;
        sent.map_err(|_| QueueError("as the plan has it".into()))
    }

    async fn acknowledge(&self, receipts: &[&str]) -> Result<(), QueueError> {
        let deleted = self.step(|| self.cloud.delete(receipts)).await;
        deleted.map_err(|_| QueueError("as the plan has it".into()))
    }

    async fn pass_on(&self, _: &ObjectRef) -> Result<(), QueueError> {
        Err(QueueError("no plan has digests".into()))
    }
}

impl Ledger for &Process<'_> {
    async fn insert(&self, object: &ObjectVersion, entry: &Entry) -> Result<Option<Entry>, LedgerError> {
        let ledger = &self.cloud.ledger;
        self.ledger(|| async move { ledger.insert(object, entry).await }).await
    }

    async fn replace(&self, object: &ObjectVersion, from: &Entry, to: &Entry) -> Result<bool, LedgerError> {
        let ledger = &self.cloud.ledger;
        self.ledger(|| async move { ledger.replace(object, from, to).await }).await
    }

    async fn take_events(
        &self,
        object: &ObjectVersion,
        events: &[EventMatch<'_>],
        now: i64,
    ) -> Result<Vec<Taken>, LedgerError> {
        let ledger = &self.cloud.ledger;
        self.ledger(|| async move { ledger.take_events(object, events, now).await }).await
    }

    async fn tries(&self, messages: &[&str], now: i64) -> Result<Vec<u64>, LedgerError> {
        let ledger = &self.cloud.ledger;
        self.ledger(|| async move { ledger.tries(messages, now).await }).await
    }

    async fn begin_try(&self, message: &str, now: i64) -> Result<(), LedgerError> {
        let ledger = &self.cloud.ledger;
        self.ledger(|| async move { ledger.begin_try(message, now).await }).await
    }
}
