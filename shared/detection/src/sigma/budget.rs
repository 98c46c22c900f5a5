//! What compiling a rule may take: a short file can ask for a great deal.

use std::cell::Cell;

use super::{Lists, SigmaError};

/// Bytes, roughly, that a compiled rule may take. Published ones take some thousands.
const MOST: usize = 32 << 20;
/// A value with what stands around it in the model.
const VALUE: usize = 256;

/// The lists that a rule is compiled with, and how much more it may take.
///
/// A condition may name a large search again and again, and placeholders multiply values. Costs are
/// taken before anything is made.
pub(super) struct Budget<'l> {
    pub(super) lists: &'l Lists,
    left: Cell<usize>,
}

impl<'l> Budget<'l> {
    pub(super) fn new(lists: &'l Lists) -> Self {
        Self { lists, left: Cell::new(MOST) }
    }

    /// Takes a value with this text.
    pub(super) fn value(&self, text: &str) -> Result<(), SigmaError> {
        self.take(VALUE + text.len())
    }

    /// Takes so many bytes more.
    pub(super) fn take(&self, bytes: usize) -> Result<(), SigmaError> {
        let left = self.left.get().checked_sub(bytes).ok_or_else(|| {
            SigmaError::new(
                "the rule adds up to too much: its condition names large searches too often, its lists multiply, or \
                 it has too many regular expressions; make several rules of it",
            )
        })?;
        self.left.set(left);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::sigma::SigmaRule;

    #[test]
    fn what_multiplies_is_refused_before_it_is_made() {
        let list = |name: &str, items: Vec<String>| Lists([(name.to_owned(), items)].into());
        let rule =
            |search: Value, condition: &str| json!({ "detection": { "a": search, "condition": condition } });
        let large = "x".repeat(700_000);
        let often = vec!["a"; 300].join(" or ");
        for (rule, lists) in [
            (rule(json!({ "f": large }), &often), Lists::default()),
            (rule(json!({ "f|re": vec!["a"; 200] }), "a"), Lists::default()),
            (rule(json!({ "f|expand": vec!["%l%"; 30] }), "a"), list("l", vec!["x".repeat(500_000); 20])),
        ] {
            let error = SigmaRule::compile_inline(&rule, &lists).unwrap_err();
            assert!(error.reason.contains("adds up to too much"), "{error}");
        }
        let twice = rule(json!({ "f|expand": "%l%%l%%l%%l%%l%" }), "a");
        let error = SigmaRule::compile_inline(&twice, &list("l", vec![large; 2])).unwrap_err();
        assert!(error.reason.contains("expands to more than 16 MiB"), "{}", &error.reason[..80]);
    }
}
