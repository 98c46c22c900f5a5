//! One invocation from its messages to its answer.

mod claims;
mod datapoints;
mod events;
mod findings;
mod flush;
mod message;
mod object;
mod read_ahead;
mod replay;
mod rounds;
mod session;
mod single_event;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use trailmeter_detection::{DetectorSet, Part};

use crate::aggregate::Aggregate;
use crate::carry::{Carried, Carry, News};
use crate::delivery::{Announced, Content, Invocation, Message, ObjectRef, Occasion};
use crate::dimension_values::DimensionLimiter;
use crate::ledger::Ledger;
use crate::packing::pack;
use crate::pipeline_metrics::{self, COUNTED_MAYBE_TWICE};
use crate::ports::{FindingSink, MetricSink, ObjectStore, Queue};
use crate::report::{Problem, Report, Totals};
use crate::settings::Settings;

use claims::Claimed;
pub use datapoints::LOADED_DETECTOR_MATCHES;
use read_ahead::ReadAhead;
pub use replay::{Delivered, Replay, Replayed};
use session::Session;

/// Reads announced objects, matches their records, puts the metrics.
pub struct Pipeline<S, M, Q, L, F = ()> {
    settings: Settings,
    store: S,
    sink: M,
    queue: Q,
    ledger: Option<L>,
    findings: F,
    carry: Carry,
    limiter: Mutex<Option<DimensionLimiter>>,
}

/// When an invocation runs, and as which attempt.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The time of arrival, in seconds since 1970.
    pub now: i64,
    /// Names the attempt in the ledger. No two invocations may bear the same, not even two attempts
    /// at one request.
    pub attempt: &'a str,
    /// Until when nobody else may take over what it claims: a time at which it has ended for sure,
    /// by whatever clock.
    pub lease: i64,
}

/// What became of one message.
struct Handled {
    id: Option<String>,
    receipt: Option<String>,
    occasion: Occasion,
    /// It has to come back, whatever becomes of its metrics.
    comes_back: bool,
    totals: Totals,
    aggregate: Aggregate,
    matches: Vec<u64>,
    /// The objects whose counts it bears, as far as the ledger knows of them.
    claims: Vec<Claimed>,
    /// What it has added to the memory for repeats.
    part: Part,
    /// The good objects of a message whose failed ones were handed back.
    beside_handed_back: Vec<ObjectRef>,
    /// All its objects are on their way back, each in a message of its own, whatever becomes of this
    /// one's metrics.
    is_handed_back: bool,
}

impl Handled {
    /// A message of which nothing has become yet, for so many detectors.
    fn new(id: Option<String>, receipt: Option<String>, occasion: Occasion, detectors: usize) -> Self {
        Self {
            id,
            receipt,
            occasion,
            comes_back: false,
            totals: Totals::default(),
            aggregate: Aggregate::default(),
            matches: vec![0; detectors],
            claims: Vec::new(),
            part: Part::default(),
            beside_handed_back: Vec::new(),
            is_handed_back: false,
        }
    }
}

impl<S, M, Q, L> Pipeline<S, M, Q, L> {
    /// A pipeline over its ports, whose findings go nowhere. Without a ledger repeats are known within an
    /// invocation only.
    pub fn new(settings: Settings, store: S, sink: M, queue: Q, ledger: Option<L>) -> Self {
        let (findings, carry, limiter) = ((), Carry::default(), Mutex::default());
        Self { settings, store, sink, queue, ledger, findings, carry, limiter }
    }

    /// The same with findings, which go here.
    pub fn with_findings<F: FindingSink>(self, findings: F) -> Pipeline<S, M, Q, L, F> {
        let Self { settings, store, sink, queue, ledger, findings: (), carry, limiter } = self;
        Pipeline { settings, store, sink, queue, ledger, findings, carry, limiter }
    }
}

