//! Each event once, in whatever file, region folder or trail it is delivered again.

use std::collections::HashSet;

use trailmeter_detection::{EventKey, FileMatches};

use super::claims::failed_before;
use super::object::apart;
use super::{Pipeline, Session};
use crate::ledger::{EventMatch, Ledger, ObjectVersion, Taken};
use crate::report::ObjectError;

/// Pairs between two looks at the time that is left: some ten requests of a ledger.
const PAIRS_AT_ONCE: usize = 500;

impl<S, M, Q, L: Ledger + Sync, F> Pipeline<S, M, Q, L, F> {
    /// Makes the matches of a file its own, and has the memory know which of them are counted with
    /// another object.
    ///
    /// That other object may not be done yet. It will be: its file was read to the end, and its
    /// message comes back until its counts are taken, or lies in the dead-letter queue by its name.
    /// Where it was written over meanwhile this object takes its place. Returns how many of the
    /// matches that other may have counted; nothing if it is being counted just now.
    pub(super) async fn take_events(
        &self,
        object: &ObjectVersion,
        file: &FileMatches,
        recount: Option<&str>,
        session: &mut Session<'_>,
    ) -> Result<Option<u64>, ObjectError> {
        let (Some(ledger), true) = (&self.ledger, self.settings.ledger.events) else { return Ok(Some(0)) };
        let pairs = session.memory.would_count(file);
        let detectors: Vec<String> =
            session.detectors.detectors().iter().map(|detector| apart(&detector.name, recount)).collect();
        let mut elsewhere: HashSet<(EventKey, usize)> = HashSet::new();
        let mut in_doubt = 0;
        for pairs in pairs.chunks(PAIRS_AT_ONCE) {
            if session.ledger_failed {
                return Err(ObjectError::Ledger(failed_before()));
            }
            // What was taken stays this object's, so the next attempt has less to do.
            if session.is_very_late() {
                return Err(ObjectError::OutOfTime);
            }
            let events: Vec<EventMatch<'_>> = pairs
                .iter()
                .map(|&(event, detector)| EventMatch { event, detector: &detectors[detector] })
                .collect();
            let taken = ledger.take_events(object, &events, session.moment.now).await;
            let taken = taken.map_err(|error| {
                self.count_ledger_failure(&error, session);
                ObjectError::Ledger(error)
            })?;
            for (pair, taken) in pairs.iter().zip(taken) {
                match taken {
                    Taken::Here => {}
                    Taken::HereInDoubt => in_doubt += 1,
                    Taken::Elsewhere => drop(elsewhere.insert(*pair)),
                    Taken::InOtherHands => return Ok(None),
                }
            }
        }
        session.memory.set_counted_elsewhere(elsewhere);
        Ok(Some(in_doubt))
    }
}
