//! How an input is taken apart.

use std::borrow::Cow;

use serde_json::Value;

/// What stands between a rule and the record that it is asked about: no text of either has it.
const SEPARATOR: u8 = 0;

/// An input of two texts.
pub fn joined(first: &str, second: &str) -> Vec<u8> {
    [first.as_bytes(), &[SEPARATOR], second.as_bytes()].concat()
}

/// An input of `scan_reference`: a file as it is stored, in chunks of 64 bytes at the most.
pub fn scan_input(stored: &[u8]) -> Vec<u8> {
    [&[0, 1, 63][..], stored].concat()
}

/// The two texts of an input; the second is empty if there is only one.
pub(crate) fn two_texts(input: &[u8]) -> (Cow<'_, str>, Cow<'_, str>) {
    let end = input.iter().position(|&byte| byte == SEPARATOR);
    let (first, second) = match end {
        Some(at) => (&input[..at], &input[at + 1..]),
        None => (input, &[][..]),
    };
    (String::from_utf8_lossy(first), String::from_utf8_lossy(second))
}

/// The record that an input gives, or one that has some of everything.
pub(crate) fn record_or_default(text: &str) -> String {
    match serde_json::from_str(text) {
        Ok(Value::Object(_)) => text.to_owned(),
        _ => DEFAULT_RECORD.to_owned(),
    }
}

/// A record with some of everything.
pub(crate) const DEFAULT_RECORD: &str = r#"{
    "eventName": "PutObject", "userIdentity": { "type": "Root", "arn": "arn:aws:iam::111122223333:root" },
    "requestParameters": { "a": [1, null, { "b": "x y" }], "b.c": { "d": "\u00e4" } }, "sourceIPAddress": "192.0.2.1",
    "n": 5, "t": true, "null": null, "a": "b", "eventTime": "2026-11-21T22:05:09Z", "text": "a\"b\\c\u001b",
    "eventID": "5a2d3b0e-0000-4000-8000-000000000002"
}"#;
