//! What is wrong with a detector beside its rule, and where all of it stands in the file.

mod needs;

use jiff::civil::Date;

use super::finding::{Finding, Spot};
use super::{Code, Warning, exclusion_findings, findings, sigma};
use crate::detector::{AlarmChoice, Detector, Exclusion};
use crate::detector_file::{
    DetectorFile, Loaded, Options, Places, RulePlace, Written, document_at, of_words, places,
};
use crate::load_error::Place;
use crate::rule::Rule;

/// The text from a line on. What stands above a rule may have the same words.
fn from_line(text: &str, line: u64) -> &str {
    let above = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(above).map(str::len).sum();
    &text[start..]
}

/// An exclusion that ends so soon is told of.
const DAYS_BEFORE_EXPIRY: i64 = 30;

pub(super) fn check(
    file: &DetectorFile,
    loaded: &Loaded,
    detector: &Detector,
    options: &Options<'_>,
    today: Date,
) -> Vec<Warning> {
    let document = document_at(&file.text, loaded.place);
    let mut report = Report {
        file,
        options,
        document,
        lines_before: loaded.place.line.saturating_sub(1),
        warnings: Vec::new(),
    };
    if loaded.is_sigma {
        report.published_rule(&detector.rule);
    } else if let Some(places) = places(document) {
        report.detector(detector, &places, today);
        report.allow(detector, &places);
    }
    report.warnings
}

struct Report<'r> {
    file: &'r DetectorFile,
    options: &'r Options<'r>,
    document: &'r str,
    lines_before: u64,
    warnings: Vec<Warning>,
}

impl Report<'_> {
    fn published_rule(&mut self, rule: &Rule) {
        let start = Place { line: 1, column: 1 };
        let detection = of_words(self.document, start, &["\ndetection".to_owned()]);
        for Finding { code, spot, message } in findings(rule, from_line(self.document, detection.line)) {
            let place = match spot {
                Spot::Words(words) => of_words(self.document, detection, &words),
                Spot::Offset(_) => start,
            };
            self.push(code, place, message);
        }
        for Finding { code, spot, message } in sigma::check(rule, sigma::document(self.document).as_ref()) {
            let Spot::Words(words) = spot else { continue };
            let place = of_words(self.document, start, &words);
            self.push(code, place, message);
        }
    }

    fn detector(&mut self, detector: &Detector, places: &Places, today: Date) {
        self.rule(&detector.rule, &places.rule, findings);
        for (exclusion, places) in detector.exclusions.iter().zip(&places.exclusions) {
            self.rule(&exclusion.rule, &places.rule, |rule, text| {
                exclusion_findings(rule, text, &detector.rule)
            });
            self.expiry(exclusion, places.expires, today);
        }
        if let Some(message) = needs::problem(detector) {
            self.push(Code::WrongNeeds, places.name, message);
        }
        if detector.alarm == AlarmChoice::Unsaid {
            let message = "no alarm covers it: write `alarm` with a description, or `alarm: none` if there is to be none";
            self.push(Code::NoAlarm, places.name, message.to_owned());
        }
    }

    fn rule(&mut self, rule: &Rule, place: &RulePlace, findings: impl Fn(&Rule, &str) -> Vec<Finding>) {
        let companion = match &place.written {
            Written::SigmaFile(path) => self.options.companion(self.file, path).ok(),
            Written::Pattern(_) | Written::Sigma(_) => None,
        };
        let text = companion.as_deref().unwrap_or_else(|| from_line(self.document, place.start.line));
        let document = match &place.written {
            Written::Sigma(rule) => Some(rule.clone()),
            Written::SigmaFile(_) => sigma::document(text),
            Written::Pattern(_) => None,
        };
        let of_rule = findings(rule, text);
        for Finding { code, spot, message } in
            of_rule.into_iter().chain(sigma::check(rule, document.as_ref()))
        {
            let place = match spot {
                Spot::Offset(offset) => place.of_offset(self.document, offset),
                Spot::Words(words) => place.of_words(self.document, &words),
            };
            self.push(code, place, message);
        }
    }

    fn expiry(&mut self, exclusion: &Exclusion, place: Place, today: Date) {
        let Some(last_day) = exclusion.expires else { return };
        let Exclusion { name, owner, .. } = exclusion;
        if last_day < today {
            let message = format!(
                "the exclusion {name} ended on {last_day} and takes nothing out any more; {owner} answers for it: renew it \
                 or take it out"
            );
            self.push(Code::ExpiredExclusion, place, message);
        } else if today.until(last_day).is_ok_and(|left| i64::from(left.get_days()) <= DAYS_BEFORE_EXPIRY) {
            let message = format!(
                "the exclusion {name} ends on {last_day}, and what it takes out counts from the day after; {owner} answers \
                 for it"
            );
            self.push(Code::ExpiringExclusion, place, message);
        }
    }

    /// Marks what the detector allows, and warns of what it allows for nothing.
    fn allow(&mut self, detector: &Detector, places: &Places) {
        for (allowed, place) in detector.allowed.iter().zip(&places.allowed) {
            let mut is_used = false;
            for warning in self.warnings.iter_mut().filter(|warning| warning.code == allowed.code) {
                warning.allowed.get_or_insert_with(|| allowed.reason.clone());
                is_used = true;
            }
            if !is_used {
                let message =
                    format!("{} is allowed here and does not occur: take the entry out", allowed.code);
                self.push(Code::UnusedAllow, *place, message);
            }
        }
    }

    /// Places in a document become places in the file.
    fn push(&mut self, code: Code, place: Place, message: String) {
        let place = Place { line: place.line + self.lines_before, ..place };
        self.warnings.push(Warning { code, file: self.file.path.clone(), place, message, allowed: None });
    }
}
