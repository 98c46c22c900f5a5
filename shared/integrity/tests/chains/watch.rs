//! The same chains as they are watched: what a round over each tells, once, and what it has caught up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use trailmeter_integrity::watch::{
    Deliveries, Entry, Folders, Memory, Moment, PortError, Postponed, Round, State, StoredFile, Watch,
    WatchSettings,
};
use trailmeter_integrity::{FetchError, Location, Trail, Trails};

use crate::bundle::{BUCKET, Bucket, Keys, chain, now};

impl Folders for &Bucket {
    async fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, FetchError> {
        let below = self.objects.keys().filter(|at| at.bucket == bucket);
        let folders = below.filter_map(|at| {
            let (folder, _) = at.key.strip_prefix(prefix)?.split_once('/')?;
            Some(format!("{prefix}{folder}/"))
        });
        Ok(folders.collect::<BTreeSet<_>>().into_iter().collect())
    }
}

/// Everything that is remembered, counted and queued around a bucket.
#[derive(Default)]
struct Around {
    entries: Mutex<BTreeMap<String, Entry>>,
    unseen: Mutex<BTreeSet<String>>,
    queued: Mutex<Vec<Location>>,
}

impl Memory for &Around {
    async fn read(&self, names: &[String]) -> Result<Vec<Option<Entry>>, PortError> {
        let entries = self.entries.lock().unwrap();
        Ok(names.iter().map(|name| entries.get(name).cloned()).collect())
    }

    async fn write(&self, name: &str, entry: &Entry) -> Result<(), PortError> {
        self.entries.lock().unwrap().insert(name.to_owned(), entry.clone());
        Ok(())
    }
}

impl Deliveries for &Around {
    async fn unseen(&self, files: &[StoredFile]) -> Result<Vec<usize>, PortError> {
        let unseen = self.unseen.lock().unwrap();
        let is_unseen = |(at, file): (usize, &StoredFile)| unseen.contains(&file.location.key).then_some(at);
        Ok(files.iter().enumerate().filter_map(is_unseen).collect())
    }

    async fn queue(&self, files: &[Location]) -> Result<(), PortError> {
        self.queued.lock().unwrap().extend_from_slice(files);
        Ok(())
    }
}

type Watching<'w> = Watch<&'w Bucket, Keys<'w>, &'w Around, &'w Around>;

fn watch<'w>(bucket: &'w Bucket, around: &'w Around) -> Watching<'w> {
    Watch {
        settings: WatchSettings {
            bucket: BUCKET.to_owned(),
            prefix: bucket.chain.prefix.clone(),
            trails: None,
            ledger_days: 35,
            under_way: SignedDuration::from_mins(30),
            expires_days: None,
        },
        objects: bucket,
        keys: Keys(Some(bucket)),
        deliveries: around,
        memory: around,
    }
}

const TIME_LEFT: fn() -> Duration = || Duration::from_secs(200);

fn at(time: Timestamp) -> Moment<'static> {
    Moment { now: time, time_left: &TIME_LEFT }
}

/// So long after the end of a chain: its last digest is there, and the next is not due.
const AFTER: SignedDuration = SignedDuration::from_mins(50);
/// So long after that what is late is missed.
const LATER: SignedDuration = SignedDuration::from_hours(3);

/// A round, of which everything is remembered.
fn round(watch: &Watching<'_>, time: Timestamp) -> Round {
    now(async {
        let round = watch.round(at(time)).await;
        for looked in &round.looked {
            watch.remember(looked).await.unwrap();
        }
        for missed in &round.missed {
            watch.remember_missed(missed, time).await.unwrap();
        }
        round
    })
}

