//! Why a file could not be read, and where in it.

use std::fmt;

/// A file that is refused as a whole: nothing of it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{cause} (at byte {offset} of the {})", if self.cause.is_of_the_stored_form() { "object as stored" } else { "inflated file" })]
pub struct LogFileError {
    /// What is wrong.
    pub cause: Cause,
    /// Where: in the stored object for what gzip itself found, in the inflated bytes otherwise.
    pub offset: u64,
}

/// The causes that end the reading of a file.
///
/// None of them quotes the file: log content stays out of error messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The object has no bytes.
    Empty,
    /// The gzip stream ends before its trailer.
    TruncatedGzip,
    /// Broken deflate data, or a checksum or length that does not fit.
    CorruptGzip,
    /// Bytes other than zero padding follow the last gzip member.
    TrailingGarbage,
    /// The inflated file is larger than the limit, which is given in bytes.
    TooLarge(u64),
    /// The file has more records than the limit, which is given.
    TooManyRecords(u64),
    /// The first byte belongs neither to gzip nor to a JSON object.
    NotJson,
    /// The JSON around the records is not well-formed.
    BrokenJson,
    /// The JSON ends too early.
    TruncatedJson,
    /// Something other than white space follows the JSON object.
    TrailingData,
    /// Well-formed so far, but the top level is an array or another value.
    TopLevelNotAnObject,
    /// The object has no member `Records`.
    NoRecords,
    /// The member `Records` is null, a string, an object …
    RecordsNotAnArray,
    /// The object has two members `Records`: which one counts is anybody's guess.
    RecordsTwice,
    /// An access log about the bucket that it lies in: each reading of it would make another one.
    LogsItself,
}

impl Cause {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TruncatedGzip => "truncated-gzip",
            Self::CorruptGzip => "corrupt-gzip",
            Self::TrailingGarbage | Self::TrailingData => "trailing-data",
            Self::TooLarge(_) | Self::TooManyRecords(_) => "too-large",
            Self::NotJson => "not-json",
            Self::BrokenJson => "broken-json",
            Self::TruncatedJson => "truncated-json",
            Self::TopLevelNotAnObject | Self::NoRecords | Self::RecordsNotAnArray | Self::RecordsTwice => {
                "not-cloudtrail"
            }
            Self::LogsItself => "logs-itself",
        }
    }

    /// Whether the offset counts bytes as stored rather than inflated ones.
    fn is_of_the_stored_form(self) -> bool {
        matches!(self, Self::Empty | Self::TruncatedGzip | Self::CorruptGzip | Self::TrailingGarbage)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the object is empty"),
            Self::TruncatedGzip => f.write_str("the gzip stream is cut off"),
            Self::CorruptGzip => f.write_str("the gzip stream is corrupt"),
            Self::TrailingGarbage => f.write_str("data that is not gzip follows the gzip stream"),
            Self::TooLarge(limit) => write!(f, "the file inflates to more than the limit of {limit} bytes"),
            Self::TooManyRecords(limit) => write!(f, "the file has more than {limit} records"),
            Self::NotJson => f.write_str("the file is neither gzip nor a JSON object"),
            Self::BrokenJson => f.write_str("the JSON around the records is not well-formed"),
            Self::TruncatedJson => f.write_str("the JSON is cut off"),
            Self::TrailingData => f.write_str("more data follows the JSON object"),
            Self::TopLevelNotAnObject => {
                f.write_str("no CloudTrail log file: its top level is not an object")
            }
            Self::NoRecords => f.write_str("no CloudTrail log file: it has no `Records`"),
            Self::RecordsNotAnArray => f.write_str("no CloudTrail log file: its `Records` is not an array"),
            Self::LogsItself => f.write_str(
                "the access log is about the bucket it lies in: let the bucket log to another one",
            ),
            Self::RecordsTwice => f.write_str("no CloudTrail log file: it has `Records` twice"),
        }
    }
}
