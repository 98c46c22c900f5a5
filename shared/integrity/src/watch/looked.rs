//! What a look at a digest has found.

use std::fmt;

use super::{Entry, PortError};
use crate::{FetchError, Finding, KeyServiceError, Location, Reason, Unavailable};

/// What became of one digest.
#[derive(Debug)]
pub struct Looked {
    /// The digest.
    pub digest: Location,
    /// How far it came.
    pub state: State,
    /// What is wrong, with the digest, its chain and its log files.
    pub found: Vec<Found>,
    /// Log files that are what CloudTrail delivered.
    pub log_files_valid: u64,
    /// What it names in a place where nobody may look: its predecessor, log files.
    pub elsewhere: Vec<Location>,
    /// Log files that nobody had counted, and that are queued now.
    pub caught_up: Vec<Location>,
    /// Minutes before it that no digest covers.
    pub gap_minutes: u64,
    /// The digest behind which they are.
    pub gap_behind: Option<Location>,
    /// Whether it was not looked at before. One that waited for its predecessor is looked at twice.
    pub is_first_look: bool,
    /// What is to be remembered of it, and under which name, once what was found is told.
    pub entry: Option<(String, Entry)>,
}

/// How far a look came.
#[derive(Debug)]
pub enum State {
    /// Everything about it is known.
    Done,
    /// It was done before.
    Known,
    /// The object is no digest of the bucket that is watched.
    NotADigest,
    /// It has to come back.
    Postponed(Postponed),
}

/// Something that is wrong, with an object that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What.
    pub reason: Reason,
    /// With which object.
    pub object: Location,
}

/// Why a digest has to come back.
#[derive(Debug)]
pub enum Postponed {
    /// The bucket did not give an object.
    Bucket(FetchError),
    /// Who lists public keys did not answer.
    Keys(KeyServiceError),
    /// It is not known what was counted, or what was missed could not be queued.
    Deliveries(PortError),
    /// What was verified before is not known.
    Memory(PortError),
    /// Log files were written so lately that they may still be counted.
    YoungFiles(u64),
    /// Too little time was left.
    OutOfTime,
}

impl Postponed {
    /// A stable word for metrics and reports.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Bucket(error) => error.problem.reason(),
            Self::Keys(_) => "keys-unavailable",
            Self::Deliveries(_) => "ledger-unavailable",
            Self::Memory(_) => "memory-unavailable",
            Self::YoungFiles(_) => "young-files",
            Self::OutOfTime => "out-of-time",
        }
    }
}

impl fmt::Display for Postponed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket(error) => error.fmt(f),
            Self::Keys(error) => error.fmt(f),
            Self::Deliveries(error) => {
                write!(f, "what was counted is not known, or not to be queued: {error}")
            }
            Self::Memory(error) => write!(f, "what was verified before is not known: {error}"),
            Self::YoungFiles(files) => {
                write!(f, "{files} log files were written lately and are not counted yet")
            }
            Self::OutOfTime => f.write_str("too little time was left in this invocation"),
        }
    }
}

impl From<Unavailable> for Postponed {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::Objects(error) => Self::Bucket(error),
            Unavailable::Keys(error) => Self::Keys(error),
        }
    }
}

impl From<FetchError> for Postponed {
    fn from(error: FetchError) -> Self {
        Self::Bucket(error)
    }
}

impl Looked {
    pub(super) fn new(digest: Location) -> Self {
        Self {
            digest,
            state: State::Done,
            found: Vec::new(),
            log_files_valid: 0,
            elsewhere: Vec::new(),
            caught_up: Vec::new(),
            gap_minutes: 0,
            gap_behind: None,
            is_first_look: true,
            entry: None,
        }
    }

    /// Takes a finding, and the minutes that it is about if they are missing.
    pub(super) fn add(&mut self, finding: Finding) {
        if let (Reason::Gap, Some(period)) = (finding.reason, finding.period) {
            self.gap_minutes += period.minutes();
        }
        self.found.push(Found { reason: finding.reason, object: finding.location });
    }

    pub(super) fn find(&mut self, reason: Reason, object: &Location) {
        self.found.push(Found { reason, object: object.clone() });
    }

    /// Whether the digest has to be looked at again.
    pub fn comes_back(&self) -> bool {
        matches!(self.state, State::Postponed(_))
    }

    /// Whether the digest itself is what CloudTrail signed. How it follows the one before is another matter.
    pub fn is_valid(&self) -> bool {
        let is_its_own = |found: &Found| found.object == self.digest && !is_of_the_link(found.reason);
        matches!(self.state, State::Done) && !self.found.iter().any(is_its_own)
    }
}

/// Whether a finding is about two digests, of which one may have been missing.
pub(super) fn is_of_the_link(reason: Reason) -> bool {
    matches!(reason, Reason::PreviousHash | Reason::PreviousSignature | Reason::Gap | Reason::Overlap)
}