impl<S, M, Q, L, F> Pipeline<S, M, Q, L, F>
where
    S: ObjectStore + Sync,
    M: MetricSink + Sync,
    Q: Queue + Sync,
    L: Ledger + Sync,
    F: FindingSink + Sync,
{
    /// Takes down what is to be put with the next request beside what it counts, and again with the
    /// one after it if that fails.
    pub fn announce(&self, news: impl IntoIterator<Item = News>) {
        self.carry.announce(news);
    }

    /// Handles one invocation with one set of detectors. When little of the `time_left` is left no
    /// further object is begun: what was read is put, the rest comes back.
    ///
    /// A message is done when all its objects were read, skipped or known as duplicates and the
    /// request that bears its counts was taken. Otherwise it comes back, and nothing of it counts
    /// yet.
    pub async fn run(
        &self,
        detectors: &DetectorSet,
        invocation: Invocation,
        moment: Moment<'_>,
        time_left: impl Fn() -> Duration + Send + Sync,
    ) -> Report {
        let Invocation { answers_by_message, messages } = invocation;
        let mut session = Session::new(&self.settings, detectors, self.take_limiter(), moment, &time_left);
        session.report.messages = messages.len();
        let mut rounds = self.rounds(messages, &mut session).await.into_iter().peekable();
        let mut is_first = true;
        while let Some(round) = rounds.next() {
            if !std::mem::replace(&mut is_first, false) && session.is_very_late() {
                // Each round has a put, if only of what failed, and an answer has to be given in time.
                leave(round.messages, answers_by_message, &mut session.report);
                continue;
            }
            self.begin_round(&round, &mut session).await;
            let done = self.round(round.messages, answers_by_message, &mut session).await;
            if rounds.peek().is_some() {
                self.acknowledge(&done, &mut session).await;
            }
        }
        if session.report.failed && self.ledger.is_none() {
            // Every message comes back, those too whose counts were taken.
            self.carry.add(session.report.matches.iter().sum());
        }
        self.put_limiter_back(session.limiter);
        session.report
    }

    /// Handles some messages together. Returns the receipts of those that are done.
    async fn round(
        &self,
        messages: Vec<Message>,
        answers_by_message: bool,
        session: &mut Session<'_>,
    ) -> Vec<String> {
        let mut handled = self.messages(messages, session).await;
        let take = |message: &mut Handled| std::mem::take(&mut message.aggregate);
        let mut aggregates: Vec<_> = handled.iter_mut().map(take).enumerate().collect();
        let carried = self.add_leftovers(&mut aggregates, session);
        self.sum_up_findings(session);
        let put = self.flush(pack(aggregates), &handled, session).await;
        if put.first() == Some(&false) {
            // The request that bore it failed: the next invocation reports it.
            self.carry.put_back(carried);
        }
        for (message, _) in handled.iter().zip(&put).filter(|(_, was_put)| !**was_put) {
            // Its events have not counted: in a later round they are no repeats of anything.
            session.memory.forget(&message.part);
        }
        self.hand_back_the_rest(&mut handled, &put, &mut session.report).await;
        settle(handled, &put, answers_by_message, &mut session.report)
    }

    /// Reads what messages name, and adds up what counts.
    async fn messages(&self, messages: Vec<Message>, session: &mut Session<'_>) -> Vec<Handled> {
        let objects = self.to_be_read(&messages);
        let has_time = session.has_time();
        let ahead = ReadAhead::new(&self.store, self.settings.read_ahead, &objects, &has_time);
        let mut handled = Vec::with_capacity(messages.len());
        let work = async {
            for message in messages {
                handled.push(self.message(message, &ahead, session).await);
            }
        };
        ahead.alongside(work).await;
        handled
    }

    /// The objects that are read, each in its turn. Those of a suspect, which may have ended a process, are
    /// not among them: they are read alone.
    fn to_be_read(&self, messages: &[Message]) -> Vec<ObjectRef> {
        let fresh = messages.iter().filter(|message| !message.is_suspect());
        let announced = fresh.filter_map(|message| match &message.content {
            Content::Objects(objects) => Some(objects),
            Content::Event(_) | Content::Notice(_) | Content::Undecodable(_) => None,
        });
        let created = announced.flatten().filter_map(Announced::created);
        created.filter(|object| self.kind(object).is_ok()).cloned().collect()
    }

    /// Puts what concerns the invocation rather than a message into the first message's part.
    /// Returns what earlier invocations had left over.
    fn add_leftovers(&self, aggregates: &mut [(usize, Aggregate)], session: &Session<'_>) -> Carried {
        let Some((_, first)) = aggregates.first_mut() else { return Carried::default() };
        let now = session.moment.now;
        let carried = self.carry.take();
        if carried.maybe_twice > 0 {
            pipeline_metrics::add(first, now, COUNTED_MAYBE_TWICE, &[], carried.maybe_twice);
        }
        for news in &carried.news {
            pipeline_metrics::add_news(first, now, news);
        }
        carried
    }
}

impl<S, M, Q, L, F> Pipeline<S, M, Q, L, F> {
    /// What is known of dimension values. An invocation at the same time has a limiter of its own.
    fn take_limiter(&self) -> DimensionLimiter {
        let kept = self.limiter.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.unwrap_or_else(|| DimensionLimiter::new(self.settings.dimension_values))
    }

    fn put_limiter_back(&self, limiter: DimensionLimiter) {
        *self.limiter.lock().unwrap_or_else(PoisonError::into_inner) = Some(limiter);
    }
}

/// Leaves messages to a later invocation.
fn leave(messages: Vec<Message>, answers_by_message: bool, report: &mut Report) {
    report.problems.push(Problem::LeftUnread(messages.len()));
    for message in messages {
        report.comes_back(message.id, answers_by_message);
    }
}

/// Decides for each message whether it comes back, and adds up the account. Returns the receipts of
/// the messages that are done.
fn settle(
    messages: Vec<Handled>,
    put: &[bool],
    answers_by_message: bool,
    report: &mut Report,
) -> Vec<String> {
    let mut done = Vec::new();
    for (message, &was_put) in messages.into_iter().zip(put) {
        report.totals.add(&message.totals);
        if was_put && !message.comes_back {
            report.matches.iter_mut().zip(&message.matches).for_each(|(total, count)| *total += count);
            done.extend(message.receipt);
            continue;
        }
        if message.is_handed_back {
            done.extend(message.receipt);
            continue;
        }
        report.comes_back(message.id, answers_by_message);
    }
    if !report.totals.balance() {
        report.problems.push(Problem::Unbalanced(report.totals.clone()));
    }
    done
}

#[cfg(test)]
mod tests;
