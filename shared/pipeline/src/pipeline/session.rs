//! What lasts for one invocation.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use trailmeter_detection::{DetectorSet, Memory, Repeats};

use super::Moment;
use super::findings::Told;
use crate::dimension_values::DimensionLimiter;
use crate::ledger::ObjectVersion;
use crate::report::Report;
use crate::settings::Settings;

/// What has to be left to begin with another object: the longest that one object keeps its store
/// busy, twice, and the put after it.
const TO_BEGIN: Duration = Duration::from_mins(1);
/// What has to be left to go on with an object: the put of what was read before it, repetitions
/// included, and the ledger before and after it.
const TO_GO_ON: Duration = Duration::from_secs(30);

/// What lasts for one invocation.
pub(super) struct Session<'a> {
    pub(super) detectors: &'a DetectorSet,
    pub(super) moment: Moment<'a>,
    time_left: &'a (dyn Fn() -> Duration + Send + Sync),
    pub(super) memory: Memory,
    pub(super) limiter: DimensionLimiter,
    pub(super) report: Report,
    /// What this invocation holds claims on, or has counted.
    pub(super) claimed: HashSet<ObjectVersion>,
    /// Claims so far, so that each bears a name of its own.
    claims: u64,
    /// The ledger failed. It is not asked again, as each question may take seconds to fail.
    pub(super) ledger_failed: bool,
    /// By backfill and detector: what was told of its findings.
    pub(super) told: BTreeMap<Option<String>, Vec<Told>>,
    /// The recount whose events the memory holds; none are those of everything else.
    recount: Option<String>,
    remembered: usize,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        settings: &Settings,
        detectors: &'a DetectorSet,
        limiter: DimensionLimiter,
        moment: Moment<'a>,
        time_left: &'a (dyn Fn() -> Duration + Send + Sync),
    ) -> Self {
        Self {
            detectors,
            moment,
            time_left,
            memory: Memory::new(Repeats::Once, settings.remembered),
            limiter: limiter.on(moment.now),
            report: Report { matches: vec![0; detectors.detectors().len()], ..Report::default() },
            claimed: HashSet::new(),
            claims: 0,
            ledger_failed: false,
            told: BTreeMap::new(),
            recount: None,
            remembered: settings.remembered,
        }
    }

    /// Whether it is too late to begin with another object.
    pub(super) fn is_late(&self) -> bool {
        (self.time_left)() < TO_BEGIN
    }

    /// The same, asked from elsewhere: whether there is time to begin with another object.
    pub(super) fn has_time(&self) -> impl Fn() -> bool + Send + Sync + use<'a> {
        let time_left = self.time_left;
        move || time_left() >= TO_BEGIN
    }

    /// Whether it is too late to go on with one.
    pub(super) fn is_very_late(&self) -> bool {
        (self.time_left)() < TO_GO_ON
    }

    /// Begins with the messages of a recount, or of none. To it nothing was seen yet.
    pub(super) fn begin_recount(&mut self, recount: Option<&str>) {
        if self.recount.as_deref() != recount {
            self.recount = recount.map(str::to_owned);
            self.memory = Memory::new(Repeats::Once, self.remembered);
        }
    }

    /// A name for a claim that no other claim bears, of this invocation or another.
    pub(super) fn next_claim(&mut self) -> String {
        self.claims += 1;
        format!("{}/{}", self.moment.attempt, self.claims)
    }
}
