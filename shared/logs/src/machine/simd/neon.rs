//! A block in four registers of 128 bits, on arm64.

use std::arch::aarch64::{
    uint8x16_t, vandq_u8, vceqq_u8, vcltq_s8, vcltq_u8, vcombine_u64, vcreate_u64, vdupq_n_s8, vdupq_n_u8,
    veorq_u8, vgetq_lane_u64, vmaxvq_u8, vmull_p64, vorrq_u8, vpaddq_u8, vreinterpretq_s8_u8,
    vreinterpretq_u8_u64, vreinterpretq_u64_u8, vsubq_u8,
};

use super::{BLOCK, COMPARED, Masks, Pass, Simd};

pub(super) fn is_there() -> bool {
    std::arch::is_aarch64_feature_detected!("neon") && std::arch::is_aarch64_feature_detected!("aes")
}

#[target_feature(enable = "neon,aes")]
#[inline(never)]
pub(super) fn run<P: Pass>(pass: P) -> P::Output {
    let masks = |block: &[u8; BLOCK]| {
        let parts = load(block);
        let bits = bits();
        let equal = |byte: u8| {
            let byte = vdupq_n_u8(byte);
            let [a, b, c, d] = parts;
            join([vceqq_u8(a, byte), vceqq_u8(b, byte), vceqq_u8(c, byte), vceqq_u8(d, byte)], bits)
        };
        let below = |limit: i8| {
            let limit = vdupq_n_s8(limit);
            let [a, b, c, d] = parts;
            let part = |part| vcltq_s8(vreinterpretq_s8_u8(part), limit);
            [part(a), part(b), part(c), part(d)]
        };
        // As signed numbers, what is no ASCII is below zero.
        let unusual = below(0x20);
        let upto = |first: u8, count: u8| {
            let (first, count) = (vdupq_n_u8(first), vdupq_n_u8(count));
            let [a, b, c, d] = parts;
            let part = |part| vcltq_u8(vsubq_u8(part, first), count);
            [part(a), part(b), part(c), part(d)]
        };
        let either = |[a, b, c, d]: [uint8x16_t; 4]| vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d));
        // The backslash stands between the square brackets.
        let special = vorrq_u8(either(unusual), either(upto(b'[', 3)));
        Masks::new(equal, vmaxvq_u8(special) != 0, join(unusual, bits), join(below(0), bits))
    };
    // A product without carries, by ones alone, adds every lower bit to each.
    let running_xor = |bits: u64| vmull_p64(bits, u64::MAX) as u64;
    let text = |block: &[u8; BLOCK]| {
        let parts = load(block);
        let equal = |part, byte: u8| vceqq_u8(part, vdupq_n_u8(byte));
        // As signed numbers, what is no ASCII is below zero.
        let unusual = |part| vcltq_s8(vreinterpretq_s8_u8(part), vdupq_n_s8(0x20));
        let special = |part| vorrq_u8(unusual(part), equal(part, b'\\'));
        (join(parts.map(|part| equal(part, b'"')), bits()), join(parts.map(special), bits()))
    };
    let begins = |one: &[u8; COMPARED], other: &[u8; COMPARED], count: u8| {
        let counted = COUNTED[COMPARED - usize::from(count)..].first_chunk().unwrap_or(&[0xFF; COMPARED]);
        let ([a, b], [c, d], [e, f]) = (load_half(one), load_half(other), load_half(counted));
        let differ = vorrq_u8(vandq_u8(veorq_u8(a, c), e), vandq_u8(veorq_u8(b, d), f));
        vmaxvq_u8(differ) == 0
    };
    pass.run(Simd { masks, running_xor, text, begins })
}

/// From a place on: ones for the bytes that count, and zeros for the others.
const COUNTED: [u8; 2 * COMPARED] = {
    let mut counted = [0; 2 * COMPARED];
    let mut at = 0;
    while at < COMPARED {
        counted[at] = 0xFF;
        at += 1;
    }
    counted
};

#[target_feature(enable = "neon")]
#[inline]
fn load_half(half: &[u8; COMPARED]) -> [uint8x16_t; 2] {
    let (parts, _) = half.as_chunks::<8>();
    let part = |at: usize| vcreate_u64(u64::from_le_bytes(parts[at]));
    [0, 2].map(|at| vreinterpretq_u8_u64(vcombine_u64(part(at), part(at + 1))))
}

#[target_feature(enable = "neon")]
#[inline]
fn load(block: &[u8; BLOCK]) -> [uint8x16_t; 4] {
    let (parts, _) = block.as_chunks::<8>();
    let part = |at: usize| vcreate_u64(u64::from_le_bytes(parts[at]));
    let pair = |at: usize| vreinterpretq_u8_u64(vcombine_u64(part(at), part(at + 1)));
    [pair(0), pair(2), pair(4), pair(6)]
}

/// Of the eight bytes that become a byte of the mask, each keeps another bit.
#[target_feature(enable = "neon")]
#[inline]
fn bits() -> uint8x16_t {
    let eight = vcreate_u64(0x8040_2010_0804_0201);
    vreinterpretq_u8_u64(vcombine_u64(eight, eight))
}

/// Adds neighbours three times over, until eight bytes have become one.
#[target_feature(enable = "neon")]
#[inline]
fn join(parts: [uint8x16_t; 4], bits: uint8x16_t) -> u64 {
    let [a, b, c, d] = parts;
    let low = vpaddq_u8(vandq_u8(a, bits), vandq_u8(b, bits));
    let high = vpaddq_u8(vandq_u8(c, bits), vandq_u8(d, bits));
    let quarter = vpaddq_u8(low, high);
    let eighth = vpaddq_u8(quarter, quarter);
    vgetq_lane_u64::<0>(vreinterpretq_u64_u8(eighth))
}
