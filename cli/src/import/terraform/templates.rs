//! Texts with `${…}` in them.

use hcl_edit::template::{Element, Template};

use super::super::node::{LONGEST_TEXT, Node, Place};
use super::body::Code;
use super::evaluate::{Evaluator, Scope};

impl Evaluator<'_> {
    /// A text with `${…}` in it; a single one keeps its type.
    pub(super) fn template(&self, template: &Template, place: &Place, code: &Code, names: Scope<'_>) -> Node {
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            return self.evaluate(&only.expr, code, names).at(place);
        }
        let mut text = String::new();
        let mut unknown = None;
        let mut is_stripped = false;
        for element in template {
            match element {
                Element::Literal(literal) => {
                    let literal = literal.value().as_str();
                    text.push_str(if is_stripped { literal.trim_start() } else { literal });
                    is_stripped = false;
                }
                Element::Interpolation(part) => {
                    if part.strip.strip_start() {
                        text.truncate(text.trim_end().len());
                    }
                    is_stripped = part.strip.strip_end();
                    let node = self.evaluate(&part.expr, code, names);
                    match (node.word(), node.as_unknown()) {
                        (Some(word), _) => text.push_str(word),
                        (None, Some(why)) => {
                            text.push_str(&why.text);
                            unknown = unknown.or_else(|| Some(why.reason.clone()));
                        }
                        (None, None) => {
                            let reason = format!("{} cannot stand in a text", node.kind());
                            return Node::mistake(place, code.quote(&part.expr), reason);
                        }
                    }
                }
                Element::Directive(_) => {
                    text.push_str("%{…}");
                    unknown =
                        unknown.or_else(|| Some("template directives (%{…}) are not resolved".to_owned()));
                }
            }
            if text.len() > LONGEST_TEXT {
                break;
            }
        }
        match unknown {
            Some(reason) => Node::unknown(place, text, reason),
            None => Node::text(place, text),
        }
    }
}
