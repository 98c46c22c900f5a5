//! What tells one event from another, in sixteen bytes.

use std::fmt;

use sha2::{Digest, Sha256};

/// The identity of an event: its `eventID`, packed.
///
/// Copies of an event in other accounts have an `eventID` each and so are other events, whatever
/// `sharedEventID` they have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKey(u128);

impl EventKey {
    /// Packs an `eventID`. CloudTrail's are UUIDs, whose bits are kept; anything else is hashed.
    pub fn new(event_id: &str) -> Self {
        Self(uuid_bits(event_id).unwrap_or_else(|| hashed(event_id)))
    }
}

fn uuid_bits(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || [8, 13, 18, 23].iter().any(|&at| bytes[at] != b'-') {
        return None;
    }
    bytes
        .iter()
        .filter(|&&byte| byte != b'-')
        .try_fold((0_u128, 0), |(bits, count), &byte| {
            // A 33rd digit would mean a dash too few.
            let digit = char::from(byte).to_digit(16).filter(|_| count < 32)?;
            Some((bits << 4 | u128::from(digit), count + 1))
        })
        .map(|(bits, _)| bits)
}

/// The first half of the SHA-256: keys are kept in a ledger, so another version of this program has
/// to make the same of the same id.
fn hashed(text: &str) -> u128 {
    let mut half = [0; 16];
    half.copy_from_slice(&Sha256::digest(text)[..16]);
    u128::from_be_bytes(half)
}

/// 32 digits in lower case.
impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_as_their_texts_do() {
        let ids = [
            "00000000-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-000000000001",
            "10000000-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-00000000000g",
            "00000000-0000-0000-0000-0000000000000",
            "000000000-000-0000-0000-000000000000",
            "",
            "a",
        ];
        for (at, one) in ids.iter().enumerate() {
            for (other_at, other) in ids.iter().enumerate() {
                assert_eq!(EventKey::new(one) == EventKey::new(other), at == other_at, "{one} {other}");
            }
        }
        // As `printf odd | sha256sum` has it.
        assert_eq!(EventKey::new("odd").to_string(), "990cb8ebd0afb7150da453a213036a92");
        assert_eq!(
            EventKey::new("12345678-9abc-def0-1234-56789abcdef0").to_string(),
            "123456789abcdef0123456789abcdef0"
        );
        assert_eq!(
            EventKey::new("ABCDEF00-0000-0000-0000-000000000000"),
            EventKey::new("abcdef00-0000-0000-0000-000000000000")
        );
    }
}
