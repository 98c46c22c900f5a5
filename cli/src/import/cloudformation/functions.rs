//! The functions that put texts together and take lists and maps apart.

use super::super::node::{Node, Unknown, Value};
use super::resolve::{Template, first_unknown};

impl Template<'_> {
    /// `Fn::If: [condition, then, else]`
    pub(super) fn choose(&self, argument: &Node) -> Option<Node> {
        let [condition, then, otherwise] = argument.items().unwrap_or_default() else {
            return Some(wrong(argument, "Fn::If takes a condition and two values"));
        };
        let Some(name) = condition.word() else {
            return Some(wrong(argument, "Fn::If takes the name of a condition"));
        };
        match self.condition(name, &condition.place) {
            Ok(true) => self.resolve(then),
            Ok(false) => self.resolve(otherwise),
            Err(why) => {
                let reason = format!("the condition {name} cannot be resolved: {}", why.reason);
                Some(Node::unknown(&argument.place, format!("!If {name}"), reason))
            }
        }
    }

    /// `Fn::Join: [delimiter, list]`
    pub(super) fn join(&self, argument: &Node) -> Node {
        let [delimiter, list] = argument.items().unwrap_or_default() else {
            return wrong(argument, "Fn::Join takes a delimiter and a list");
        };
        let list = self.resolve_value(list);
        let (Some(delimiter), Some(items)) = (delimiter.word(), list.items()) else {
            return not_known(argument, &list, "Fn::Join takes a delimiter and a list");
        };
        concatenate(argument, items, delimiter)
    }

    /// `Fn::Select: [index, list]`
    pub(super) fn select(&self, argument: &Node) -> Node {
        let [index, list] = argument.items().unwrap_or_default() else {
            return wrong(argument, "Fn::Select takes an index and a list");
        };
        let (index, list) = (self.resolve_value(index), self.resolve_value(list));
        let (Some(at), Some(items)) =
            (index.word().and_then(|word| word.parse::<usize>().ok()), list.items())
        else {
            let unknown = if index.as_unknown().is_some() { &index } else { &list };
            return not_known(argument, unknown, "Fn::Select takes an index and a list");
        };
        items.get(at).cloned().unwrap_or_else(|| wrong(argument, &format!("Fn::Select finds no item {at}")))
    }

    /// `Fn::Split: [delimiter, text]`
    pub(super) fn split(&self, argument: &Node) -> Node {
        let [delimiter, text] = argument.items().unwrap_or_default() else {
            return wrong(argument, "Fn::Split takes a delimiter and a text");
        };
        let text = self.resolve_value(text);
        match (delimiter.word().filter(|word| !word.is_empty()), text.word()) {
            (Some(delimiter), Some(word)) => {
                let items = word.split(delimiter).map(|part| Node::text(&argument.place, part)).collect();
                Node::list(&argument.place, items)
            }
            _ => not_known(argument, &text, "Fn::Split takes a delimiter and a text"),
        }
    }

    /// `Fn::FindInMap: [map, key, key]`
    pub(super) fn find_in_map(&self, argument: &Node) -> Node {
        let items = argument.items().unwrap_or_default();
        let [map, top, second, options @ ..] = items else {
            return wrong(argument, "Fn::FindInMap takes a map and two keys");
        };
        let keys = [self.resolve_value(map), self.resolve_value(top), self.resolve_value(second)];
        let [Some(map), Some(top), Some(second)] = [keys[0].word(), keys[1].word(), keys[2].word()] else {
            return first_unknown(&keys).map_or_else(
                || wrong(argument, "Fn::FindInMap takes a map and two keys"),
                |why| Node::unknown(&argument.place, "!FindInMap", why.reason.clone()),
            );
        };
        let found = self
            .document
            .get("Mappings")
            .and_then(|mappings| mappings.get(map)?.get(top)?.get(second))
            .or_else(|| options.first()?.get("DefaultValue"));
        match found {
            Some(value) => self.resolve_value(value),
            None => wrong(argument, &format!("Mappings has no {map} / {top} / {second}")),
        }
    }
}

/// One text of several, or the reason why it is not known.
pub(super) fn concatenate(argument: &Node, items: &[Node], delimiter: &str) -> Node {
    let mut text = String::new();
    let mut unknown: Option<&Unknown> = None;
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push_str(delimiter);
        }
        match (&item.value, item.word()) {
            (_, Some(word)) => text.push_str(word),
            (Value::Unknown(why), None) => {
                text.push_str(&why.text);
                unknown = unknown.or(Some(why));
            }
            _ => return wrong(argument, &format!("{} cannot stand in a text", item.kind())),
        }
        if text.len() > super::super::node::LONGEST_TEXT {
            break;
        }
    }
    match unknown {
        Some(why) => Node::unknown(&argument.place, text, why.reason.clone()),
        None => Node::text(&argument.place, text),
    }
}

pub(super) fn wrong(argument: &Node, reason: &str) -> Node {
    Node::mistake(&argument.place, "…", reason)
}

/// The reason why `value` is not known, or that the function does not take such a value.
fn not_known(argument: &Node, value: &Node, takes: &str) -> Node {
    match value.as_unknown() {
        Some(why) => Node::unknown(&argument.place, why.text.clone(), why.reason.clone()),
        None => wrong(argument, takes),
    }
}
