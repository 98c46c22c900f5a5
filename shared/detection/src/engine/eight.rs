//! Eight bytes at once, in a register that every machine has.

const SEVENS: u64 = u64::from_ne_bytes([0x7F; 8]);

/// The highest bit of each byte of `eight` that is `byte`, and of no other.
#[inline]
pub(super) fn places_of(byte: u8, eight: u64) -> u64 {
    let differs = eight ^ u64::from_ne_bytes([byte; 8]);
    // Without its highest bit a byte carries into it, unless it is zero.
    !(((differs & SEVENS) + SEVENS) | differs | SEVENS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_found_at_every_place_and_no_other() {
        for byte in 0..=u8::MAX {
            for other in [0, 1, byte ^ 1, byte ^ 0x80, 0x7F, 0x80, 0xFF] {
                for places in 0..=u8::MAX {
                    let is_there = |at: usize| places >> at & 1 == 1;
                    let bytes: [u8; 8] = std::array::from_fn(|at| if is_there(at) { byte } else { other });
                    let expected =
                        (0..8).filter(|&at| bytes[at] == byte).map(|at| 0x80 << (8 * at)).sum::<u64>();
                    assert_eq!(places_of(byte, u64::from_le_bytes(bytes)), expected, "{bytes:?}");
                }
            }
        }
    }
}
