//! `Fn::Sub`: a text with `${Name}` in it.

use super::super::node::Node;
use super::functions::{concatenate, wrong};
use super::resolve::Template;

impl Template<'_> {
    /// `Fn::Sub: text`, or `Fn::Sub: [text, { Name: value }]`.
    pub(super) fn substitute(&self, argument: &Node) -> Node {
        let (text, own) = match argument.items() {
            Some([text, own]) => (text, Some(own)),
            Some([text]) => (text, None),
            Some(_) => return wrong(argument, "Fn::Sub takes a text, and perhaps a map"),
            None => (argument, None),
        };
        let Some(text) = text.word() else { return wrong(argument, "Fn::Sub takes a text") };
        let own: Vec<(&str, Node)> = own
            .and_then(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|(name, value)| (name.as_str(), self.resolve_value(value)))
            .collect();
        let pieces: Vec<Node> = pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => Node::text(&argument.place, text),
                Piece::Name(name) => self.variable(name.trim(), &own, argument),
            })
            .collect();
        concatenate(argument, &pieces, "")
    }

    fn variable(&self, name: &str, own: &[(&str, Node)], argument: &Node) -> Node {
        if let Some((_, value)) = own.iter().find(|(other, _)| *other == name) {
            return value.clone();
        }
        if let Some((resource, _)) = name.split_once('.') {
            let reason = format!("what GetAtt {name} gives is known only when {resource} is deployed");
            return Node::unknown(&argument.place, format!("${{{name}}}"), reason);
        }
        let named = Node::text(&argument.place, name);
        self.reference(&named).unwrap_or_else(|| Node::text(&argument.place, ""))
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(String),
    Name(&'t str),
}

/// `${Name}` is a name, `${!Name}` the text `${Name}`.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let inner = &rest[start + 2..start + length];
        plain.push_str(&rest[..start]);
        if let Some(literal) = inner.strip_prefix('!') {
            plain.push_str("${");
            plain.push_str(literal);
            plain.push('}');
        } else {
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Name(inner));
        }
        rest = &rest[start + length + 1..];
    }
    plain.push_str(rest);
    if !plain.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_text() {
        let text = |text: &str| Piece::Text(text.to_owned());
        for (from, expected) in [
            ("", vec![text("")]),
            ("a", vec![text("a")]),
            ("${A}", vec![Piece::Name("A")]),
            ("a${B}c", vec![text("a"), Piece::Name("B"), text("c")]),
            ("${A}${B}", vec![Piece::Name("A"), Piece::Name("B")]),
            ("{ $.a = \"${!B}\" }", vec![text("{ $.a = \"${B}\" }")]),
            ("${A", vec![text("${A")]),
            ("$.a ${AWS::Region}", vec![text("$.a "), Piece::Name("AWS::Region")]),
        ] {
            assert_eq!(pieces(from), expected, "{from}");
        }
    }
}
