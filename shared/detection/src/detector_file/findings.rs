//! What a detector's findings show.

use serde_saphyr::Spanned;

use super::check::Checker;
use super::place::place_in_scalar;
use super::raw::{RawFindings, RawKeep, place_of};
use crate::finding::{FindingField, FindingsChoice, Keep};
use crate::pattern::PatternError;

/// What a person reads at a glance; and each is a field that Logs Insights has to find.
pub(super) const MOST_FIELDS: usize = 20;

impl Checker<'_> {
    pub(super) fn findings(&mut self, raw: &RawFindings) -> FindingsChoice {
        let keep = match raw.keep {
            RawKeep::Always => Keep::Always,
            RawKeep::OnRequest => Keep::OnRequest,
            RawKeep::Never => Keep::Never,
        };
        if let (Keep::Never, Some(field)) = (keep, raw.fields.first()) {
            let reason =
                "`fields` are shown by findings, and `keep: never` makes none: leave one of them out";
            self.error(place_of(field.referenced), reason);
        }
        if let Some(field) = raw.fields.get(MOST_FIELDS) {
            self.error(
                place_of(field.referenced),
                format!("findings show at most {MOST_FIELDS} more fields"),
            );
        }
        let fields = raw.fields.iter().filter_map(|field| self.finding_field(field)).collect();
        FindingsChoice { keep, fields }
    }

    fn finding_field(&mut self, raw: &Spanned<String>) -> Option<FindingField> {
        match raw.value.parse() {
            Ok(selector) => {
                let name = raw.value.trim_start_matches("$.").to_owned();
                Some(FindingField { name, selector })
            }
            Err(PatternError { offset, message }) => {
                let place = place_in_scalar(&self.file.text, place_of(raw.referenced), &raw.value, offset);
                self.error(place, format!("bad field of findings: {message}"));
                None
            }
        }
    }
}
