//! What can be set about a run.

use trailmeter_detection::finding::WhichFindings;
use trailmeter_logs::Limits;

use crate::delivery::Occasion;

/// The settings of a [`Pipeline`](crate::Pipeline).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The log buckets. An object elsewhere fails: it is a sign of wrong wiring.
    pub buckets: Vec<String>,
    /// Which time datapoints bear.
    pub timestamps: Timestamps,
    /// How many combinations of values each dimension set keeps in a day.
    pub dimension_values: usize,
    /// Whether one alarm watches the detectors that came in no pack: their matches are then put once
    /// more, under one name.
    pub covers_loaded: bool,
    /// What a single file may cost.
    pub limits: Limits,
    /// How many pairs of event and detector are remembered in one invocation.
    pub remembered: usize,
    /// How a ledger is used, where there is one.
    pub ledger: LedgerSettings,
    /// How much is read before its turn.
    pub read_ahead: ReadAheadSettings,
    /// What becomes of findings.
    pub findings: FindingSettings,
    /// Whether a delivery that was missed counts as one that came late, with the alarms that this may set off.
    /// If not it counts as a backfill does.
    pub caught_up_alarms: bool,
}

impl Settings {
    /// Whether what a message of this occasion counts stands [apart](crate::aggregate::APART) from what is
    /// delivered.
    pub(crate) fn counts_apart(&self, occasion: &Occasion) -> bool {
        match occasion {
            Occasion::Live => false,
            Occasion::CaughtUp => !self.caught_up_alarms,
            Occasion::Backfill(_) => true,
        }
    }
}

/// What becomes of findings. There are none, unless it is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindingSettings {
    /// Whose matches become findings.
    pub which: WhichFindings,
    /// How many of a detector have a line of their own in one invocation. The rest are one line together.
    pub lines: usize,
    /// The namespace of the deployment, which stands in each finding.
    pub namespace: String,
}

/// How much is read from the store before its turn. Nothing, unless it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadAheadSettings {
    /// Objects under way, or read and waiting for their turn.
    pub objects: usize,
    /// Bytes of bodies that are kept until they were looked at. A body that does not fit in is opened ahead,
    /// and read at its turn.
    pub bytes: usize,
}

/// How the ledger is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedgerSettings {
    /// Whether events are remembered too, and not only objects.
    pub events: bool,
    /// What becomes of an object that the ledger does not answer for.
    pub unavailable: Unavailable,
}

/// What becomes of an object that the ledger does not answer for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unavailable {
    /// Its message comes back: what counts counts once.
    #[default]
    Hold,
    /// It is counted, and perhaps a second time.
    Count,
}

/// Which time datapoints bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timestamps {
    /// When the file was handled. An alarm looks at the last minutes, so this alone never misses
    /// a match in a file that was delivered late.
    #[default]
    Arrival,
    /// When the event happened.
    Event,
    /// Arrival, and a second metric `NAME.EventTime`, so that no sum doubles.
    Both,
}
