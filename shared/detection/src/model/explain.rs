//! Why a record matches or does not: the tree with each test's verdict and what it found.

use serde_json::Value;

use super::asked::Asked;
use super::evaluate::{Answer, Document, answer, evaluate};
use super::{Expr, Path, Test};

/// Of the values that a path led to, so many are kept. A rule can have a great many tests, each of
/// which may look at everything there is in a record.
const MOST_FOUND: usize = 8;

/// A node of the tree, with its verdict on one record.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation<'v> {
    /// What it asks.
    pub node: Node<'v>,
    /// Whether it holds.
    pub holds: bool,
    /// Its parts; none, if it is a test.
    pub parts: Vec<Explanation<'v>>,
}

/// What a node asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'v> {
    /// That all of its parts hold.
    All,
    /// That one of its parts holds.
    Any,
    /// That its one part does not hold.
    Not,
    /// A test.
    Test(Tested<'v>),
}

/// A test, and what its path led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested<'v> {
    /// The test in words.
    pub text: String,
    /// Its path.
    pub path: String,
    /// What its path led to, the values that meet the test first. Nothing: the field is absent.
    pub found: Vec<Found<'v>>,
    /// How many more values there were.
    pub more: usize,
    /// Where the path broke off, if it led to nothing, and what stands there.
    pub broke_off: Option<(String, &'v Value)>,
}

/// A value that a path led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'v> {
    /// The steps that led to it, as `$.resources[0].ARN`.
    pub place: String,
    /// The value.
    pub value: &'v Value,
    /// What the test says of it.
    pub answer: Answer,
    /// Whether it makes the test true.
    pub meets: bool,
}

/// Explains the verdict of `expr` on `document`. Every test is asked, those too that no longer
/// matter.
pub fn explain<'v>(expr: &Expr, document: Document<'v>) -> Explanation<'v> {
    let (node, parts) = match expr {
        Expr::All(parts) => (Node::All, parts.as_slice()),
        Expr::Any(parts) => (Node::Any, parts.as_slice()),
        Expr::Not(part) => (Node::Not, std::slice::from_ref(part.as_ref())),
        Expr::Test(test) => (Node::Test(tested(test, document)), [].as_slice()),
    };
    Explanation {
        node,
        holds: evaluate(expr, document),
        parts: parts.iter().map(|part| explain(part, document)).collect(),
    }
}

impl<'v> Explanation<'v> {
    /// The tests that decided: while these come out as they did, so does the whole.
    pub fn deciding(&self) -> Vec<&Tested<'v>> {
        match &self.node {
            Node::Test(test) => vec![test],
            Node::Not => self.parts.iter().flat_map(Self::deciding).collect(),
            // One part that fails decides `all of`, one that holds `any of`; otherwise all did.
            Node::All | Node::Any => {
                self.parts.iter().filter(|part| part.holds == self.holds).flat_map(Self::deciding).collect()
            }
        }
    }
}

fn tested<'v>(test: &Test, document: Document<'v>) -> Tested<'v> {
    let asked = Asked::new(document);
    let (mut meeting, mut others, mut seen) = (Vec::new(), Vec::new(), 0);
    test.path.visit(document.value, &mut |value, trail| {
        seen += 1;
        let answer = answer(&test.predicate, value, trail, &asked);
        let meets = test.is_met_by(value, answer);
        let kept = if meets { &mut meeting } else { &mut others };
        if kept.len() < MOST_FOUND {
            let steps: String = trail.iter().map(ToString::to_string).collect();
            kept.push(Found { place: format!("${steps}"), value, answer, meets });
        }
        false
    });
    let mut found = meeting;
    found.append(&mut others);
    found.truncate(MOST_FOUND);
    let broke_off = if found.is_empty() { broke_off(&test.path, document.value) } else { None };
    Tested { text: test.to_string(), path: test.path.to_string(), more: seen - found.len(), found, broke_off }
}

/// The longest part of `path` that leads somewhere, and what it leads to first.
fn broke_off<'v>(path: &Path, record: &'v Value) -> Option<(String, &'v Value)> {
    let steps = path.steps();
    (1..steps.len()).rev().find_map(|length| {
        let part = Path::new(steps[..length].to_vec());
        part.first(record).map(|value| (part.to_string(), value))
    })
}
