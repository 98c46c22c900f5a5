//! One invocation from its messages to its answer.

mod datapoints;
mod flush;
mod message;
mod object;
mod replay;

use trailmeter_detection::{DetectorSet, Memory, Repeats};

use crate::aggregate::Aggregate;
use crate::carry::{Carried, Carry, News};
use crate::delivery::{Invocation, ObjectRef};
use crate::dimension_values::DimensionLimiter;
use crate::packing::pack;
use crate::pipeline_metrics;
use crate::ports::{HandBack, MetricSink, ObjectStore};
use crate::report::{Problem, Report, Totals};
use crate::settings::Settings;

pub use datapoints::LOADED_DETECTOR_MATCHES;
pub use replay::{Delivered, Replay, Replayed};

/// Reads announced objects, matches their records, puts the metrics.
pub struct Pipeline<S, M, H> {
    settings: Settings,
    store: S,
    sink: M,
    hand_back: H,
    carry: Carry,
}

/// What lasts for one invocation.
struct Session<'a> {
    detectors: &'a DetectorSet,
    now: i64,
    is_late: &'a (dyn Fn() -> bool + Send + Sync),
    memory: Memory,
    limiter: DimensionLimiter,
    report: Report,
}

/// What became of one message.
struct Handled {
    id: Option<String>,
    /// It has to come back, whatever becomes of its metrics.
    comes_back: bool,
    totals: Totals,
    aggregate: Aggregate,
    matches: Vec<u64>,
    /// The good objects of a message whose failed ones were handed back.
    beside_handed_back: Vec<ObjectRef>,
}

impl<S: ObjectStore + Sync, M: MetricSink + Sync, H: HandBack + Sync> Pipeline<S, M, H> {
    /// A pipeline over the three ports.
    pub fn new(settings: Settings, store: S, sink: M, hand_back: H) -> Self {
        Self { settings, store, sink, hand_back, carry: Carry::default() }
    }

    /// Takes down what is to be put with the next request beside what it counts, and again with the
    /// one after it if that fails.
    pub fn announce(&self, news: impl IntoIterator<Item = News>) {
        self.carry.announce(news);
    }

    /// Handles one invocation with one set of detectors. `now` is the time of arrival, in seconds
    /// since 1970. Once `is_late` says so no further object is begun: what is left comes back, what
    /// was read is put.
    ///
    /// A message is done when all its objects were read or skipped and the request that bears its
    /// counts was taken. Otherwise it comes back, and nothing of it counts yet.
    pub async fn run(
        &self,
        detectors: &DetectorSet,
        invocation: Invocation,
        now: i64,
        is_late: impl Fn() -> bool + Send + Sync,
    ) -> Report {
        let mut session = Session {
            detectors,
            now,
            is_late: &is_late,
            memory: Memory::new(Repeats::Once, self.settings.remembered),
            limiter: DimensionLimiter::new(self.settings.dimension_values),
            report: Report { matches: vec![0; detectors.detectors().len()], ..Report::default() },
        };
        session.report.messages = invocation.messages.len();
        let mut handled = Vec::with_capacity(invocation.messages.len());
        for message in invocation.messages {
            handled.push(self.message(message, &mut session).await);
        }
        let (aggregates, mut messages): (Vec<_>, Vec<_>) = handled.into_iter().map(split).unzip();
        let mut aggregates: Vec<_> = aggregates.into_iter().enumerate().collect();
        let carried = self.add_leftovers(&mut aggregates, &session);
        let put = self.flush(pack(aggregates), messages.len(), &mut session.report).await;
        if put.first() == Some(&false) {
            // The request that bore it failed: the next invocation reports it.
            self.carry.put_back(carried);
        }
        self.hand_back_the_rest(&mut messages, &put, &mut session.report).await;
        settle(messages, &put, invocation.answers_by_message, &mut session.report);
        if session.report.failed {
            // Every message comes back, those too whose counts were taken.
            self.carry.add(session.report.matches.iter().sum());
        }
        session.report
    }

    /// Puts what concerns the invocation rather than a message into the first message's part.
    /// Returns what earlier invocations had left over.
    fn add_leftovers(&self, aggregates: &mut [(usize, Aggregate)], session: &Session<'_>) -> Carried {
        let Some((_, first)) = aggregates.first_mut() else { return Carried::default() };
        let not_remembered = session.memory.not_remembered();
        if not_remembered > 0 {
            pipeline_metrics::add(first, session.now, "RepeatsNotRemembered", &[], not_remembered);
        }
        let carried = self.carry.take();
        if carried.maybe_twice > 0 {
            pipeline_metrics::add(first, session.now, "CountedMaybeTwice", &[], carried.maybe_twice);
        }
        for news in &carried.news {
            pipeline_metrics::add_news(first, session.now, news);
        }
        carried
    }
}

/// Decides for each message whether it comes back, and adds up the account.
fn settle(messages: Vec<Settled>, put: &[bool], answers_by_message: bool, report: &mut Report) {
    for (message, &was_put) in messages.into_iter().zip(put) {
        report.totals.add(&message.totals);
        if was_put && !message.comes_back {
            report.matches.iter_mut().zip(&message.matches).for_each(|(total, count)| *total += count);
            continue;
        }
        if message.is_handed_back {
            continue;
        }
        match message.id {
            Some(id) if answers_by_message => report.returned.push(id),
            _ => report.failed = true,
        }
    }
    if !report.totals.balance() {
        report.problems.push(Problem::Unbalanced(report.totals.clone()));
    }
}

/// A handled message without its datapoints.
struct Settled {
    id: Option<String>,
    comes_back: bool,
    totals: Totals,
    matches: Vec<u64>,
    beside_handed_back: Vec<ObjectRef>,
    /// All its objects are on their way back, each in a message of its own.
    is_handed_back: bool,
}

fn split(handled: Handled) -> (Aggregate, Settled) {
    let Handled { id, comes_back, totals, aggregate, matches, beside_handed_back } = handled;
    (aggregate, Settled { id, comes_back, totals, matches, beside_handed_back, is_handed_back: false })
}

#[cfg(test)]
mod tests;
