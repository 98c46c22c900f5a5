//! From when on something is looked at, as people write it.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// A time, or how long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    /// In seconds since 1970.
    Time(i64),
    /// In seconds.
    Ago(i64),
}

impl Since {
    /// Seconds since 1970.
    pub(crate) fn time(self, now: Timestamp) -> i64 {
        match self {
            Self::Time(time) => time,
            Self::Ago(seconds) => now.as_second().saturating_sub(seconds),
        }
    }
}

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = text.parse::<Timestamp>().ok();
        let day = || Offset::UTC.to_timestamp(text.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok();
        if let Some(time) = time.or_else(day) {
            return Ok(Self::Time(time.as_second()));
        }
        ago(text).map(Self::Ago).ok_or(
            "it is no time: write 30m, 6h or 2d, a day as 2026-11-21, or a time as 2026-11-21T06:00:00Z",
        )
    }
}

fn ago(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    text[..text.len() - 1].parse::<u32>().ok().map(|count| i64::from(count) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_or_refused() {
        let now: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("2026-11-20T06:00:00Z", Some("2026-11-20T06:00:00Z")),
            ("2026-11-20T06:00:00+01:00", Some("2026-11-20T05:00:00Z")),
            ("2026-11-20", Some("2026-11-20T00:00:00Z")),
            ("90s", Some("2026-11-21T05:58:30Z")),
            ("30m", Some("2026-11-21T05:30:00Z")),
            ("6h", Some("2026-11-21T00:00:00Z")),
            ("2d", Some("2026-11-19T06:00:00Z")),
            ("", None),
            ("h", None),
            ("6", None),
            ("-6h", None),
            ("6 h", None),
            ("6ä", None),
            ("2026-13-01", None),
            ("yesterday", None),
        ] {
            let found = text.parse::<Since>().ok().map(|since| since.time(now));
            let expected = expected.map(|text| text.parse::<Timestamp>().unwrap().as_second());
            assert_eq!(found, expected, "{text}");
        }
    }
}
