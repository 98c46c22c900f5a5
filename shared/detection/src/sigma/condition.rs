//! From the condition and its search identifiers to one expression.

use std::collections::BTreeSet;

use rsigma_parser::{ConditionExpr, Detections, Quantifier, SelectorPattern};

use super::budget::Budget;
use super::{Lists, SigmaError, detection};
use crate::model::Expr;

/// A condition may name the same large search again and again; what it adds up to is bounded.
const MOST_TESTS: usize = 100_000;

/// The rule's expression, and the search identifiers that no condition names.
pub(super) fn compile(detections: &Detections, lists: &Lists) -> Result<(Expr, Vec<String>), SigmaError> {
    let mut compiler = Compiler { detections, budget: Budget::new(lists), used: BTreeSet::new(), tests: 0 };
    let mut conditions = detections
        .conditions
        .iter()
        .map(|condition| compiler.expr(condition))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.or_about("condition"))?;
    let unused = detections.named.keys().filter(|name| !compiler.used.contains(name.as_str()));
    let unused: BTreeSet<String> = unused.cloned().collect();
    // What is never used is not run, but it has to be sound: its author may think that it is.
    for name in &unused {
        compiler.search(name)?;
    }
    let expr = if conditions.len() == 1 { conditions.remove(0) } else { Expr::Any(conditions) };
    Ok((expr, unused.into_iter().collect()))
}

struct Compiler<'r> {
    detections: &'r Detections,
    budget: Budget<'r>,
    used: BTreeSet<String>,
    tests: usize,
}

impl Compiler<'_> {
    fn expr(&mut self, condition: &ConditionExpr) -> Result<Expr, SigmaError> {
        Ok(match condition {
            ConditionExpr::And(parts) => Expr::All(self.each(parts)?),
            ConditionExpr::Or(parts) => Expr::Any(self.each(parts)?),
            ConditionExpr::Not(part) => self.expr(part)?.negated(),
            ConditionExpr::Identifier(name) => self.named(name)?,
            ConditionExpr::Selector { quantifier, pattern } => self.selected(quantifier, pattern)?,
        })
    }

    fn each(&mut self, parts: &[ConditionExpr]) -> Result<Vec<Expr>, SigmaError> {
        parts.iter().map(|part| self.expr(part)).collect()
    }

    fn named(&mut self, name: &str) -> Result<Expr, SigmaError> {
        self.used.insert(name.to_owned());
        self.search(name)
    }

    fn search(&mut self, name: &str) -> Result<Expr, SigmaError> {
        let Some(search) = self.detections.named.get(name) else {
            let mut known: Vec<&str> = self.detections.named.keys().map(String::as_str).collect();
            known.sort_unstable();
            let reason =
                format!("the condition names {name}, and the search identifiers are {}", known.join(", "));
            return Err(SigmaError::new(reason));
        };
        let expr = detection::compile(search, &self.budget).map_err(|error| error.or_about(name))?;
        self.tests += expr.tests().len();
        if self.tests > MOST_TESTS {
            return Err(SigmaError::new(format!("the condition adds up to more than {MOST_TESTS} tests")));
        }
        Ok(expr)
    }

    fn selected(&mut self, quantifier: &Quantifier, pattern: &SelectorPattern) -> Result<Expr, SigmaError> {
        let mut names: Vec<String> = self.detections.named.keys().cloned().collect();
        names.retain(|name| match pattern {
            // By convention a leading underscore keeps a search out of `them`.
            SelectorPattern::Them => !name.starts_with('_'),
            SelectorPattern::Pattern(pattern) => is_named_by(pattern, name),
        });
        names.sort_unstable();
        if names.is_empty() {
            return Err(SigmaError::new(format!(
                "the condition asks for {quantifier} of {pattern}, which names no search"
            )));
        }
        let searches = names.iter().map(|name| self.named(name)).collect::<Result<Vec<_>, _>>()?;
        match quantifier {
            Quantifier::Any | Quantifier::Count(1) => Ok(Expr::Any(searches)),
            Quantifier::All => Ok(Expr::All(searches)),
            Quantifier::Count(count) => Err(SigmaError::new(format!(
                "the condition asks for {count} of {pattern}; Sigma knows 1 of and all of"
            ))),
        }
    }
}

/// Stars stand for any number of characters, wherever in the pattern they are. The parser's own
/// matching knows one star only.
fn is_named_by(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(start) else { return false };
    let Some((middle, end)) = rest.rsplit_once('*') else { return name.ends_with(rest) };
    let Some(mut name) = name.strip_suffix(end) else { return false };
    middle.split('*').all(|part| {
        name.find(part).is_some_and(|at| {
            name = &name[at + part.len()..];
            true
        })
    })
}

#[cfg(test)]
mod tests {
    use super::is_named_by;

    #[test]
    fn stars_stand_anywhere() {
        for (pattern, names, others) in [
            ("sel", &["sel"][..], &["sel_a", "se", ""][..]),
            ("sel*", &["sel", "sel_a"], &["a_sel"]),
            ("*sel", &["sel", "a_sel"], &["sel_a"]),
            ("s*l", &["sl", "sel", "sell"], &["s", "l", "sela"]),
            ("a*a", &["aa", "aba"], &["a"]),
            ("*sel*", &["sel", "a_sel_b"], &["se_l"]),
            ("a*b*c", &["abc", "a_b_b_c"], &["acb", "ac", "abcd"]),
            ("*", &["", "x"], &[]),
            ("a**b", &["ab", "axb"], &["a"]),
            ("*a*a*", &["aa", "xaxax"], &["xax"]),
        ] {
            assert!(names.iter().all(|name| is_named_by(pattern, name)), "{pattern} names {names:?}");
            assert!(
                !others.iter().any(|name| is_named_by(pattern, name)),
                "{pattern} names none of {others:?}"
            );
        }
    }
}
