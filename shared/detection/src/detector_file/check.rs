//! From what is written to what runs: every rule that a detector has to keep.

use serde_saphyr::Spanned;

use super::raw::{
    RawAllowed, RawDetector, RawExcluded, RawExpected, RawNeeds, RawSeverity, RawTest, place_of,
};
use super::{DetectorFile, Options};
use crate::detector::{
    AllowedWarning, Detector, Expected, InlineTest, Needs, RESERVED_METRIC_NAMES, Severity,
};
use crate::load_error::{LoadError, Place};
use crate::sigma::Lists;

/// CloudWatch allows 255 for a metric and for an alarm, whose name has the stack's of up to 128
/// characters before it.
pub(super) const LONGEST_NAME: usize = 120;
/// CloudWatch's limit for names of metrics and dimensions.
pub(super) const LONGEST_CLOUDWATCH_NAME: usize = 255;

/// Checks everything and collects what is wrong, so that one look at the file mends it all.
pub(super) fn check(
    raw: RawDetector,
    file: &DetectorFile,
    options: &Options<'_>,
) -> Result<Detector, Vec<LoadError>> {
    let mut checker = Checker { file, options, errors: Vec::new() };
    let detector = checker.detector(raw);
    match detector {
        Some(detector) if checker.errors.is_empty() => Ok(detector),
        _ => Err(checker.errors),
    }
}

pub(super) struct Checker<'f> {
    pub(super) file: &'f DetectorFile,
    pub(super) options: &'f Options<'f>,
    errors: Vec<LoadError>,
}

