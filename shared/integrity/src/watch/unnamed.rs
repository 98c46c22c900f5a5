//! Log files that lie in the bucket and that no digest names: somebody else may have put them there.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Deliveries, KeyService, LogBucket, Looked, Memory, Postponed, Watch};
use crate::digest_key::Chain;
use crate::{Digest, DigestKey, Location, Reason};

/// A file is named by the digest of the hour it was delivered in or, at the ends of it, by a neighbour.
const NEIGHBOURS: SignedDuration = SignedDuration::from_mins(65);

impl<B, K, D, M> Watch<B, K, D, M>
where
    B: LogBucket + Sync,
    K: KeyService + Sync,
    D: Deliveries + Sync,
    M: Memory + Sync,
{
    /// Compares the files of an hour with all digests around it, of whatever trail: two trails may write into one
    /// folder, and files do not say which one wrote them.
    pub(super) async fn unnamed(
        &self,
        key: &DigestKey,
        hour: &Digest,
        looked: &mut Looked,
    ) -> Result<(), Postponed> {
        if key.chain.is_backfill {
            return Ok(());
        }
        let folder = key.chain.log_folder();
        let files =
            self.keys_between(&folder, |time| log_file_start(&key.chain, time), hour.start, hour.end).await?;
        if files.is_empty() {
            return Ok(());
        }
        let from = hour.start.checked_sub(NEIGHBOURS).unwrap_or(hour.start);
        let to = hour.end.checked_add(NEIGHBOURS).unwrap_or(hour.end);
        let digests = self.digests_between(&key.chain.folder(), from, to).await?;
        let mut named = BTreeSet::new();
        for digest in digests {
            let at = Location::new(&self.settings.bucket, digest);
            // One that cannot be read is told of when it is looked at itself. It names nothing.
            if let Ok(fetched) = self.bucket.digest(&at).await
                && let Ok(open) = fetched.open()
            {
                named.extend(open.digest().log_files.iter().map(|file| file.location.key.clone()));
            }
        }
        for file in files.into_iter().filter(|file| !named.contains(file)) {
            looked.find(Reason::Unnamed, &Location::new(&self.settings.bucket, file));
        }
        Ok(())
    }

    /// The keys of all digests of a folder whose periods end in a time.
    pub(super) async fn digests_between(
        &self,
        folder: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<String>, Postponed> {
        // Names begin with what all trails of the folder have in common, and only then tell the trail: days are
        // the finest there is.
        let mut keys = self.keys_between(folder, day_of, from, to).await?;
        keys.retain(|key| DigestKey::parse(key).is_some_and(|key| from <= key.time && key.time <= to));
        Ok(keys)
    }

    async fn keys_between(
        &self,
        folder: &str,
        name: impl Fn(Timestamp) -> String,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<String>, Postponed> {
        let after = format!("{folder}{}", name(from));
        // Behind everything that begins like the last.
        let until = format!("{folder}{}\u{10FFFF}", name(to));
        let listed = self.bucket.keys(folder, &after, &until).await;
        listed.map_err(|error| Postponed::Bucket(Location::new(&self.settings.bucket, folder), error))
    }
}

fn day_of(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y/%m/%d/").to_string()
}

/// How the names of log files begin that were delivered at a time, to the minute.
fn log_file_start(chain: &Chain, time: Timestamp) -> String {
    let minute = time.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%MZ").to_string();
    let Chain { account, region, .. } = chain;
    format!("{}{account}_CloudTrail_{region}_{minute}", day_of(time))
}
