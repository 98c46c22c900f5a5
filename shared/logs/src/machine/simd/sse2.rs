//! A block in four registers of 128 bits.

use std::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_cmplt_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
    _mm_set1_epi8, _mm_sub_epi8,
};

use super::{BLOCK, COMPARED, Masks, Pass, Simd, running_xor_by_shifts};

#[target_feature(enable = "sse2")]
#[inline(never)]
pub(super) fn run<P: Pass>(pass: P) -> P::Output {
    let masks = |block: &[u8; BLOCK]| {
        let parts = load(block);
        let equal = |byte: u8| {
            let byte = _mm_set1_epi8(byte.cast_signed());
            join(parts.map(|part| _mm_cmpeq_epi8(part, byte)))
        };
        // As signed numbers, what is no ASCII is below zero.
        let unusual = parts.map(|part| _mm_cmplt_epi8(part, _mm_set1_epi8(0x20)));
        // The backslash stands between the square brackets.
        let upto = |first: u8, count: i8| {
            parts.map(|part| {
                let part = _mm_sub_epi8(part, _mm_set1_epi8(first.cast_signed()));
                _mm_cmpeq_epi8(part, _mm_min_epu8(part, _mm_set1_epi8(count - 1)))
            })
        };
        let squares = upto(b'[', 3);
        let either = |[a, b, c, d]: [__m128i; 4]| _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
        let special = _mm_or_si128(either(squares), either(unusual));
        Masks::new(equal, _mm_movemask_epi8(special) != 0, join(unusual), join(parts))
    };
    let running_xor = |bits: u64| running_xor_by_shifts(bits);
    let text = |block: &[u8; BLOCK]| {
        let parts = load(block);
        let equal = |part, byte: u8| _mm_cmpeq_epi8(part, _mm_set1_epi8(byte.cast_signed()));
        // As signed numbers, what is no ASCII is below zero.
        let unusual = |part| _mm_cmplt_epi8(part, _mm_set1_epi8(0x20));
        let special = |part| _mm_or_si128(unusual(part), equal(part, b'\\'));
        (join(parts.map(|part| equal(part, b'"'))), join(parts.map(special)))
    };
    let begins = |one: &[u8; COMPARED], other: &[u8; COMPARED], count: u8| {
        let ([a, b], [c, d]) = (load_half(one), load_half(other));
        let equal = join([_mm_cmpeq_epi8(a, c), _mm_cmpeq_epi8(b, d), a, a]);
        !equal & ((1 << count) - 1) == 0
    };
    pass.run(Simd { masks, running_xor, text, begins })
}

#[target_feature(enable = "sse2")]
#[inline]
fn load_half(half: &[u8; COMPARED]) -> [__m128i; 2] {
    let (parts, _) = half.as_chunks::<8>();
    let part = |at: usize| i64::from_le_bytes(parts[at]);
    [0, 2].map(|at| _mm_set_epi64x(part(at + 1), part(at)))
}

#[target_feature(enable = "sse2")]
#[inline]
fn load(block: &[u8; BLOCK]) -> [__m128i; 4] {
    let (parts, _) = block.as_chunks::<8>();
    let part = |at: usize| i64::from_le_bytes(parts[at]);
    [0, 2, 4, 6].map(|at| _mm_set_epi64x(part(at + 1), part(at)))
}

#[target_feature(enable = "sse2")]
#[inline]
fn join(parts: [__m128i; 4]) -> u64 {
    let [a, b, c, d] = parts.map(|part| u64::from(_mm_movemask_epi8(part).cast_unsigned()));
    a | b << 16 | c << 32 | d << 48
}
