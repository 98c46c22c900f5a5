//! Parts of a time, as Sigma's time modifiers name them.

use std::fmt;

use jiff::civil::DateTime;

/// A part of a time, as written: no time zone is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TimePart {
    Minute,
    Hour,
    /// Of the month.
    Day,
    /// ISO 8601's number of the week.
    Week,
    Month,
    Year,
}

impl TimePart {
    /// The part of the time that `text` is; `None` if it is none.
    pub fn of(self, text: &str) -> Option<i16> {
        let time: DateTime = text.strip_suffix('Z').unwrap_or(text).parse().ok()?;
        Some(match self {
            Self::Minute => time.minute().into(),
            Self::Hour => time.hour().into(),
            Self::Day => time.day().into(),
            Self::Week => time.date().iso_week_date().week().into(),
            Self::Month => time.month().into(),
            Self::Year => time.year(),
        })
    }
}

impl fmt::Display for TimePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        })
    }
}
