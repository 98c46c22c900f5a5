//! Expressions, as far as the module itself says what they give.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{Expression, Object, ObjectKey};

use super::super::node::{Node, Place, Value};
use super::body::{Block, Body, Code, Source};
use super::functions;
use super::module::Module;
use super::operators;

/// Modules that people write take some thousands.
const MOST_STEPS: u64 = 1_000_000;
/// Nested evaluations, through references too: keeps the stack small.
const DEEPEST: usize = 200;

/// A module, asked for values. What was resolved once is remembered.
pub(super) struct Evaluator<'m> {
    pub(super) module: &'m Module,
    pub(super) given: &'m BTreeMap<String, String>,
    pub(super) busy: RefCell<Vec<String>>,
    pub(super) resolved: RefCell<BTreeMap<String, Node>>,
    steps: Cell<u64>,
    depth: Cell<usize>,
}

/// Names that hold in a part of an expression only, such as those of a `for`.
#[derive(Clone, Copy)]
pub(super) struct Names<'n> {
    pub(super) name: &'n str,
    pub(super) value: &'n Node,
    pub(super) outer: Option<&'n Names<'n>>,
}

impl<'n> Names<'n> {
    pub(super) fn find(&self, name: &str) -> Option<&'n Node> {
        if self.name == name { Some(self.value) } else { self.outer?.find(name) }
    }
}

pub(super) type Scope<'n> = Option<&'n Names<'n>>;

impl<'m> Evaluator<'m> {
    pub(super) fn new(module: &'m Module, given: &'m BTreeMap<String, String>) -> Self {
        Self {
            module,
            given,
            busy: RefCell::default(),
            resolved: RefCell::default(),
            steps: Cell::default(),
            depth: Cell::default(),
        }
    }

    /// What a property holds: for blocks, a list of maps.
    pub(super) fn source(&self, source: &Source, names: Scope<'_>) -> Node {
        match source {
            Source::Hcl(code, expression) => self.evaluate(expression, code, names),
            Source::Json(node) => self.json(node, names),
            Source::Blocks(blocks) => self.blocks(blocks, names),
        }
    }

    pub(super) fn body(&self, body: &Body, place: &Place, names: Scope<'_>) -> Node {
        let entries = body
            .properties
            .iter()
            .map(|property| (property.name.clone(), self.source(&property.source, names).at(&property.place)))
            .collect();
        Node::map(place, entries)
    }

    fn blocks(&self, blocks: &[Block], names: Scope<'_>) -> Node {
        let mut items = Vec::new();
        for block in blocks {
            match &block.dynamic {
                Some(name) => items.extend(self.dynamic(name, block, names)),
                None => items.push(self.body(&block.body, &block.place, names)),
            }
        }
        let place = blocks.first().map(|block| block.place.clone());
        place.map_or_else(
            || Node::list(&Place { file: Rc::from(""), line: 1, column: 1 }, Vec::new()),
            |place| Node::list(&place, items),
        )
    }

