//! Where the characters that JSON is made of stand in 64 bytes, asked of the widest registers there are.

#![expect(clippy::inline_always, reason = "only what is inlined is compiled to the instructions; see `Pass`")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod sse2;

/// Bytes are looked at so many at a time: a bit of a `u64` for each.
pub(crate) const BLOCK: usize = 64;

/// A bit for each byte of a block, the lowest for the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Masks {
    pub(crate) quote: u64,
    pub(crate) comma: u64,
    pub(crate) colon: u64,
    /// `{`
    pub(crate) brace: u64,
    /// `}`
    pub(crate) end_brace: u64,
    /// Whether the block has any of what follows: most have not.
    pub(crate) is_special: bool,
    /// `[`
    pub(crate) square: u64,
    /// `]`
    pub(crate) end_square: u64,
    pub(crate) backslash: u64,
    /// Control characters below the space, and whatever is no ASCII.
    pub(crate) unusual: u64,
    /// What is no ASCII.
    pub(crate) wide: u64,
}

impl Masks {
    /// `equal` says where a byte is; the others where and whether there is what is no single byte.
    #[inline(always)]
    fn new(equal: impl Fn(u8) -> u64, is_special: bool, unusual: u64, wide: u64) -> Self {
        Self {
            quote: equal(b'"'),
            comma: equal(b','),
            colon: equal(b':'),
            brace: equal(b'{'),
            end_brace: equal(b'}'),
            is_special,
            square: equal(b'['),
            end_square: equal(b']'),
            backslash: equal(b'\\'),
            unusual,
            wide,
        }
    }
}

/// So many bytes at most are compared by [`Simd::begins`].
pub(crate) const COMPARED: usize = 32;

/// What a kind of registers can do with a block.
///
/// These are functions and no methods of a trait, because a closure has the instructions that the function
/// around it enables, and a method has not.
pub(crate) struct Simd<M, X, T, B> {
    /// Where is what. What is not used is not computed.
    pub(crate) masks: M,
    /// Each bit as the exclusive or of itself and all lower ones.
    pub(crate) running_xor: X,
    /// Where quotes are, and where are backslashes, control characters and whatever is no ASCII.
    pub(crate) text: T,
    /// Whether two have the same first bytes, as many as are asked for.
    pub(crate) begins: B,
}

/// Work that is done block by block. It is compiled once for each kind of registers.
pub(crate) trait Pass {
    /// What comes of it.
    type Output;

    /// Does it. To be marked `#[inline(always)]`: only what is inlined into the function that enables
    /// the instructions is compiled to them.
    fn run<M, X, T, B>(self, simd: Simd<M, X, T, B>) -> Self::Output
    where
        M: Fn(&[u8; BLOCK]) -> Masks,
        X: Fn(u64) -> u64,
        T: Fn(&[u8; BLOCK]) -> (u64, u64),
        B: Fn(&[u8; COMPARED], &[u8; COMPARED], u8) -> bool;
}

/// Instructions that this machine has been found to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instructions(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Sse2,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Instructions {
    /// The 512 bit registers of newer servers.
    pub(crate) fn avx512() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if avx512::is_there() {
            return Some(Self(Kind::Avx512));
        }
        None
    }

    /// The 256 bit registers that every server has.
    pub(crate) fn avx2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if avx2::is_there() {
            return Some(Self(Kind::Avx2));
        }
        None
    }

    /// What every x86-64 has.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(clippy::unnecessary_wraps, reason = "other machines have not got it")
    )]
    pub(crate) fn sse2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return Some(Self(Kind::Sse2));
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// What every arm64 has.
    pub(crate) fn neon() -> Option<Self> {
        #[cfg(target_arch = "aarch64")]
        if neon::is_there() {
            return Some(Self(Kind::Neon));
        }
        None
    }

    /// Does the work with these instructions.
    #[cfg_attr(
        not(any(target_arch = "x86_64", target_arch = "aarch64")),
        expect(unused_variables, reason = "there are none")
    )]
    pub(crate) fn run<P: Pass>(self, pass: P) -> P::Output {
        match self.0 {
            // SAFETY: `avx512` gave this kind out, and did so after it found the instructions.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { avx512::run(pass) },
            // SAFETY: `avx2` gave this kind out, and did so after it found the instructions.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { avx2::run(pass) },
            // SAFETY: every x86-64 has them.
            #[cfg(target_arch = "x86_64")]
            Kind::Sse2 => unsafe { sse2::run(pass) },
            // SAFETY: `neon` gave this kind out, and did so after it found the instructions.
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => unsafe { neon::run(pass) },
        }
    }
}

/// The running exclusive or in six steps, where no instruction multiplies without carrying.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn running_xor_by_shifts(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}
