//! Values as they look when encoded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A transformation of a value's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// `wide`, `utf16le`
    Utf16Le,
    /// `utf16be`
    Utf16Be,
    /// `utf16`: little endian with a byte order mark
    Utf16,
    /// `base64`
    Base64,
    /// `base64offset`: the part that is the same wherever in a longer text the value begins
    Base64Offset,
}

impl Encoding {
    pub(super) fn is_base64(self) -> bool {
        matches!(self, Self::Base64 | Self::Base64Offset)
    }

    /// What becomes of `bytes`; three values for `base64offset`.
    fn apply(self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let wide = |order: fn(u16) -> [u8; 2]| {
            String::from_utf8_lossy(bytes).encode_utf16().flat_map(order).collect::<Vec<u8>>()
        };
        match self {
            Self::Utf16Le => vec![wide(u16::to_le_bytes)],
            Self::Utf16Be => vec![wide(u16::to_be_bytes)],
            Self::Utf16 => vec![[vec![0xff, 0xfe], wide(u16::to_le_bytes)].concat()],
            Self::Base64 => vec![STANDARD.encode(bytes).into_bytes()],
            Self::Base64Offset => (0..3).map(|offset| fixed_part(bytes, offset)).collect(),
        }
    }
}

/// Applies encodings one after the other. The last one is base64, so the results are text.
pub(super) fn encode(text: &str, encodings: &[Encoding]) -> Vec<String> {
    let mut values = vec![text.as_bytes().to_vec()];
    for encoding in encodings {
        values = values.iter().flat_map(|bytes| encoding.apply(bytes)).collect();
    }
    values.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

/// The characters of base64 that depend on `bytes` alone if `offset` other bytes, modulo three,
/// stand before them: those at either end share their bits with the neighbours.
fn fixed_part(bytes: &[u8], offset: usize) -> Vec<u8> {
    let encoded = STANDARD.encode([&vec![0; offset], bytes].concat());
    let start = (offset * 8).div_ceil(6);
    let end = (offset + bytes.len()) * 8 / 6;
    encoded.as_bytes().get(start..end).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded_in_the_order_of_their_modifiers() {
        use Encoding::{Base64, Base64Offset, Utf16, Utf16Be, Utf16Le};
        for (encodings, expected) in [
            (&[Base64][..], &["Zm9v"][..]),
            (&[Utf16Le, Base64], &["ZgBvAG8A"]),
            (&[Utf16Be, Base64], &["AGYAbwBv"]),
            (&[Utf16, Base64], &["//5mAG8AbwA="]),
            (&[Base64Offset], &["Zm9v", "Zvb", "mb2"]),
        ] {
            assert_eq!(encode("foo", encodings), expected, "{encodings:?}");
        }
    }

    #[test]
    fn the_fixed_part_is_found_wherever_the_value_stands() {
        for value in ["foo", "secret", "a value of some length", "ab"] {
            let variants = encode(value, &[Encoding::Base64Offset]);
            for before in 0..7 {
                for after in 0..4 {
                    let text = format!("{}{value}{}", "x".repeat(before), "y".repeat(after));
                    let whole = STANDARD.encode(text);
                    assert!(whole.contains(&variants[before % 3]), "{value} after {before}, before {after}");
                }
            }
        }
    }
}
