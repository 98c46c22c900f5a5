//! libdeflate: one gzip member, inflated in one call into memory that is there already.
//!
//! It is the quickest of its kind because it sees the whole of both sides. The price: where the
//! room is too small it has to begin again, and its errors say neither what is wrong nor where.

use std::ffi::c_void;
use std::fmt;
use std::ptr::NonNull;

use libdeflate_sys::{
    libdeflate_alloc_decompressor, libdeflate_decompressor, libdeflate_free_decompressor,
    libdeflate_gzip_decompress_ex, libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE as NO_ROOM,
    libdeflate_result_LIBDEFLATE_SUCCESS as SUCCESS,
};

/// Why a member was not inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotInflated {
    /// It is larger than the room that was given.
    NoRoom,
    /// It is broken, or ends too early.
    Broken,
}

/// The tables that libdeflate builds for each block, some 10 KB.
pub(crate) struct Decompressor(NonNull<libdeflate_decompressor>);

// SAFETY: this is the only pointer to memory that came from `malloc`, and libdeflate keeps nothing
// of a decompressor elsewhere: it may be used, and freed, by another thread than the one that made it.
unsafe impl Send for Decompressor {}

impl Decompressor {
    /// `None` if there is no memory for it.
    pub(crate) fn new() -> Option<Self> {
        // SAFETY: no arguments, no conditions; null says that there is no memory.
        NonNull::new(unsafe { libdeflate_alloc_decompressor() }).map(Self)
    }

    /// Inflates the member that `stored` begins with, and appends it to `inflated`, which grows by
    /// `room` at the most and is never allocated anew. Says how many bytes of `stored` it took.
    /// After an error `inflated` is as it was.
    pub(crate) fn inflate_member(
        &mut self,
        stored: &[u8],
        inflated: &mut Vec<u8>,
        room: usize,
    ) -> Result<usize, NotInflated> {
        let spare = inflated.spare_capacity_mut();
        let room = room.min(spare.len());
        let (mut taken, mut made) = (0_usize, 0_usize);
        // SAFETY: the decompressor is valid until it is dropped, and `&mut self` keeps others from it.
        // `stored` may be read for its length, the spare capacity be written for `room`, which is no
        // more than its own length. The two cannot overlap, as `inflated` is borrowed for itself.
        // libdeflate keeps within both lengths and reads no byte of the output that it did not write
        // in this call. `taken` and `made` are written before success is returned.
        let result = unsafe {
            libdeflate_gzip_decompress_ex(
                self.0.as_ptr(),
                stored.as_ptr().cast::<c_void>(),
                stored.len(),
                spare.as_mut_ptr().cast::<c_void>(),
                room,
                &raw mut taken,
                &raw mut made,
            )
        };
        match result {
            SUCCESS if made <= room && taken <= stored.len() => {
                // SAFETY: the first `made` bytes of the spare capacity were written, and no more than
                // `room` of them, which are within the capacity.
                unsafe { inflated.set_len(inflated.len() + made) };
                Ok(taken)
            }
            NO_ROOM => Err(NotInflated::NoRoom),
            _ => Err(NotInflated::Broken),
        }
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: it came from the allocation above, and nothing uses it after this.
        unsafe { libdeflate_free_decompressor(self.0.as_ptr()) };
    }
}

impl fmt::Debug for Decompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decompressor")
    }
}