/// `00 log hash-mismatch`: the hour of the file's name, what kind of file, the reason.
fn told(round: &Round) -> Vec<String> {
    let found = round.looked.iter().flat_map(|looked| &looked.found);
    let found = found.map(|found| (&found.object, found.reason));
    let missed = round.missed.iter().map(|missed| (&missed.last, missed.reason));
    let line = |(at, reason): (&Location, trailmeter_integrity::Reason)| {
        let time = at.key.rsplit('_').find(|part| part.starts_with("2026") || part.starts_with("2099"));
        let kind = match at.key.as_str() {
            key if key.ends_with('/') => "folder",
            key if key.contains("_backfill") => "backfill",
            key if key.contains("CloudTrail-Digest") => "digest",
            _ => "log",
        };
        format!("{} {kind} {}", time.map_or("", |time| &time[9..11]), reason.reason())
    };
    found.chain(missed).map(line).collect()
}

#[test]
fn a_round_names_every_tampering_and_tells_it_once() {
    let mut wrong = Vec::new();
    for (name, expected) in [
        ("valid", &[][..]),
        ("valid-organization", &[]),
        ("valid-spki", &[]),
        ("valid-quiet", &[]),
        ("valid-backfill", &[]),
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
        ("digest-changed", &["01 digest bad-signature"]),
        ("digest-moved", &["02 digest moved"]),
        ("digest-no-json", &["01 digest bad-format"]),
        ("digest-without-signature", &["01 digest no-signature"]),
        ("signed-by-another", &["01 digest bad-signature"]),
        ("unknown-key", &["01 digest unknown-key"]),
        ("key-not-valid-then", &["03 digest key-not-valid-then"]),
        ("predecessor-replaced", &["01 digest previous-hash", "00 log unnamed"]),
        ("end-before-start", &["01 digest end-before-start"]),
        ("overlap", &["01 digest overlap"]),
        ("gap-in-chain", &["02 digest gap"]),
        ("logging-stopped", &["00 digest gap"]),
        ("foreign-account", &["01 digest foreign"]),
        ("backfill-without-time", &["01 log unnamed", "02 backfill bad-format"]),
    ] {
        let bucket = chain(name);
        let around = Around::default();
        let watch = watch(&bucket, &around);
        let time = bucket.period.to + AFTER;
        let first = round(&watch, time);
        assert!(first.broke_off.is_none(), "{name}: {:?}", first.broke_off);
        assert_eq!(first.unverified, 0, "{name}");
        // What was late is missed only then, and by then the chain has stopped as well.
        let second = round(&watch, time + LATER);
        let mut all = told(&first);
        all.extend(told(&second).into_iter().filter(|line| !line.ends_with("stopped")));
        if all != expected {
            wrong.push((name, all));
        }
        let third = round(&watch, time + LATER);
        assert_eq!((told(&third), third.looked.len()), (vec![], 0), "{name}");
    }
    assert_eq!(wrong, []);
}

#[test]
fn a_predecessor_that_is_late_is_waited_for_and_then_missed() {
    let mut bucket = chain("valid");
    let digests = bucket.digests();
    let late = bucket.objects.remove(&digests[2]).unwrap();
    let around = Around::default();
    let soon = bucket.period.to + AFTER;
    let first = round(&watch(&bucket, &around), soon);
    assert_eq!(told(&first), [""; 0], "it is waited for");
    let end = SignedDuration::from_hours(4);
    let missed = round(&watch(&bucket, &around), soon + end);
    assert_eq!(told(&missed), ["01 digest previous-missing", "00 digest gap", "03 digest stopped"]);
    let minutes: Vec<_> = missed.missed.iter().map(|missed| missed.minutes).collect();
    assert_eq!((minutes, missed.stopped_minutes), (vec![60, 290], 290));

    // The same, where it comes in time.
    let around = Around::default();
    assert_eq!(told(&round(&watch(&bucket, &around), soon)), [""; 0]);
    bucket.objects.insert(digests[2].clone(), late);
    let came = round(&watch(&bucket, &around), soon + SignedDuration::from_mins(20));
    assert_eq!(told(&came), [""; 0]);
    // The one that was late, and the one that waited for it.
    assert_eq!(came.looked.len(), 2);
}

