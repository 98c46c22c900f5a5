//! What the compiler cannot check: the only place of this crate with `unsafe`.
//!
//! Each file wraps one thing of the machine or of C in a call that cannot be misused, and argues each
//! of its unsafe lines where it stands. Nothing else belongs here: what can be said safely is said
//! elsewhere.
#![allow(unsafe_code, reason = "the one module that may; see above")]

pub(crate) mod libdeflate;
pub(crate) mod simd;
