//! Blocks of Terraform code as they are written, whether in HCL or in JSON.

use std::ops::Range;
use std::rc::Rc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block as HclBlock, Body as HclBody, Structure};

use super::super::node::{Node, Place, Problem, Value};

/// The text of a file, to find places and to quote expressions.
#[derive(Debug)]
pub(super) struct Code {
    file: Rc<str>,
    text: String,
    /// The byte at which each line starts.
    lines: Vec<usize>,
    /// Where the text stands, if it is one inside a JSON file.
    inside: Option<Place>,
}

impl Code {
    pub(super) fn new(file: &Rc<str>, text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { file: Rc::clone(file), text: text.to_owned(), lines, inside: None }
    }

    /// A text that is a template, in a JSON file.
    pub(super) fn inside(place: &Place, text: &str) -> Self {
        Self {
            file: Rc::clone(&place.file),
            text: text.to_owned(),
            lines: Vec::new(),
            inside: Some(place.clone()),
        }
    }

    pub(super) fn place(&self, span: Option<Range<usize>>) -> Place {
        if let Some(place) = &self.inside {
            return place.clone();
        }
        let offset = span.map_or(0, |span| span.start).min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        Place { file: Rc::clone(&self.file), line, column: before.chars().count() + 1 }
    }

    /// An expression as it is written, to be named in a text.
    pub(super) fn quote(&self, expression: &impl Span) -> String {
        let written = expression.span().and_then(|span| self.text.get(span)).unwrap_or("…");
        let short: String = written.chars().take(80).collect();
        let end = if short.len() < written.len() { "…" } else { "" };
        format!("${{{short}{end}}}")
    }
}

/// What stands between two braces.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) properties: Vec<Property>,
}

/// An attribute, or all blocks of one name.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) source: Source,
}

#[derive(Debug)]
pub(super) enum Source {
    Hcl(Rc<Code>, Box<Expression>),
    Json(Node),
    Blocks(Vec<Block>),
}

#[derive(Debug)]
pub(super) struct Block {
    pub(super) place: Place,
    pub(super) labels: Vec<String>,
    pub(super) body: Body,
    /// The name that a `dynamic` block makes blocks of.
    pub(super) dynamic: Option<String>,
}

impl Body {
    pub(super) fn get(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    pub(super) fn blocks(&self, name: &str) -> &[Block] {
        match self.get(name).map(|property| &property.source) {
            Some(Source::Blocks(blocks)) => blocks,
            _ => &[],
        }
    }

    pub(super) fn from_hcl(body: HclBody, code: &Rc<Code>) -> Self {
        let mut properties: Vec<Property> = Vec::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => properties.push(Property {
                    name: attribute.key.as_str().to_owned(),
                    place: code.place(attribute.key.span()),
                    source: Source::Hcl(Rc::clone(code), Box::new(attribute.value)),
                }),
                Structure::Block(block) => {
                    let (name, block) = from_block(block, code);
                    let known = properties.iter_mut().find_map(|property| match &mut property.source {
                        Source::Blocks(blocks) if property.name == name => Some(blocks),
                        _ => None,
                    });
                    match known {
                        Some(blocks) => blocks.push(block),
                        None => properties.push(Property {
                            name,
                            place: block.place.clone(),
                            source: Source::Blocks(vec![block]),
                        }),
                    }
                }
            }
        }
        Self { properties }
    }

    /// A block in JSON: a map, in which attributes and blocks look alike.
    pub(super) fn from_json(map: &Node) -> Self {
        let entries = map.entries().unwrap_or_default();
        let properties = entries
            .iter()
            // Comments are written under this key.
            .filter(|(name, _)| name != "//")
            .map(|(name, value)| Property {
                name: name.clone(),
                place: value.place.clone(),
                source: Source::Json(value.clone()),
            })
            .collect();
        Self { properties }
    }
}

fn from_block(block: HclBlock, code: &Rc<Code>) -> (String, Block) {
    let place = code.place(block.ident.span().or_else(|| block.span()));
    let mut labels: Vec<String> = block.labels.iter().map(|label| label.as_str().to_owned()).collect();
    let mut name = block.ident.as_str().to_owned();
    let mut dynamic = None;
    if name == "dynamic" && labels.len() == 1 {
        name = labels.remove(0);
        dynamic = Some(name.clone());
    }
    (name, Block { place, labels, body: Body::from_hcl(block.body, code), dynamic })
}

/// Reads a file of HCL.
pub(super) fn parse(file: &Rc<str>, text: &str) -> Result<Body, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = hcl_edit::parser::parse_body(text).map_err(|error| {
        let at = error.location();
        Problem {
            place: Place { file: Rc::clone(file), line: at.line(), column: at.column() },
            reason: format!("this is no Terraform code: {}", error.message()),
        }
    })?;
    Ok(Body::from_hcl(body, &Rc::new(Code::new(file, text))))
}

/// The maps of a JSON value that is one map or a list of them.
pub(super) fn maps(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::List(items) => items.iter().filter(|item| item.entries().is_some()).collect(),
        Value::Map(_) => vec![node],
        _ => Vec::new(),
    }
}
