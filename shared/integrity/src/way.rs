//! Where a walk along a chain is, and where it goes next.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::chain::{between, link, oddities, stopped, stopped_finding};
use crate::digest_key::{Chain, DigestKey};
use crate::finding::Finding;
use crate::listing::Listing;
use crate::location::Location;
use crate::reason::Reason;
use crate::verify::VerifiedDigest;
use crate::walk::Walk;

pub(crate) struct Way<'w> {
    pub(crate) walk: &'w Walk,
    pub(crate) bucket: String,
    /// The start of the last valid digest, or the time of the one to begin with.
    pub(crate) last_start: Option<Timestamp>,
    /// What the bucket holds and was not passed over yet, the oldest first.
    listed: Vec<DigestKey>,
    /// Where it has been: a chain that leads back to itself would be walked without end.
    seen: HashSet<Location>,
}

impl<'w> Way<'w> {
    pub(crate) fn new(walk: &'w Walk, listing: &Listing) -> Self {
        let listed = keys_of(listing, &walk.chain);
        Self { walk, bucket: walk.bucket.clone(), last_start: None, listed, seen: HashSet::new() }
    }

    /// Whether the time that is looked at has been left.
    pub(crate) fn is_over(&self) -> bool {
        self.last_start.is_some_and(|start| start < self.walk.period.from)
    }

    pub(crate) fn newest(&mut self) -> Option<Location> {
        let key = self.listed.pop()?;
        self.last_start = Some(key.time);
        self.visit(&key)
    }

    /// The next digest of the bucket that is older than the one at `at`.
    pub(crate) fn older(&mut self, at: &Location) -> Option<Location> {
        let before = time_of(at).or(self.last_start)?;
        while let Some(key) = self.listed.pop() {
            let found = if key.time < before { self.visit(&key) } else { None };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn visit(&mut self, key: &DigestKey) -> Option<Location> {
        let location = Location::new(&self.bucket, key.to_string());
        self.is_new(&location).then_some(location)
    }

    /// Whether the walk has not been there.
    pub(crate) fn is_new(&mut self, location: &Location) -> bool {
        self.seen.insert(location.clone())
    }

    pub(crate) fn change_bucket(&mut self, bucket: &str, listing: &Listing) {
        bucket.clone_into(&mut self.bucket);
        self.listed = keys_of(listing, &self.walk.chain);
    }

    /// What goes beyond `validate-logs`, of a valid digest and the valid one that was met before it.
    pub(crate) fn findings(&self, newer: Option<&VerifiedDigest>, digest: &VerifiedDigest) -> Vec<Finding> {
        let mut findings = oddities(digest, &self.walk.chain, self.walk.now);
        let Some(newer) = newer else { return findings };
        let named = newer.digest().previous.as_ref().map(|previous| &previous.location);
        let is_named = named == Some(&digest.digest().location);
        if is_named {
            findings.extend(link(newer, digest));
        }
        if !self.walk.chain.is_backfill {
            findings.extend(between(newer, digest));
            if is_named {
                findings.extend(self.passed_over(newer, digest));
            }
        }
        findings
    }

    /// Digests that are there, and that the chain goes past.
    fn passed_over(&self, newer: &VerifiedDigest, digest: &VerifiedDigest) -> impl Iterator<Item = Finding> {
        let from = self.listed.partition_point(|key| key.time <= digest.digest().end);
        let to = self.listed.partition_point(|key| key.time < newer.digest().end);
        self.listed.get(from..to).unwrap_or_default().iter().map(|key| Finding {
            location: Location::new(&self.bucket, key.to_string()),
            reason: Reason::Spliced,
            period: None,
        })
    }

    /// Whether digests have stopped coming. Backfill digests come when there is something to say only.
    pub(crate) fn stop(&self) -> Option<Finding> {
        let Walk { chain, period, now, grace, .. } = self.walk;
        if chain.is_backfill {
            return None;
        }
        let newest = self.listed.last().map_or(period.from, |newest| newest.time);
        let period = stopped(newest, period.to, *now, *grace)?;
        Some(stopped_finding(&self.bucket, chain, period))
    }
}

pub(crate) fn time_of(location: &Location) -> Option<Timestamp> {
    DigestKey::parse(&location.key).map(|key| key.time)
}

fn keys_of(listing: &Listing, chain: &Chain) -> Vec<DigestKey> {
    if chain.is_backfill { listing.backfills.clone() } else { listing.digests.clone() }
}
