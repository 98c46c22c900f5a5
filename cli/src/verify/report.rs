//! What is told of one chain, whatever it is printed as.

use std::io;

use trailmeter_integrity::{Chain, Event, Period, Tally};

/// A chain and the time that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// What is checked, in the words of the first line.
    pub(super) title: String,
    pub(super) bucket: String,
    pub(super) chain: Chain,
    pub(super) period: Period,
}

impl Subject {
    /// The time that valid digests cover, as far as it was asked for.
    pub(super) fn found(&self, digests: &Tally, backfills: &Tally) -> Option<Period> {
        let found = [digests.found, backfills.found].into_iter().flatten();
        let all =
            found.reduce(|one, other| Period { from: one.from.min(other.from), to: one.to.max(other.to) });
        all.map(|all| Period { from: all.from.max(self.period.from), to: all.to.min(self.period.to) })
    }
}

/// Where what is met is told.
pub(super) trait Report: Send {
    /// A chain begins.
    fn start(&mut self, subject: &Subject) -> io::Result<()>;
    /// Something was met.
    fn event(&mut self, event: &Event<'_>, is_backfill: bool) -> io::Result<()>;
    /// Both chains were walked: the digests', and the backfill digests'.
    fn walked(&mut self, subject: &Subject, digests: &Tally, backfills: &Tally) -> io::Result<()>;
    /// All was looked for. `is_unnamed_known` says whether log files that no digest names were.
    fn end(&mut self, subject: &Subject, all: &Tally, is_unnamed_known: bool) -> io::Result<()>;
}
