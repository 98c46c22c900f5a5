//! A test of the tree and what it found, in words.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;
use trailmeter_detection::Verdict;
use trailmeter_detection::model::{Answer, Found, Node, Tested};

use crate::printable::Printable;

/// Characters of a value, or of a test's text, that are shown.
const SHOWN: usize = 200;
/// Values that are shown of a test which found several.
const MOST_VALUES: usize = 3;

/// What a node asks; verdicts beside it say whether that is so.
pub(crate) fn asks(node: &Node<'_>) -> String {
    match node {
        Node::All => "all of:".to_owned(),
        Node::Any => "at least one of:".to_owned(),
        Node::Not => "must not hold:".to_owned(),
        Node::Test(test) => format!("{}   {}", cut(&test.text), finding(test)),
    }
}

/// What a test found.
pub(crate) fn finding(test: &Tested<'_>) -> String {
    if test.found.is_empty() {
        return match &test.broke_off {
            // That an object has no such field is what absent means.
            None | Some((_, Value::Object(_))) => "absent".to_owned(),
            Some((place, value)) => format!("absent: {} is {}", cut(place), preview(value)),
        };
    }
    let mut words = test
        .found
        .iter()
        .take(MOST_VALUES)
        .map(|found| found_value(found, test))
        .collect::<Vec<_>>()
        .join("; ");
    let more = test.more + test.found.len().saturating_sub(MOST_VALUES);
    if more > 0 {
        // Writing to a string cannot fail.
        let _infallible = write!(words, "; and {more} more");
    }
    words
}

fn found_value(found: &Found<'_>, test: &Tested<'_>) -> String {
    let value = preview(found.value);
    let mut words = if found.place == test.path {
        format!("found {value}")
    } else {
        format!("{} is {value}", cut(&found.place))
    };
    if found.answer == Answer::WrongType {
        let _infallible = write!(words, ", {}, of which this cannot be asked", kind(found.value));
    }
    words
}

/// The type of a value.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// What became of a record.
pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Match => "match",
        Verdict::NoMatch => "no-match",
        Verdict::Excluded(_) => "excluded",
    }
}

/// What a predicate said of a value.
pub(crate) fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::Null => "null",
        Answer::WrongType => "wrong-type",
    }
}

/// The JSON of a value, cut and fit for a terminal. Of a large value no more than that is written.
pub(crate) fn preview(value: &Value) -> String {
    let mut out = Bounded { bytes: Vec::new(), most: SHOWN * 4 + 4 };
    // It fails when there is enough.
    let _enough = serde_json::to_writer(&mut out, value);
    cut(&String::from_utf8_lossy(&out.bytes))
}

/// A text, cut and fit for a terminal.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", Printable(&text[..end])),
        None => Printable(text).to_string(),
    }
}

struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.most - self.bytes.len();
        if room == 0 {
            return Err(io::Error::other("enough"));
        }
        let taken = &bytes[..bytes.len().min(room)];
        self.bytes.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trailmeter_detection::model::{Document, explain};
    use trailmeter_detection::pattern::Pattern;

    use super::*;

    #[test]
    fn what_was_found_is_said_in_words() {
        let record = json!({
            "a": "x", "n": null, "five": 5, "list": ["p", "q", "r", "s"], "text": "a\u{1b}[2J\n", "deep": { "er": "s" },
        });
        for (pattern, expected) in [
            ("{ $.a = y }", r#"$.a = "y"   found "x""#),
            ("{ $.gone = y }", r#"$.gone = "y"   absent"#),
            ("{ $.gone != y }", r#"$.gone is there and not = "y"   absent"#),
            ("{ $.n = y }", r#"$.n = "y"   found null"#),
            ("{ $.n.m = y }", r#"$.n.m = "y"   absent: $.n is null"#),
            ("{ $.deep.gone.m = y }", r#"$.deep.gone.m = "y"   absent"#),
            ("{ $.deep.er.m = y }", r#"$.deep.er.m = "y"   absent: $.deep.er is "s""#),
            ("{ $.a > 5 }", r#"$.a > 5   found "x", a string, of which this cannot be asked"#),
            (
                "{ $.list = y }",
                r#"$.list = "y"   found ["p","q","r","s"], an array, of which this cannot be asked"#,
            ),
            (
                "{ $.list[*] = q }",
                r#"$.list[*] = "q"   $.list[1] is "q"; $.list[0] is "p"; $.list[2] is "r"; and 1 more"#,
            ),
            ("{ $.text = y }", r#"$.text = "y"   found "a\u001b[2J\n""#),
        ] {
            let pattern: Pattern = pattern.parse().unwrap();
            let explained = explain(pattern.expr(), Document::from(&record));
            assert_eq!(asks(&explained.node), expected);
        }
    }

    #[test]
    fn long_values_are_cut_and_large_ones_not_written_out() {
        for (value, shown) in [
            (json!("x".repeat(198)), 200),
            (json!("x".repeat(199)), 201),
            (json!(vec!["\u{1F600}"; 1 << 16]), 201),
        ] {
            assert_eq!(preview(&value).chars().count(), shown);
        }
        let mut out = Bounded { bytes: Vec::new(), most: 10 };
        assert!(serde_json::to_writer(&mut out, &json!("x".repeat(1 << 20))).is_err());
        assert_eq!(out.bytes.len(), 10);
    }
}
