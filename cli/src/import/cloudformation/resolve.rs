//! Intrinsic functions, resolved as far as the template itself says what they give.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::super::node::{Node, Unknown, Value};

/// Longer chains of references are no template that anybody wrote.
const MOST_IN_A_ROW: usize = 16;

/// A template, asked for values. What was resolved once is remembered, so that names which refer
/// to names cannot make it slow.
pub(super) struct Template<'t> {
    pub(super) document: &'t Node,
    given: &'t BTreeMap<String, String>,
    busy: RefCell<Vec<String>>,
    resolved: RefCell<BTreeMap<String, Node>>,
}

impl<'t> Template<'t> {
    pub(super) fn new(document: &'t Node, given: &'t BTreeMap<String, String>) -> Self {
        Self { document, given, busy: RefCell::default(), resolved: RefCell::default() }
    }

    /// The value with everything in it resolved; `None` for `AWS::NoValue`.
    pub(super) fn resolve(&self, node: &Node) -> Option<Node> {
        match &node.value {
            Value::List(items) => {
                let items = items.iter().filter_map(|item| self.resolve(item)).collect();
                Some(Node::list(&node.place, items))
            }
            Value::Map(entries) => match entries.as_slice() {
                [(name, argument)] if name == "Ref" || name.starts_with("Fn::") => {
                    self.function(name, argument).map(|value| value.at(&node.place))
                }
                _ => {
                    let entries = entries
                        .iter()
                        .filter_map(|(name, value)| Some((name.clone(), self.resolve(value)?)))
                        .collect();
                    Some(Node::map(&node.place, entries))
                }
            },
            _ => Some(node.clone()),
        }
    }

    /// The same, where nothing is as good as an empty text.
    pub(super) fn resolve_value(&self, node: &Node) -> Node {
        self.resolve(node).unwrap_or_else(|| Node::null(&node.place))
    }

    fn function(&self, name: &str, argument: &Node) -> Option<Node> {
        Some(match name {
            "Ref" => return self.reference(argument),
            "Fn::If" => return self.choose(argument),
            "Fn::Sub" => self.substitute(argument),
            "Fn::Join" => self.join(argument),
            "Fn::Select" => self.select(argument),
            "Fn::Split" => self.split(argument),
            "Fn::FindInMap" => self.find_in_map(argument),
            "Fn::GetAtt" => attribute(argument),
            "Fn::ImportValue" => Node::unknown(
                &argument.place,
                "!ImportValue",
                "Fn::ImportValue names an export of another stack",
            ),
            "Fn::Transform" => {
                let name = argument.get("Name").and_then(Node::word).unwrap_or("a macro");
                Node::unknown(
                    &argument.place,
                    "!Transform",
                    format!("Fn::Transform runs {name} when the template is deployed"),
                )
            }
            other => Node::unknown(&argument.place, other, format!("{other} is not resolved by this import")),
        })
    }

    /// `Ref`, also as `${Name}` in `Fn::Sub`.
    pub(super) fn reference(&self, argument: &Node) -> Option<Node> {
        let Some(name) = argument.word() else {
            return Some(Node::mistake(
                &argument.place,
                "!Ref",
                "Ref takes the name of a parameter or resource",
            ));
        };
        if name == "AWS::NoValue" {
            return None;
        }
        Some(self.named(name, argument))
    }

    fn named(&self, name: &str, argument: &Node) -> Node {
        let written = format!("${{{name}}}");
        let unknown = |reason: String| Node::unknown(&argument.place, written.clone(), reason);
        if name.starts_with("AWS::") {
            return unknown(format!("{name} is known only where the stack is deployed"));
        }
        if let Some(parameter) = self.document.get("Parameters").and_then(|all| all.get(name)) {
            return self.parameter(name, parameter, argument);
        }
        let Some(resource) = self.document.get("Resources").and_then(|all| all.get(name)) else {
            return Node::mistake(
                &argument.place,
                written.clone(),
                format!("{name} is neither a parameter nor a resource of this template"),
            );
        };
        let property = match resource.get("Type").and_then(Node::word) {
            Some("AWS::Logs::MetricFilter") => "FilterName",
            Some("AWS::Logs::LogGroup") => "LogGroupName",
            Some("AWS::CloudWatch::Alarm") => "AlarmName",
            _ => {
                return unknown(format!("what Ref {name} gives is known only when the stack is deployed"));
            }
        };
        match resource.get("Properties").and_then(|properties| properties.get(property)) {
            Some(node) => self.once(&format!("Ref {name}"), node, |node| self.resolve_value(node)),
            None => unknown(format!("the name of {name} is chosen when the stack is deployed")),
        }
    }

    fn parameter(&self, name: &str, parameter: &Node, argument: &Node) -> Node {
        let kind = parameter.get("Type").and_then(Node::word).unwrap_or("String");
        let given = self.given.get(name).map(|text| Node::text(&argument.place, text.as_str()));
        let is_stored = kind.starts_with("AWS::SSM::Parameter::Value");
        let default = parameter.get("Default").filter(|_| !is_stored).cloned();
        match given.or(default) {
            None => {
                let what = if is_stored { "is read from Parameter Store" } else { "has no default" };
                Node::unknown(
                    &argument.place,
                    format!("${{{name}}}"),
                    format!("the parameter {name} {what}; give it with --var {name}=VALUE"),
                )
            }
            Some(value) if kind == "CommaDelimitedList" || kind.starts_with("List<") => match value.word() {
                Some(text) => {
                    let items =
                        text.split(',').map(|item| Node::text(&argument.place, item.trim())).collect();
                    Node::list(&argument.place, items)
                }
                None => value,
            },
            Some(value) => value,
        }
    }

    /// Resolves something that may refer to other things, and so to itself.
    pub(super) fn once(&self, name: &str, node: &Node, resolve: impl FnOnce(&Node) -> Node) -> Node {
        if let Some(known) = self.resolved.borrow().get(name) {
            return known.clone();
        }
        let stopped = {
            let busy = self.busy.borrow();
            if let Some(at) = busy.iter().position(|other| other == name) {
                let circle = [&busy[at..], &[name.to_owned()]].concat().join(" -> ");
                Some(format!("it refers to itself: {circle}"))
            } else if busy.len() == MOST_IN_A_ROW {
                Some(format!("more than {MOST_IN_A_ROW} references in a row"))
            } else {
                None
            }
        };
        if let Some(reason) = stopped {
            return Node::mistake(&node.place, name, reason);
        }
        self.busy.borrow_mut().push(name.to_owned());
        let value = resolve(node);
        self.busy.borrow_mut().pop();
        self.resolved.borrow_mut().insert(name.to_owned(), value.clone());
        value
    }
}

fn attribute(argument: &Node) -> Node {
    let parts: Vec<&str> = match argument.items() {
        Some(items) => items.iter().filter_map(Node::word).collect(),
        None => argument.word().into_iter().collect(),
    };
    let written = parts.join(".");
    let reason = format!("what GetAtt {written} gives is known only when the stack is deployed");
    Node::unknown(&argument.place, format!("${{{written}}}"), reason)
}

/// The first of several values that is not known, as the reason for the whole.
pub(super) fn first_unknown<'n>(nodes: impl IntoIterator<Item = &'n Node>) -> Option<&'n Unknown> {
    nodes.into_iter().find_map(Node::as_unknown)
}
