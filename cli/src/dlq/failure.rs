//! Why a message is left over: what it says itself, and what the function's log says of its objects.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use trailmeter_aws::operator::LogLine;
use trailmeter_pipeline::{DecodeError, ObjectRef};

/// What the function writes before the name of an object.
pub(super) const PHRASE: &str = "object failed";

/// One reason for which a message failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// A stable word. What comes from a log is what stands there.
    pub(super) reason: String,
    pub(super) error: String,
    pub(super) at: Option<Timestamp>,
    pub(super) about: About,
}

/// What a failure is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    /// The message itself, which cannot be understood.
    Message(DecodeError),
    /// An object that could not be read.
    Object(ObjectRef),
    /// A direct invocation.
    Invocation,
    /// A rule of `EventBridge`.
    Rule,
}

impl Failure {
    pub(super) fn of_message(error: DecodeError) -> Self {
        let reason = error.reason().to_owned();
        Self { reason, error: error.to_string(), at: None, about: About::Message(error) }
    }

    /// From Lambda's record. A function that timed out or ran out of memory has a payload as well.
    pub(super) fn of_invocation(record: &Value) -> Self {
        let response = &record["responsePayload"];
        let error =
            [&response["errorMessage"], &response["errorType"], &record["requestContext"]["condition"]]
                .iter()
                .find_map(|said| said.as_str())
                .unwrap_or("the record does not say why");
        let at = record["timestamp"].as_str().and_then(|at| at.parse().ok());
        Self { reason: "invocation-failed".to_owned(), error: error.to_owned(), at, about: About::Invocation }
    }

    /// From what `EventBridge` writes beside an event that it gives up.
    ///
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
    pub(super) fn of_rule(attributes: &BTreeMap<String, String>) -> Option<Self> {
        let code = attributes.get("ERROR_CODE")?;
        let error = match attributes.get("ERROR_MESSAGE") {
            Some(message) => format!("{code}: {message}"),
            None => code.clone(),
        };
        Some(Self { reason: "not-delivered".to_owned(), error, at: None, about: About::Rule })
    }
}

/// What a log says of objects, by how it names their bucket and key.
#[derive(Debug, Default)]
pub(super) struct Log(BTreeMap<(String, String), Vec<Said>>);

#[derive(Debug)]
struct Said {
    reason: String,
    error: String,
    at: Option<Timestamp>,
}

impl Log {
    /// Takes in the lines that are about objects.
    pub(super) fn of(lines: &[LogLine]) -> Self {
        let mut log = Self::default();
        for line in lines {
            log.take(line);
        }
        log
    }

    fn take(&mut self, line: &LogLine) -> Option<()> {
        let [bucket, key, reason, error] = of_json(&line.text).or_else(|| of_text(&line.text))?;
        let said = Said { reason, error, at: Timestamp::from_millisecond(line.at).ok() };
        self.0.entry((bucket, key)).or_default().push(said);
        Some(())
    }

    /// What it says of an object, the oldest first.
    pub(super) fn about(&self, object: &ObjectRef) -> Vec<Failure> {
        // The function quotes both, so that no key forges a line.
        let named = (format!("{:?}", object.bucket), format!("{:?}", object.key));
        let found = self.0.get(&named).into_iter().flatten();
        found
            .map(|said| Failure {
                reason: said.reason.clone(),
                error: said.error.clone(),
                at: said.at,
                about: About::Object(object.clone()),
            })
            .collect()
    }
}

/// Bucket and key as they are quoted, reason and error, from a line in Lambda's JSON format.
fn of_json(line: &str) -> Option<[String; 4]> {
    let value: Value = serde_json::from_str(line).ok()?;
    // The runtime has the fields of a line in an object of their own.
    let fields = if value["fields"].is_object() { &value["fields"] } else { &value };
    let text = |name: &str| fields[name].as_str().map(str::to_owned);
    if text("message")? != PHRASE {
        return None;
    }
    Some([text("bucket")?, text("key")?, text("reason")?, text("error")?])
}

/// The same from a line in Lambda's text format, which a function may be set to.
fn of_text(line: &str) -> Option<[String; 4]> {
    let (_, fields) = line.split_once(&format!(": {PHRASE} bucket="))?;
    let (bucket, rest) = quoted(fields)?;
    let (key, rest) = quoted(rest.strip_prefix(" key=")?)?;
    let (reason, rest) = quoted(rest.strip_prefix(" reason=")?)?;
    let error = rest.strip_prefix(" error=")?;
    Some([bucket.to_owned(), key.to_owned(), reason.trim_matches('"').to_owned(), error.to_owned()])
}

/// A quoted text at the beginning, with its quotes, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inner.find(|character| {
        let ends = character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        ends
    })?;
    Some(text.split_at(end + 2))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(at: i64, fields: &Value) -> LogLine {
        let line = json!({ "timestamp": "2026-11-21T06:14:09Z", "level": "WARN", "fields": fields });
        LogLine { at, text: line.to_string() }
    }

    fn text(line: &str) -> LogLine {
        LogLine { at: 6_500, text: line.to_owned() }
    }

    #[test]
    fn a_log_is_asked_by_object_and_no_key_passes_for_another() {
        let object = |key: &str| ObjectRef { bucket: "b".to_owned(), key: key.to_owned() };
        let failed = |key: &str, reason: &str| {
            json!({ "message": "object failed", "bucket": "\"b\"", "key": format!("{key:?}"),
                "reason": reason, "error": "e" })
        };
        let log = Log::of(&[
            line(1_000, &failed("a", "throttled")),
            line(2_000, &failed("a", "corrupt-gzip")),
            line(3_000, &failed("x\n\"y", "empty")),
            line(4_000, &json!({ "message": "invocation done", "objects_failed": 1 })),
            line(5_000, &json!({ "message": "object failed", "bucket": 1 })),
            LogLine { at: 6_000, text: "START object failed".to_owned() },
            text(
                r#" WARN Lambda runtime invoke{requestId="r"}: object failed bucket="b" key="t" reason="empty" error=e"#,
            ),
            text(
                r#" WARN : object failed bucket="b" key="u\" reason=\"forged\\" reason="real" error=x reason="forged""#,
            ),
            text(r#" WARN : object failed bucket="b" key="cut"#),
            LogLine { at: 7_000, text: failed("flat", "empty").to_string() },
        ]);
        let reasons = |key: &str| -> Vec<String> {
            log.about(&object(key)).into_iter().map(|failure| failure.reason).collect()
        };
        assert_eq!(reasons("a"), ["throttled", "corrupt-gzip"]);
        assert_eq!(reasons("x\n\"y"), ["empty"]);
        assert_eq!(reasons("flat"), ["empty"]);
        assert_eq!(reasons("t"), ["empty"]);
        assert_eq!(reasons("u\" reason=\"forged\\"), ["real"]);
        assert_eq!(reasons("\"a\""), [""; 0]);
        let newest = &log.about(&object("a"))[1];
        assert_eq!(newest.about, About::Object(object("a")));
        assert_eq!(newest.at.unwrap().to_string(), "1970-01-01T00:00:02Z");
    }
}
