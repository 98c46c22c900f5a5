//! What tells one event from another, in sixteen bytes.

use std::hash::{DefaultHasher, Hash, Hasher};

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

fn hashed(text: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        text.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
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
        assert_eq!(
            EventKey::new("ABCDEF00-0000-0000-0000-000000000000"),
            EventKey::new("abcdef00-0000-0000-0000-000000000000")
        );
    }
}
