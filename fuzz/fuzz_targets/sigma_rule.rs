//! Any text as a Sigma rule or a detector file: it loads or is refused, and what loads has a verdict
//! on any record.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use trailmeter_detection::model::Document;
use trailmeter_detection::{DetectorFile, Options, load_each};

/// A rule to begin with, so that the fuzzer need not find out what one looks like.
const HEAD: &str = "title: t\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n";

fuzz_target!(|text: &str| {
    let whole = [text.to_owned(), format!("{HEAD}{text}")];
    let record = json!({
        "eventName": "PutObject", "userIdentity": { "type": "Root", "arn": "arn:aws:iam::111122223333:root" },
        "requestParameters": { "a": [1, null, { "b": "x y" }] }, "sourceIPAddress": "192.0.2.1", "n": 5, "t": true,
        "eventTime": "2026-11-21T22:05:09Z",
    });
    for text in whole {
        let file = DetectorFile { path: "fuzz.yaml".to_owned(), pack: None, text };
        for loaded in load_each(&[file], &Options::default()) {
            match loaded.result {
                Ok(detector) => {
                    let _verdict = detector.rule.matches(&record);
                    let _none = detector.rule.matches(Document::from(&Value::Null));
                    let _failures = detector.run_tests();
                }
                Err(errors) => assert!(errors.iter().all(|error| !error.reason.is_empty())),
            }
        }
    }
});
