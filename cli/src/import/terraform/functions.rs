//! The functions that modules with metric filters use. Others are named, not guessed.

use super::super::node::{LONGEST_TEXT, Node, Place, Value};
use super::evaluate::Evaluator;
use super::format::format;
use super::lists;
use super::texts;

/// What a function gives, or why it fails.
pub(super) type Answer = Result<Value, String>;

/// Calls a function. `written` is how the call is written.
pub(super) fn call(
    evaluator: &Evaluator<'_>,
    name: &str,
    arguments: &[Node],
    place: &Place,
    written: &str,
) -> Node {
    match name {
        "try" | "can" => return attempt(name, arguments, place, written),
        "format" => return format(arguments, place, written),
        // What is not asked for may be unknown.
        "lookup" => return lookup(arguments, place, written),
        "coalesce" => return coalesce(arguments, place, written),
        "file" | "fileset" | "templatefile" | "yamldecode" | "jsondecode" | "csvdecode" => {
            return Node::unknown(
                place,
                written,
                format!("the function {name} is not resolved by this import"),
            );
        }
        _ => {}
    }
    if let Some(why) = arguments.iter().find_map(Node::as_unknown) {
        return Node::unknown(place, written, why.reason.clone());
    }
    // What a call makes is at most as large as what it gets.
    let size = arguments.iter().map(size).sum();
    if !evaluator.step(size) {
        return Node::mistake(place, written, "the module takes too long to resolve");
    }
    let answer = match texts::call(name, arguments) {
        Some(answer) => answer,
        None => match lists::call(name, arguments, place) {
            Some(answer) => answer,
            None => {
                return Node::unknown(
                    place,
                    written,
                    format!("the function {name} is not resolved by this import"),
                );
            }
        },
    };
    match answer {
        Ok(Value::Text(text)) if text.len() > LONGEST_TEXT => Node::text(place, text),
        Ok(value) => Node::new(place, value),
        Err(reason) => Node::mistake(place, written, format!("{name}: {reason}")),
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => {
            1 + items.len() + items.iter().filter_map(Node::items).map(<[Node]>::len).sum::<usize>()
        }
        Value::Map(entries) => 1 + entries.len(),
        _ => 1,
    }
}

/// The first argument that is no mistake.
fn attempt(name: &str, arguments: &[Node], place: &Place, written: &str) -> Node {
    let is_mistake = |node: &Node| node.as_unknown().is_some_and(|why| why.is_mistake);
    match (name, arguments.iter().find(|argument| !is_mistake(argument))) {
        ("can", first) => match first.and_then(Node::as_unknown) {
            Some(why) => Node::unknown(place, written, why.reason.clone()),
            None => Node::bool(place, first.is_some()),
        },
        (_, None) => match arguments.last().and_then(Node::as_unknown) {
            Some(why) => Node::mistake(place, written, why.reason.clone()),
            None => Node::mistake(place, written, "try takes at least one argument"),
        },
        (_, Some(first)) => first.at(place),
    }
}

/// The value of a key, or the last argument.
fn lookup(arguments: &[Node], place: &Place, written: &str) -> Node {
    let [map, key, default @ ..] = arguments else {
        return Node::mistake(place, written, "lookup takes a map, a key and a default");
    };
    if let Some(why) = map.as_unknown().or_else(|| key.as_unknown()) {
        return Node::unknown(place, written, why.reason.clone());
    }
    match key.word().and_then(|key| map.get(key)).or_else(|| default.first()) {
        Some(value) => value.at(place),
        None => Node::mistake(place, written, format!("the map has no {:?}", key.word().unwrap_or_default())),
    }
}

/// The first argument that is something.
fn coalesce(arguments: &[Node], place: &Place, written: &str) -> Node {
    match arguments.iter().find(|argument| !argument.is_null() && argument.word() != Some("")) {
        Some(first) => first.at(place),
        None => Node::mistake(place, written, "all arguments are empty"),
    }
}
