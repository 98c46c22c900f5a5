//! How fast objects are sent.

use std::time::Duration;

use crate::ports::Time;

/// Keys in one message. SQS charges for messages, and a message whose objects fail is taken apart again.
pub const MOST_IN_MESSAGE: usize = 10;
/// Messages in one request, which is SQS's own limit.
const MOST_MESSAGES: usize = 10;

/// Lets so many objects pass in a second, and never a burst: what was not used is not made up for.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: u32,
    /// Before that nothing passes.
    next: Duration,
}

impl Pace {
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate: rate.max(1), next: Duration::ZERO }
    }

    /// How many are sent at once: no more than pass in some seconds, so that a slow backfill can stop in time.
    pub(crate) fn at_once(&self) -> usize {
        let most = MOST_IN_MESSAGE * MOST_MESSAGES;
        usize::try_from(self.rate).unwrap_or(most).clamp(MOST_IN_MESSAGE, most)
    }

    /// How long to wait before the next may be sent.
    pub(crate) fn wait(&self, time: &impl Time) -> Duration {
        self.next.saturating_sub(time.elapsed())
    }

    /// Takes down that so many are sent now.
    pub(crate) fn sent(&mut self, objects: usize, time: &impl Time) {
        let each = Duration::from_secs(1) / self.rate;
        let took = each.saturating_mul(u32::try_from(objects).unwrap_or(u32::MAX));
        self.next = self.next.max(time.elapsed()).saturating_add(took);
    }
}
