//! Each event once, in whatever file, region folder or trail it is delivered again.

use std::collections::HashSet;

use trailmeter_detection::{EventKey, FileMatches};

use super::claims::failed_before;
use super::{Pipeline, Session};
use crate::ledger::{EventMatch, Ledger, LedgerError, ObjectVersion};

impl<S, M, Q, L: Ledger + Sync> Pipeline<S, M, Q, L> {
    /// Makes the matches of a file its own, and has the memory know which of them are counted with
    /// another object.
    ///
    /// That other object may not be done yet. It will be: its file was read to the end, and its
    /// message comes back until its counts are taken, or lies in the dead-letter queue by its name.
    pub(super) async fn take_events(
        &self,
        object: &ObjectVersion,
        file: &FileMatches,
        session: &mut Session<'_>,
    ) -> Result<(), LedgerError> {
        let elsewhere = self.counted_elsewhere(object, file, session).await?;
        session.memory.set_counted_elsewhere(elsewhere);
        Ok(())
    }

    async fn counted_elsewhere(
        &self,
        object: &ObjectVersion,
        file: &FileMatches,
        session: &mut Session<'_>,
    ) -> Result<HashSet<(EventKey, usize)>, LedgerError> {
        let pairs = session.memory.would_count(file);
        let (Some(ledger), true, false) = (&self.ledger, self.settings.ledger.events, pairs.is_empty())
        else {
            return Ok(HashSet::new());
        };
        if session.ledger_failed {
            return Err(failed_before());
        }
        let detectors = session.detectors.detectors();
        let events: Vec<EventMatch<'_>> = pairs
            .iter()
            .map(|&(event, detector)| EventMatch { event, detector: &detectors[detector].name })
            .collect();
        let others = ledger.take_events(object, &events, session.moment.now).await;
        let others = others.inspect_err(|error| self.count_ledger_failure(error, session))?;
        Ok(pairs.into_iter().zip(others).filter_map(|(pair, is_other)| is_other.then_some(pair)).collect())
    }
}
