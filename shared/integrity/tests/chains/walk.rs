//! A walk along each chain that `testkit/python/chain.py` wrote: every tampering is found, and named.

use crate::bundle::{BUCKET, Bucket, Keys, chain, now};
use jiff::{SignedDuration, Timestamp};
use trailmeter_integrity::{
    Chain, Event, Listing, NamedLogFiles, Period, Reason, Tally, Unavailable, Verifier, Walk,
};

const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// What is told, in order: each thing that is not right, with the hour it is of, and what all adds up to.
fn walked(bucket: &Bucket) -> Result<(Vec<String>, Tally), Unavailable> {
    let now_is: Timestamp = "2026-03-05T00:00:00Z".parse().unwrap();
    let mut told = Vec::new();
    let mut tally = Tally::default();
    let mut named = NamedLogFiles::new();
    now(async {
        let mut verifier = Verifier::new(bucket, Keys(Some(bucket)), 3);
        let listing = Listing::read(&bucket, BUCKET, &bucket.chain, bucket.period).await?;
        let mut tell = |event: Event<'_>| {
            tally.add(&event);
            match event {
                Event::Digest(digest) => named.add(digest),
                Event::InvalidDigest(error) => told.push(told_of(&error.location.key, error.reason(), None)),
                Event::MissingDigest(at) => told.push(told_of(&at.key, Reason::NotFound, None)),
                Event::LogFile(at, Err(reason)) => told.push(told_of(&at.key, reason, None)),
                Event::Finding(finding) => {
                    told.push(told_of(&finding.location.key, finding.reason, finding.period));
                }
                Event::NothingDelivered(period) => told.push(format!("nothing {}", period.minutes())),
                Event::LogFile(_, Ok(())) => {}
            }
        };
        for is_backfill in [false, true] {
            let walk = Walk {
                bucket: BUCKET.to_owned(),
                chain: Chain { is_backfill, ..bucket.chain.clone() },
                period: bucket.period,
                now: now_is,
                grace: GRACE,
            };
            verifier.walk(&walk, &listing, &mut tell).await?;
        }
        let mut tell = |event: Event<'_>| {
            if let Event::Finding(finding) = event {
                told.push(told_of(&finding.location.key, finding.reason, None));
            }
        };
        verifier.unnamed(BUCKET, &bucket.chain, &named, &mut tell).await?;
        Ok((told, tally))
    })
}

/// `00 log bad-hash`: the hour of the file's name, what kind of file, the reason, and the minutes of a period.
fn told_of(key: &str, reason: Reason, period: Option<Period>) -> String {
    let time = key.rsplit('_').find(|part| part.starts_with("2026") || part.starts_with("2099"));
    let hour = time.map_or("", |time| &time[9..11]);
    let kind = match key {
        key if key.ends_with('/') => "folder",
        key if key.contains("_backfill") => "backfill",
        key if key.contains("CloudTrail-Digest") => "digest",
        _ => "log",
    };
    let minutes = period.map_or(String::new(), |period| format!(" {}", period.minutes()));
    format!("{hour} {kind} {}{minutes}", reason.reason()).trim_start().to_owned()
}

#[test]
fn every_tampering_is_found_and_named() {
    let mut wrong = Vec::new();
    for (name, expected) in [
        ("valid", &[][..]),
        ("valid-organization", &[]),
        ("valid-spki", &[]),
        ("valid-quiet", &[]),
        ("valid-backfill", &[]),
        ("valid-bucket-changed", &[]),
        ("log-byte-flipped", &["00 log corrupt-gzip"]),
        ("log-content-changed", &["00 log hash-mismatch"]),
        ("log-truncated", &["00 log truncated-gzip"]),
        ("log-trailing-bytes", &["00 log trailing-data"]),
        ("log-second-member", &["00 log trailing-data"]),
        ("log-uncompressed", &["00 log not-gzip"]),
        ("log-empty", &["00 log truncated-gzip"]),
        ("log-deleted", &["00 log not-found"]),
        ("log-led-away", &["00 log foreign"]),
        ("log-unnamed", &["00 log unnamed"]),
        ("digest-changed", &["01 digest bad-signature", "02 digest gap 60"]),
        ("digest-moved", &["02 digest moved", "03 digest gap 60"]),
        ("digest-deleted", &["01 digest not-found", "02 digest gap 60"]),
        ("newest-digest-deleted", &["folder stopped 60"]),
        ("digest-corrupt", &["01 digest not-gzip", "02 digest gap 60"]),
        ("digest-no-json", &["01 digest bad-format", "02 digest gap 60"]),
        ("digest-without-field", &["01 digest bad-format", "02 digest gap 60"]),
        ("digest-without-signature", &["01 digest no-signature", "02 digest gap 60"]),
        ("digest-trailing-bytes", &["01 digest trailing-data", "02 digest gap 60"]),
        ("signed-by-another", &["01 digest bad-signature", "02 digest gap 60"]),
        ("unknown-key", &["01 digest unknown-key", "02 digest gap 60"]),
        ("key-is-none", &["01 digest bad-key", "02 digest gap 60"]),
        ("key-not-valid-then", &["03 digest key-not-valid-then"]),
        ("predecessor-replaced", &["01 digest previous-hash", "00 log unnamed"]),
        ("spliced", &["02 digest gap 60", "01 digest spliced"]),
        ("spliced-other-trail", &["01 digest spliced", "00 digest moved", "01 digest gap 60"]),
        ("end-before-start", &["01 digest end-before-start"]),
        ("overlap", &["01 digest overlap 30"]),
        ("in-the-future", &["00 digest in-the-future"]),
        ("gap-in-chain", &["02 digest gap 60"]),
        ("logging-stopped", &["nothing 120", "03 digest broken-chain", "03 digest gap 120"]),
        ("previous-is-null", &["nothing 0", "01 digest broken-chain"]),
        ("foreign-account", &["01 digest foreign"]),
        ("leads-back", &["01 digest spliced"]),
        ("backfill-deleted", &["00 backfill not-found", "23 log unnamed"]),
        ("backfill-without-time", &["02 backfill bad-format", "01 log unnamed"]),
        ("empty", &["folder stopped 120"]),
    ] {
        let (told, _) = walked(&chain(name)).unwrap();
        if told != expected {
            wrong.push((name, told));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn what_is_told_is_counted() {
    let counts = |name| {
        let (_, tally) = walked(&chain(name)).unwrap();
        [
            tally.valid_digests,
            tally.invalid_digests,
            tally.valid_log_files,
            tally.invalid_log_files,
            tally.findings,
            tally.gap_minutes,
        ]
    };
    for (name, expected) in [
        ("valid", [5, 0, 10, 0, 0, 0]),
        ("valid-backfill", [7, 0, 7, 0, 0, 0]),
        ("valid-bucket-changed", [4, 0, 5, 0, 0, 0]),
        ("log-deleted", [5, 0, 9, 1, 0, 0]),
        ("digest-deleted", [4, 1, 8, 0, 1, 60]),
        ("logging-stopped", [5, 0, 5, 0, 2, 120]),
        ("empty", [0, 0, 0, 0, 1, 120]),
    ] {
        assert_eq!(counts(name), expected, "{name}");
    }
}

#[test]
fn a_store_or_a_key_service_that_is_down_ends_the_walk_without_a_verdict() {
    let mut bucket = chain("valid");
    bucket.is_up = false;
    assert!(matches!(walked(&bucket), Err(Unavailable::Objects(_))));
}
