//! Types of variables, for the defaults that `optional()` gives.

use std::rc::Rc;

use hcl_edit::expr::{Expression, ObjectKey};

use super::super::node::{Node, Value};
use super::operators::number_text;

/// `value` with what its type says of attributes that are left out.
pub(super) fn with_defaults(kind: &Expression, value: &Node) -> Node {
    let Expression::FuncCall(call) = kind else { return value.clone() };
    let Some(argument) = call.args.get(0) else { return value.clone() };
    match (call.name.name.value().as_str(), &value.value) {
        ("list" | "set", Value::List(items)) => {
            Node::list(&value.place, items.iter().map(|item| with_defaults(argument, item)).collect())
        }
        ("map", Value::Map(entries)) => {
            let entries =
                entries.iter().map(|(key, value)| (key.clone(), with_defaults(argument, value))).collect();
            Node::map(&value.place, entries)
        }
        ("object", Value::Map(entries)) => {
            let Expression::Object(attributes) = argument else { return value.clone() };
            let mut entries = Rc::clone(entries);
            for (key, kind) in attributes {
                let ObjectKey::Ident(key) = key else { continue };
                attribute(key.value().as_str(), kind.expr(), value, Rc::make_mut(&mut entries));
            }
            Node::new(&value.place, Value::Map(entries))
        }
        _ => value.clone(),
    }
}

fn attribute(key: &str, kind: &Expression, of: &Node, entries: &mut Vec<(String, Node)>) {
    let (kind, default) = match kind {
        Expression::FuncCall(call) if call.name.name.value().as_str() == "optional" => {
            let Some(kind) = call.args.get(0) else { return };
            let default =
                call.args.get(1).map_or_else(|| Node::null(&of.place), |default| literal(default, of));
            (kind, Some(default))
        }
        _ => (kind, None),
    };
    let known = entries.iter_mut().find(|(other, _)| other == key);
    match (known, default) {
        (Some((_, value)), default) => {
            if let Some(default) = default.filter(|_| value.is_null()) {
                *value = default;
            }
            *value = with_defaults(kind, value);
        }
        (None, Some(default)) => entries.push((key.to_owned(), with_defaults(kind, &default))),
        (None, None) => {}
    }
}

/// A constant. Calls in a default are not worth the trouble.
pub(super) fn literal(expression: &Expression, of: &Node) -> Node {
    let place = &of.place;
    match expression {
        Expression::Null(_) => Node::null(place),
        Expression::Bool(flag) => Node::bool(place, *flag.value()),
        Expression::Number(number) => {
            Node::new(place, Value::Number(number_text(number.value().as_f64().unwrap_or(f64::NAN))))
        }
        Expression::String(text) => Node::text(place, text.value().as_str()),
        Expression::Array(items) => Node::list(place, items.iter().map(|item| literal(item, of)).collect()),
        Expression::Object(object) => {
            let entries = object
                .iter()
                .filter_map(|(key, value)| {
                    let key = match key {
                        ObjectKey::Ident(name) => name.value().as_str(),
                        ObjectKey::Expression(key) => key.as_str()?,
                    };
                    Some((key.to_owned(), literal(value.expr(), of)))
                })
                .collect();
            Node::map(place, entries)
        }
        _ => Node::unknown(place, "optional()", "the default in the variable's type is no constant"),
    }
}
