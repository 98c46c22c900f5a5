//! The text of an array or object as it was delivered.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::path::Key;

/// The source of the value at `trail`, without the white space between its tokens.
///
/// Escapes, number formats and the order of keys stay as they came: a rule that quotes a record has
/// to find what its author saw. Of a key that stands twice the last one counts, as everywhere.
pub(super) fn delivered(source: &str, trail: &[Key<'_>]) -> Option<String> {
    let mut value: &RawValue = serde_json::from_str(source).ok()?;
    for key in trail {
        value = match key {
            Key::Field(name) => {
                *serde_json::from_str::<HashMap<String, &RawValue>>(value.get()).ok()?.get(*name)?
            }
            Key::Index(index) => *serde_json::from_str::<Vec<&RawValue>>(value.get()).ok()?.get(*index)?,
        };
    }
    Some(without_white_space(value.get()))
}

fn without_white_space(json: &str) -> String {
    let mut in_string = false;
    let mut is_escaped = false;
    json.chars()
        .filter(|&character| {
            if in_string {
                in_string = is_escaped || character != '"';
                is_escaped = !is_escaped && character == '\\';
                return true;
            }
            in_string = character == '"';
            !matches!(character, ' ' | '\t' | '\r' | '\n')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_quoted_as_it_was_delivered() {
        let source = r#"{ "b" : 1.50, "a": [ { "z":"x \" y" , "y" :  "\u003c\/" }, null ], "a2":{}, "d":1, "d":[ 2 ] }"#;
        for (trail, expected) in [
            (&[Key::Field("a")][..], r#"[{"z":"x \" y","y":"\u003c\/"},null]"#),
            (&[Key::Field("a"), Key::Index(0)], r#"{"z":"x \" y","y":"\u003c\/"}"#),
            (&[Key::Field("b")], "1.50"),
            (&[Key::Field("a2")], "{}"),
            (&[Key::Field("d")], "[2]"),
        ] {
            assert_eq!(delivered(source, trail).as_deref(), Some(expected));
        }
        assert_eq!(delivered(source, &[Key::Field("no")]), None);
        assert_eq!(delivered(source, &[Key::Field("a"), Key::Index(2)]), None);
    }
}
