//! Requests with findings, some at a time, until one shows that the place does not answer.

use std::error::Error;
use std::future::Future;

use tokio::task::JoinSet;
use trailmeter_pipeline::FindingError;

/// Requests that are on their way at the same time.
const AT_ONCE: usize = 4;

pub(super) type Source = Box<dyn Error + Send + Sync>;

/// What became of a request.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Findings of it that were not taken.
    pub(super) not_taken: usize,
    /// Why, of the first one.
    pub(super) first: Option<Source>,
    /// Whether the place took nothing at all, and more requests would fare no better.
    pub(super) is_down: bool,
}

/// What findings came to at one place.
#[derive(Debug, Default)]
pub(super) struct Sent {
    not_taken: usize,
    first: Option<Source>,
}

impl Sent {
    /// Takes down a finding that is not even sent.
    pub(super) fn refuse(&mut self, source: Source) {
        self.add(1, Some(source));
    }

    /// Sends each group. Once the place is down, the groups that are not yet sent are not taken: counting goes on
    /// when this ends, and each of them would take all the time that a request may.
    pub(super) async fn send<T, F>(&mut self, groups: Vec<Vec<T>>, request: impl Fn(Vec<T>) -> F)
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let mut requests = JoinSet::new();
        let mut is_down = false;
        for group in groups {
            while requests.len() >= AT_ONCE {
                is_down |= self.note(requests.join_next().await);
            }
            if is_down {
                self.add(group.len(), None);
            } else {
                requests.spawn(request(group));
            }
        }
        while !requests.is_empty() {
            self.note(requests.join_next().await);
        }
    }

    /// How it went, as the place is called.
    pub(super) fn end(self, place: &'static str) -> Result<(), FindingError> {
        match self.first {
            None => Ok(()),
            Some(source) => Err(FindingError { place, findings: self.not_taken as u64, source }),
        }
    }

    fn note(&mut self, ended: Option<Result<Outcome, tokio::task::JoinError>>) -> bool {
        let outcome = match ended {
            None => return false,
            Some(Ok(outcome)) => outcome,
            Some(Err(panicked)) => Outcome { not_taken: 1, first: Some(Box::new(panicked)), is_down: false },
        };
        self.add(outcome.not_taken, outcome.first);
        outcome.is_down
    }

    fn add(&mut self, not_taken: usize, source: Option<Source>) {
        self.not_taken += not_taken;
        if self.first.is_none() {
            self.first = source;
        }
    }
}
