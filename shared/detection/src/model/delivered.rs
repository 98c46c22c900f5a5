//! The text of an array or object as it was delivered.

use std::cell::OnceCell;
use std::collections::HashMap;

use serde_json::value::RawValue;

use super::path::Key;

/// A part of a record's source, and its own parts as far as somebody asked for them.
///
/// Whoever makes a request can give it lists as long as a record may be. Each part is parsed once,
/// however many of its elements are asked for, so that the work grows with the record and not with
/// its square.
#[derive(Debug)]
pub(super) struct Delivered<'s> {
    source: &'s RawValue,
    parts: OnceCell<Box<Parts<'s>>>,
}

#[derive(Debug)]
enum Parts<'s> {
    Fields(HashMap<String, Delivered<'s>>),
    Elements(Vec<Delivered<'s>>),
    None,
}

impl<'s> Delivered<'s> {
    /// The whole source, if it is JSON.
    pub(super) fn whole(source: &'s str) -> Option<Self> {
        serde_json::from_str(source).ok().map(Self::part)
    }

    fn part(source: &'s RawValue) -> Self {
        Self { source, parts: OnceCell::new() }
    }

    /// The source of the value at `trail`, without the white space between its tokens.
    ///
    /// Escapes, number formats and the order of keys stay as they came: a rule that quotes a record
    /// has to find what its author saw. Of a key that stands twice the last one counts, as everywhere.
    pub(super) fn text(&self, trail: &[Key<'_>]) -> Option<String> {
        let mut part = self;
        for key in trail {
            part = match (part.parts(), key) {
                (Parts::Fields(fields), Key::Field(name)) => fields.get(*name)?,
                (Parts::Elements(elements), Key::Index(index)) => elements.get(*index)?,
                _ => return None,
            };
        }
        Some(without_white_space(part.source.get()))
    }

    fn parts(&self) -> &Parts<'s> {
        self.parts.get_or_init(|| {
            let json = self.source.get();
            let parts = match json.as_bytes().first() {
                Some(b'{') => serde_json::from_str(json).ok().map(|fields: HashMap<String, &RawValue>| {
                    Parts::Fields(fields.into_iter().map(|(name, field)| (name, Self::part(field))).collect())
                }),
                Some(b'[') => serde_json::from_str(json).ok().map(|elements: Vec<&RawValue>| {
                    Parts::Elements(elements.into_iter().map(Self::part).collect())
                }),
                _ => None,
            };
            Box::new(parts.unwrap_or(Parts::None))
        })
    }
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
        let whole = Delivered::whole(source).unwrap();
        for (trail, expected) in [
            (&[Key::Field("a")][..], r#"[{"z":"x \" y","y":"\u003c\/"},null]"#),
            (&[Key::Field("a"), Key::Index(0)], r#"{"z":"x \" y","y":"\u003c\/"}"#),
            (&[Key::Field("b")], "1.50"),
            (&[Key::Field("a2")], "{}"),
            (&[Key::Field("d")], "[2]"),
        ] {
            assert_eq!(whole.text(trail).as_deref(), Some(expected));
        }
        assert_eq!(whole.text(&[Key::Field("no")]), None);
        assert_eq!(whole.text(&[Key::Field("d"), Key::Field("no")]), None);
        assert_eq!(whole.text(&[Key::Field("a"), Key::Index(2)]), None);
    }
}
