//! Functions that take lists and maps.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::node::{Node, Place, Value};
use super::functions::Answer;
use super::operators::is_same;

/// `None` if this is none of them, or not with such arguments.
pub(super) fn call(name: &str, arguments: &[Node], place: &Place) -> Option<Answer> {
    let list = |items: Vec<Node>| Ok(Value::List(Rc::new(items)));
    let number = |count: usize| Ok(Value::Number(count.to_string()));
    Some(match (name, arguments) {
        ("length", [of]) => match &of.value {
            Value::List(items) => number(items.len()),
            Value::Map(entries) => number(entries.len()),
            _ => number(of.word()?.chars().count()),
        },
        ("concat", lists) => concat(lists),
        ("flatten", [of]) => flatten(of),
        ("compact", [of]) => {
            let is_something = |item: &&Node| !item.is_null() && item.word() != Some("");
            list(of.items()?.iter().filter(is_something).cloned().collect())
        }
        ("distinct" | "toset", [of]) => distinct(of, name == "toset"),
        ("tolist", [of]) => list(of.items()?.to_vec()),
        ("tomap", [of]) => of.entries().map(|_| of.value.clone()).ok_or_else(|| "this is no map".to_owned()),
        ("merge", maps) => merge(maps),
        ("keys", [of]) => {
            let mut keys: Vec<&String> = of.entries()?.iter().map(|(key, _)| key).collect();
            keys.sort();
            list(keys.into_iter().map(|key| Node::text(place, key.as_str())).collect())
        }
        ("values", [of]) => {
            let mut entries: Vec<&(String, Node)> = of.entries()?.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            list(entries.into_iter().map(|(_, value)| value.clone()).collect())
        }
        ("zipmap", [keys, values]) => {
            let keys =
                keys.items()?.iter().map(|key| key.word().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
            Ok(Value::Map(Rc::new(keys.into_iter().zip(values.items()?.iter().cloned()).collect())))
        }
        ("element", [of, at]) => {
            let items = of.items()?;
            let index = at.number().filter(|at| *at >= 0.0)?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not below zero")]
            let at = (index as usize).checked_rem(items.len()).ok_or_else(|| "the list is empty".to_owned());
            at.map(|at| items[at].value.clone())
        }
        ("contains", [of, what]) => Ok(contains(of.items()?, what)),
        ("coalescelist", all) => {
            let first = all.iter().find(|item| item.items().is_some_and(|items| !items.is_empty()));
            first.map(|item| item.value.clone()).ok_or_else(|| "all lists are empty".to_owned())
        }
        ("one", [of]) => match of.items()? {
            [] => Ok(Value::Null),
            [one] => Ok(one.value.clone()),
            _ => Err("the list has more than one item".to_owned()),
        },
        _ => return None,
    })
}

fn concat(lists: &[Node]) -> Answer {
    let mut all = Vec::new();
    for of in lists {
        all.extend_from_slice(of.items().ok_or_else(|| format!("{} is no list", of.kind()))?);
    }
    Ok(Value::List(Rc::new(all)))
}

/// Takes lists within the list apart, and those in them.
fn flatten(of: &Node) -> Answer {
    let mut flat = Vec::new();
    let mut waiting: Vec<Node> = of.items().ok_or_else(|| "this is no list".to_owned())?.to_vec();
    waiting.reverse();
    while let Some(next) = waiting.pop() {
        match next.items() {
            Some(items) => waiting.extend(items.iter().rev().cloned()),
            None => flat.push(next),
        }
        if waiting.len() + flat.len() > 100_000 {
            return Err("the list is too long".to_owned());
        }
    }
    Ok(Value::List(Rc::new(flat)))
}

fn distinct(of: &Node, is_sorted: bool) -> Answer {
    let items = of.items().ok_or_else(|| "this is no list".to_owned())?;
    let mut budget = 100_000;
    let mut kept: Vec<Node> = Vec::new();
    for item in items {
        let mut is_known = false;
        for other in &kept {
            if budget == 0 {
                return Err("the list is too long".to_owned());
            }
            is_known |= is_same(item, other, &mut budget) == Some(true);
        }
        if !is_known {
            kept.push(item.clone());
        }
    }
    if is_sorted {
        kept.sort_by(|a, b| a.word().cmp(&b.word()));
    }
    Ok(Value::List(Rc::new(kept)))
}

fn merge(maps: &[Node]) -> Answer {
    let mut merged: Vec<(String, Node)> = Vec::new();
    let mut known = BTreeMap::new();
    for map in maps.iter().filter(|map| !map.is_null()) {
        for (key, value) in map.entries().ok_or_else(|| format!("{} is no map", map.kind()))? {
            if let Some(at) = known.get(key) {
                merged[*at] = (key.clone(), value.clone());
            } else {
                known.insert(key.clone(), merged.len());
                merged.push((key.clone(), value.clone()));
            }
        }
    }
    Ok(Value::Map(Rc::new(merged)))
}

fn contains(items: &[Node], what: &Node) -> Value {
    let mut budget = 100_000;
    let mut unknown = None;
    for item in items {
        match is_same(item, what, &mut budget) {
            Some(true) => return Value::Bool(true),
            Some(false) => {}
            None => unknown = unknown.or(item.as_unknown()),
        }
    }
    match unknown {
        Some(why) => Value::Unknown(why.clone()),
        None => Value::Bool(false),
    }
}
