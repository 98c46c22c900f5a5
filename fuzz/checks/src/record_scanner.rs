//! The scanner of single records: every backend of this machine against the one that takes byte after byte,
//! and what that finds against a parser of JSON and a walk over the characters.
//!
//! Input: records, or anything else, with a line feed between two of them. One scanner sees them all in their
//! order, so that it may remember what it should not.

use trailmeter_logs::{Backend, RecordScanner, Scanned};

/// Length, depth, and the members as the scanner lists them.
type Found = Option<(usize, u64, Vec<(usize, bool)>)>;

fn found(scanner: &mut RecordScanner, bytes: &[u8]) -> Found {
    match scanner.scan(bytes) {
        Scanned::Plain { length, depth } => {
            let members = scanner.members().iter().map(|member| (member.colon, member.is_nested));
            Some((length, depth, members.collect()))
        }
        Scanned::Odd => None,
    }
}

pub(crate) fn check(input: &[u8]) {
    let texts: Vec<&[u8]> = input.split(|&byte| byte == b'\n').collect();
    let Some(mut bytewise) = RecordScanner::with_backend(Backend::Bytewise) else { return };
    let expected: Vec<Found> = texts.iter().map(|text| found(&mut bytewise, text)).collect();
    for (text, found) in texts.iter().zip(&expected) {
        if let Some((length, depth, members)) = found {
            is_true(&text[..*length], *depth, members);
        }
    }
    for backend in [Backend::Avx512, Backend::Avx2, Backend::Sse2, Backend::Neon] {
        let Some(mut scanner) = RecordScanner::with_backend(backend) else { continue };
        // The second time their shapes are known.
        for time in 1..=2 {
            for (text, expected) in texts.iter().zip(&expected) {
                assert_eq!(found(&mut scanner, text), *expected, "{backend:?}, time {time}");
            }
        }
    }
}

/// What is called plain is JSON, and is as deep as was said, with these members.
fn is_true(record: &[u8], depth: u64, members: &[(usize, bool)]) {
    let value: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_slice(record);
    assert!(value.is_ok(), "plain, but no JSON: {:?}", value.err());
    let mut open = Vec::new();
    let mut deepest = 0;
    let mut listed = Vec::new();
    let mut in_string = false;
    let mut is_escaped = false;
    for (&byte, at) in record.iter().zip(0..) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                open.push(byte);
                deepest = deepest.max(open.len() as u64);
            }
            b'}' | b']' => drop(open.pop()),
            b':' if open == b"{" => listed.push((at, false)),
            b':' if open == b"{{" => listed.push((at, true)),
            _ => {}
        }
    }
    assert_eq!(deepest, depth);
    assert_eq!(listed, members);
}
