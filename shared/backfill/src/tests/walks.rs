//! Which folders are found, and what is sent of them.

use super::world::{NOW, World, asked, key, request, run};
use crate::{Asked, Parts, State};

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// Two accounts, two regions, twenty days with an object each.
fn world() -> World {
    let mut keys = Vec::new();
    for account in [111, 222] {
        for region in REGIONS {
            for day in 1..=20 {
                keys.push(key(account, region, &format!("2026/11/{day:02}"), "a"));
            }
        }
    }
    World::new(keys)
}

fn sent(world: &World, change: impl FnOnce(&mut Asked)) -> usize {
    let mut asked = asked("2026-11-03", "2026-11-05");
    change(&mut asked);
    world.run(&asked).unwrap();
    let sent = world.keys_sent();
    assert!(sent.is_sorted(), "in the order of their keys");
    sent.len()
}

#[test]
fn days_accounts_regions_and_prefixes_bound_what_is_sent() {
    let words = |words: &[&str]| -> Vec<String> { words.iter().map(|&word| word.to_owned()).collect() };
    assert_eq!(sent(&world(), |_| {}), 2 * 2 * 3);
    assert_eq!(sent(&world(), |asked| asked.accounts = words(&["000000000222"])), 2 * 3);
    assert_eq!(sent(&world(), |asked| asked.regions = words(&["us-east-1"])), 2 * 3);
    assert_eq!(sent(&world(), |asked| asked.kinds = words(&["events", "insight"])), 2 * 2 * 3);
    assert_eq!(sent(&world(), |asked| asked.kinds = words(&["insight"])), 0);
    assert_eq!(sent(&world(), |asked| asked.prefix = "AWSLogs/000000000111".to_owned()), 2 * 3);
    let day = "AWSLogs/000000000111/CloudTrail/eu-west-1/2026/11/04";
    assert_eq!(sent(&world(), |asked| asked.prefix = day.to_owned()), 1);
    assert_eq!(sent(&world(), |asked| asked.to = Some("2026-11-21".to_owned())), 2 * 2 * 18);
    assert_eq!(sent(&world(), |asked| asked.from = "2013-01-01".to_owned()), 2 * 2 * 5);
}

#[test]
fn what_is_not_asked_for_is_not_listed() {
    let world = world();
    sent(&world, |asked| asked.accounts = vec!["000000000222".to_owned()]);
    let listed = world.listed.lock().unwrap();
    assert!(!listed.iter().any(|prefix| prefix.contains("000000000111")), "{listed:?}");
    assert!(!listed.iter().any(|prefix| prefix.contains("2026/10")), "{listed:?}");
}

#[test]
fn organisations_other_kinds_and_other_files_are_told_apart() {
    let in_organisation =
        "AWSLogs/o-a1b2c3d4e5/000000000111/CloudTrail-Insight/eu-west-1/2026/11/04/a.json.gz";
    let log = key(111, "eu-west-1", "2026/11/04", "a");
    let world = World::new(
        [
            in_organisation,
            &log,
            "AWSLogs/000000000111/CloudTrail-Digest/eu-west-1/2026/11/04/d.json.gz",
            "AWSLogs/000000000111/vpcflowlogs/eu-west-1/2026/11/04/f.log.gz",
            "AWSLogs/000000000111/CloudTrail/eu-west-1/2026/11/04/notes.txt",
            "AWSLogs/000000000111/CloudTrail/eu-west-1/2026/11/04/deeper/a.json.gz",
            "elsewhere/a.json.gz",
        ]
        .map(str::to_owned),
    );
    let ran = world.run(&asked("2026-11-03", "2026-11-05")).unwrap();
    assert_eq!(world.keys_sent(), [log.as_str(), in_organisation]);
    assert_eq!((ran.progress.queued, ran.progress.skipped, ran.progress.folders), (2, 2, 2));
    let only = Asked {
        accounts: vec!["000000000111".to_owned()],
        kinds: vec!["insight".to_owned()],
        name: Some("c".to_owned()),
        ..asked("2026-11-03", "2026-11-05")
    };
    world.run(&only).unwrap();
    assert_eq!(world.keys_sent()[2..], [in_organisation]);
}

