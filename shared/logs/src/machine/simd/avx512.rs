//! A block in one register of 512 bits.

use std::arch::x86_64::{
    __m512i, _bzhi_u32, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
    _mm256_cmpneq_epi8_mask, _mm512_cmpeq_epi8_mask, _mm512_cmple_epu8_mask, _mm512_cmplt_epi8_mask,
    _mm512_set1_epi8, _mm512_setr_epi64, _mm512_setzero_si512, _mm512_sub_epi8,
};

use super::avx2::load_half;
use super::{BLOCK, COMPARED, Masks, Pass, Simd};

pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("pclmulqdq")
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
#[inline(never)]
pub(super) fn run<P: Pass>(pass: P) -> P::Output {
    let masks = |block: &[u8; BLOCK]| {
        let block = load(block);
        let equal = |byte: u8| _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(byte.cast_signed()));
        // As signed numbers, what is no ASCII is below zero.
        let unusual = _mm512_cmplt_epi8_mask(block, _mm512_set1_epi8(0x20));
        // The backslash stands between the square brackets.
        let squares = _mm512_sub_epi8(block, _mm512_set1_epi8(b'['.cast_signed()));
        let squares = _mm512_cmple_epu8_mask(squares, _mm512_set1_epi8(2));
        Masks::new(
            equal,
            squares | unusual != 0,
            unusual,
            _mm512_cmplt_epi8_mask(block, _mm512_setzero_si512()),
        )
    };
    let running_xor = |bits: u64| {
        // A product without carries, by ones alone, adds every lower bit to each.
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits.cast_signed()), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product).cast_unsigned()
    };
    let text = |block: &[u8; BLOCK]| {
        let block = load(block);
        let equal = |byte: u8| _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(byte.cast_signed()));
        // As signed numbers, what is no ASCII is below zero.
        let unusual = _mm512_cmplt_epi8_mask(block, _mm512_set1_epi8(0x20));
        (equal(b'"'), equal(b'\\') | unusual)
    };
    let begins = |one: &[u8; COMPARED], other: &[u8; COMPARED], count: u8| {
        let differ = _mm256_cmpneq_epi8_mask(load_half(one), load_half(other));
        _bzhi_u32(differ, u32::from(count)) == 0
    };
    pass.run(Simd { masks, running_xor, text, begins })
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(block: &[u8; BLOCK]) -> __m512i {
    let (parts, _) = block.as_chunks::<8>();
    let part = |at: usize| i64::from_le_bytes(parts[at]);
    _mm512_setr_epi64(part(0), part(1), part(2), part(3), part(4), part(5), part(6), part(7))
}