impl Checker<'_> {
    fn detector(&mut self, raw: RawDetector) -> Option<Detector> {
        self.metric_name(&raw.name);
        for (key, text) in [("title", &raw.title), ("what", &raw.what), ("why", &raw.why)] {
            if text.trim().is_empty() {
                self.error(place_of(raw.name.referenced), format!("`{key}` is empty: say it in a sentence"));
            }
        }
        if raw.sources.value.iter().all(|source| source.trim().is_empty()) {
            self.error(
                place_of(raw.sources.referenced),
                "`sources` is empty: name where the rule comes from",
            );
        }
        self.attack(&raw.attack);
        let own = Lists(raw.lists.into_iter().map(|(name, values)| (name, values.value)).collect());
        let lists = own.with(&self.options.lists);
        let rule = self.rule(place_of(raw.name.referenced), raw.pattern.as_ref(), raw.sigma.as_ref(), &lists);
        let exclusions = self.exclusions(raw.exclude, &lists);
        let metric = self.metric(&raw.name.value, raw.metric);
        let value = self.metric_value(raw.value);
        if let Some(value) = &raw.default_value {
            self.default_value(value, &raw.dimensions);
        }
        if let Some(unit) = &raw.unit {
            self.unit(unit);
        }
        let dimensions = raw.dimensions.iter().filter_map(|set| self.dimension_set(set)).collect();
        self.sets_differ(&raw.dimensions);
        let alarm = self.alarm_choice(raw.alarm);
        let findings = self.findings(&raw.findings);
        let allowed = self.allowed(raw.lint.allow);
        let tests = self.tests(raw.tests);
        Some(Detector {
            place: place_of(raw.name.referenced),
            name: raw.name.value,
            title: raw.title,
            what: raw.what,
            why: raw.why,
            sources: raw.sources.value,
            needs: match raw.needs {
                RawNeeds::Management => Needs::Management,
                RawNeeds::Data => Needs::Data,
                RawNeeds::Network => Needs::Network,
            },
            severity: match raw.severity {
                RawSeverity::Informational => Severity::Informational,
                RawSeverity::Low => Severity::Low,
                RawSeverity::Medium => Severity::Medium,
                RawSeverity::High => Severity::High,
                RawSeverity::Critical => Severity::Critical,
            },
            attack: raw.attack.into_iter().map(|technique| technique.value).collect(),
            false_positives: raw.false_positives,
            rule: rule?,
            exclusions: exclusions?,
            metric,
            value: value?,
            default_value: raw.default_value.map(|value| value.value),
            unit: raw.unit.map(|unit| unit.value),
            dimensions,
            alarm,
            findings,
            allowed,
            tests,
            file: self.file.path.clone(),
            pack: self.file.pack.clone(),
        })
    }

    fn metric_name(&mut self, name: &Spanned<String>) {
        let is_name = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_alphabetic())
                && text.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        if !is_name(&name.value) || name.value.len() > LONGEST_NAME {
            let reason = format!(
                "a name is a letter, then up to {} letters and digits, as in ConsoleLogin",
                LONGEST_NAME - 1
            );
            self.error(place_of(name.referenced), reason);
        } else if RESERVED_METRIC_NAMES.contains(&name.value.as_str()) {
            let reason =
                format!("{} is a metric of Trailmeter itself; give the detector another name", name.value);
            self.error(place_of(name.referenced), reason);
        }
    }

    /// `T1562` or `T1562.008`.
    fn attack(&mut self, techniques: &[Spanned<String>]) {
        for technique in techniques {
            let digits = technique.value.strip_prefix('T').unwrap_or_default();
            let (id, sub) = digits.split_once('.').map_or((digits, None), |(id, sub)| (id, Some(sub)));
            let are_digits =
                |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
            if !are_digits(id, 4) || sub.is_some_and(|sub| !are_digits(sub, 3)) {
                self.error(
                    place_of(technique.referenced),
                    format!("{:?} is no MITRE ATT&CK technique, such as T1078 or T1562.008", technique.value),
                );
            }
        }
    }

    fn allowed(&mut self, raw: Vec<RawAllowed>) -> Vec<AllowedWarning> {
        let mut allowed = Vec::new();
        for RawAllowed { code, reason } in raw {
            let place = place_of(code.referenced);
            if reason.trim().is_empty() {
                self.error(place, "`reason` is empty: say why the warning may stay");
            }
            match code.value.parse() {
                Ok(code) => allowed.push(AllowedWarning { code, reason }),
                Err(unknown) => self.error(place, unknown.to_string()),
            }
        }
        allowed
    }

    fn tests(&mut self, raw: Spanned<Vec<Spanned<RawTest>>>) -> Vec<InlineTest> {
        let place = place_of(raw.referenced);
        let tests: Vec<InlineTest> = raw.value.into_iter().map(inline_test).collect();
        let is_skipped = self.options.skips_tests_of(self.file);
        for (expected, words) in [(Expected::Match, "must match"), (Expected::NoMatch, "must not match")] {
            if !is_skipped && !tests.iter().any(|test| test.expected == expected) {
                self.error(place, format!("`tests` needs at least one record that {words}"));
            }
        }
        tests
    }

    pub(super) fn error(&mut self, place: Place, reason: impl Into<String>) {
        self.errors.push(LoadError { file: self.file.path.clone(), place, reason: reason.into() });
    }
}

fn inline_test(raw: Spanned<RawTest>) -> InlineTest {
    InlineTest {
        place: place_of(raw.referenced),
        name: raw.value.name,
        expected: match raw.value.expected {
            RawExpected::Flag(true) => Expected::Match,
            RawExpected::Flag(false) => Expected::NoMatch,
            RawExpected::Word(RawExcluded::Excluded) => Expected::Excluded,
        },
        record: raw.value.record,
    }
}

/// What is wrong with the name of a metric, a dimension or a value of one, if anything.
pub(super) fn name_problem(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("is blank")
    } else if name.len() > LONGEST_CLOUDWATCH_NAME {
        Some("is longer than 255 characters")
    } else if name.starts_with(':') {
        Some("starts with a colon, which CloudWatch keeps for itself")
    } else if !name.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        Some("has characters other than printable ASCII")
    } else {
        None
    }
}
