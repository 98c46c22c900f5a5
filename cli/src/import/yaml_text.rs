//! Scalars and records as YAML, written for people.

use serde_json::Value;

/// Longer patterns are broken into lines.
const WIDE: usize = 100;

/// A file, line by line.
#[derive(Debug, Clone, Default)]
pub(super) struct Yaml(pub(super) String);

impl Yaml {
    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// `key: text`, folded if that is only printable characters and blanks, which may be many.
    pub(super) fn folded(&mut self, key: &str, text: &str) {
        if !text.chars().all(is_printable) {
            return self.line(&format!("{key}: {}", scalar(text)));
        }
        self.line(&format!("{key}: >-"));
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.len() + word.len() > 106 {
                self.line(&format!("  {line}"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(&format!("  {line}"));
    }

    /// A pattern: on one line, or broken before `||` and `&&` so that it can be read.
    pub(super) fn pattern(&mut self, text: &str) {
        if !text.chars().all(|character| is_printable(character) || character == '\n') {
            self.line(&format!("pattern: {}", quoted(text)));
        } else if text.contains('\n') {
            self.line("pattern: |-");
            for line in text.lines() {
                self.line(&format!("  {line}"));
            }
        } else if text.len() <= WIDE {
            self.line(&format!("pattern: '{}'", text.replace('\'', "''")));
        } else {
            self.line("pattern: >-");
            for line in lines(text) {
                self.line(&format!("  {line}"));
            }
        }
    }

    /// The fields of a record.
    pub(super) fn record(&mut self, value: &Value, indent: usize) {
        let Value::Object(fields) = value else { return };
        for (name, value) in fields {
            let key = format!("{:indent$}{}:", "", scalar(name));
            match value {
                Value::Object(inner) if !inner.is_empty() => {
                    self.line(&key);
                    self.record(value, indent + 2);
                }
                Value::String(text) => self.line(&format!("{key} {}", scalar(text))),
                _ => self.line(&format!("{key} {}", flow(value))),
            }
        }
    }
}

fn is_printable(character: char) -> bool {
    (' '..='~').contains(&character)
}

/// A text on one line, quoted where it could be taken for something else.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Letters first, and nothing that means anything to YAML in any place.
fn is_plain(text: &str) -> bool {
    let is_word = |text: &str| {
        ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str())
    };
    let is_number = text.parse::<f64>().is_ok();
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$')
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-/:$*()+".contains(c))
        && !is_word(text)
        && !is_number
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(character),
            // Printable in YAML, and on any screen.
            _ if character.is_alphanumeric() => out.push(character),
            _ => out.push_str(&escaped(u32::from(character))),
        }
    }
    out.push('"');
    out
}

fn escaped(code: u32) -> String {
    if code > 0xffff { format!("\\U{code:08x}") } else { format!("\\u{code:04x}") }
}

/// Breaks a text at single blanks before an operator outside quotes, so that folding the lines
/// gives it back.
fn lines(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    let mut last_break = None;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if !is_escaped => is_quoted = !is_quoted,
            b' ' if !is_quoted => {
                let is_operator = text[at + 1..].starts_with("||") || text[at + 1..].starts_with("&&");
                let is_single = at > 0 && bytes[at - 1] != b' ';
                if is_operator && is_single {
                    if at - start > WIDE
                        && let Some(last) = last_break.filter(|last| *last > start)
                    {
                        lines.push(&text[start..last]);
                        start = last + 1;
                    }
                    last_break = Some(at);
                }
            }
            _ => {}
        }
        is_escaped = *byte == b'\\' && !is_escaped;
    }
    if text.len() - start > WIDE
        && let Some(last) = last_break.filter(|last| *last > start)
    {
        lines.push(&text[start..last]);
        start = last + 1;
    }
    lines.push(&text[start..]);
    lines
}

fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{}: {}", quoted(name), flow(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let long = format!(
            "{{ ($.a = \"x || y\") {} }}",
            "|| ($.eventName = \"Create  &&  Delete\") ".repeat(9).trim()
        );
        let short = "{ $.a = \"it's\" }";
        let odd = "{ $.a = \"ü\" }";
        let lines = "{ $.a = 1\n\n    && $.b = 'x' \n}";
        for text in [long.as_str(), short, odd, lines] {
            let mut out = Yaml::default();
            out.pattern(text);
            assert!(out.0.lines().all(|line| line.len() < 2 * WIDE), "{out:?}");
            let read: BTreeMap<String, String> = read(&out.0);
            assert_eq!(read["pattern"], text);
        }
        for text in [
            "a",
            "true",
            "1",
            "1e3",
            "a: b",
            "- a",
            "$.b",
            "é\u{7}\u{1f600}\u{2028}\"\\",
            "",
            " ",
            "#",
            "a #b",
            "nan",
            "~",
        ] {
            let read: BTreeMap<String, String> = read(&format!("k: {}\n", scalar(text)));
            assert_eq!(read["k"], text);
        }
        let value = serde_json::json!({
            "a b": { "c": ["x", { "y": null }], "d": {} }, "n": 1.5, "t": "true", "b": true, "$": [[]]
        });
        let mut out = Yaml::default();
        out.record(&value, 0);
        let read: Value = read(&out.0);
        assert_eq!(read, value);
    }

    fn read<T>(text: &str) -> T
    where
        T: for<'de> serde::Deserialize<'de>,
    {
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}
