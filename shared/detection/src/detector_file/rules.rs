//! What a detector matches and what it leaves out.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::check::{Checker, name_problem};
use super::numbers;
use super::place::{place_in_scalar, place_of_words};
use super::raw::{RawExclusion, place_of};
use crate::detector::Exclusion;
use crate::load_error::Place;
use crate::pattern::{Pattern, PatternError};
use crate::rule::Rule;
use crate::sigma::{Lists, SigmaError, SigmaRule};

impl Checker<'_> {
    pub(super) fn rule(
        &mut self,
        place: Place,
        pattern: Option<&Spanned<String>>,
        sigma: Option<&Spanned<Value>>,
        lists: &Lists,
    ) -> Option<Rule> {
        match (pattern, sigma) {
            (Some(pattern), None) => self.pattern(pattern).map(Rule::Pattern),
            (None, Some(sigma)) => self.sigma(sigma, lists).map(|rule| Rule::Sigma(Box::new(rule))),
            _ => {
                self.error(place, "what to match is said by either `pattern` or `sigma`");
                None
            }
        }
    }

    fn pattern(&mut self, text: &Spanned<String>) -> Option<Pattern> {
        match text.value.parse() {
            Ok(pattern) => Some(pattern),
            Err(PatternError { offset, message }) => {
                let start = place_of(text.referenced);
                let place = place_in_scalar(&self.file.text, start, &text.value, offset);
                self.error(place, format!("bad pattern: {message}"));
                None
            }
        }
    }

    /// A rule that is written here, or the path of the file it stands in.
    fn sigma(&mut self, sigma: &Spanned<Value>, lists: &Lists) -> Option<SigmaRule> {
        let start = place_of(sigma.referenced);
        let Value::String(path) = &sigma.value else {
            return match SigmaRule::compile_inline(&sigma.value, lists) {
                Ok(rule) => match numbers::misread(rule.expr(), &self.file.text) {
                    None => Some(rule),
                    Some(written) => {
                        let place = place_of_words(&self.file.text, start, written);
                        self.error(place.unwrap_or(start), numbers::reason(written));
                        None
                    }
                },
                Err(SigmaError { about, reason }) => {
                    let place = about.and_then(|words| place_of_words(&self.file.text, start, &words));
                    self.error(place.unwrap_or(start), format!("bad Sigma rule: {reason}"));
                    None
                }
            };
        };
        let compiled = self.options.companion(self.file, path).and_then(|text| {
            let rule: Value = super::raw::from_yaml(&text).map_err(|error| super::raw::reason(&error))?;
            let rule = SigmaRule::compile(&rule, lists).map_err(|error| error.reason)?;
            match numbers::misread(rule.expr(), &text) {
                None => Ok(rule),
                Some(written) => Err(numbers::reason(written)),
            }
        });
        match compiled {
            Ok(rule) => Some(rule),
            Err(reason) => {
                self.error(start, format!("bad Sigma rule in {path}: {reason}"));
                None
            }
        }
    }

    pub(super) fn exclusions(&mut self, raw: Vec<RawExclusion>, lists: &Lists) -> Option<Vec<Exclusion>> {
        let mut names = BTreeSet::new();
        let mut exclusions = Some(Vec::new());
        for exclusion in raw {
            let place = place_of(exclusion.name.referenced);
            if let Some(problem) = name_problem(&exclusion.name.value) {
                self.error(place, format!("the exclusion's name {problem}: it is counted under it"));
            }
            if exclusion.reason.trim().is_empty() {
                self.error(place, "`reason` is empty: say why these records may be ignored");
            }
            if !names.insert(exclusion.name.value.clone()) {
                self.error(place, format!("an exclusion {} stands above already", exclusion.name.value));
            }
            if exclusion.owner.value.trim().is_empty() {
                self.error(
                    place_of(exclusion.owner.referenced),
                    "`owner` is empty: say who answers for the exclusion",
                );
            }
            let expires = self.expiry(&exclusion.expires);
            let rule = self.rule(place, exclusion.pattern.as_ref(), exclusion.sigma.as_ref(), lists);
            match (rule, &mut exclusions) {
                (Some(rule), Some(exclusions)) => {
                    exclusions.push(Exclusion {
                        name: exclusion.name.value,
                        owner: exclusion.owner.value,
                        reason: exclusion.reason,
                        expires,
                        rule,
                    });
                }
                _ => exclusions = None,
            }
        }
        exclusions
    }

    fn expiry(&mut self, raw: &Spanned<String>) -> Option<Date> {
        if raw.value == "never" {
            return None;
        }
        let date = raw.value.parse().ok();
        if date.is_none() {
            self.error(
                place_of(raw.referenced),
                "`expires` is the last day on which the exclusion holds, as in 2027-03-31, or never",
            );
        }
        date
    }
}
