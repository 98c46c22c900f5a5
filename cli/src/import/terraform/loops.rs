//! `for` expressions.

use std::collections::BTreeMap;

use hcl_edit::expr::ForExpr;

use super::super::node::{Node, Place, Value};
use super::body::Code;
use super::evaluate::{Evaluator, Names, Scope};

impl Evaluator<'_> {
    pub(super) fn for_each(&self, each: &ForExpr, place: &Place, code: &Code, names: Scope<'_>) -> Node {
        let collection = self.evaluate(&each.intro.collection_expr, code, names);
        if let Some(why) = collection.as_unknown() {
            return Node::unknown(place, why.text.clone(), why.reason.clone());
        }
        let mut items = Vec::new();
        let mut entries: Vec<(String, Node)> = Vec::new();
        let mut groups: Vec<Vec<Node>> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (key, value) in pairs(&collection, place) {
            if !self.step(1) {
                break;
            }
            let with_value =
                Names { name: each.intro.value_var.value().as_str(), value: &value, outer: names };
            let with_key = each.intro.key_var.as_ref().map(|name| Names {
                name: name.value().as_str(),
                value: &key,
                outer: Some(&with_value),
            });
            let names = Some(with_key.as_ref().unwrap_or(&with_value));
            if let Some(condition) = &each.cond {
                let condition = self.evaluate(&condition.expr, code, names);
                match condition.flag() {
                    Some(true) => {}
                    Some(false) => continue,
                    None => {
                        let reason =
                            condition.as_unknown().map_or("the `if` is no condition", |why| &why.reason);
                        return Node::unknown(place, code.quote(&each.value_expr), reason);
                    }
                }
            }
            let value = self.evaluate(&each.value_expr, code, names);
            let Some(key) = &each.key_expr else {
                items.push(value);
                continue;
            };
            let key_node = self.evaluate(key, code, names);
            let key = key_node.word().map_or_else(|| code.quote(key), str::to_owned);
            match (known.get(&key), each.grouping) {
                (Some(at), true) => groups[*at].push(value),
                (Some(_), false) => {
                    return Node::mistake(place, key.clone(), format!("the key {key:?} comes twice"));
                }
                (None, is_group) => {
                    known.insert(key.clone(), entries.len());
                    groups.push(if is_group { vec![value.clone()] } else { Vec::new() });
                    entries.push((key, value));
                }
            }
        }
        if each.grouping {
            for ((_, value), group) in entries.iter_mut().zip(groups) {
                *value = Node::list(place, group);
            }
        }
        if each.key_expr.is_some() { Node::map(place, entries) } else { Node::list(place, items) }
    }
}

/// What a `for` or `for_each` goes through: maps in the order of their keys, as Terraform does.
pub(super) fn pairs(collection: &Node, place: &Place) -> Vec<(Node, Node)> {
    if let Some(entries) = collection.entries() {
        let mut entries: Vec<&(String, Node)> = entries.iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        return entries
            .into_iter()
            .map(|(key, value)| (Node::text(place, key.as_str()), value.clone()))
            .collect();
    }
    let items = collection.items().unwrap_or_default();
    items
        .iter()
        .enumerate()
        .map(|(at, item)| (Node::new(place, Value::Number(at.to_string())), item.clone()))
        .collect()
}
