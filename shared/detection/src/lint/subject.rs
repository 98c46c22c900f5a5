//! A rule in the words in which it was written.

use super::finding::Spot;
use super::tree::Leaf;
use crate::model::{Anchor, Order, Predicate, Step, TextTest};
use crate::pattern::{Condition, Node, Operand, Pattern, PatternTest};
use crate::rule::Rule;

/// Messages quote no more of a test than this.
const LONGEST_QUOTE: usize = 80;

/// A rule that is looked at.
pub(super) struct Subject<'r> {
    pattern: Option<&'r Pattern>,
    /// The tests of a filter pattern, from the left.
    tests: Vec<&'r PatternTest>,
    /// The text in which a Sigma rule stands, and the same in lower case.
    text: &'r str,
    lower: String,
}

impl<'r> Subject<'r> {
    /// A rule, and the text in which it stands if it is Sigma.
    pub(super) fn of(rule: &'r Rule, text: &'r str) -> Self {
        match rule {
            Rule::Pattern(pattern) => {
                Self { pattern: Some(pattern), tests: tests_of(pattern), text, lower: String::new() }
            }
            Rule::Sigma(_) => {
                Self { pattern: None, tests: Vec::new(), text, lower: text.to_ascii_lowercase() }
            }
        }
    }

    pub(super) fn is_pattern(&self) -> bool {
        self.pattern.is_some()
    }

    pub(super) fn tests(&self) -> &[&'r PatternTest] {
        &self.tests
    }

    /// Where the test of a leaf stands.
    pub(super) fn spot(&self, leaf: &Leaf<'_>) -> Spot {
        match self.tests.get(leaf.at) {
            Some(test) => Spot::Offset(test.offset),
            None => Spot::Words(vec![name(leaf)]),
        }
    }

    /// Where a value of that test stands.
    pub(super) fn spot_of_value(&self, leaf: &Leaf<'_>, value: &str) -> Spot {
        match (self.pattern, self.tests.get(leaf.at)) {
            (Some(pattern), Some(test)) => {
                let behind = pattern.as_str()[test.offset..].find(value).unwrap_or(0);
                Spot::Offset(test.offset + behind)
            }
            _ => Spot::Words(vec![name(leaf), value.to_owned()]),
        }
    }

    /// The field of a leaf, as it is written.
    pub(super) fn field(&self, leaf: &Leaf<'_>) -> String {
        if self.is_pattern() { leaf.path.to_string() } else { name(leaf) }
    }

    /// A field of the table in the same notation.
    pub(super) fn notation(&self, path: &str) -> String {
        if self.is_pattern() { format!("$.{}", path.replace("[]", "[*]")) } else { path.replace("[]", "") }
    }

    /// A value as it is written: of a Sigma rule only lower case may be left.
    pub(super) fn spelled(&self, value: &str) -> String {
        if self.is_pattern() || value.is_empty() {
            return value.to_owned();
        }
        match self.lower.find(&value.to_ascii_lowercase()) {
            Some(at) => self.text.get(at..at + value.len()).unwrap_or(value).to_owned(),
            None => value.to_owned(),
        }
    }

    /// The test of a leaf, as it is written.
    pub(super) fn quote(&self, leaf: &Leaf<'_>) -> String {
        if let Some(test) = self.tests.get(leaf.at) {
            return shortened(&pattern_test(test));
        }
        let not = if leaf.holds { "" } else { "not " };
        shortened(&format!("{not}{}: {}", name(leaf), self.sigma_value(&leaf.test.predicate)))
    }

    fn sigma_value(&self, predicate: &Predicate) -> String {
        match predicate {
            Predicate::Text(TextTest::Literal { text, anchor, .. }) => {
                let text = self.spelled(text);
                match anchor {
                    Anchor::Whole => text,
                    Anchor::Start => format!("{text}*"),
                    Anchor::End => format!("*{text}"),
                    Anchor::Within => format!("*{text}*"),
                }
            }
            Predicate::Text(TextTest::Regex { regex, .. }) => regex.to_string(),
            Predicate::OneOf(predicates) => {
                let first = predicates.first().map_or_else(String::new, |first| self.sigma_value(first));
                format!("{first} and {} more", predicates.len().saturating_sub(1))
            }
            other => other.to_string(),
        }
    }
}

/// The field of a leaf as Sigma writes it.
fn name(leaf: &Leaf<'_>) -> String {
    let names = leaf.path.steps().iter().map(|step| match step {
        Step::Field(name) => name.as_str(),
        _ => "*",
    });
    names.collect::<Vec<_>>().join(".")
}

fn tests_of(pattern: &Pattern) -> Vec<&PatternTest> {
    fn collect<'p>(node: &'p Node, found: &mut Vec<&'p PatternTest>) {
        match node {
            Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| collect(part, found)),
            Node::Test(test) => found.push(test),
        }
    }
    let mut found = Vec::new();
    collect(pattern.syntax(), &mut found);
    found
}

fn pattern_test(test: &PatternTest) -> String {
    let selector = &test.selector;
    match &test.condition {
        Condition::Equals(value) => format!("{selector} = {}", operand(value)),
        Condition::Differs(value) => format!("{selector} != {}", operand(value)),
        Condition::Compare(order, limit) => {
            let sign = match order {
                Order::Less => "<",
                Order::AtMost => "<=",
                Order::Greater => ">",
                Order::AtLeast => ">=",
            };
            format!("{selector} {sign} {limit}")
        }
        Condition::IsNull => format!("{selector} IS NULL"),
        Condition::IsTrue => format!("{selector} IS TRUE"),
        Condition::IsFalse => format!("{selector} IS FALSE"),
        Condition::NotExists => format!("{selector} NOT EXISTS"),
    }
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Anything => "\"*\"".to_owned(),
        Operand::Text(text) => {
            let quote = if text.bare { "" } else { "\"" };
            let star = |is_open: bool| if is_open { "*" } else { "" };
            format!("{quote}{}{}{}{quote}", star(text.open_start), text.text, star(text.open_end))
        }
        Operand::Number(number) => number.text.clone(),
        Operand::Regex(regex) => format!("%{regex}%"),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST_QUOTE {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST_QUOTE).collect();
    format!("{start}…")
}
