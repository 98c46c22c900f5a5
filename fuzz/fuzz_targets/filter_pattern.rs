//! Any text as a filter pattern, on any JSON as a record: parsed or refused at a place within it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailmeter_detection::pattern::Pattern;

fuzz_target!(|input: (&str, &str)| {
    let (text, record) = input;
    match text.parse::<Pattern>() {
        Ok(pattern) => {
            if let Ok(record) = serde_json::from_str(record) {
                let verdict = pattern.matches(&record);
                // What is in parentheses means the same.
                let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
                if let Ok(wrapped) = format!("{{ ({inner}) }}").parse::<Pattern>() {
                    assert_eq!(wrapped.matches(&record), verdict, "{text}");
                }
            }
        }
        Err(error) => assert!(error.offset <= text.len() && text.is_char_boundary(error.offset), "{text}"),
    }
});
