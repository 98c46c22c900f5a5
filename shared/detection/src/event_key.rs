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
        Self::of_uuid(event_id.as_bytes()).unwrap_or_else(|| Self(hashed(event_id)))
    }

    /// Packs an `eventID` if it is a UUID.
    pub(crate) fn of_uuid(event_id: &[u8]) -> Option<Self> {
        uuid_bits(event_id).map(Self)
    }

    /// All of it.
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0.to_ne_bytes()
    }
}

/// Where the digits of a UUID stand, two of each byte.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// What a byte is worth as a hexadecimal digit; more than any digit if it is none.
const DIGITS: [u8; 256] = {
    let mut digits = [0xFF; 256];
    let mut digit: u8 = 0;
    while digit < 16 {
        digits[b"0123456789abcdef"[digit as usize] as usize] = digit;
        digits[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    digits
};

/// An id is packed for every record that matches, so there is one question at the end and none before.
fn uuid_bits(text: &[u8]) -> Option<u128> {
    let bytes: &[u8; 36] = text.try_into().ok()?;
    let mut packed = [0; 16];
    let mut seen = 0;
    for (byte, at) in packed.iter_mut().zip(PAIRS) {
        let (high, low) = (DIGITS[usize::from(bytes[at])], DIGITS[usize::from(bytes[at + 1])]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    let has_dashes = [8, 13, 18, 23].iter().all(|&at| bytes[at] == b'-');
    (seen < 16 && has_dashes).then_some(u128::from_be_bytes(packed))
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
