//! What valid digests say of each other. `validate-logs` asks none of it.
//!
//! A digest is signed, so what it says is what CloudTrail said. That does not make two digests neighbours: whoever
//! may write to the bucket can put a digest of another time or trail where one is looked for, or take away the hour in
//! which something happened.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};

use crate::digest::Digest;
use crate::digest_key::{Chain, DigestKey, root};
use crate::finding::{Finding, Period};
use crate::location::Location;
use crate::reason::Reason;
use crate::verify::VerifiedDigest;

/// How long the period of a digest is.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What is odd about a valid digest by itself, in the place of a digest of `chain`, at the time `now`.
pub fn oddities(digest: &VerifiedDigest, chain: &Chain, now: Timestamp) -> Vec<Finding> {
    let said = digest.digest();
    // A digest is made when its period is over, so it cannot have been there before.
    let there = digest.arrived().unwrap_or(now).min(now);
    let is_future = said.end > there;
    let own = DigestKey::parse(&said.location.key);
    let is_of_chain = own.as_ref().is_some_and(|own| own.chain == *chain);
    let odd = [
        (said.end < said.start, Reason::EndBeforeStart),
        (is_future, Reason::InTheFuture),
        (!is_future && !digest.key_was_valid(), Reason::KeyNotValidThen),
        (said.account != chain.account || !is_of_chain, Reason::Foreign),
        (!previous_is_older(digest, chain), Reason::Spliced),
    ];
    let own = odd.into_iter().filter(|(is_odd, _)| *is_odd);
    let own = own.map(|(_, reason)| Finding { location: said.location.clone(), reason, period: None });
    own.chain(led_away(said, chain)).collect()
}

/// Log files in another place than the digest. The hour in which a trail was given another bucket or prefix has some. In
/// any other hour somebody led them to where nobody counts them, and back before the next digest.
fn led_away(said: &Digest, chain: &Chain) -> impl Iterator<Item = Finding> {
    let is_here =
        |at: &Location| at.bucket == said.location.bucket && at.key.starts_with(&root(&chain.prefix));
    let has_moved = said.previous.as_ref().is_some_and(|previous| !is_here(&previous.location));
    let away = said.log_files.iter().filter(move |log| !has_moved && !is_here(&log.location));
    away.map(|log| Finding { location: log.location.clone(), reason: Reason::Foreign, period: None })
}

/// Whether the predecessor that it names is an older digest of the chain. Bucket and prefix may differ, because a
/// trail can be given others.
fn previous_is_older(digest: &VerifiedDigest, chain: &Chain) -> bool {
    let Some(previous) = &digest.digest().previous else { return true };
    DigestKey::parse(&previous.location.key).is_some_and(|key| {
        let prefix = chain.prefix.clone();
        Chain { prefix, ..key.chain } == *chain && key.time < digest.digest().end
    })
}

/// What is wrong between a digest and the one that it names as its predecessor.
pub fn link(newer: &VerifiedDigest, predecessor: &VerifiedDigest) -> Vec<Finding> {
    let said = newer.digest();
    let hash = said.previous.as_ref().and_then(|previous| previous.sha256.as_deref());
    let found = if !is_same(hash, predecessor.sha256()) {
        // The signature is another one then, which goes without saying.
        Some(Reason::PreviousHash)
    } else if !is_same(said.previous_signature.as_deref(), predecessor.signature()) {
        Some(Reason::PreviousSignature)
    } else {
        None
    };
    let finding = |reason| Finding { location: predecessor.digest().location.clone(), reason, period: None };
    found.into_iter().map(finding).collect()
}

fn is_same(said: Option<&str>, is: &str) -> bool {
    said.is_some_and(|said| said.eq_ignore_ascii_case(is))
}

/// What is wrong with the time between a digest and the next older one that is valid.
pub fn between(newer: &VerifiedDigest, older: &VerifiedDigest) -> Option<Finding> {
    let (older, newer) = (older.digest(), newer.digest());
    // A period that is none lies nowhere, and is a finding of its own.
    if newer.end < newer.start {
        return None;
    }
    let (reason, period) = match older.end.cmp(&newer.start) {
        Ordering::Less => (Reason::Gap, Period { from: older.end, to: newer.start }),
        Ordering::Greater => (Reason::Overlap, Period { from: newer.start, to: older.end }),
        Ordering::Equal => return None,
    };
    Some(Finding { location: newer.location.clone(), reason, period: Some(period) })
}

/// The predecessor of a digest, when it was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predecessor {
    /// The digest starts a chain.
    None,
    /// It is there.
    There,
    /// It is not there, and may still come: after an outage CloudTrail delivers digests out of order.
    Pending,
    /// It is not there, and its time is over.
    Missing,
    /// It is where nobody is asked: nothing is known of it.
    Elsewhere,
}

/// What to make of a predecessor that is not there. `grace` is how long after the end of a digest its predecessor may
/// come.
pub fn absent_predecessor(digest: &VerifiedDigest, now: Timestamp, grace: SignedDuration) -> Predecessor {
    if digest.digest().previous.is_none() {
        Predecessor::None
    } else if is_over(digest.digest().end, grace, now) {
        Predecessor::Missing
    } else {
        Predecessor::Pending
    }
}

/// The time since the newest digest, if another one should have come: one comes every hour, to an idle account too.
///
/// `newest` is the end of the newest digest, or the time since which there should have been one. `until` is the end of
/// the time that is looked at.
pub fn stopped(newest: Timestamp, until: Timestamp, now: Timestamp, grace: SignedDuration) -> Option<Period> {
    let until = until.min(now);
    let is_due = is_over(newest, HOUR, until) && is_over(newest, HOUR.saturating_add(grace), now);
    is_due.then_some(Period { from: newest, to: until })
}

/// Whether `time` and `span` behind it have passed.
fn is_over(time: Timestamp, span: SignedDuration, now: Timestamp) -> bool {
    time.duration_until(now) >= span
}

/// A finding of time without digests, which has no object: it is told of the folder that they should be in.
pub(crate) fn stopped_finding(bucket: &str, chain: &Chain, period: Period) -> Finding {
    let location = Location::new(bucket, chain.folder());
    Finding { location, reason: Reason::Stopped, period: Some(period) }
}
