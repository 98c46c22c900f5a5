//! What became of an invocation: what is counted, what is named, what comes back.

use std::collections::BTreeMap;

use trailmeter_detection::RecordCounts;
use trailmeter_logs::LogFileError;

use crate::delivery::{DecodeError, ObjectRef};
use crate::ledger::LedgerError;
use crate::ports::{FindingError, PutError, QueueError, ReadError};

/// The outcome of an object.
#[derive(Debug)]
pub enum ObjectOutcome {
    /// It was read to its end.
    Read,
    /// It was not to be read.
    Skipped(&'static str),
    /// It is announced again.
    Duplicate(Repeat),
    /// It could not be read.
    Failed(ObjectError),
}

impl ObjectOutcome {
    /// Whether the object has to be announced once more.
    pub(crate) fn comes_back(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Duplicate(Repeat::InOtherHands))
    }
}

/// Where else an object is counted that is announced again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It was counted before.
    Counted,
    /// An earlier message of the same invocation named it.
    SameInvocation,
    /// Another invocation is at it. It has to come back, should that one fail.
    InOtherHands,
}

impl Repeat {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Counted => "already-counted",
            Self::SameInvocation => "same-invocation",
            Self::InOtherHands => "claimed-elsewhere",
        }
    }
}

/// Why an object failed.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// It is in a bucket that the function was not set up for.
    #[error(
        "the bucket is none of the log buckets of this function: add it to TRAILMETER_BUCKETS or mend the notification"
    )]
    OtherBucket,
    /// The store did not give it.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is no log file.
    #[error(transparent)]
    File(#[from] LogFileError),
    /// Too little time was left to begin with it.
    #[error("too little time was left in this invocation; a later one reads it")]
    OutOfTime,
    /// The ledger does not say whether it was counted before.
    #[error("not counted, as the ledger cannot say whether it was counted before: {0}")]
    Ledger(LedgerError),
    /// It is a digest, and who verifies them did not get it.
    #[error("not passed on to be verified: {0}")]
    NotPassedOn(QueueError),
    /// It was read, but another object of the same message failed and the message comes back.
    #[error("another object of the same message failed, and the message comes back whole")]
    HeldBack,
}

impl ObjectError {
    /// A stable word for metrics and reports.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::OtherBucket => "other-bucket",
            Self::Read(error) => error.problem.reason(),
            Self::File(error) => error.cause.reason(),
            Self::OutOfTime => "out-of-time",
            Self::Ledger(_) => "ledger-unavailable",
            Self::NotPassedOn(_) => "not-passed-on",
            Self::HeldBack => "held-back",
        }
    }
}

/// Why an access log is not read that is about its own bucket.
pub(crate) const LOGS_ITSELF: &str = "logs-itself";

/// Why an object that was announced is not read.
pub(crate) const NOT_CREATED: &str = "not-created";

/// Why a message is not read whose objects have messages of their own now.
pub(crate) const TAKEN_APART: &str = "taken-apart";

/// Why a single event is left to its file: without a ledger of events it would count twice.
pub(crate) const LEDGER_OF_EVENTS_OFF: &str = "single-event-without-ledger";

/// Why a single event is left to its file: the ledger cannot say whether it counted before.
pub(crate) const EVENT_LEFT_TO_FILE: &str = "ledger-unavailable";

/// Everything that an invocation counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Objects that messages named.
    pub objects_in: u64,
    /// Objects read to their end.
    pub objects_read: u64,
    /// Objects not read, by reason.
    pub objects_skipped: BTreeMap<&'static str, u64>,
    /// Objects that are announced again, by reason.
    pub objects_duplicate: BTreeMap<&'static str, u64>,
    /// Objects that could not be read, by reason.
    pub objects_failed: BTreeMap<&'static str, u64>,
    /// Messages with nothing to read, by reason.
    pub messages_skipped: BTreeMap<&'static str, u64>,
    /// Messages that could not be understood, by reason.
    pub messages_failed: BTreeMap<&'static str, u64>,
    /// Records by outcome.
    pub records: RecordCounts,
}

