//! Any text as the rest of a detector file: it loads or is refused at a place within it, and what loads
//! runs its tests and is linted.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailmeter_detection::lint::lint;
use trailmeter_detection::{DetectorFile, Options, load_each};

/// What is required, so that the fuzzer can get on to the rest.
const HEAD: &str = "name: Fuzzed\ntitle: t\nwhat: w\nwhy: y\nsources: [s]\nlogs: cloudtrail\ntests:\n  - { name: a, match: true, \
                    record: { eventName: A, a: { b: [1, null] } } }\n  - { name: b, match: false, record: { eventName: B } }\n";
const PATTERN: &str = "pattern: '{ $.eventName = A }'\n";

fuzz_target!(|input: (bool, &str)| {
    let (has_pattern, rest) = input;
    let text = format!("{HEAD}{}{rest}", if has_pattern { PATTERN } else { "" });
    // YAML breaks lines at carriage returns too.
    let last_line = text.matches(['\n', '\r']).count() as u64 + 1;
    let file = DetectorFile { path: "fuzz.yaml".to_owned(), pack: None, text };
    let options = Options::default();
    let today = "2026-11-21".parse().expect("a date");
    for loaded in load_each(std::slice::from_ref(&file), &options) {
        let _warnings = lint(&file, &loaded, &options, today);
        match loaded.result {
            Ok(detector) => drop(detector.run_tests()),
            Err(errors) => {
                assert!(!errors.is_empty());
                for error in errors {
                    assert!(error.place.line <= last_line, "{error}");
                    assert!(!error.reason.is_empty() && !error.reason.contains('\n'), "{error}");
                }
            }
        }
    }
});
