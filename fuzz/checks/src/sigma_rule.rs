//! Any text as a Sigma rule, or as the detection of one: it loads or is refused, and what loads has
//! a verdict on any record, the same for whoever asks why.
//!
//! Input: the rule, a zero byte, the record.

use serde_json::Value;
use trailmeter_detection::model::{Document, explain};
use trailmeter_detection::{DetectorFile, Options, load_each};

use crate::parts::{record_or_default, two_texts};

/// A rule to begin with, so that the fuzzer need not find out what one looks like.
const HEAD: &str = "title: t\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n";

pub(crate) fn check(input: &[u8]) {
    let (text, record) = two_texts(input);
    let source = record_or_default(&record);
    let Ok(record) = serde_json::from_str::<Value>(&source) else { return };
    let document = Document { value: &record, source: Some(&source) };
    for text in [text.clone().into_owned(), format!("{HEAD}{text}")] {
        let file = DetectorFile { path: "fuzz.yaml".to_owned(), pack: None, text };
        for loaded in load_each(&[file], &Options::default()) {
            match loaded.result {
                Ok(detector) => {
                    let verdict = detector.rule.matches(document);
                    assert_eq!(explain(detector.rule.expr(), document).holds, verdict);
                    let _none = detector.rule.matches(Document::from(&Value::Null));
                    drop(detector.run_tests());
                }
                Err(errors) => {
                    assert!(!errors.is_empty() && errors.iter().all(|error| !error.reason.is_empty()));
                }
            }
        }
    }
}
