//! Whether a digest follows the one that it names.

use super::look::gone;
use super::{Deliveries, GRACE, KeyService, Link, LogBucket, Looked, Memory, Moment, Postponed, Watch};
use crate::{DigestKey, Location, OpenDigest, Previous, Reason, VerifiedDigest};

impl<B, K, D, M> Watch<B, K, D, M>
where
    B: LogBucket + Sync,
    K: KeyService + Sync,
    D: Deliveries + Sync,
    M: Memory + Sync,
{
    pub(super) async fn link(
        &self,
        key: &DigestKey,
        verified: &VerifiedDigest,
        moment: Moment<'_>,
        looked: &mut Looked,
    ) -> Result<Link, Postponed> {
        // The first of its chain. That the one before it is missing shows in a round, by the time between them.
        let Some(previous) = &verified.digest().previous else { return Ok(Link::Settled) };
        // The trail had another bucket before, which is not ours to read.
        if previous.location.bucket != self.settings.bucket {
            return Ok(Link::Settled);
        }
        let at = looked.digest.clone();
        let follows = DigestKey::parse(&previous.location.key)
            .is_some_and(|before| before.chain == key.chain && before.time < key.time);
        if !follows {
            looked.find(Reason::Spliced, &at);
            return Ok(Link::Settled);
        }
        match self.bucket.digest(&previous.location).await {
            Ok(fetched) => match fetched.open() {
                Ok(before) => {
                    compare(&before, previous, verified, &at, looked);
                    // By now all digests that can name a file of that hour are there.
                    self.unnamed(key, before.digest(), looked).await?;
                }
                Err(error) => looked.find(error.reason(), &previous.location),
            },
            Err(error) => match gone(&error) {
                // Files of an outage come out of order.
                Some(Reason::NotFound) if moment.since(verified.digest().end) < GRACE => {
                    return Ok(Link::Pending);
                }
                Some(Reason::NotFound) => looked.find(Reason::PreviousMissing, &previous.location),
                Some(reason) => looked.find(reason, &previous.location),
                None => return Err(Postponed::Bucket(previous.location.clone(), error)),
            },
        }
        Ok(Link::Settled)
    }
}

/// Holds a digest to the one that it names. Whoever replaces that, replaces what this was signed over.
fn compare(
    before: &OpenDigest,
    named: &Previous,
    verified: &VerifiedDigest,
    at: &Location,
    looked: &mut Looked,
) {
    let digest = verified.digest();
    if named.sha256.as_deref().is_some_and(|sha256| sha256 != before.sha256()) {
        looked.find(Reason::PreviousHash, &named.location);
    } else if digest.previous_signature.as_deref() != Some(before.signature()) {
        // Where the bytes differ the signature does too, and once is enough to tell of it.
        looked.find(Reason::PreviousSignature, &named.location);
    }
    let end = before.digest().end;
    if end > digest.start {
        looked.find(Reason::Overlap, at);
    } else if end < digest.start {
        looked.find(Reason::Gap, at);
        let minutes = digest.start.duration_since(end).as_mins();
        looked.gap_minutes += u64::try_from(minutes).unwrap_or(0);
    }
}
