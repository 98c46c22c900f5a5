//! Which digests a bucket holds of a time.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::digest_key::{Chain, DigestKey};
use crate::finding::Period;
use crate::ports::{FetchError, Objects};

/// The digest of an hour may be named after the hour that follows.
const SPILL: SignedDuration = SignedDuration::from_hours(1);

/// The digests of a time, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Those of the chain, the oldest first.
    pub digests: Vec<DigestKey>,
    /// The backfill digests, the oldest first.
    pub backfills: Vec<DigestKey>,
    /// Other trails that have digests of this account and region in the same place.
    pub others: BTreeSet<Chain>,
}

impl Listing {
    /// Lists the digests whose time lies in `period`, or within an hour behind it.
    pub async fn read<O: Objects>(
        objects: &O,
        bucket: &str,
        chain: &Chain,
        period: Period,
    ) -> Result<Self, FetchError> {
        let end = period.to.checked_add(SPILL).unwrap_or(period.to);
        let folder = chain.folder();
        // Keys are in the order of their days and then of the trails' names, so the first key of the day will do.
        let mut after = format!("{folder}{}", day(period.from));
        let last_day = format!("{folder}{}", day(end));
        let mut listing = Self::default();
        loop {
            let page = objects.keys(bucket, &folder, &after).await?;
            // An answer that does not go on would be asked for without end.
            let Some(last) = page.last().filter(|last| **last > after) else { return Ok(listing) };
            after.clone_from(last);
            for key in page.iter().filter_map(|key| DigestKey::parse(key)) {
                listing.take(key, chain, period.from, end);
            }
            if !after.starts_with(&last_day) && after > last_day {
                return Ok(listing);
            }
        }
    }

    fn take(&mut self, key: DigestKey, chain: &Chain, from: Timestamp, to: Timestamp) {
        if key.time < from || key.time > to {
            return;
        }
        let is_backfill = key.chain.is_backfill;
        if (Chain { is_backfill, ..chain.clone() }) != key.chain {
            self.others.insert(key.chain);
        } else if is_backfill {
            self.backfills.push(key);
        } else {
            self.digests.push(key);
        }
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y/%m/%d/").to_string()
}