#[test]
fn what_was_never_counted_is_queued_once() {
    let bucket = chain("valid");
    let around = Around::default();
    let log = bucket.objects.keys().find(|at| at.key.contains("/CloudTrail/")).unwrap().clone();
    around.unseen.lock().unwrap().insert(log.key.clone());
    let watch = watch(&bucket, &around);
    let time = bucket.period.to + AFTER;
    let caught_up: Vec<_> =
        round(&watch, time).looked.into_iter().flat_map(|looked| looked.caught_up).collect();
    assert_eq!(caught_up, std::slice::from_ref(&log));
    assert_eq!(*around.queued.lock().unwrap(), [log]);
    assert!(round(&watch, time).looked.is_empty());
    assert_eq!(around.queued.lock().unwrap().len(), 1);

    // Nobody knows what was counted before the ledger begins.
    let long_after = Around::default();
    long_after.unseen.lock().unwrap().clone_from(&around.unseen.lock().unwrap());
    let watch = Watch { deliveries: &long_after, memory: &long_after, ..self::watch(&bucket, &long_after) };
    let digest = bucket.digests()[1].clone();
    let looked = now(watch.look(&digest, at(time + SignedDuration::from_hours(24 * 40))));
    assert!(looked.caught_up.is_empty() && matches!(looked.state, State::Done));
}

#[test]
fn whoever_does_not_answer_proves_nothing() {
    let mut bucket = chain("valid");
    let digest = bucket.digests()[1].clone();
    let around = Around::default();
    let time = at(bucket.period.to);
    let keys_down = Watch { keys: Keys(None), ..watch(&bucket, &around) };
    let looked = now(keys_down.look(&digest, time));
    assert!(matches!(looked.state, State::Postponed(Postponed::Keys(_))), "{looked:?}");
    assert!(looked.found.is_empty() && looked.entry.is_none() && looked.comes_back());

    let elsewhere = Location::new("another-bucket", &digest.key);
    let looked = now(watch(&bucket, &around).look(&elsewhere, time));
    assert!(matches!(looked.state, State::NotADigest));
    let log = bucket.objects.keys().find(|at| at.key.contains("/CloudTrail/")).unwrap().clone();
    assert!(matches!(now(watch(&bucket, &around).look(&log, time)).state, State::NotADigest));

    let late: fn() -> Duration = || Duration::from_secs(1);
    let looked = now(watch(&bucket, &around).look(&digest, Moment { time_left: &late, ..time }));
    assert!(matches!(looked.state, State::Postponed(Postponed::OutOfTime)), "{looked:?}");

    bucket.is_up = false;
    let looked = now(watch(&bucket, &around).look(&digest, time));
    assert!(matches!(looked.state, State::Postponed(Postponed::Bucket(_))));
    bucket.is_up = true;

    // Three hours later that is news.
    let keys_down = Watch { keys: Keys(None), ..watch(&bucket, &around) };
    let late = round(&keys_down, bucket.period.to + SignedDuration::from_hours(4));
    assert_eq!((late.unverified, late.chains), (5, 1));
}

#[test]
fn a_bucket_without_digests_proves_nothing_and_is_told() {
    let bucket = chain("empty");
    let around = Around::default();
    let watch = watch(&bucket, &around);
    let time = bucket.period.to;
    let first = round(&watch, time);
    assert_eq!((told(&first), first.chains), (vec![], 0), "a trail that has just begun has none");
    assert_eq!(told(&round(&watch, time + LATER)), [" folder stopped"]);
    assert_eq!(told(&round(&watch, time + LATER)), [""; 0]);
}

#[test]
fn a_trail_that_was_given_another_bucket_is_verified_from_there_on() {
    let bucket = chain("valid-bucket-changed");
    let around = Around::default();
    let round = round(&watch(&bucket, &around), bucket.period.to + AFTER);
    assert!(round.broke_off.is_none(), "{:?}", round.broke_off);
    assert_eq!((told(&round), round.chains), (vec![], 1));
    assert!(round.looked.iter().all(|looked| matches!(looked.state, State::Done)), "{:?}", round.looked);
    // What the first digest here names of the old bucket, its predecessor and a log file, is no wrong, and is said.
    let elsewhere: Vec<_> = round.looked.iter().flat_map(|looked| &looked.elsewhere).collect();
    assert!(elsewhere.len() == 2 && elsewhere.iter().all(|at| at.bucket != BUCKET), "{elsewhere:?}");
}

