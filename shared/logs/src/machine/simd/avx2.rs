//! A block in two registers of 256 bits.

use std::arch::x86_64::{
    __m256i, _bzhi_u32, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
    _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_setr_epi64x, _mm256_sub_epi8,
};

use super::{BLOCK, COMPARED, Masks, Pass, Simd};

pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("pclmulqdq")
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
#[inline(never)]
pub(super) fn run<P: Pass>(pass: P) -> P::Output {
    let join = |low: __m256i, high: __m256i| {
        let mask = |part| u64::from(_mm256_movemask_epi8(part).cast_unsigned());
        mask(low) | mask(high) << 32
    };
    let masks = |block: &[u8; BLOCK]| {
        let (low, high) = load(block);
        let equal = |byte: u8| {
            let byte = _mm256_set1_epi8(byte.cast_signed());
            join(_mm256_cmpeq_epi8(low, byte), _mm256_cmpeq_epi8(high, byte))
        };
        // As signed numbers, what is no ASCII is below zero.
        let space = _mm256_set1_epi8(0x20);
        let unusual = (_mm256_cmpgt_epi8(space, low), _mm256_cmpgt_epi8(space, high));
        // The backslash stands between the square brackets.
        let upto = |part, first: u8, count: i8| {
            let part = _mm256_sub_epi8(part, _mm256_set1_epi8(first.cast_signed()));
            _mm256_cmpeq_epi8(part, _mm256_min_epu8(part, _mm256_set1_epi8(count - 1)))
        };
        let squares = _mm256_or_si256(upto(low, b'[', 3), upto(high, b'[', 3));
        let special = _mm256_or_si256(squares, _mm256_or_si256(unusual.0, unusual.1));
        Masks::new(equal, _mm256_movemask_epi8(special) != 0, join(unusual.0, unusual.1), join(low, high))
    };
    let running_xor = |bits: u64| {
        // A product without carries, by ones alone, adds every lower bit to each.
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits.cast_signed()), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product).cast_unsigned()
    };
    let text = |block: &[u8; BLOCK]| {
        let (low, high) = load(block);
        let equal = |part, byte: u8| _mm256_cmpeq_epi8(part, _mm256_set1_epi8(byte.cast_signed()));
        // As signed numbers, what is no ASCII is below zero.
        let unusual = |part| _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), part);
        let special = |part| _mm256_or_si256(unusual(part), equal(part, b'\\'));
        (join(equal(low, b'"'), equal(high, b'"')), join(special(low), special(high)))
    };
    let begins = |one: &[u8; COMPARED], other: &[u8; COMPARED], count: u8| {
        let equal = _mm256_cmpeq_epi8(load_half(one), load_half(other));
        _bzhi_u32(!_mm256_movemask_epi8(equal).cast_unsigned(), u32::from(count)) == 0
    };
    pass.run(Simd { masks, running_xor, text, begins })
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(block: &[u8; BLOCK]) -> (__m256i, __m256i) {
    let [low, high] = block.as_chunks::<COMPARED>().0 else { unreachable!() };
    (load_half(low), load_half(high))
}

#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn load_half(half: &[u8; COMPARED]) -> __m256i {
    let (parts, _) = half.as_chunks::<8>();
    let part = |at: usize| i64::from_le_bytes(parts[at]);
    _mm256_setr_epi64x(part(0), part(1), part(2), part(3))
}
