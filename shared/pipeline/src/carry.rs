//! What one invocation could not report and the next one does.

use std::sync::atomic::{AtomicU64, Ordering};

/// Matches that may have been counted twice, not yet put as a metric.
#[derive(Debug, Default)]
pub(crate) struct Carry(AtomicU64);

impl Carry {
    pub(crate) fn add(&self, matches: u64) {
        self.0.fetch_add(matches, Ordering::Relaxed);
    }

    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}
