//! Where the parts of a detector stand in its file.

use serde_json::Value;

use super::documents::documents;
use super::place::{place_in_scalar, place_of_words};
use super::raw::{self, RawDetector, place_of};
use crate::load_error::Place;

/// Places of one detector, counted from the beginning of its document.
pub(crate) struct Places {
    pub(crate) name: Place,
    pub(crate) rule: RulePlace,
    pub(crate) exclusions: Vec<ExclusionPlaces>,
    /// Each warning that it allows.
    pub(crate) allowed: Vec<Place>,
}

/// Where a rule begins, and what is written there.
pub(crate) struct RulePlace {
    pub(crate) start: Place,
    pub(crate) written: Written,
}

/// What is written.
pub(crate) enum Written {
    /// A filter pattern.
    Pattern(String),
    /// A Sigma rule.
    Sigma(Value),
    /// The path of a Sigma rule.
    SigmaFile(String),
}

/// Places of an exclusion.
pub(crate) struct ExclusionPlaces {
    pub(crate) expires: Place,
    pub(crate) rule: RulePlace,
}

/// The document of a file that begins at `place`.
pub(crate) fn document_at(text: &str, place: Place) -> &str {
    let document = documents(text).into_iter().find(|document| document.line + 1 == place.line);
    document.map_or(text, |document| document.text)
}

/// The places of the detector in `document`; `None` if it is none.
pub(crate) fn places(document: &str) -> Option<Places> {
    let raw: RawDetector = raw::parse(document).ok()?;
    let name = place_of(raw.name.referenced);
    let exclusions = raw.exclude.into_iter().map(|exclusion| {
        let expires = place_of(exclusion.expires.referenced);
        Some(ExclusionPlaces { expires, rule: rule_place(exclusion.pattern, exclusion.sigma)? })
    });
    Some(Places {
        name,
        exclusions: exclusions.collect::<Option<_>>()?,
        allowed: raw.lint.allow.iter().map(|allowed| place_of(allowed.code.referenced)).collect(),
        rule: rule_place(raw.pattern, raw.sigma)?,
    })
}

fn rule_place(
    pattern: Option<serde_saphyr::Spanned<String>>,
    sigma: Option<serde_saphyr::Spanned<Value>>,
) -> Option<RulePlace> {
    if let Some(pattern) = pattern {
        return Some(RulePlace {
            start: place_of(pattern.referenced),
            written: Written::Pattern(pattern.value),
        });
    }
    let sigma = sigma?;
    let start = place_of(sigma.referenced);
    let written = match sigma.value {
        Value::String(path) => Written::SigmaFile(path),
        rule => Written::Sigma(rule),
    };
    Some(RulePlace { start, written })
}

impl RulePlace {
    /// The place of a byte of the pattern.
    pub(crate) fn of_offset(&self, document: &str, offset: usize) -> Place {
        match &self.written {
            Written::Pattern(pattern) => place_in_scalar(document, self.start, pattern, offset),
            Written::Sigma(_) | Written::SigmaFile(_) => self.start,
        }
    }

    /// The place of the last of `words`, each of which stands behind the one before. Case is that
    /// of the file, not of the words.
    pub(crate) fn of_words(&self, document: &str, words: &[String]) -> Place {
        match self.written {
            Written::Sigma(_) => of_words(document, self.start, words),
            Written::Pattern(_) | Written::SigmaFile(_) => self.start,
        }
    }
}

/// The place of the last of `words` at or behind `start`; of those that are not there, of the last that is.
pub(crate) fn of_words(document: &str, start: Place, words: &[String]) -> Place {
    // Only ASCII changes, so that no place does.
    let document = document.to_ascii_lowercase();
    let mut place = start;
    for words in words {
        match place_of_words(&document, place, &words.to_ascii_lowercase()) {
            Some(found) => place = found,
            None => break,
        }
    }
    place
}
