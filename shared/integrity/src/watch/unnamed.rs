//! Log files that lie in the bucket and that no digest names: somebody else may have put them there.

use jiff::SignedDuration;

use super::{Deliveries, Looked, Memory, Postponed, Watch};
use crate::{
    Chain, Digest, Event, KeyService, Listing, Location, Met, NamedLogFiles, Objects, Period, Verifier,
};

/// The hour before the one that a digest covers has a neighbour on either side by now, one of which may name what was
/// delivered at its ends.
const HOURS_BACK: SignedDuration = SignedDuration::from_mins(150);

impl<O, K, D, M> Watch<O, K, D, M>
where
    O: Objects + Sync,
    K: KeyService + Sync,
    D: Deliveries + Sync,
    M: Memory + Sync,
{
    /// Compares the log files of the hour before a digest with what the digests around it name.
    pub(super) async fn unnamed(
        &self,
        chain: &Chain,
        digest: &Digest,
        verifier: &mut Verifier<&O, &K>,
        looked: &mut Looked,
    ) -> Result<(), Postponed> {
        let from = digest.end.checked_sub(HOURS_BACK).unwrap_or(digest.end);
        let period = Period { from, to: digest.end };
        let bucket = &self.settings.bucket;
        let listing = Listing::read(&self.objects, bucket, chain, period).await?;
        // Files do not say which of several trails wrote them.
        let is_shared = listing.others.iter().any(|other| self.settings.is_ours(other));
        if chain.is_backfill || is_shared {
            return Ok(());
        }
        let mut named = NamedLogFiles::new();
        // What came later has an hour of its own, in which it would be told again.
        let until_now = listing.digests.iter().filter(|key| key.time <= digest.end);
        for key in until_now.chain(&listing.backfills) {
            let at = Location::new(bucket, key.to_string());
            // One that is not valid is told of when it is looked at itself. It names nothing.
            if let Met::Valid(digest) = verifier.digest(&at, &chain.region).await? {
                named.add(&digest);
            }
        }
        let mut tell = |event: Event<'_>| {
            if let Event::Finding(finding) = event {
                looked.add(finding.clone());
            }
        };
        Ok(verifier.unnamed(bucket, chain, &named, &mut tell).await?)
    }
}
