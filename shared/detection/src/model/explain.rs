//! Why a record matches or does not: the tree with each test's verdict and what it found.

use serde_json::Value;

use super::evaluate::{Answer, Document, answer, evaluate};
use super::{Expr, Test};

/// A node of the tree, with its verdict on one record.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What it asks: a test, or how its parts are joined.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// For a test, what its path led to. Nothing: the field is absent.
    pub found: Option<Vec<Found>>,
    /// For a node, its parts.
    pub parts: Vec<Explanation>,
}

/// A value that a path led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The steps that led to it, as `$.resources[0].ARN`.
    pub place: String,
    /// The value.
    pub value: Value,
    /// What the test says of it.
    pub answer: Answer,
}

/// Explains the verdict of `expr` on `document`. Every test is asked, those too that no longer
/// matter.
pub fn explain(expr: &Expr, document: Document<'_>) -> Explanation {
    let node = |text: &str, parts: &[Expr]| Explanation {
        text: text.to_owned(),
        holds: evaluate(expr, document),
        found: None,
        parts: parts.iter().map(|part| explain(part, document)).collect(),
    };
    match expr {
        Expr::All(parts) => node("all of", parts),
        Expr::Any(parts) => node("any of", parts),
        Expr::Not(part) => node("not", std::slice::from_ref(part)),
        Expr::Test(test) => Explanation {
            text: test.to_string(),
            holds: evaluate(expr, document),
            found: Some(found(test, document)),
            parts: Vec::new(),
        },
    }
}

fn found(test: &Test, document: Document<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    test.path.visit(document.value, &mut |value, trail| {
        let steps: String = trail.iter().map(ToString::to_string).collect();
        found.push(Found {
            place: format!("${steps}"),
            value: value.clone(),
            answer: answer(&test.predicate, value, trail, document),
        });
        false
    });
    found
}
