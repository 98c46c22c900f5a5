//! Any JSON as the payload of an invocation: decoded into messages, whatever it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailmeter_pipeline::decode;

fuzz_target!(|text: &str| {
    if let Ok(payload) = serde_json::from_str(text) {
        let invocation = decode(&payload);
        assert!(!invocation.messages.is_empty());
        assert!(invocation.answers_by_message || invocation.messages.len() == 1);
    }
});
