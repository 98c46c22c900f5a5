//! `var.x`, `local.x`, `aws_….x.name` and what follows them.

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::super::node::{Node, Place, Value};
use super::body::{Code, Source};
use super::evaluate::{Evaluator, Scope};
use super::instances::Key;
use super::types::{literal, with_defaults};

/// People write five or six.
const MOST_STEPS: usize = 64;

/// One step of a path.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Name(String),
    Index(Node),
    Splat,
}

impl Evaluator<'_> {
    pub(super) fn traverse(
        &self,
        traversal: &Traversal,
        place: &Place,
        code: &Code,
        names: Scope<'_>,
    ) -> Node {
        let written = code.quote(traversal);
        if traversal.operators.len() > MOST_STEPS {
            return Node::mistake(place, written, format!("a path of more than {MOST_STEPS} steps"));
        }
        let mut steps = Vec::new();
        for operator in &traversal.operators {
            steps.push(match operator.value() {
                TraversalOperator::GetAttr(name) => Step::Name(name.value().as_str().to_owned()),
                TraversalOperator::Index(index) => Step::Index(self.evaluate(index, code, names)),
                TraversalOperator::LegacyIndex(index) => {
                    Step::Index(Node::new(place, Value::Number(index.value().to_string())))
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::Splat,
            });
        }
        let Expression::Variable(root) = &traversal.expr else {
            let base = self.evaluate(&traversal.expr, code, names);
            return walk(&base, &steps, place, &written);
        };
        let root = root.value().as_str();
        if let Some(bound) = names.and_then(|names| names.find(root)) {
            return walk(bound, &steps, place, &written);
        }
        let Some((Step::Name(name), rest)) = steps.split_first() else {
            return Node::mistake(place, written, format!("{root} is followed by a name"));
        };
        match root {
            "var" => walk(&self.variable(name, place), rest, place, &written),
            "local" => walk(&self.local(name, place), rest, place, &written),
            "data" | "module" | "path" | "terraform" | "each" | "count" | "self" => {
                let reason = format!("{root}.{name} is known only where the module is applied");
                Node::unknown(place, written, reason)
            }
            kind => self.resource_attribute(kind, name, rest, place, &written),
        }
    }

    fn variable(&self, name: &str, place: &Place) -> Node {
        let Some(variable) = self.module.variables.get(name) else {
            return Node::mistake(
                place,
                format!("${{var.{name}}}"),
                format!(
                    "the variable {name} is not declared in the given files; give the module's whole folder"
                ),
            );
        };
        let value = if let Some(text) = self.given.get(name) {
            Some(given(text, place))
        } else if let Some(property) = self.module.given.get(name) {
            Some(self.once(&format!("var.{name}"), place, || self.source(&property.source, None)))
        } else {
            variable.get("default").map(|default| {
                self.once(&format!("var.{name}"), place, || self.source(&default.source, None))
            })
        };
        match (value, variable.get("type").map(|property| &property.source)) {
            (None, _) => Node::unknown(
                place,
                format!("${{var.{name}}}"),
                format!("the variable {name} has no default; give it with --var {name}=VALUE"),
            ),
            (Some(value), Some(Source::Hcl(_, kind))) => with_defaults(kind, &value),
            (Some(value), _) => value,
        }
    }

    fn local(&self, name: &str, place: &Place) -> Node {
        match self.module.locals.get(name) {
            Some(property) => {
                self.once(&format!("local.{name}"), place, || self.source(&property.source, None))
            }
            None => Node::mistake(
                place,
                format!("${{local.{name}}}"),
                format!("local.{name} is not declared in the given files; give the module's whole folder"),
            ),
        }
    }

    /// `TYPE.NAME.attribute`, `TYPE.NAME[key].attribute` or `TYPE.NAME[*].attribute`.
    fn resource_attribute(
        &self,
        kind: &str,
        name: &str,
        steps: &[Step],
        place: &Place,
        written: &str,
    ) -> Node {
        let Some(resource) = self.module.resource(kind, name) else {
            return Node::mistake(
                place,
                written,
                format!("{kind}.{name} is not declared in the given files; give the module's whole folder"),
            );
        };
        let instances = self.instances(resource);
        let (key, rest) = match steps.split_first() {
            Some((Step::Index(index), rest)) => (Some(index), rest),
            Some((Step::Splat, rest)) => {
                let [Step::Name(attribute), rest @ ..] = rest else {
                    return Node::unknown(place, written, "a whole resource is known only once it is there");
                };
                let all = instances
                    .list
                    .iter()
                    .map(|instance| {
                        let value = self.attribute(resource, instance, attribute, place, written);
                        walk(&value, rest, place, written)
                    })
                    .collect();
                return Node::list(place, all);
            }
            _ => (None, steps),
        };
        let [Step::Name(attribute), rest @ ..] = rest else {
            return Node::unknown(place, written, "a whole resource is known only once it is there");
        };
        let instance = match key {
            None => instances.list.first(),
            Some(index) => match (index.as_unknown(), index.word()) {
                (Some(why), _) => return Node::unknown(place, written, why.reason.clone()),
                (None, Some(word)) => instances.list.iter().find(|instance| match &instance.key {
                    Key::Single => word == "0",
                    Key::Count(at) => at.to_string() == word,
                    Key::Each(key) => key == word,
                    Key::Unknown => true,
                }),
                (None, None) => None,
            },
        };
        match instance {
            Some(instance) => {
                let value = self.attribute(resource, instance, attribute, place, written);
                walk(&value, rest, place, written)
            }
            None => Node::mistake(place, written, format!("{kind}.{name} has no such instance")),
        }
    }

    /// Resolves something that may refer to other things, and so to itself.
    pub(super) fn once(&self, name: &str, place: &Place, resolve: impl FnOnce() -> Node) -> Node {
        if let Some(known) = self.resolved.borrow().get(name) {
            return known.clone();
        }
        let circle = {
            let busy = self.busy.borrow();
            busy.iter()
                .position(|other| other == name)
                .map(|at| [&busy[at..], &[name.to_owned()]].concat().join(" -> "))
        };
        if let Some(circle) = circle {
            return Node::mistake(place, format!("${{{name}}}"), format!("it refers to itself: {circle}"));
        }
        self.busy.borrow_mut().push(name.to_owned());
        let value = resolve();
        self.busy.borrow_mut().pop();
        self.resolved.borrow_mut().insert(name.to_owned(), value.clone());
        value
    }
}

