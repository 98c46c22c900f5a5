//! One record: a JSON object whose fields, where present, have CloudTrail's types.

use std::borrow::Cow;

use serde_json::Value;

use crate::splitter::Element;

/// Why an element of `Records`, or a line, is not counted by any detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Malformed {
    /// Null, a number, a string or an array.
    NotAnObject,
    /// A field that detectors rely on has a type it never has, such as `userIdentity` as string.
    WrongType,
    /// Not well-formed JSON.
    InvalidJson,
    /// Nested deeper than 127 levels.
    TooDeep,
    /// Larger than [`Limits::record`](crate::Limits::record).
    TooLarge,
    /// A line of an access log that ends before its eighteenth field.
    TooFewFields,
    /// A line of an access log with two spaces where one divides the fields.
    EmptyField,
    /// A line of an access log whose third field is no time in brackets.
    BadTime,
    /// A line of an access log with a quoted field that does not end.
    BrokenQuotes,
}

impl Malformed {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotAnObject => "not-an-object",
            Self::WrongType => "wrong-type",
            Self::InvalidJson => "invalid-json",
            Self::TooDeep => "too-deep",
            Self::TooLarge => "too-large",
            Self::TooFewFields => "too-few-fields",
            Self::EmptyField => "empty-field",
            Self::BadTime => "bad-time",
            Self::BrokenQuotes => "broken-quotes",
        }
    }
}

/// `serde_json`'s own recursion limit; asking it for more would put the stack at stake.
const DEEPEST: u64 = 127;

/// A record that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'s> {
    value: Value,
    source: Option<Cow<'s, str>>,
}

impl<'s> Record<'s> {
    /// The fields that are text or null in every record.
    pub const TEXTS: [&'static str; 5] = ["eventName", "eventSource", "eventID", "eventId", "errorCode"];
    /// The fields that are an object or null in every record.
    pub const OBJECTS: [&'static str; 2] = ["userIdentity", "addendum"];

    /// Reads an element of `Records`.
    ///
    /// Of a key that stands twice the last one counts. Bytes that are no UTF-8 and halves of
    /// surrogate pairs are read as U+FFFD: CloudTrail cuts `userAgent` and `errorMessage` off at
    /// 1 KB, and a record must not escape its detectors because the cut fell inside a character.
    pub fn parse(element: Element<'s>) -> Result<Self, Malformed> {
        let (bytes, depth) = match element {
            Element::Plain { bytes, members: _ } => (bytes, 1),
            Element::Bytes { bytes, depth } => (bytes, depth),
            Element::TooLarge => return Err(Malformed::TooLarge),
            Element::Line { json, .. } => (json, 1),
            Element::BadLine { why, .. } => return Err(why),
        };
        if depth > DEEPEST {
            return Err(Malformed::TooDeep);
        }
        let (value, source) = match std::str::from_utf8(bytes) {
            Ok(text) if let Ok(value) = serde_json::from_str(text) => (value, Cow::Borrowed(text)),
            _ => {
                let text = mended(bytes);
                (serde_json::from_str(&text).map_err(|_| Malformed::InvalidJson)?, Cow::Owned(text))
            }
        };
        Ok(Self { source: Some(source), ..Self::from_value(value)? })
    }

    /// Takes a JSON value for a record if it has the shape of one.
    pub fn from_value(value: Value) -> Result<Self, Malformed> {
        let Value::Object(fields) = &value else { return Err(Malformed::NotAnObject) };
        let is_text = |name| matches!(fields.get(name), None | Some(Value::Null | Value::String(_)));
        let is_object = |name| matches!(fields.get(name), None | Some(Value::Null | Value::Object(_)));
        let well_typed = Self::TEXTS.into_iter().all(is_text) && Self::OBJECTS.into_iter().all(is_object);
        if well_typed { Ok(Self { value, source: None }) } else { Err(Malformed::WrongType) }
    }

    /// The record as JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The record as delivered, but for what was mended in it. `None` if it was made from a value.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// What identifies the event: `eventID`, or `eventId` in aggregated files.
    pub fn event_id(&self) -> Option<&str> {
        self.text("eventID").or_else(|| self.text("eventId"))
    }

    /// When it happened, as delivered. Absent, odd or of another type in some files.
    pub fn event_time(&self) -> Option<&str> {
        self.text("eventTime")
    }

    /// Whether this is a second delivery of an event with updated fields.
    ///
    /// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
    pub fn is_update(&self) -> bool {
        self.value.get("addendum").is_some_and(Self::is_of_an_update)
    }

    /// Whether an `addendum` says that the record updates an event.
    pub fn is_of_an_update(addendum: &Value) -> bool {
        addendum.get("reason").and_then(Value::as_str) == Some("UPDATED_DATA")
    }

    /// Whether this is a data event, which a trail records only if told to.
    pub fn is_data_event(&self) -> bool {
        self.text("eventCategory") == Some("Data")
            || self.value.get("managementEvent") == Some(&Value::Bool(false))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.value.get(name).and_then(Value::as_str)
    }
}

/// The text with everything that is no character replaced by U+FFFD.
fn mended(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match without_lone_surrogates(&text) {
        Cow::Borrowed(_) => text.into_owned(),
        Cow::Owned(mended) => mended,
    }
}

/// Replaces each `\uD800`–`\uDFFF` that is not half of a pair.
fn without_lone_surrogates(text: &str) -> Cow<'_, str> {
    let mut mended: Option<String> = None;
    let mut copied = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        let escape = at + found;
        match surrogate_at(bytes, escape) {
            None => at = (escape + 2).min(bytes.len()),
            Some(0xD800..=0xDBFF) if matches!(surrogate_at(bytes, escape + 6), Some(0xDC00..=0xDFFF)) => {
                at = escape + 12;
            }
            Some(_) => {
                let out = mended.get_or_insert_default();
                out.push_str(&text[copied..escape]);
                out.push_str("\\uFFFD");
                at = escape + 6;
                copied = at;
            }
        }
    }
    match mended {
        None => Cow::Borrowed(text),
        Some(mut out) => {
            out.push_str(&text[copied..]);
            Cow::Owned(out)
        }
    }
}

