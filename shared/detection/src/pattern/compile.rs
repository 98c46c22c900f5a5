//! From the syntax tree of a pattern to the model.

use super::ast::{Condition, Node, Operand, PatternTest, Text};
use crate::model::{Anchor, Asks, Expr, Predicate, Reads, Test, TextTest};

/// What a pattern means. The questions that AWS leaves open are decided here; the answers, with
/// their reasons, stand in `docs/filter-patterns.md`.
pub(super) fn compile(node: &Node) -> Expr {
    match node {
        Node::All(parts) => Expr::All(parts.iter().map(compile).collect()),
        Node::Any(parts) => Expr::Any(parts.iter().map(compile).collect()),
        Node::Test(test) => compile_test(test),
    }
}

fn compile_test(test: &PatternTest) -> Expr {
    let (asks, predicate) = match &test.condition {
        Condition::Equals(operand) => (Asks::ForOne, compile_operand(operand)),
        Condition::Differs(operand) => (Asks::ForAnother, compile_operand(operand)),
        Condition::Compare(order, limit) => {
            (Asks::ForOne, Predicate::Compare { order: *order, limit: *limit, in_strings: false })
        }
        Condition::IsNull => (Asks::ForOne, Predicate::Null),
        Condition::IsTrue => (Asks::ForOne, Predicate::Bool(true)),
        Condition::IsFalse => (Asks::ForOne, Predicate::Bool(false)),
        Condition::NotExists => (Asks::ForOne, Predicate::Exists),
    };
    let expr = Expr::test(Test { path: test.selector.clone(), asks, predicate });
    // Only the absence is asked for as a negation. `!=` is not one: of a field that is absent
    // every comparison is false.
    if matches!(test.condition, Condition::NotExists) { expr.negated() } else { expr }
}

fn compile_operand(operand: &Operand) -> Predicate {
    match operand {
        Operand::Anything => Predicate::Text(TextTest::literal("", Anchor::Within, false, Reads::Numbers)),
        Operand::Text(text) => Predicate::Text(compile_text(text)),
        Operand::Number(number) => Predicate::Number { value: number.value, text: number.text.clone() },
        Operand::Regex(regex) => {
            Predicate::Text(TextTest::Regex { regex: regex.clone().into(), reads: Reads::Strings })
        }
    }
}

fn compile_text(text: &Text) -> TextTest {
    let anchor = match (text.open_start, text.open_end) {
        (false, false) => Anchor::Whole,
        (false, true) => Anchor::Start,
        (true, false) => Anchor::End,
        (true, true) => Anchor::Within,
    };
    // CloudTrail has booleans that are strings and strings that could be booleans; a word without
    // quotes may mean either.
    let reads = if text.bare { Reads::Booleans } else { Reads::Strings };
    TextTest::literal(&text.text, anchor, false, reads)
}
