//! What one invocation could not report and the next one does.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Something to be put once as a metric of Trailmeter's own, beside what an invocation counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The metric.
    pub name: &'static str,
    /// Its dimensions.
    pub dimensions: Vec<(&'static str, String)>,
    /// What is added to it.
    pub value: u64,
}

/// What waits to be put.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// Matches that may have been counted twice.
    pub(crate) maybe_twice: u64,
    pub(crate) news: Vec<News>,
}

/// [`Carried`], from one invocation to the next.
#[derive(Debug, Default)]
pub(crate) struct Carry(Mutex<Carried>);

impl Carry {
    pub(crate) fn add(&self, matches: u64) {
        self.lock().maybe_twice += matches;
    }

    pub(crate) fn announce(&self, news: impl IntoIterator<Item = News>) {
        let mut carried = self.lock();
        for news in news {
            let is_same = |other: &&mut News| other.name == news.name && other.dimensions == news.dimensions;
            match carried.news.iter_mut().find(is_same) {
                Some(other) => other.value += news.value,
                None => carried.news.push(news),
            }
        }
    }

    pub(crate) fn take(&self) -> Carried {
        std::mem::take(&mut *self.lock())
    }

    /// What was taken could not be put.
    pub(crate) fn put_back(&self, carried: Carried) {
        self.add(carried.maybe_twice);
        self.announce(carried.news);
    }

    fn lock(&self) -> MutexGuard<'_, Carried> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
