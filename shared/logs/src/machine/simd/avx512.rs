//! A block in one register of 512 bits.

use std::arch::x86_64::{
    __m512i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8, _mm512_add_epi32,
    _mm512_castsi512_si128, _mm512_cmpeq_epi8_mask, _mm512_cmple_epu8_mask, _mm512_cmplt_epi8_mask,
    _mm512_cvtepu8_epi32, _mm512_maskz_compress_epi8, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_setr_epi64,
    _mm512_setzero_si512, _mm512_storeu_si512, _mm512_sub_epi8,
};

use super::{BLOCK, Masks, PLACES, Pass, Simd};

pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vbmi2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("pclmulqdq")
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
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
        let digits = _mm512_sub_epi8(block, _mm512_set1_epi8(b'0'.cast_signed()));
        Masks {
            quote: equal(b'"'),
            comma: equal(b','),
            colon: equal(b':'),
            brace: equal(b'{'),
            end_brace: equal(b'}'),
            is_special: squares | unusual != 0,
            square: equal(b'['),
            end_square: equal(b']'),
            backslash: equal(b'\\'),
            unusual,
            digit: _mm512_cmple_epu8_mask(digits, _mm512_set1_epi8(9)),
            wide: _mm512_cmplt_epi8_mask(block, _mm512_setzero_si512()),
        }
    };
    let running_xor = |bits: u64| {
        // A product without carries, by ones alone, adds every lower bit to each.
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits.cast_signed()), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product).cast_unsigned()
    };
    let keep = |block: &[u8; BLOCK], places: u64, kept: &mut [u8; BLOCK]| {
        let bytes = _mm512_maskz_compress_epi8(places, load(block));
        // SAFETY: `kept` is as long as the register, and the store needs no alignment.
        unsafe { _mm512_storeu_si512(kept.as_mut_ptr().cast(), bytes) };
    };
    let places = |bits: u64, base: u32, places: &mut [u32; PLACES]| {
        let each = _mm512_maskz_compress_epi8(bits, counting());
        let each = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(each));
        let each = _mm512_add_epi32(each, _mm512_set1_epi32(base.cast_signed()));
        // SAFETY: `places` is as long as the register, and the store needs no alignment.
        unsafe { _mm512_storeu_si512(places.as_mut_ptr().cast(), each) };
    };
    pass.run(Simd { masks, running_xor, keep, places })
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(block: &[u8; BLOCK]) -> __m512i {
    let (parts, _) = block.as_chunks::<8>();
    let part = |at: usize| i64::from_le_bytes(parts[at]);
    _mm512_setr_epi64(part(0), part(1), part(2), part(3), part(4), part(5), part(6), part(7))
}

/// The numbers from 0 to 63.
#[target_feature(enable = "avx512f")]
#[inline]
fn counting() -> __m512i {
    let part = |at: i64| 0x0706_0504_0302_0100 + at * 0x0808_0808_0808_0808;
    _mm512_setr_epi64(part(0), part(1), part(2), part(3), part(4), part(5), part(6), part(7))
}
