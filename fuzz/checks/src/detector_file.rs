//! Any text as the rest of a detector file: it loads or is refused at a place within it, and what
//! loads runs its tests, is linted, and scans a file.
//!
//! Input: a byte whose lowest bit says whether a pattern is given, then the text.

use trailmeter_detection::lint::lint;
use trailmeter_detection::{Detector, DetectorFile, DetectorSet, Options, load_each};
use trailmeter_logs::{Limits, LogKind};

use crate::parts::DEFAULT_RECORD;

/// What is required, so that the fuzzer can get on to the rest.
const HEAD: &str = "name: Fuzzed\ntitle: t\nwhat: w\nwhy: y\nsources: [s]\nlogs: cloudtrail\ntests:\n  - { name: a, match: true, \
                    record: { eventName: A, a: { b: [1, null] } } }\n  - { name: b, match: false, record: { eventName: B } }\n";
const PATTERN: &str = "pattern: '{ $.eventName = * }'\n";
/// CloudWatch refuses larger values, and with one of them the whole request.
const LARGEST_VALUE: f64 = 2.348_542_582_773_834e108;

pub(crate) fn check(input: &[u8]) {
    let Some((&flags, rest)) = input.split_first() else { return };
    let rest = String::from_utf8_lossy(rest);
    let text = format!("{HEAD}{}{rest}", if flags & 1 == 1 { PATTERN } else { "" });
    // YAML breaks lines at carriage returns too.
    let last_line = text.matches(['\n', '\r']).count() as u64 + 1;
    let file = DetectorFile { path: "fuzz.yaml".to_owned(), pack: None, text };
    let options = Options::default();
    let Ok(today) = "2026-11-21".parse() else { return };
    for loaded in load_each(std::slice::from_ref(&file), &options) {
        drop(lint(&file, &loaded, &options, today));
        match loaded.result {
            Ok(detector) => {
                drop(detector.run_tests());
                scan(*detector);
            }
            Err(errors) => {
                assert!(!errors.is_empty());
                for error in errors {
                    assert!(error.place.line <= last_line, "{error}");
                    assert!(!error.reason.is_empty() && !error.reason.contains('\n'), "{error}");
                }
            }
        }
    }
}

/// What a detector finds in a file has the shape that it announces.
fn scan(detector: Detector) {
    let sets: Vec<usize> = detector.dimensions.iter().map(|set| set.0.len()).collect();
    let detectors = DetectorSet::new(vec![detector]);
    let mut scan = detectors.scan(LogKind::Events, Limits::default());
    let file = format!("{{\"Records\":[{DEFAULT_RECORD},{{}}]}}");
    let pushed = scan.push(file.as_bytes());
    let Ok(found) = pushed.and_then(|()| scan.finish()) else { panic!("a good file is read") };
    assert_eq!(found.read, 2);
    for hit in found.hits() {
        assert_eq!(hit.dimensions.iter().map(Vec::len).collect::<Vec<_>>(), sets);
        assert!(hit.value.is_none_or(|value| value.abs() <= LARGEST_VALUE), "{:?}", hit.value);
    }
}
