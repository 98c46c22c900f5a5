use proptest::prelude::*;

use super::*;
use crate::value_scanner::ValueScanner;

mod cases;
mod made;
mod small;

/// What a scan comes to: length, depth and members.
type Found = Option<(usize, u64, Vec<(usize, bool)>)>;

fn found(scanner: &mut RecordScanner, bytes: &[u8]) -> Found {
    match scanner.scan(bytes) {
        Scanned::Plain { length, depth } => {
            let members = scanner.members();
            members.iter().for_each(|member| spot_is_true(members, member, &bytes[..length]));
            Some((length, depth, members.iter().map(|member| (member.colon, member.is_nested)).collect()))
        }
        Scanned::Odd => {
            assert!(scanner.members().is_empty());
            None
        }
    }
}

/// Holds what a spot says of a value to the value.
fn spot_is_true(members: Members<'_>, member: Member, record: &[u8]) {
    assert_eq!(members.start(member.spot), Some(member.colon + 1));
    let Some(length) = members.text_length(member.spot) else { return };
    let value = &record[member.colon + 1..][..length];
    let Some((b'"', [text @ .., b'"'])) = value.split_first() else {
        panic!("{} is no string", String::from_utf8_lossy(value))
    };
    assert!(!text.contains(&b'"') && !text.contains(&b'\\'), "{}", String::from_utf8_lossy(text));
}

/// All scanners there are.
struct Scanners {
    bytewise: RecordScanner,
    others: Vec<(String, RecordScanner)>,
}

impl Scanners {
    fn new() -> Self {
        let backends = [Backend::Avx512, Backend::Avx2, Backend::Sse2, Backend::Neon];
        let mut others = Vec::new();
        for backend in backends {
            if let Some(scanner) = RecordScanner::with_backend(backend) {
                others.push((format!("{backend:?}"), scanner));
            }
        }
        Self { bytewise: RecordScanner::with_backend(Backend::Bytewise).unwrap(), others }
    }

    /// Scans with each, twice, so that the second time something may be remembered. All have to find the same,
    /// and it has to be true.
    fn check(&mut self, bytes: &[u8]) -> Found {
        let expected = found(&mut self.bytewise, bytes);
        for (name, scanner) in &mut self.others {
            for time in 1..=2 {
                let found = found(scanner, bytes);
                assert_eq!(found, expected, "{name}, time {time}: {}", String::from_utf8_lossy(bytes));
            }
        }
        if let Some((length, depth, members)) = &expected {
            is_true(&bytes[..*length], *depth, members);
            let (end, has_ended) = ValueScanner::default().scan(bytes);
            assert!(has_ended);
            assert_eq!(end, *length);
        }
        expected
    }
}

/// Holds what was found to what other code makes of the record.
fn is_true(record: &[u8], depth: u64, members: &[(usize, bool)]) {
    let text = std::str::from_utf8(record).unwrap();
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut scanner = ValueScanner::default();
    assert_eq!(scanner.scan(record), (record.len(), true));
    assert_eq!(scanner.max_depth(), depth, "{text}");
    assert_eq!(members, listed(record), "{text}");

    let key = |colon: usize| {
        let opening = record[..colon - 1].iter().rposition(|&byte| byte == b'"').unwrap();
        std::str::from_utf8(&record[opening + 1..colon - 1]).unwrap()
    };
    let mut keys: Vec<&str> = Vec::new();
    for (colon, _) in members.iter().filter(|(_, is_nested)| !is_nested) {
        if !keys.contains(&key(*colon)) {
            keys.push(key(*colon));
        }
        let value = serde_json::Deserializer::from_slice(&record[colon + 1..]);
        assert!(value.into_iter::<serde_json::Value>().next().unwrap().is_ok());
    }
    assert_eq!(keys, value.as_object().unwrap().keys().collect::<Vec<_>>(), "{text}");
}

/// The colons of members at depth 1, and of those of objects at depth 2, the slow way.
fn listed(record: &[u8]) -> Vec<(usize, bool)> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    let mut in_string = false;
    let mut at = 0;
    while at < record.len() {
        match record[at] {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => open.push(record[at]),
            b'}' | b']' => drop(open.pop()),
            b':' if open == b"{" => found.push((at, false)),
            b':' if open == b"{{" => found.push((at, true)),
            _ => {}
        }
        at += 1;
    }
    found
}
