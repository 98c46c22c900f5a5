//! `06/Feb/2019:00:00:38 +0000` and what CloudTrail would write for it.

const MONTHS: [(&[u8; 3], u8); 12] = [
    (b"Jan", 31),
    (b"Feb", 29),
    (b"Mar", 31),
    (b"Apr", 30),
    (b"May", 31),
    (b"Jun", 30),
    (b"Jul", 31),
    (b"Aug", 31),
    (b"Sep", 30),
    (b"Oct", 31),
    (b"Nov", 30),
    (b"Dec", 31),
];

/// The year in the middle, in the form of [`is_time`].
const LENGTH: usize = "06/Feb/2019:00:00:38 +0000".len();

pub(super) fn is_time(text: &str) -> bool {
    iso(text).is_some()
}

/// `2019-02-06T00:00:38Z`, in the length that it has with an offset. None if it is no time.
pub(super) fn iso(text: &str) -> Option<([u8; 25], usize)> {
    let bytes: &[u8; LENGTH] = text.as_bytes().try_into().ok()?;
    let two = |at: usize| -> Option<u8> {
        let digits = [bytes[at], bytes[at + 1]];
        digits.iter().all(u8::is_ascii_digit).then(|| (digits[0] - b'0') * 10 + digits[1] - b'0')
    };
    let are_divided = bytes[2] == b'/'
        && bytes[6] == b'/'
        && [11, 14, 17].iter().all(|&at| bytes[at] == b':')
        && bytes[20] == b' '
        && matches!(bytes[21], b'+' | b'-');
    let month = MONTHS.iter().position(|(name, _)| bytes[3..6] == name[..])?;
    let day = two(0)?;
    // Of the year its digits are enough.
    two(7).and(two(9))?;
    // A leap second is taken for what it is.
    let is_in_range = (1..=MONTHS[month].1).contains(&day)
        && two(12)? < 24
        && two(15)? < 60
        && two(18)? <= 60
        && two(22)? < 24
        && two(24)? < 60;
    if !(are_divided && is_in_range) {
        return None;
    }
    let month = u8::try_from(month).ok()? + 1;
    let mut iso = *b"0000-00-00T00:00:00+00:00";
    iso[..4].copy_from_slice(&bytes[7..11]);
    iso[5..7].copy_from_slice(&[b'0' + month / 10, b'0' + month % 10]);
    iso[8..10].copy_from_slice(&bytes[..2]);
    iso[11..19].copy_from_slice(&bytes[12..20]);
    if &bytes[22..] == b"0000" {
        iso[19] = b'Z';
        return Some((iso, 20));
    }
    iso[19] = bytes[21];
    iso[20..22].copy_from_slice(&bytes[22..24]);
    iso[23..25].copy_from_slice(&bytes[24..26]);
    Some((iso, 25))
}