/// The trail of this name in the account of these chains, or the organisation's of this id.
fn trails(name: &str, organization: Option<&str>) -> Trails {
    let arn = format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{name}");
    let trails = vec![Trail::of_arn(&arn).unwrap()];
    Trails { trails, organization: organization.map(str::to_owned) }
}

#[test]
fn a_chain_of_another_trail_is_foreign_however_well_it_is_signed() {
    for (name, trails, is_ours) in [
        ("valid", trails("every_thing", None), true),
        ("valid", trails("ours", None), false),
        // From before the trail was made the organisation's.
        ("valid", trails("every_thing", Some("o-a1b2c3d4e5")), true),
        // The chain is of a member.
        ("valid-organization", trails("every_thing", Some("o-a1b2c3d4e5")), true),
        ("valid-organization", trails("every_thing", Some("o-zzzzzzzzzz")), false),
        ("valid-organization", trails("every_thing", None), false),
    ] {
        let bucket = chain(name);
        let around = Around::default();
        let mut watch = watch(&bucket, &around);
        watch.settings.trails = Some(trails);
        // Nobody has counted its log files, and nobody is to.
        around.unseen.lock().unwrap().extend(bucket.objects.keys().map(|at| at.key.clone()));
        let first = round(&watch, bucket.period.to + AFTER);
        let digests = bucket.digests().len();
        assert_eq!((first.looked.len(), first.chains), (digests, u64::from(is_ours)), "{name}");
        let foreign = told(&first).iter().filter(|line| line.ends_with("digest foreign")).count();
        assert_eq!(
            (foreign, told(&first).len()),
            if is_ours { (0, 0) } else { (digests, digests) },
            "{name}"
        );
        assert_eq!(around.queued.lock().unwrap().is_empty(), !is_ours, "{name}");
        let files: u64 = first.looked.iter().map(|looked| looked.log_files_valid).sum();
        assert_eq!(files > 0, is_ours, "{name}");
        let second = round(&watch, bucket.period.to + AFTER);
        assert_eq!((told(&second), second.looked.len()), (vec![], 0), "{name}: once");
        // Whoever forgot to name the trail, and does, has its digests verified after all.
        watch.settings.trails = None;
        let third = round(&watch, bucket.period.to + AFTER);
        assert_eq!((told(&third), third.looked.len()), (vec![], if is_ours { 0 } else { digests }), "{name}");
        assert!(!around.queued.lock().unwrap().is_empty(), "{name}");
    }
}

#[test]
fn a_foreign_digest_does_not_keep_unnamed_files_from_being_found() {
    let mut bucket = chain("log-unnamed");
    for at in bucket.digests() {
        let decoy = Location::new(&at.bucket, at.key.replace("every_thing", "decoy"));
        let object = bucket.objects[&at].clone();
        bucket.objects.insert(decoy, object);
    }
    for (trails, expected) in [(None, 0), (Some(trails("every_thing", None)), 1)] {
        let around = Around::default();
        let mut watch = watch(&bucket, &around);
        watch.settings.trails = trails;
        let told = told(&round(&watch, bucket.period.to + AFTER));
        assert_eq!(told.iter().filter(|line| line.ends_with("unnamed")).count(), expected, "{told:?}");
    }
}

#[test]
fn a_round_without_time_says_so_and_each_hour_begins_elsewhere() {
    let bucket = chain("valid");
    let around = Around::default();
    let late: fn() -> Duration = || Duration::from_secs(1);
    let moment = Moment { time_left: &late, ..at(bucket.period.to + AFTER) };
    let round = now(watch(&bucket, &around).round(moment));
    assert!(matches!(round.broke_off, Some(Postponed::OutOfTime)));
}
