//! Inflates a whole object in memory: every member of it, or nothing.
//!
//! Nothing here decides that an object is bad. Whatever is too large, broken or merely unusual is
//! left to the streaming decoder, which begins again and says what is wrong with it and where.

use crate::machine::libdeflate::{Decompressor, NotInflated};

/// What a member with neither data nor names takes: ten bytes, an empty block, checksum and length.
const SMALLEST_MEMBER: usize = 18;
const HEADER: usize = 10;
const MAGIC_AND_METHOD: &[u8] = &[0x1f, 0x8b, 8];
const HAS_NAME: u8 = 1 << 3;
/// Names of files are no longer anywhere.
const LONGEST_NAME: usize = 255;
/// Two bits of deflate stand for 258 bytes at the most.
const LARGEST_RATIO: usize = 1032;
/// What log files inflate to, roughly: a first guess where the file does not say.
const USUAL_RATIO: usize = 10;
/// Room is given out in steps, so that files of about one size need it once.
const STEP: usize = 256 * 1024;

/// Inflates all of `stored` into `inflated`, which is empty, if it takes no more than `most` bytes.
/// Says whether it did.
pub(crate) fn inflate_whole(
    decompressor: &mut Decompressor,
    stored: &[u8],
    most: usize,
    inflated: &mut Vec<u8>,
) -> bool {
    let Some(room) = first_room(stored, most) else { return false };
    if !make_room(inflated, room) {
        return false;
    }
    let mut rest = stored;
    while let Some(&first) = rest.first() {
        if first == 0 && rest.len() < stored.len() {
            return rest.iter().all(|&byte| byte == 0);
        }
        if !is_usual_member(rest) {
            return false;
        }
        let room = most - inflated.len();
        match decompressor.inflate_member(rest, inflated, room) {
            Ok(taken) => rest = &rest[taken..],
            Err(NotInflated::Broken) => return false,
            // The member is begun again with more, and twice as much each time: all the beginnings
            // together cost no more than the last one.
            Err(NotInflated::NoRoom) => {
                let more = inflated.capacity().saturating_mul(2).max(STEP).min(most);
                if inflated.capacity() >= most || !make_room(inflated, more) {
                    return false;
                }
            }
        }
    }
    true
}

/// How much room to begin with. `None` if it is plain already that `most` is too little.
///
/// The last four bytes say how large the last member is, modulo 4 GiB. With a single member that is
/// all there is to know; with several, padding, garbage or a lie it is just a number.
fn first_room(stored: &[u8], most: usize) -> Option<usize> {
    let said = stored.last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize;
    if said > most || said / LARGEST_RATIO > stored.len() {
        return None;
    }
    // Less than is stored: there must be more members, or padding behind them.
    let room = if said < stored.len() { stored.len().saturating_mul(USUAL_RATIO) } else { said };
    Some(room.min(most))
}

/// Sees to it that `inflated` can hold `room` bytes in all. Says whether there is memory for it.
fn make_room(inflated: &mut Vec<u8>, room: usize) -> bool {
    if inflated.capacity() >= room {
        return true;
    }
    if inflated.is_empty() {
        // Nothing in it is worth copying, and the old and the new need not be there at once.
        *inflated = Vec::new();
    }
    let room = room.checked_next_multiple_of(STEP).unwrap_or(room);
    inflated.try_reserve_exact(room - inflated.len()).is_ok()
}

/// Whether a member begins as those do that are written for logs: no flags, or a file's name alone.
///
/// The others are rare and gzip's readers differ over them: libdeflate passes over the checksum of
/// the header, and over fields of any length.
fn is_usual_member(bytes: &[u8]) -> bool {
    if bytes.len() < SMALLEST_MEMBER || !bytes.starts_with(MAGIC_AND_METHOD) {
        return false;
    }
    match bytes[MAGIC_AND_METHOD.len()] {
        0 => true,
        HAS_NAME => bytes[HEADER..].iter().take(LONGEST_NAME + 1).any(|&byte| byte == 0),
        _ => false,
    }
}
