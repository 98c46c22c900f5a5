//! What all detectors of a load may take together: each may be sound, and a thousand too much.

use crate::detector::Detector;
use crate::model::{Expr, Expression, Predicate, TextTest};

/// Regular expressions. Each may take half a megabyte once it is used; published rules have one in
/// ten, if any.
const MOST_EXPRESSIONS: usize = 500;
/// Bytes of values, roughly.
const MOST_BYTES: usize = 128 << 20;
/// A value with what stands around it in the model.
const VALUE: usize = 256;

/// What has been taken.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    expressions: usize,
    bytes: usize,
}

impl Allowance {
    /// Takes a detector that was loaded.
    pub(super) fn take(&mut self, detector: &Detector) {
        let rules = detector.exclusions.iter().map(|exclusion| &exclusion.rule).chain([&detector.rule]);
        for rule in rules {
            self.expr(rule.expr());
        }
    }

    /// Why no more is loaded, if so.
    pub(super) fn exhausted(&self) -> Option<String> {
        if self.expressions > MOST_EXPRESSIONS {
            Some(format!(
                "the detectors before this one have more than {MOST_EXPRESSIONS} regular expressions: use fewer, or \
                 fewer detectors at once"
            ))
        } else if self.bytes > MOST_BYTES {
            Some("the detectors before this one add up to more than 128 MiB: use fewer at once".to_owned())
        } else {
            None
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| self.expr(part)),
            Expr::Not(part) => self.expr(part),
            Expr::Test(test) => self.predicate(&test.predicate),
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        self.bytes += VALUE;
        match predicate {
            Predicate::OneOf(predicates) => predicates.iter().for_each(|predicate| self.predicate(predicate)),
            Predicate::Time { predicate, .. } => self.predicate(predicate),
            Predicate::Text(TextTest::Literal { text, .. }) => self.bytes += text.len(),
            Predicate::Text(TextTest::Regex { regex: Expression::Regex(_), .. }) => self.expressions += 1,
            _ => {}
        }
    }
}
