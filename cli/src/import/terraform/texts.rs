//! Functions that make texts.

use std::rc::Rc;

use super::super::node::{LONGEST_TEXT, Node, Value};
use super::functions::Answer;
use super::operators::number_text;

/// `None` if this is none of them, or not with such arguments.
pub(super) fn call(name: &str, arguments: &[Node]) -> Option<Answer> {
    let text = |text: &str| Ok(Value::Text(text.to_owned()));
    let words: Vec<Option<&str>> = arguments.iter().map(Node::word).collect();
    Some(match (name, words.as_slice()) {
        ("lower", [Some(word)]) => text(&word.to_lowercase()),
        ("upper", [Some(word)]) => text(&word.to_uppercase()),
        ("title", [Some(word)]) => text(&title(word)),
        ("trimspace", [Some(word)]) => text(word.trim()),
        ("chomp", [Some(word)]) => text(word.trim_end_matches(['\n', '\r'])),
        ("trim", [Some(word), Some(set)]) => text(word.trim_matches(|c| set.contains(c))),
        ("trimprefix", [Some(word), Some(prefix)]) => text(word.strip_prefix(prefix).unwrap_or(word)),
        ("trimsuffix", [Some(word), Some(suffix)]) => text(word.strip_suffix(suffix).unwrap_or(word)),
        ("replace", [Some(_), Some(what), Some(_)]) if is_expression(what) => {
            Err("a regular expression is not replaced by this import".to_owned())
        }
        // An empty text would be found between all characters.
        ("tostring", [Some(word)]) | ("replace", [Some(word), Some(""), Some(_)]) => text(word),
        ("replace", [Some(word), Some(what), Some(with)]) => bounded_replace(word, what, with),
        ("startswith", [Some(word), Some(prefix)]) => Ok(Value::Bool(word.starts_with(prefix))),
        ("endswith", [Some(word), Some(suffix)]) => Ok(Value::Bool(word.ends_with(suffix))),
        ("strcontains", [Some(word), Some(part)]) => Ok(Value::Bool(word.contains(part))),
        ("tonumber", [Some(_)]) => arguments[0]
            .number()
            .map(|number| Value::Number(number_text(number)))
            .ok_or_else(|| "this is no number".to_owned()),
        ("tobool", [Some(_)]) => {
            arguments[0].flag().map(Value::Bool).ok_or_else(|| "this is no boolean".to_owned())
        }
        ("split", [Some(delimiter), Some(word)]) => {
            let place = &arguments[1].place;
            let parts: Vec<&str> =
                if delimiter.is_empty() { vec![word] } else { word.split(delimiter).collect() };
            Ok(Value::List(Rc::new(parts.into_iter().map(|part| Node::text(place, part)).collect())))
        }
        ("join", [Some(delimiter), None]) => join(delimiter, &arguments[1]),
        _ => return None,
    })
}

fn is_expression(what: &str) -> bool {
    what.len() > 1 && what.starts_with('/') && what.ends_with('/')
}

fn bounded_replace(word: &str, what: &str, with: &str) -> Answer {
    let count = word.matches(what).count();
    if word.len().saturating_add(count.saturating_mul(with.len())) > LONGEST_TEXT {
        return Err(format!("the text is longer than {LONGEST_TEXT} bytes"));
    }
    Ok(Value::Text(word.replace(what, with)))
}

fn title(word: &str) -> String {
    let mut is_start = true;
    word.chars()
        .map(|character| {
            let out = if is_start { character.to_ascii_uppercase() } else { character };
            is_start = !character.is_alphanumeric();
            out
        })
        .collect()
}

fn join(delimiter: &str, items: &Node) -> Answer {
    let items = items.items().ok_or_else(|| "this is no list".to_owned())?;
    let mut joined = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            joined.push_str(delimiter);
        }
        match (item.word(), item.as_unknown()) {
            (Some(word), _) => joined.push_str(word),
            (None, Some(why)) => return Ok(Value::Unknown(why.clone())),
            (None, None) => return Err(format!("{} cannot stand in a text", item.kind())),
        }
        if joined.len() > LONGEST_TEXT {
            return Err(format!("the text is longer than {LONGEST_TEXT} bytes"));
        }
    }
    Ok(Value::Text(joined))
}
