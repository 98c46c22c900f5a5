//! Each event once for each detector.

use super::*;
use crate::EventKey;
use crate::scan::tests::scan;

const ONE: &str = r#"{"eventID":"1","errorCode":"AccessDenied"}"#;
const TWO: &str = r#"{"eventID":"2","errorCode":"AccessDenied"}"#;
const NO_ID: &str = r#"{"errorCode":"AccessDenied"}"#;
const BOTH: &str = r#"{"eventID":"1","errorCode":"AccessDenied","odd":true}"#;
const UPDATE: &str = r#"{"eventID":"3","errorCode":"AccessDenied","addendum":{"reason":"UPDATED_DATA"}}"#;
const EXCLUDED: &str = r#"{"eventID":"4","errorCode":"AccessDenied","robot":true}"#;
const OTHER: &str = r#"{"eventID":"5"}"#;
const BROKEN: &str = "null";

const ALL: [&str; 8] = [ONE, TWO, NO_ID, BOTH, UPDATE, EXCLUDED, OTHER, BROKEN];

/// Counts files one after the other: matches by detector, and all records by outcome.
fn run(files: &[&[&str]], memory: &mut Memory) -> ([u64; 2], RecordCounts) {
    let mut matches = [0, 0];
    let mut records = RecordCounts::default();
    for file in files {
        let counts = count(&scan(file), memory, |counted| matches[counted.hit.detector] += 1);
        assert!(counts.records.balance(), "{file:?}: {:?}", counts.records);
        records += &counts.records;
    }
    (matches, records)
}

fn remembering(most: usize) -> Memory {
    Memory::new(Repeats::Once, most)
}

#[test]
fn an_event_counts_once_for_each_detector_or_as_it_stands() {
    // matched, unmatched, malformed, duplicate; then the matches if repeats count as they stand.
    for (name, files, matches, outcomes, as_they_stand) in [
        ("nothing", &[&[][..]][..], [0, 0], [0, 0, 0, 0], [0, 0]),
        ("one of each", &[&[ONE, OTHER, BROKEN]], [1, 0], [1, 1, 1, 0], [1, 0]),
        ("a repeat in the file", &[&[ONE, ONE, ONE]], [1, 0], [1, 0, 0, 2], [3, 0]),
        ("a repeat in another file", &[&[ONE], &[TWO, ONE]], [2, 0], [2, 0, 0, 1], [3, 0]),
        ("no id", &[&[NO_ID, NO_ID], &[NO_ID]], [3, 0], [3, 0, 0, 0], [3, 0]),
        ("an update", &[&[ONE, UPDATE]], [1, 0], [1, 0, 0, 1], [2, 0]),
        ("two detectors", &[&[BOTH, BOTH]], [1, 1], [1, 0, 0, 1], [2, 2]),
        ("a repeat with news for one detector", &[&[ONE, BOTH]], [1, 1], [2, 0, 0, 0], [2, 1]),
        (
            "repeats of what is not matched",
            &[&[OTHER, OTHER, EXCLUDED, EXCLUDED]],
            [0, 0],
            [0, 4, 0, 0],
            [0, 0],
        ),
    ] {
        let (found, records) = run(files, &mut remembering(100));
        assert_eq!(found, matches, "{name}");
        assert_eq!(
            [records.matched, records.unmatched, records.malformed_total(), records.duplicate],
            outcomes,
            "{name}"
        );
        let (found, records) = run(files, &mut Memory::new(Repeats::AsTheyStand, 0));
        assert_eq!((found, records.duplicate), (as_they_stand, 0), "{name}, as they stand");
    }
}

#[test]
fn exclusions_are_counted_with_their_repeats() {
    let counts = count(&scan(&[EXCLUDED, EXCLUDED, ONE]), &mut remembering(10), |_| ());
    assert_eq!(counts.excluded, BTreeMap::from([((0, 0), 2)]));
}

