//! A digest that has just come, and services that do not answer.

use jiff::{SignedDuration, Timestamp};
use trailmeter_integrity::{
    Arrival, DigestKey, Listing, Location, Met, Predecessor, Reason, Unavailable, Verifier, stopped,
};

use crate::bundle::{BUCKET, Bucket, Keys, chain, now};

const GRACE: SignedDuration = SignedDuration::from_hours(1);

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn place(bucket: &Bucket, end: &str) -> Location {
    Location::new(BUCKET, bucket.chain.key(time(end)).to_string())
}

fn arrived(bucket: &Bucket, at: &Location, now_is: &str) -> Result<Arrival, Unavailable> {
    let key = DigestKey::parse(&at.key).unwrap();
    now(Verifier::new(bucket, Keys(Some(bucket)), 1).arrived(at, &key.chain, time(now_is), GRACE, |_| true))
}

#[test]
fn a_predecessor_may_come_late_but_not_for_ever() {
    let mut bucket = chain("valid");
    let (first, second) = (place(&bucket, "2026-03-01T23:00:00Z"), place(&bucket, "2026-03-02T00:00:00Z"));
    let predecessor = |bucket: &Bucket, at: &Location, now_is| {
        let arrival = arrived(bucket, at, now_is).unwrap();
        assert!(matches!(arrival.met, Met::Valid(_)));
        assert_eq!(arrival.findings, []);
        arrival.predecessor
    };
    assert_eq!(predecessor(&bucket, &first, "2026-03-02T00:00:00Z"), Predecessor::None);
    assert_eq!(predecessor(&bucket, &second, "2026-03-02T00:10:00Z"), Predecessor::There);
    let late = bucket.objects.remove(&first).unwrap();
    assert_eq!(predecessor(&bucket, &second, "2026-03-02T00:10:00Z"), Predecessor::Pending);
    assert_eq!(predecessor(&bucket, &second, "2026-03-02T00:59:59Z"), Predecessor::Pending);
    assert_eq!(predecessor(&bucket, &second, "2026-03-02T01:00:00Z"), Predecessor::Missing);
    bucket.objects.insert(first, late);
    assert_eq!(predecessor(&bucket, &second, "2026-03-02T01:00:00Z"), Predecessor::There);
}

#[test]
fn what_is_wrong_between_a_digest_and_its_predecessor_is_told_when_it_comes() {
    for (name, end, expected) in [
        ("predecessor-replaced", "2026-03-02T02:00:00Z", Reason::PreviousHash),
        ("spliced", "2026-03-02T02:00:00Z", Reason::Gap),
        ("spliced-other-trail", "2026-03-02T01:00:00Z", Reason::Spliced),
        ("gap-in-chain", "2026-03-02T02:00:00Z", Reason::Gap),
        ("overlap", "2026-03-02T01:00:00Z", Reason::Overlap),
        ("end-before-start", "2026-03-02T01:00:00Z", Reason::EndBeforeStart),
        ("foreign-account", "2026-03-02T01:00:00Z", Reason::Foreign),
        ("in-the-future", "2099-03-02T00:00:00Z", Reason::InTheFuture),
        ("key-not-valid-then", "2026-03-02T03:00:00Z", Reason::KeyNotValidThen),
    ] {
        let bucket = chain(name);
        let arrival = arrived(&bucket, &place(&bucket, end), "2026-03-05T00:00:00Z").unwrap();
        let reasons: Vec<Reason> = arrival.findings.iter().map(|finding| finding.reason).collect();
        assert_eq!(reasons, [expected], "{name}");
    }
}

#[test]
fn a_digest_that_was_there_before_its_end_is_of_the_future() {
    let bucket = chain("valid");
    let at = place(&bucket, "2026-03-02T00:00:00Z");
    for (arrived, expected) in
        [("2026-03-01T23:59:00Z", vec![Reason::InTheFuture]), ("2026-03-02T00:05:00Z", vec![])]
    {
        let mut fetched = bucket.fetched(&at);
        fetched.arrived = Some(time(arrived));
        let digest = fetched.open().unwrap().verify(&bucket.keys()).unwrap();
        let findings = trailmeter_integrity::oddities(&digest, &bucket.chain, time("2026-03-05T00:00:00Z"));
        let reasons: Vec<Reason> = findings.iter().map(|finding| finding.reason).collect();
        assert_eq!(reasons, expected, "{arrived}");
    }
}

#[test]
fn a_service_that_is_down_is_no_verdict() {
    let mut bucket = chain("valid");
    let at = place(&bucket, "2026-03-02T00:00:00Z");
    let keys_down = now(Verifier::new(&bucket, Keys(None), 1).digest(&at, &bucket.chain.region));
    assert!(matches!(keys_down, Err(Unavailable::Keys(_))), "{keys_down:?}");
    bucket.is_up = false;
    let store_down = arrived(&bucket, &at, "2026-03-05T00:00:00Z");
    assert!(matches!(store_down, Err(Unavailable::Objects(_))), "{store_down:?}");
    bucket.is_up = true;
    bucket.objects.remove(&at);
    assert_eq!(arrived(&bucket, &at, "2026-03-05T00:00:00Z").unwrap().met, Met::Missing);
}

#[test]
fn the_listing_is_of_the_time_and_the_trail() {
    let mut bucket = chain("valid-backfill");
    let listed = |bucket: &Bucket| now(Listing::read(&bucket, BUCKET, &bucket.chain, bucket.period)).unwrap();
    let listing = listed(&bucket);
    assert_eq!((listing.digests.len(), listing.backfills.len(), listing.others.len()), (5, 2, 0));
    let at = place(&bucket, "2026-03-02T00:00:00Z");
    let other = Location::new(BUCKET, at.key.replace("every_thing", "other"));
    let object = bucket.objects[&at].clone();
    bucket.objects.insert(other, object);
    bucket.period.from = time("2026-03-02T00:00:00Z");
    bucket.period.to = time("2026-03-02T01:00:00Z");
    let listing = listed(&bucket);
    // An hour more at the end, as the log files of the last one may be named there.
    assert_eq!((listing.digests.len(), listing.backfills.len(), listing.others.len()), (3, 2, 1));
}

#[test]
fn digests_that_stop_coming_are_missed_when_the_next_one_is_due_and_late() {
    let newest = time("2026-03-02T00:00:00Z");
    let far = time("2027-01-01T00:00:00Z");
    for (until, now_is, minutes) in [
        (far, "2026-03-02T00:30:00Z", None),
        (far, "2026-03-02T01:30:00Z", None),
        (far, "2026-03-02T02:00:00Z", Some(120)),
        (far, "2026-03-02T05:00:00Z", Some(300)),
        // Who asks for a time that ends before the next digest does not miss it.
        (time("2026-03-02T00:59:00Z"), "2026-03-05T00:00:00Z", None),
        (time("2026-03-02T01:00:00Z"), "2026-03-05T00:00:00Z", Some(60)),
    ] {
        let found = stopped(newest, until, time(now_is), GRACE).map(|period| period.minutes());
        assert_eq!(found, minutes, "{until} {now_is}");
    }
}
