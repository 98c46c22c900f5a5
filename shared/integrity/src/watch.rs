//! Digests as they come in, hour after hour: what is verified at once, what has to wait, and what never came.
//!
//! `validate-logs` is asked about a period that is over. This is told of each digest when it lands, perhaps before the
//! one that it follows, and has to notice by itself when none lands. So there are two ways in: [`Watch::look`] at one
//! digest, and [`Watch::round`], which goes over the last day and finds what nobody was told of.

mod entry;
mod folders;
mod log_files;
mod look;
mod looked;
mod ports;
mod round;
mod unnamed;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::digest_key::root;
use crate::{Chain, Trails};
pub use entry::{Entry, Link};
pub use looked::{Found, Looked, Postponed, State};
pub use ports::{Deliveries, Folders, Memory, PortError, StoredFile};
pub use round::{Missed, Round};

/// For so long a digest may be on its way before it is missed. CloudTrail writes one each hour, and some come late
/// or out of order.
pub const GRACE: SignedDuration = SignedDuration::from_hours(3);

/// What is watched, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchSettings {
    /// The log bucket.
    pub bucket: String,
    /// What stands before `AWSLogs` there, without a slash at its end; empty if nothing does.
    pub prefix: String,
    /// The trails that deliver there; `None` where nobody said which they are.
    pub trails: Option<Trails>,
    /// For how many days it is known which files were counted. What is older is not asked after.
    pub ledger_days: i64,
    /// A file that was written later than this before now may still be on its way to who counts it.
    pub under_way: SignedDuration,
    /// After how many days the bucket deletes files by itself, if that is known.
    pub expires_days: Option<i64>,
}

impl WatchSettings {
    /// Whether the digests of a chain may lie there.
    fn is_ours(&self, chain: &Chain) -> bool {
        self.trails.as_ref().is_none_or(|trails| trails.have(chain))
    }

    /// Below which all of the trail's files are.
    fn root(&self) -> String {
        root(&self.prefix)
    }
}

/// When something is looked at, and how much time there is for it.
#[derive(Clone, Copy)]
pub struct Moment<'m> {
    /// Now.
    pub now: Timestamp,
    /// What is left of the invocation.
    pub time_left: &'m (dyn Fn() -> Duration + Send + Sync),
}

/// With less than this left nothing more is begun.
const TOO_LATE: Duration = Duration::from_secs(30);

impl Moment<'_> {
    fn is_late(&self) -> bool {
        (self.time_left)() < TOO_LATE
    }

    /// How long ago `time` was.
    fn since(&self, time: Timestamp) -> SignedDuration {
        self.now.duration_since(time)
    }
}

/// Verifies digests over its ports.
pub struct Watch<O, K, D, M> {
    /// What is watched.
    pub settings: WatchSettings,
    /// Where digests and log files are.
    pub objects: O,
    /// Who lists public keys.
    pub keys: K,
    /// Who counts log files.
    pub deliveries: D,
    /// What was verified before.
    pub memory: M,
}
