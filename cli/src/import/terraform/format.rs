//! `format("%s-%02d", …)`: the verbs that names and patterns are put together with.

use super::super::node::{LONGEST_TEXT, Node, Place};

pub(super) fn format(arguments: &[Node], place: &Place, written: &str) -> Node {
    let Some((pattern, mut values)) = arguments.split_first() else {
        return Node::mistake(place, written, "format takes a text");
    };
    if let Some(why) = pattern.as_unknown() {
        return Node::unknown(place, written, why.reason.clone());
    }
    let Some(pattern) = pattern.word() else { return Node::mistake(place, written, "format takes a text") };
    let mut text = String::new();
    let mut unknown = None;
    let mut rest = pattern;
    while let Some(start) = rest.find('%') {
        text.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        let length = rest.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(rest.len());
        let (flags, tail) = rest.split_at(length);
        let Some(verb) = tail.chars().next() else {
            return Node::mistake(place, written, "the format ends in a %");
        };
        rest = &tail[verb.len_utf8()..];
        if verb == '%' {
            text.push('%');
            continue;
        }
        let Some((value, others)) = values.split_first() else {
            return Node::mistake(place, written, "the format asks for more values than there are");
        };
        values = others;
        match (value.as_unknown(), piece(flags, verb, value)) {
            (Some(why), _) => {
                text.push_str(&why.text);
                unknown = unknown.or_else(|| Some(why.reason.clone()));
            }
            (None, Some(piece)) => text.push_str(&piece),
            (None, None) => {
                let reason =
                    format!("format: %{flags}{verb} of {} is not resolved by this import", value.kind());
                return Node::unknown(place, written, reason);
            }
        }
        if text.len() > LONGEST_TEXT {
            break;
        }
    }
    text.push_str(rest);
    match unknown {
        Some(reason) => Node::unknown(place, text, reason),
        None => Node::text(place, text),
    }
}

/// Only zeros for flags: other ones have not been seen in a name.
fn piece(flags: &str, verb: char, value: &Node) -> Option<String> {
    match (flags, verb) {
        ("", 's' | 'v') => value.word().map(str::to_owned),
        ("", 'q') => value.word().map(|word| format!("{word:?}")),
        ("", 't') => value.flag().map(|flag| flag.to_string()),
        (_, 'd') => {
            let number = value.number().filter(|number| number.fract() == 0.0)?;
            let width: usize = match flags.strip_prefix('0') {
                Some(width) => width.parse().ok().filter(|width| *width < 32)?,
                None if flags.is_empty() => 0,
                None => return None,
            };
            Some(format!("{number:0width$}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::import::node::Value;

    #[test]
    fn verbs_of_names_are_resolved() {
        let place = Place { file: Rc::from("a.tf"), line: 1, column: 1 };
        let text = |text: &str| Node::text(&place, text);
        let number = |text: &str| Node::new(&place, Value::Number(text.to_owned()));
        for (arguments, expected) in [
            (vec![text("plain")], Some("plain")),
            (vec![text("%s-%s"), text("a"), text("b")], Some("a-b")),
            (vec![text("100%%")], Some("100%")),
            (vec![text("%d and %03d"), number("7"), number("7")], Some("7 and 007")),
            (vec![text("%v %t"), number("1.5"), Node::bool(&place, true)], Some("1.5 true")),
            (vec![text("%q"), text("a\"b")], Some("\"a\\\"b\"")),
            (vec![text("%s")], None),
            (vec![text("%")], None),
            (vec![text("%5.2f"), number("1")], None),
            (vec![text("%s"), Node::list(&place, Vec::new())], None),
        ] {
            let found = format(&arguments, &place, "format(…)");
            assert_eq!(found.word(), expected, "{arguments:?}");
        }
        let partly = format(&[text("%s/x"), Node::unknown(&place, "${var.a}", "why")], &place, "format(…)");
        let unknown = partly.as_unknown().expect("it is unknown");
        assert_eq!((unknown.text.as_str(), unknown.reason.as_str()), ("${var.a}/x", "why"));
    }
}