    /// Each item of a value in JSON; its texts are templates.
    fn json(&self, node: &Node, names: Scope<'_>) -> Node {
        match &node.value {
            Value::Text(text) if text.contains("${") || text.contains("%{") => {
                let code = Code::inside(&node.place, text);
                match hcl_edit::parser::parse_template(text) {
                    Ok(template) => self.template(&template, &node.place, &code, names),
                    Err(error) => Node::mistake(
                        &node.place,
                        text.as_str(),
                        format!("this is no template: {}", error.message()),
                    ),
                }
            }
            Value::List(items) => {
                Node::list(&node.place, items.iter().map(|item| self.json(item, names)).collect())
            }
            Value::Map(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| (key.clone(), self.json(value, names))).collect();
                Node::map(&node.place, entries)
            }
            _ => node.clone(),
        }
    }

    pub(super) fn evaluate(&self, expression: &Expression, code: &Code, names: Scope<'_>) -> Node {
        let place = code.place(hcl_edit::Span::span(expression));
        if self.depth.get() >= DEEPEST {
            return Node::mistake(&place, code.quote(expression), "expressions and references nest too deep");
        }
        if !self.step(1) {
            return Node::mistake(&place, code.quote(expression), "the module takes too long to resolve");
        }
        self.depth.set(self.depth.get() + 1);
        let node = self.dispatch(expression, &place, code, names);
        self.depth.set(self.depth.get() - 1);
        node
    }

    /// Counts work that was done, and says whether there may be more.
    pub(super) fn step(&self, count: usize) -> bool {
        self.steps.set(self.steps.get().saturating_add(count as u64));
        self.steps.get() <= MOST_STEPS
    }

    fn dispatch(&self, expression: &Expression, place: &Place, code: &Code, names: Scope<'_>) -> Node {
        match expression {
            Expression::Null(_) => Node::null(place),
            Expression::Bool(flag) => Node::bool(place, *flag.value()),
            Expression::Number(number) => Node::new(
                place,
                Value::Number(operators::number_text(number.value().as_f64().unwrap_or(f64::NAN))),
            ),
            Expression::String(text) => Node::text(place, text.value().as_str()),
            Expression::Array(items) => {
                Node::list(place, items.iter().map(|item| self.evaluate(item, code, names)).collect())
            }
            Expression::Object(object) => self.object(object, place, code, names),
            Expression::StringTemplate(template) => self.template(template, place, code, names),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, place, code, names),
            Expression::Parenthesis(inner) => self.evaluate(inner.inner(), code, names),
            Expression::Variable(name) => {
                names.and_then(|names| names.find(name.value().as_str())).map_or_else(
                    || {
                        let reason = format!("{} names nothing here", name.value().as_str());
                        Node::mistake(place, code.quote(expression), reason)
                    },
                    |node| node.at(place),
                )
            }
            Expression::Traversal(traversal) => self.traverse(traversal, place, code, names).at(place),
            Expression::Conditional(conditional) => {
                let condition = self.evaluate(&conditional.cond_expr, code, names);
                match (condition.flag(), condition.as_unknown()) {
                    (Some(true), _) => self.evaluate(&conditional.true_expr, code, names),
                    (Some(false), _) => self.evaluate(&conditional.false_expr, code, names),
                    (None, Some(why)) => Node::unknown(place, code.quote(expression), why.reason.clone()),
                    (None, None) => Node::mistake(place, code.quote(expression), "this is no condition"),
                }
            }
            Expression::UnaryOp(operation) => {
                let value = self.evaluate(&operation.expr, code, names);
                operators::unary(*operation.operator.value(), &value, place, &code.quote(expression))
            }
            Expression::BinaryOp(operation) => {
                let left = self.evaluate(&operation.lhs_expr, code, names);
                let right = self.evaluate(&operation.rhs_expr, code, names);
                operators::binary(*operation.operator.value(), &left, &right, place, &code.quote(expression))
            }
            Expression::FuncCall(call) => {
                let name = call.name.name.value().as_str();
                let mut arguments: Vec<Node> =
                    call.args.iter().map(|argument| self.evaluate(argument, code, names)).collect();
                if call.args.expand_final()
                    && let Some(last) = arguments.pop()
                {
                    arguments.extend(last.items().unwrap_or_default().iter().cloned());
                }
                if call.name.is_namespaced() {
                    let reason = format!("{name} is a function of a provider");
                    return Node::unknown(place, code.quote(expression), reason);
                }
                functions::call(self, name, &arguments, place, &code.quote(expression))
            }
            Expression::ForExpr(each) => self.for_each(each, place, code, names),
        }
    }

    fn object(&self, object: &Object, place: &Place, code: &Code, names: Scope<'_>) -> Node {
        let mut entries: Vec<(String, Node)> = Vec::new();
        for (key, value) in object {
            let key = match key {
                ObjectKey::Ident(name) => name.value().as_str().to_owned(),
                ObjectKey::Expression(key) => {
                    let node = self.evaluate(key, code, names);
                    match node.word() {
                        Some(word) => word.to_owned(),
                        // The entry is there, under whatever name.
                        None => code.quote(key),
                    }
                }
            };
            entries.push((key, self.evaluate(value.expr(), code, names)));
        }
        Node::map(place, entries)
    }
}