/// The surrogate whose escape starts at `at`, if one does.
fn surrogate_at(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let unit = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    (0xD800..=0xDFFF).contains(&unit).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &[u8]) -> Result<Record<'_>, Malformed> {
        Record::parse(Element::Bytes { bytes: text, depth: 1 })
    }

    #[test]
    fn elements_are_records_or_malformed_for_a_reason() {
        for (text, reason) in [
            (&b"null"[..], Some(Malformed::NotAnObject)),
            (b"12", Some(Malformed::NotAnObject)),
            (b"[]", Some(Malformed::NotAnObject)),
            (b"\"x\"", Some(Malformed::NotAnObject)),
            (b"{}", None),
            (br#"{"userIdentity":"root"}"#, Some(Malformed::WrongType)),
            (br#"{"userIdentity":null,"errorCode":null}"#, None),
            (br#"{"eventName":7}"#, Some(Malformed::WrongType)),
            (br#"{"errorCode":["AccessDenied"]}"#, Some(Malformed::WrongType)),
            (br#"{"eventTime":7}"#, None),
            (br#"{"a":}"#, Some(Malformed::InvalidJson)),
            (b"{\"userAgent\":\"\xff\xfe\"}", None),
            (br#"{"userAgent":"\ud83d"}"#, None),
        ] {
            assert_eq!(parse(text).err(), reason, "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(Record::parse(Element::TooLarge), Err(Malformed::TooLarge));
        assert_eq!(Record::parse(Element::Bytes { bytes: b"{}", depth: 128 }), Err(Malformed::TooDeep));
    }

    #[test]
    fn what_is_no_character_is_replaced_and_the_rest_kept() {
        for (text, agent) in [
            (&b"{\"userAgent\":\"a\xffb\"}"[..], "a\u{FFFD}b"),
            (br#"{"userAgent":"a\ud83db"}"#, "a\u{FFFD}b"),
            (br#"{"userAgent":"\ude00\ud83d\ude00"}"#, "\u{FFFD}\u{1F600}"),
            (br#"{"userAgent":"\\ud83d \ud83d\ud83d\ude00\u00e4"}"#, "\\ud83d \u{FFFD}\u{1F600}\u{e4}"),
        ] {
            let record = parse(text).map(|record| record.value()["userAgent"].clone());
            assert_eq!(record, Ok(Value::from(agent)));
        }
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_one_counts() {
        let record = parse(br#"{"errorCode":"AccessDenied","errorCode":null,"eventId":"e"}"#);
        assert_eq!(
            record.map(|r| (r.value()["errorCode"].clone(), r.event_id() == Some("e"))),
            Ok((Value::Null, true))
        );
    }
}
