//! YAML into nodes, with the short forms of CloudFormation. JSON is YAML, so it comes this way too
//! and has places as well.
//!
//! serde-saphyr drops tags that it does not know, so this reads the events of the parser below it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::node::{Node, Place, Problem, Value};

/// Values in a file, those that aliases repeat included. 64 bytes of text count as one.
const MOST_VALUES: usize = 500_000;
/// Templates nest a dozen deep.
const DEEPEST: usize = 100;

/// The documents of a file.
pub(super) fn parse(text: &str, file: &Rc<str>) -> Result<Vec<Node>, Problem> {
    let options = granit_parser::options! { flow_nesting_limit: DEEPEST, block_nesting_limit: DEEPEST };
    let mut builder = Builder::new(Rc::clone(file));
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((event, span)) => builder.take(event, span)?,
            Err(error) => {
                let place = Place {
                    file: Rc::clone(file),
                    line: error.marker().line(),
                    column: error.marker().col() + 1,
                };
                return Err(Problem { place, reason: format!("this is no YAML: {}", error.info()) });
            }
        }
    }
    Ok(builder.documents)
}

/// Strict JSON, which YAML alone would not insist on.
pub(super) fn parse_json(text: &str, file: &Rc<str>) -> Result<Vec<Node>, Problem> {
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let place = Place { file: Rc::clone(file), line: error.line().max(1), column: error.column().max(1) };
        let words = error.to_string();
        let end = words.rfind(" at line ").unwrap_or(words.len());
        return Err(Problem { place, reason: format!("this is no JSON: {}", &words[..end]) });
    }
    parse(text, file)
}

/// A list or map that is not at its end yet.
struct Open {
    place: Place,
    tag: Option<String>,
    anchor: usize,
    /// What it and everything in it counts.
    weight: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<(String, Node)>, seen: BTreeSet<String>, key: Option<(String, Place)> },
}

struct Builder {
    file: Rc<str>,
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, usize)>,
    values: usize,
}

impl Builder {
    fn new(file: Rc<str>) -> Self {
        Self { file, documents: Vec::new(), open: Vec::new(), anchors: BTreeMap::new(), values: 0 }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let place =
            Place { file: Rc::clone(&self.file), line: span.start.line(), column: span.start.col() + 1 };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let weight = 1 + text.len() / 64;
                let value = scalar(text.into_owned(), style, tag.as_deref());
                let node = tagged(Node::new(&place, value), short_form(tag.as_deref()));
                self.add(node, anchor, weight)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some((node, weight)) => {
                    let (node, weight) = (node.at(&place), *weight);
                    self.add(node, 0, weight)
                }
                None => {
                    Err(Problem { place, reason: "this alias refers to something that contains it".into() })
                }
            },
            Event::SequenceStart(_, anchor, tag) => {
                self.open(place, tag.as_deref(), anchor, Content::List(Vec::new()));
                Ok(())
            }
            Event::MappingStart(_, anchor, tag) => {
                let content = Content::Map { entries: Vec::new(), seen: BTreeSet::new(), key: None };
                self.open(place, tag.as_deref(), anchor, content);
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            _ => Ok(()),
        }
    }

    fn open(&mut self, place: Place, tag: Option<&Tag>, anchor: usize, content: Content) {
        self.open.push(Open { place, tag: short_form(tag), anchor, weight: 1, content });
    }

    fn close(&mut self) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.content {
            Content::List(items) => Value::List(Rc::new(items)),
            Content::Map { entries, .. } => Value::Map(Rc::new(entries)),
        };
        // What is in it has been counted already.
        self.values -= open.weight - 1;
        self.add(tagged(Node::new(&open.place, value), open.tag), open.anchor, open.weight)
    }

    fn add(&mut self, node: Node, anchor: usize, weight: usize) -> Result<(), Problem> {
        self.values += weight;
        if self.values > MOST_VALUES {
            let reason = format!("more than {MOST_VALUES} values, those that aliases repeat included");
            return Err(Problem { place: node.place, reason });
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        open.weight += weight;
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, seen, key } => {
                if let Some((name, place)) = key.take() {
                    // What is under a key is looked for where the key is.
                    entries.push((name, node.at(&place)));
                    return Ok(());
                }
                let name = if node.is_null() { Some("null") } else { node.word() };
                let Some(name) = name.map(str::to_owned) else {
                    return Err(Problem { place: node.place, reason: "a key is a text".into() });
                };
                if !seen.insert(name.clone()) {
                    let reason = format!("the key {name:?} stands twice here");
                    return Err(Problem { place: node.place, reason });
                }
                *key = Some((name, node.place));
            }
        }
        Ok(())
    }
}

fn scalar(text: String, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    // Without quotes and tag, a word has the type that it looks like.
    if style != ScalarStyle::Plain || tag.is_some() {
        return Value::Text(text);
    }
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        word if is_number(word) => Value::Number(text),
        _ => Value::Text(text),
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        && word.parse::<f64>().is_ok_and(f64::is_finite)
}

/// `!Ref` for `Ref`, `!Sub` for `Fn::Sub` and so on; tags of YAML itself are none.
fn short_form(tag: Option<&Tag>) -> Option<String> {
    let tag = tag.filter(|tag| tag.is_custom() && tag.handle() == "!" && !tag.suffix().is_empty())?;
    Some(match tag.suffix() {
        word @ ("Ref" | "Condition") => word.to_owned(),
        word => format!("Fn::{word}"),
    })
}

fn tagged(node: Node, short_form: Option<String>) -> Node {
    match short_form {
        Some(name) => Node::map(&node.place.clone(), vec![(name, node)]),
        None => node,
    }
}

#[cfg(test)]
mod tests;