/// What stands at the end of a path.
pub(super) fn walk(from: &Node, steps: &[Step], place: &Place, written: &str) -> Node {
    let Some((step, rest)) = steps.split_first() else { return from.clone() };
    if let Some(why) = from.as_unknown() {
        let text = if matches!(step, Step::Splat) { why.text.clone() } else { written.to_owned() };
        let mut node = Node::unknown(place, text, why.reason.clone());
        if let Value::Unknown(unknown) = &mut node.value {
            unknown.is_mistake = why.is_mistake;
        }
        return node;
    }
    let missing = |what: &str| Node::mistake(place, written, format!("{} has no {what}", from.kind()));
    match step {
        Step::Splat => {
            let items = match &from.value {
                Value::Null => Vec::new(),
                Value::List(items) => items.to_vec(),
                _ => vec![from.clone()],
            };
            Node::list(place, items.iter().map(|item| walk(item, rest, place, written)).collect())
        }
        Step::Name(name) => match from.get(name) {
            Some(node) => walk(node, rest, place, written),
            // A set of blocks has one item mostly, and old code leaves the index out.
            None => missing(name),
        },
        Step::Index(index) => {
            if let Some(why) = index.as_unknown() {
                return Node::unknown(place, written, why.reason.clone());
            }
            let found = match (&from.value, index.word()) {
                (Value::List(items), Some(word)) => word.parse().ok().and_then(|at: usize| items.get(at)),
                // A single block in JSON needs no list around it.
                (Value::Map(_), Some(word)) => from.get(word).or((word == "0").then_some(from)),
                _ => None,
            };
            found.map_or_else(
                || missing(&format!("item {}", index.word().unwrap_or("of that kind"))),
                |node| walk(node, rest, place, written),
            )
        }
    }
}

/// A value of the command line: an expression if it looks like one, as Terraform has it, else a text.
fn given(text: &str, place: &Place) -> Node {
    let is_expression = matches!(text.trim(), "true" | "false" | "null")
        || text.trim_start().starts_with(['[', '{', '"'])
        || text.trim().parse::<f64>().is_ok_and(|number| text.trim() == number.to_string());
    match text.trim().parse::<Expression>() {
        Ok(expression) if is_expression => literal(&expression, &Node::null(place)),
        _ => Node::text(place, text),
    }
}