/// Its own delivery may be on its way, and an alarm with it.
#[test]
fn what_was_just_written_is_left_to_its_own_delivery() {
    let mut world = World::new([]);
    for (name, written) in
        [("a", Some(NOW - 7201)), ("b", Some(NOW - 7199)), ("c", Some(NOW + 60)), ("d", None)]
    {
        world.objects.insert(key(111, "eu-west-1", "2026/11/21", name), written);
    }
    let ran = world.run(&asked("2026-11-21", "2026-11-21")).unwrap();
    assert_eq!((ran.progress.queued, ran.progress.recent), (2, 2));
    let keys = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| key(111, "eu-west-1", "2026/11/21", name)).collect()
    };
    assert_eq!(world.keys_sent(), keys(&["a", "d"]));
    // Who asks again later gets the rest. What was delivered meanwhile the ledger knows.
    let again = world.run_at(&asked("2026-11-21", "2026-11-21"), NOW + 9000).unwrap();
    assert_eq!((again.state, again.progress.recent), (State::Done, 0));
    assert_eq!(world.keys_sent()[2..], keys(&["b", "c", "d"]));
    let over = world.run_at(&asked("2026-11-21", "2026-11-21"), NOW + 9000).unwrap();
    assert_eq!(over.state, State::DoneBefore);
}

/// Each would be refused five times, and lie in the dead-letter queue.
#[test]
fn what_lies_in_an_archive_is_counted_and_not_sent() {
    let mut world = World::new([]);
    for name in ["a", "b-archived", "c"] {
        world.objects.insert(key(111, "eu-west-1", "2026/11/04", name), Some(NOW - 9000));
    }
    let asked = asked("2026-11-04", "2026-11-04");
    assert_eq!(world.estimate(&asked).unwrap().archived, 1);
    let ran = world.run(&asked).unwrap();
    assert_eq!((ran.state, ran.progress.queued, ran.progress.archived), (State::Done, 2, 1));
    assert_eq!(world.keys_sent(), ["a", "c"].map(|name| key(111, "eu-west-1", "2026/11/04", name)));
}

#[test]
fn nothing_found_and_nothing_allowed_are_two_things() {
    let mut world = world();
    let nothing = Asked { prefix: "audit".to_owned(), ..asked("2026-11-03", "2026-11-05") };
    assert_eq!(world.run(&nothing).unwrap().state, State::Nothing);
    world.forbidden = Some("AWSLogs/000000000222/".to_owned());
    let other = Asked { name: Some("c".to_owned()), ..asked("2026-11-03", "2026-11-05") };
    let error = world.run(&other).unwrap_err().to_string();
    assert_eq!(error, "cannot list AWSLogs/000000000222/");
    assert!(world.estimate(&other).is_err());
}

#[test]
fn folders_are_listed_side_by_side_and_not_all_at_once() {
    let world = world();
    sent(&world, |_| {});
    let most = world.most_under_way.load(std::sync::atomic::Ordering::Relaxed);
    assert!((4..=9).contains(&most), "{most}");
}

#[test]
fn an_estimate_is_what_the_run_then_does() {
    let mut world = world();
    for at in 0..7 {
        world.objects.insert(key(111, "eu-west-1", "2026/11/04", &format!("more{at}")), Some(NOW - 9000));
    }
    world.objects.insert(key(222, "eu-west-1", "2026/11/04", "new"), Some(NOW));
    let asked = asked("2026-11-03", "2026-11-05");
    let estimate = world.estimate(&asked).unwrap();
    assert!(world.keys_sent().is_empty() && world.begun.lock().unwrap().is_empty(), "it does nothing");
    let progress = world.run(&asked).unwrap().progress;
    assert_eq!(
        (estimate.objects, estimate.bytes, estimate.folders, estimate.recent),
        (progress.queued, progress.bytes, progress.folders, progress.recent)
    );
    assert_eq!((estimate.objects, estimate.bytes, estimate.pages), (19, 1900, 14));
    let after = world.estimate(&asked).unwrap();
    // The folder with the new one is looked at again.
    assert_eq!((after.objects, after.folders_before), (0, 11), "what is done is left out");
}

#[test]
fn parts_are_all_of_it_and_share_nothing() {
    let world = world();
    let asked = asked("2026-11-03", "2026-11-05");
    let parts = run(Parts::of(&&world, &request(&asked))).unwrap().0;
    assert_eq!(parts.len(), 4);
    for part in parts {
        let of_part = Asked { accounts: part.accounts, regions: part.regions, ..asked.clone() };
        let before = world.keys_sent().len();
        run(world.backfill().run_part(&request(&of_part), NOW, || true, |_| {})).unwrap();
        assert_eq!(world.keys_sent().len() - before, 3);
    }
    let mut sent = world.keys_sent();
    sent.sort_unstable();
    sent.dedup();
    assert_eq!(sent.len(), 12);
}
