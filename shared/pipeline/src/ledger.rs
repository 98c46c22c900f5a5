//! The ledger: which objects and events were counted before, kept where every invocation sees it.
//!
//! Every service between CloudTrail and this function delivers at least once, and
//! `PutMetricData` has no token that would make a repeat harmless. So before a request is sent the
//! ledger says which objects it bears, and after it that they are done. What stood between the two
//! when a process died, or an answer was lost, may have been counted; nothing else may.
//!
//! What may follow what is decided here ([`Entry`]); a ledger has to do no more than compare and
//! replace, which is what makes two invocations on one object safe.

mod entry;

use std::error::Error;
use std::future::Future;

use trailmeter_detection::EventKey;

use crate::delivery::ObjectRef;

pub use entry::{Entry, Met, State};

/// An object as it was read. Its name alone is not enough: it may be overwritten; and what a
/// notification says of its version is not either, as CloudTrail's own says nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectVersion {
    /// Its name.
    pub object: ObjectRef,
    /// The version id or the `ETag` that the read returned.
    pub version: String,
}

/// An event that a detector matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventMatch<'d> {
    /// The event.
    pub event: EventKey,
    /// The detector's name, which outlives its place in a set.
    pub detector: &'d str,
}

/// What became of an event that an object was to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is the object's, and counts with it.
    Here,
    /// It is the object's, and what stood under its name before may have counted it.
    HereInDoubt,
    /// It is another's, and counts with that.
    Elsewhere,
    /// What stood under the object's name before is being counted just now.
    InOtherHands,
}

/// Where the ledger is kept.
pub trait Ledger {
    /// Writes the first entry of an object. If there is one already, returns that instead.
    ///
    /// A repeat of a write whose answer was lost meets its own entry: that is no entry of another.
    fn insert(
        &self,
        object: &ObjectVersion,
        entry: &Entry,
    ) -> impl Future<Output = Result<Option<Entry>, LedgerError>> + Send;

    /// Replaces the entry of an object if it still is `from`, or `to` already. Returns whether it is
    /// `to` now.
    fn replace(
        &self,
        object: &ObjectVersion,
        from: &Entry,
        to: &Entry,
    ) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Makes these events the object's, but for those that are another's: who comes first counts an
    /// event. Returns for each, in their order, what became of it.
    ///
    /// Another version of the same key is no other where it was not counted and nobody is at it: it
    /// was written over, so that nobody can read it any more. The object takes its place.
    fn take_events(
        &self,
        object: &ObjectVersion,
        events: &[EventMatch<'_>],
        now: i64,
    ) -> impl Future<Output = Result<Vec<Taken>, LedgerError>> + Send;

    /// How often each of these messages was tried alone before.
    fn tries(
        &self,
        messages: &[&str],
        now: i64,
    ) -> impl Future<Output = Result<Vec<u64>, LedgerError>> + Send;

    /// Takes down that a message is now tried alone.
    fn begin_try(&self, message: &str, now: i64) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

/// The ledger did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{problem}: {source}")]
pub struct LedgerError {
    /// What it comes down to.
    pub problem: LedgerProblem,
    /// What it said.
    pub source: Box<dyn Error + Send + Sync>,
}

/// What can keep a ledger from answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerProblem {
    /// It asks for patience.
    #[error("the ledger throttles")]
    Throttled,
    /// The function may not use it.
    #[error("access to the ledger is denied: the function needs UpdateItem, BatchGetItem and PutItem on it")]
    AccessDenied,
    /// There is no such table.
    #[error("there is no such ledger: compare TRAILMETER_LEDGER_TABLE with the stack")]
    NotFound,
    /// No answer, or one that says nothing.
    #[error("the ledger does not answer")]
    Unavailable,
    /// Two wrote the same at the same time, again and again.
    #[error("the ledger is contended")]
    Contended,
    /// It was asked shortly before and did not answer; it was not asked again.
    #[error("the ledger failed earlier in this invocation")]
    FailedBefore,
    /// An entry that this version cannot read.
    #[error("the ledger holds an entry of another form: was the table written by something else?")]
    Unreadable,
}

impl LedgerProblem {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::AccessDenied => "access-denied",
            Self::NotFound => "not-found",
            Self::Unavailable => "unavailable",
            Self::Contended => "contended",
            Self::FailedBefore => "failed-before",
            Self::Unreadable => "unreadable",
        }
    }
}
