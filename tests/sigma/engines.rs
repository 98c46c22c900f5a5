//! The two engines, side by side.

use rsigma_eval::{CompiledRule, JsonEvent, compile_rule, evaluate_rule};
use rsigma_parser::parse_sigma_yaml;
use serde_json::Value;
use trailmeter_detection::sigma::{Lists, SigmaRule};

/// A rule in both, or why they refuse it.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) ours: Result<SigmaRule, String>,
    pub(super) theirs: Result<CompiledRule, String>,
}

impl Pair {
    pub(super) fn of(rule: &Value) -> Self {
        Self { ours: SigmaRule::compile(rule, &lists()).map_err(|error| error.reason), theirs: theirs(rule) }
    }

    /// What the other engine says of a record; `None` if it has refused the rule.
    pub(super) fn theirs_match(&self, record: &Value) -> Option<bool> {
        Some(evaluate_rule(self.theirs.as_ref().ok()?, &JsonEvent::borrow(record)).is_some())
    }
}

fn theirs(rule: &Value) -> Result<CompiledRule, String> {
    let parsed = parse_sigma_yaml(&rule.to_string()).map_err(|error| error.to_string())?;
    if let Some(error) = parsed.errors.first() {
        return Err(error.clone());
    }
    let rule = parsed.rules.first().ok_or("no rule")?;
    compile_rule(rule).map_err(|error| error.to_string())
}

/// What placeholders stand for in these tests.
pub(super) const LISTS: [(&str, &[&str]); 2] = [("names", &["foo", "b*r"]), ("one", &["alice"])];

fn lists() -> Lists {
    let list = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
    Lists(LISTS.iter().map(|(name, values)| ((*name).to_owned(), list(values))).collect())
}