/// Files come in no order, and so do the records in them.
#[test]
fn the_order_of_records_and_files_does_not_matter() {
    let all = [ALL, ALL].concat();
    // `ONE` and `BOTH` tell one event differently. Which of them comes first decides what the
    // other adds, so with both only the matches are the same in every order.
    let alike: Vec<&str> = all.iter().copied().filter(|record| *record != ONE).collect();
    let (matches, _) = run(&[&all], &mut remembering(100));
    let whole = run(&[&alike], &mut remembering(100));
    for turn in 0..alike.len() {
        let (one, other) = alike.split_at(turn);
        assert_eq!(run(&[one, other], &mut remembering(100)), whole, "in two files at {turn}");
        assert_eq!(run(&[other, one], &mut remembering(100)), whole, "the other way round at {turn}");
        assert_eq!(run(&[&[other, one].concat()], &mut remembering(100)), whole, "turned by {turn}");
        let (one, other) = all.split_at(turn);
        assert_eq!(run(&[other, one], &mut remembering(100)).0, matches, "told differently, at {turn}");
    }
}

#[test]
fn memory_keeps_to_its_bound_and_says_what_it_could_not_keep() {
    for (most, matches, duplicate, not_remembered) in [
        (0, [6, 2], 0, 8),
        // `ONE` is kept for `Denied`; the first `BOTH` has news for `Odd` alone.
        (1, [3, 2], 1, 4),
        (2, [2, 2], 2, 2),
        (3, [2, 1], 3, 0),
        (100, [2, 1], 3, 0),
    ] {
        let mut memory = remembering(most);
        let (found, records) = run(&[&[ONE, TWO, BOTH], &[BOTH, TWO, ONE]], &mut memory);
        assert_eq!(found, matches, "{most}");
        assert_eq!(records.duplicate, duplicate, "{most}");
        assert_eq!(memory.not_remembered(), not_remembered, "{most}");
    }
}

#[test]
fn a_part_that_is_taken_back_leaves_no_trace() {
    for most in [1, 2, 100] {
        let mut memory = remembering(most);
        memory.begin_part();
        run(&[&[ONE]], &mut memory);
        memory.begin_part();
        run(&[&[TWO, BOTH, ONE], &[TWO]], &mut memory);
        memory.take_back();
        assert_eq!(memory.not_remembered(), 0, "{most}");
        let (matches, records) = run(&[&[ONE, TWO]], &mut memory);
        assert_eq!((matches, records.duplicate), ([1, 0], 1), "{most}: the first part is kept");
        memory.take_back();
        assert_eq!(run(&[&[ONE]], &mut memory).1.duplicate, 1, "{most}: nothing is left to take back");
    }
}

#[test]
fn what_would_count_is_each_pair_once_and_none_that_has_counted() {
    let mut memory = remembering(100);
    let file = scan(&[ONE, ONE, TWO, NO_ID, BOTH, UPDATE, EXCLUDED, OTHER]);
    let event = EventKey::new;
    assert_eq!(memory.would_count(&file), [(event("1"), 0), (event("1"), 1), (event("2"), 0)]);
    run(&[&[ONE]], &mut memory);
    assert_eq!(memory.would_count(&file), [(event("1"), 1), (event("2"), 0)]);
}

#[test]
fn what_counted_elsewhere_is_a_duplicate_in_the_next_file_alone() {
    let mut memory = remembering(100);
    memory.set_counted_elsewhere([(EventKey::new("1"), 0)]);
    assert_eq!(run(&[&[BOTH, TWO]], &mut memory).0, [1, 1]);
    memory.set_counted_elsewhere([]);
    assert_eq!(run(&[&[ONE]], &mut memory).0, [1, 0]);
}

/// The first part failed, the second did not: what the second counted stays counted.
#[test]
fn a_part_can_be_forgotten_when_others_have_followed() {
    let mut memory = remembering(1);
    let mut part = |file: &[&str]| {
        memory.begin_part();
        let counted = run(&[file], &mut memory).0;
        (counted, memory.end_part())
    };
    let (_, first) = part(&[ONE]);
    let (counted, second) = part(&[ONE, TWO]);
    assert_eq!(counted, [1, 0]);
    assert_eq!(memory.not_remembered(), 1, "there was room for one");
    memory.forget(&first);
    assert_eq!(run(&[&[ONE]], &mut memory).0, [1, 0]);
    memory.forget(&second);
    assert_eq!(memory.not_remembered(), 0);
}
