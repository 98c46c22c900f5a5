//! Bytes by the block, to the end of them and beyond.

/// The next bytes, and zeros where there are none.
#[inline(always)]
pub(super) fn ahead<'w, const N: usize>(
    bytes: &'w [u8],
    at: usize,
    tail: &'w mut [u8; N],
) -> Option<&'w [u8; N]> {
    let rest = bytes.get(at..)?;
    if let Some(ahead) = rest.first_chunk() {
        return Some(ahead);
    }
    *tail = [0; N];
    tail[..rest.len()].copy_from_slice(rest);
    Some(tail)
}
