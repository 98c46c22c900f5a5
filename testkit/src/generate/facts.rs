//! What is known about each file and each record, because it was made so.

use super::template::Trip;

/// One generated object.
#[derive(Debug, Clone)]
pub struct File {
    /// Its key below the bucket.
    pub key: String,
    /// Its bytes: gzip, but for objects that are none of CloudTrail's.
    pub body: Vec<u8>,
    /// Why it is skipped, in the product's words; `None` for a file that is read.
    pub skipped: Option<&'static str>,
    /// What is known about its records, in their order.
    pub records: Vec<RecordFact>,
    /// Size of the JSON before compression.
    pub inflated_bytes: u64,
    /// Newest `eventTime`, in seconds since 1970.
    pub newest_event: Option<i64>,
}

/// What is known about one record.
#[derive(Debug, Clone, Copy)]
pub enum RecordFact {
    /// An event.
    Event {
        /// The same for all records of one event: repeats and addenda.
        event: u64,
        /// What the detectors make of it.
        trips: &'static [Trip],
        /// The template it was made from.
        template: &'static str,
        /// Set where the event was delivered before.
        repeat: Option<RepeatKind>,
    },
    /// An element of `Records` that is no object.
    Malformed(Malformation),
}

/// Where the first delivery of a repeated event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RepeatKind {
    /// Earlier in the same file.
    SameFile,
    /// In another file of the same account and region.
    OtherFile,
    /// In another account's or region's folder.
    OtherFolder,
    /// A record with an id of its own and `addendum.reason` `UPDATED_DATA`.
    Addendum,
}

impl RepeatKind {
    /// The word in `truth.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameFile => "same-file",
            Self::OtherFile => "other-file",
            Self::OtherFolder => "other-folder",
            Self::Addendum => "addendum",
        }
    }
}

/// The ways in which a record is no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformation {
    /// `null`
    Null,
    /// A number.
    Number,
    /// A string that looks like a record.
    String,
    /// An array.
    Array,
    /// `true`
    Bool,
}

impl Malformation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Null, Self::Number, Self::String, Self::Array, Self::Bool];

    /// The JSON text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Number => "-1.5e3",
            Self::String => r#""{\"eventName\":\"ConsoleLogin\",\"errorCode\":\"AccessDenied\"}""#,
            Self::Array => r#"[{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin"}]"#,
            Self::Bool => "true",
        }
    }
}
