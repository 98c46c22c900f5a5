//! Any text as a filter pattern, on any JSON as a record: refused at a place within it, or parsed,
//! and then it means the same in parentheses and to whoever asks why.
//!
//! Input: the pattern, a zero byte, the record.

use serde_json::Value;
use trailmeter_detection::model::{Document, explain};
use trailmeter_detection::pattern::Pattern;

use crate::parts::{record_or_default, two_texts};

pub(crate) fn check(input: &[u8]) {
    let (text, record) = two_texts(input);
    let pattern = match text.parse::<Pattern>() {
        Ok(pattern) => pattern,
        Err(error) => {
            assert!(error.offset <= text.len() && text.is_char_boundary(error.offset), "{text}");
            assert!(!error.message.is_empty());
            return;
        }
    };
    let source = record_or_default(&record);
    let Ok(record) = serde_json::from_str::<Value>(&source) else { return };
    let document = Document { value: &record, source: Some(&source) };
    let verdict = pattern.matches(document);
    assert_eq!(explain(pattern.expr(), document).holds, verdict, "explained: {text}");
    // A pattern never quotes a container, so that it needs no source.
    assert_eq!(pattern.matches(&record), verdict, "without a source: {text}");
    let inner = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    match format!("{{ ({}) }}", inner.unwrap_or_default()).parse::<Pattern>() {
        Ok(wrapped) => assert_eq!(wrapped.matches(document), verdict, "in parentheses: {text}"),
        Err(error) => assert!(error.message.contains("deeper than"), "{text}: {}", error.message),
    }
}
