//! `count` and `for_each`: how many there are of a resource.

use hcl_edit::expr::Expression;

use super::super::node::{Node, Place, Value};
use super::body::{Block, Property, Source};
use super::evaluate::{Evaluator, Names, Scope};
use super::loops::pairs;
use super::module::ResourceBlock;

/// More than any account may have of either resource in a log group or module.
const MOST: u32 = 1_000;

/// The instances of a resource.
#[derive(Debug, Clone)]
pub(super) struct Instances {
    pub(super) list: Vec<Instance>,
    /// What could not be resolved about their number, or why there is none.
    pub(super) remark: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) key: Key,
    /// What `each` or `count` is in it.
    bound: Option<(&'static str, Node)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Single,
    Count(usize),
    Each(String),
    /// It stands for however many there are.
    Unknown,
}

impl Key {
    /// The key in an address.
    pub(super) fn suffix(&self) -> String {
        match self {
            Self::Single => String::new(),
            Self::Count(at) => format!("[{at}]"),
            Self::Each(key) => format!("[{key:?}]"),
            Self::Unknown => "[…]".to_owned(),
        }
    }
}

impl Evaluator<'_> {
    pub(super) fn instances(&self, resource: &ResourceBlock) -> Instances {
        if let Some(count) = resource.body.get("count") {
            self.counted(resource, count)
        } else if let Some(each) = resource.body.get("for_each") {
            self.each(resource, each)
        } else {
            Instances { list: vec![Instance { key: Key::Single, bound: None }], remark: None }
        }
    }

    fn counted(&self, resource: &ResourceBlock, count: &Property) -> Instances {
        let (value, assumed) = self.number_of(resource, count, "count");
        let index = |node: Node| Some(("count", Node::map(&count.place, vec![("index".to_owned(), node)])));
        match value.number() {
            Some(number) if number >= 0.0 && number <= f64::from(MOST) => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to MOST")]
                let number = number as usize;
                let list = (0..number)
                    .map(|at| Instance {
                        key: Key::Count(at),
                        bound: index(Node::new(&count.place, Value::Number(at.to_string()))),
                    })
                    .collect();
                Instances { list, remark: assumed.or_else(|| none_if(number == 0, "count is 0")) }
            }
            _ => {
                let reason = why(&value, "count is no whole number from 0 to what one import takes");
                let node = Node::unknown(
                    &count.place,
                    "${count.index}",
                    format!("count cannot be resolved: {reason}"),
                );
                Instances {
                    list: vec![Instance { key: Key::Unknown, bound: index(node) }],
                    remark: Some(format!("cannot be resolved and is taken as 1: {reason}")),
                }
            }
        }
    }

    fn each(&self, resource: &ResourceBlock, each: &Property) -> Instances {
        let (value, assumed) = self.number_of(resource, each, "for_each");
        let bound = |key: Node, value: Node| {
            Some(("each", Node::map(&each.place, vec![("key".to_owned(), key), ("value".to_owned(), value)])))
        };
        let is_map = value.entries().is_some();
        if value.as_unknown().is_none() && (is_map || value.items().is_some()) {
            let mut list = Vec::new();
            for (key, item) in pairs(&value, &each.place).into_iter().take(MOST as usize) {
                // A set's items are their own keys.
                let key = if is_map { key } else { item.clone() };
                match key.word() {
                    Some(word) => list
                        .push(Instance { key: Key::Each(word.to_owned()), bound: bound(key.clone(), item) }),
                    None => list.push(Instance { key: Key::Unknown, bound: bound(key, item) }),
                }
            }
            let remark = assumed.or_else(|| none_if(list.is_empty(), "for_each is empty"));
            return Instances { list, remark };
        }
        let reason = why(&value, "for_each is neither a map nor a set");
        let unknown = |what: &str| {
            Node::unknown(
                &each.place,
                format!("${{each.{what}}}"),
                format!("for_each cannot be resolved: {reason}"),
            )
        };
        Instances {
            list: vec![Instance { key: Key::Unknown, bound: bound(unknown("key"), unknown("value")) }],
            remark: Some(format!("cannot be resolved: {reason}")),
        }
    }

    /// The value of `count` or `for_each`. Of `condition ? something : nothing`, the usual switch, it
    /// is `something` where the condition cannot be resolved, with a remark.
    fn number_of(&self, resource: &ResourceBlock, property: &Property, what: &str) -> (Node, Option<String>) {
        let name = format!("{}.{what}", resource.address());
        let value = self.once(&name, &property.place, || self.source(&property.source, None));
        let (Some(why), Source::Hcl(code, expression)) = (value.as_unknown(), &property.source) else {
            return (value, None);
        };
        let mut expression = expression.as_ref();
        while let Expression::Parenthesis(inner) = expression {
            expression = inner.inner();
        }
        let Expression::Conditional(switch) = expression else { return (value, None) };
        let then = self.evaluate(&switch.true_expr, code, None);
        let otherwise = self.evaluate(&switch.false_expr, code, None);
        let remark = Some(format!("cannot be resolved and is taken as switched on: {}", why.reason));
        match (is_nothing(&then), is_nothing(&otherwise)) {
            (false, true) if then.as_unknown().is_none() => (then, remark),
            (true, false) if otherwise.as_unknown().is_none() => (otherwise, remark),
            _ => (value, None),
        }
    }

    /// Asks for something within an instance.
    pub(super) fn within<T>(instance: &Instance, ask: impl FnOnce(Scope<'_>) -> T) -> T {
        match &instance.bound {
            Some((name, value)) => ask(Some(&Names { name, value, outer: None })),
            None => ask(None),
        }
    }

    /// An attribute of one instance, as far as the module says what it is.
    pub(super) fn attribute(
        &self,
        resource: &ResourceBlock,
        instance: &Instance,
        attribute: &str,
        place: &Place,
        written: &str,
    ) -> Node {
        // The provider sets these to the name.
        let attribute = match (resource.kind.as_str(), attribute) {
            ("aws_cloudwatch_log_metric_filter" | "aws_cloudwatch_log_group", "id") => "name",
            ("aws_cloudwatch_metric_alarm", "id") => "alarm_name",
            (_, attribute) => attribute,
        };
        let Some(property) = resource.body.get(attribute) else {
            return Node::unknown(
                place,
                written,
                format!("{attribute} is known only once the resource is there"),
            );
        };
        let name = format!("{}{}.{attribute}", resource.address(), instance.key.suffix());
        self.once(&name, place, || Self::within(instance, |names| self.source(&property.source, names)))
    }

    /// What a `dynamic` block makes.
    pub(super) fn dynamic(&self, name: &str, block: &Block, names: Scope<'_>) -> Vec<Node> {
        let place = &block.place;
        let Some(each) = block.body.get("for_each") else { return Vec::new() };
        let Some(content) = block.body.blocks("content").first() else { return Vec::new() };
        let collection = self.source(&each.source, names);
        if let Some(why) = collection.as_unknown() {
            return vec![Node::unknown(place, why.text.clone(), why.reason.clone())];
        }
        let iterator = match block.body.get("iterator").map(|property| &property.source) {
            Some(Source::Hcl(_, expression)) => {
                expression.as_variable().map_or(name, |name| name.as_str()).to_owned()
            }
            _ => name.to_owned(),
        };
        pairs(&collection, place)
            .into_iter()
            .take(MOST as usize)
            .map(|(key, value)| {
                let bound = Node::map(place, vec![("key".to_owned(), key), ("value".to_owned(), value)]);
                let names = Names { name: &iterator, value: &bound, outer: names };
                self.body(&content.body, place, Some(&names))
            })
            .collect()
    }
}

fn none_if(is_none: bool, what: &str) -> Option<String> {
    is_none.then(|| format!("not created, as {what}; give the variables it asks for with --var NAME=VALUE"))
}

fn why(value: &Node, otherwise: &str) -> String {
    value.as_unknown().map_or_else(|| otherwise.to_owned(), |why| why.reason.clone())
}

fn is_nothing(value: &Node) -> bool {
    value.number() == Some(0.0)
        || value.items().is_some_and(<[Node]>::is_empty)
        || value.entries().is_some_and(<[(String, Node)]>::is_empty)
}