impl Totals {
    /// Whether everything that came in has exactly one outcome.
    pub fn balance(&self) -> bool {
        let skipped: u64 = self.objects_skipped.values().sum();
        let duplicate: u64 = self.objects_duplicate.values().sum();
        let failed: u64 = self.objects_failed.values().sum();
        self.objects_in == self.objects_read + skipped + duplicate + failed && self.records.balance()
    }

    pub(crate) fn add(&mut self, other: &Totals) {
        self.objects_in += other.objects_in;
        self.objects_read += other.objects_read;
        for (mine, others) in [
            (&mut self.objects_skipped, &other.objects_skipped),
            (&mut self.objects_duplicate, &other.objects_duplicate),
            (&mut self.objects_failed, &other.objects_failed),
            (&mut self.messages_skipped, &other.messages_skipped),
            (&mut self.messages_failed, &other.messages_failed),
        ] {
            for (&reason, count) in others {
                *mine.entry(reason).or_default() += count;
            }
        }
        self.records += &other.records;
    }
}

/// Something that an operator has to be able to read about.
#[derive(Debug)]
pub enum Problem {
    /// A message that cannot be understood.
    Message {
        /// Its id, if it has one.
        id: Option<String>,
        /// Why.
        error: DecodeError,
    },
    /// An object that could not be read.
    Object {
        /// Which.
        object: ObjectRef,
        /// Why.
        error: ObjectError,
    },
    /// Metrics that were not taken, or perhaps were.
    Put {
        /// Why.
        error: PutError,
        /// How many matches may count twice, as their messages come back.
        maybe_twice: u64,
    },
    /// Lines of an access log that cannot be read.
    Malformed {
        /// Of which object.
        object: ObjectRef,
        /// Why.
        reason: &'static str,
        /// Where the first of them begins in the inflated file.
        offset: u64,
        /// How many there are.
        lines: u64,
    },
    /// An access log about the bucket that it lies in. It is skipped: to read it makes another one.
    LogsItself(ObjectRef),
    /// Objects that could not be sent back one by one.
    HandBack(QueueError),
    /// A message that was received before could not be taken apart. It is read as it is.
    TakeApart(QueueError),
    /// So many messages were not looked at, as too little time was left.
    LeftUnread(usize),
    /// Another invocation is at an object. It has to come back, should that one fail.
    InOtherHands(ObjectRef),
    /// Messages that are done could not be acknowledged before the end of the invocation.
    Acknowledge(QueueError),
    /// An object was taken over from an attempt that may have been counted.
    MaybeTwice {
        /// Which.
        object: ObjectRef,
        /// How many matches that attempt bore.
        matches: u64,
    },
    /// The ledger did not take down what became of something.
    Ledger {
        /// What it was to take down.
        doing: &'static str,
        /// Of which object, if it is about one.
        object: Option<ObjectRef>,
        /// Why it did not.
        error: LedgerError,
    },
    /// Findings of an object that were not kept where they were to be.
    Findings {
        /// Which object.
        object: ObjectRef,
        /// Where, and why not.
        error: FindingError,
    },
    /// The claim on an object was another's when its request was to be sent. It is not sent.
    ClaimLost(ObjectRef),
    /// The counts do not add up: a mistake in Trailmeter.
    Unbalanced(Totals),
}

impl Report {
    /// Has a message come back: by its id where the answer can name it, with all others where not.
    pub(crate) fn comes_back(&mut self, id: Option<String>, answers_by_message: bool) {
        match id {
            Some(id) if answers_by_message => self.returned.push(id),
            _ => self.failed = true,
        }
    }
}

/// What became of an invocation.
#[derive(Debug, Default)]
pub struct Report {
    /// What was counted, whether or not its message comes back.
    pub totals: Totals,
    /// Matches by detector, in the order of the set, of messages that are done.
    pub matches: Vec<u64>,
    /// The ids of the messages that have to come back.
    pub returned: Vec<String>,
    /// Whether the invocation has to fail as a whole.
    pub failed: bool,
    /// How many messages it had.
    pub messages: usize,
    /// `PutMetricData` requests that were sent.
    pub requests: u64,
    /// What went wrong, each by its name.
    pub problems: Vec<Problem>,
}
