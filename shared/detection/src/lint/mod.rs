//! What is wrong with a detector that loads: patterns that silently find nothing or everything, names
//! that CloudTrail does not have, exclusions that are over.
//!
//! A warning is given only if it is sure, or if what it asks is answered by a word in the file. What is
//! known of CloudTrail stands in tables: its fields in `fields`, its events in `names`.

mod about;
mod code;
mod detector;
mod events;
mod fields;
mod finding;
mod literals;
mod names;
mod near;
mod presence;
mod reach;
mod scope;
mod sigma;
mod spelling;
mod strings;
mod subject;
mod tree;
mod types;
mod values;

pub use about::About;
pub use code::{Code, UnknownCode};

use std::fmt;

use jiff::civil::Date;

use crate::detector_file::{DetectorFile, Loaded, Options};
use crate::load_error::Place;
use crate::rule::Rule;
use finding::{Finding, Findings};
use subject::Subject;
use tree::Tree;

/// Something to warn of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it is.
    pub code: Code,
    /// The file as it was named to the loader.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong and what to do about it.
    pub message: String,
    /// Why it may stay, if the detector says so.
    pub allowed: Option<String>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, file, place, message, .. } = self;
        write!(f, "{file}:{}:{}: warning[{code}]: {message}", place.line, place.column)
    }
}

/// Which table of events the names are looked up in, as `botocore 1.43.106 on 2026-11-21`.
pub fn event_names_origin() -> &'static str {
    names::origin()
}

/// Warns of what is wrong on the day `today` with a detector of `file` that was loaded with `options`.
pub fn lint(file: &DetectorFile, loaded: &Loaded, options: &Options<'_>, today: Date) -> Vec<Warning> {
    let Ok(found) = &loaded.result else { return Vec::new() };
    let mut warnings = detector::check(file, loaded, found, options, today);
    warnings.sort_by_key(|warning| warning.place);
    warnings
}

/// What is to be said of a rule by itself; `text` is where it stands, if it is Sigma.
fn findings(rule: &Rule, text: &str) -> Vec<Finding> {
    looked_at(rule, text, reach::check)
}

/// What is to be said of an exclusion, given the rule whose matches it takes out.
fn exclusion_findings(exclusion: &Rule, text: &str, rule: &Rule) -> Vec<Finding> {
    let given = Tree::of(rule.expr());
    looked_at(exclusion, text, |subject, tree, found| reach::check_exclusion(subject, tree, &given, found))
}

fn looked_at(
    rule: &Rule,
    text: &str,
    reach: impl FnOnce(&Subject<'_>, &Tree<'_>, &mut Findings),
) -> Vec<Finding> {
    let subject = Subject::of(rule, text);
    let tree = Tree::of(rule.expr());
    let mut found = Findings::default();
    literals::check(&subject, &mut found);
    types::check(&subject, &tree, &mut found);
    spelling::check(&subject, &tree, &mut found);
    presence::check(&subject, &tree, &mut found);
    reach(&subject, &tree, &mut found);
    found.into_list()
}

#[cfg(test)]
mod tests;
