//! `eventTime` as seconds since 1970.

/// Reads an `eventTime` such as `2026-11-21T06:00:00Z`. `None` for anything else.
pub fn parse_event_time(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_or_refused() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-21T06:00:00Z", Some(1_795_240_800)),
            ("2026-11-21T06:00:00.5Z", Some(1_795_240_800)),
            ("2026-11-21T07:00:00+01:00", Some(1_795_240_800)),
            ("", None),
            ("yesterday", None),
            ("2026-11-21", None),
            ("2026-13-41T06:00:00Z", None),
        ] {
            assert_eq!(parse_event_time(text), seconds, "{text}");
        }
    }
}
