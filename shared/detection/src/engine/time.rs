//! `eventTime` of record after record.

use super::token::Token;
use crate::event_time::parse_event_time;

/// Reads times, most of which are like the one before.
#[derive(Debug, Default)]
pub(super) struct Times {
    last: [u8; 20],
    seconds: i64,
}

impl Times {
    /// The time that the value at `start` is, in seconds since 1970, if it is one.
    #[inline]
    pub(super) fn read(&mut self, record: &[u8], start: usize) -> Option<i64> {
        let value = record.get(start..).and_then(<[u8]>::first_chunk);
        let Some([b'"', text @ .., b'"']): Option<&[u8; 22]> = value else {
            return parse_event_time(&Token::at(record, start).text()?);
        };
        if *text != self.last {
            let other = || parse_event_time(&Token::at(record, start).text()?);
            let Some(seconds) = seconds(text) else { return other() };
            (self.last, self.seconds) = (*text, seconds);
        }
        Some(self.seconds)
    }
}

/// The seconds of a time as CloudTrail writes it, `2026-11-21T06:00:00Z`, if it is in every calendar: others
/// are left to who knows calendars.
fn seconds(text: &[u8; 20]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = text
    else {
        return None;
    };
    let mut is_number = true;
    let mut number = |tens: &u8, ones: &u8| {
        is_number &= tens.is_ascii_digit() && ones.is_ascii_digit();
        i64::from(tens.wrapping_sub(b'0')) * 10 + i64::from(ones.wrapping_sub(b'0'))
    };
    let year = number(y1, y2) * 100 + number(y3, y4);
    let (month, day) = (number(m1, m2), number(d1, d2));
    let (hour, minute, second) = (number(h1, h2), number(n1, n2), number(s1, s2));
    let is_sure = is_number
        && (1971..=9000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=28).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 59;
    if !is_sure {
        return None;
    }
    // Years begin in March, so that the day that some have more is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        let mut times = Times::default();
        for day in 0..40_000_i64 {
            let seconds = 31_536_000 + day * 86_400 + day * 7919 % 86_400;
            let text = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            assert_eq!(parse_event_time(&text), Some(seconds));
            assert_eq!(times.read(format!("\"{text}\"").as_bytes(), 0), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none_and_odd_times_are_read_as_everywhere() {
        let mut times = Times::default();
        for text in [
            "2026-02-30T00:00:00Z",
            "2024-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T23:59:60Z",
            "2026-01-01 23:59:59Z",
            "2026-01-01t23:59:59z",
            "2026/01/01T23:59:59Z",
            "20:6-01-01T23:59:59Z",
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2026-11-21T06:00:00.5Z",
            "2026-11-21T07:00:00+01:00",
            "",
            "yesterday",
        ] {
            let json = format!("\"{text}\",\"more\":\"and more\"");
            for _ in 0..2 {
                assert_eq!(times.read(json.as_bytes(), 0), parse_event_time(text), "{text}");
            }
        }
        assert_eq!(times.read(br#""2026-11-21\u005406:00:00Z""#, 0), Some(1_795_240_800));
        assert_eq!(times.read(b"12,", 0), None);
    }
}
