//! From what is written to what runs: every rule that a detector has to keep.

use serde_json::Value;
use serde_saphyr::Spanned;
use trailmeter_logs::access_log;

use super::raw::{
    RawAllowed, RawDetector, RawExcluded, RawExpected, RawNeeds, RawSeverity, RawSource, RawTest, place_of,
};
use super::{DetectorFile, Options};
use crate::detector::{
    AllowedWarning, Detector, Expected, InlineTest, MetricValue, Needs, RESERVED_METRIC_NAMES, Severity,
    Source,
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
        let value = match raw.aggregated {
            Some(aggregated) => {
                let (has_value, has_default) = (raw.value.is_some(), raw.default_value.is_some());
                Some(self.aggregated(aggregated, has_value, has_default))
            }
            None => self.metric_value(raw.value),
        };
        self.needs_fit(place_of(raw.name.referenced), &raw.needs, value.as_ref());
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
        let source = match raw.source {
            RawSource::CloudTrail => Source::CloudTrail,
            RawSource::S3AccessLog => Source::S3AccessLog,
            RawSource::Any => Source::Any,
        };
        let tests = self.tests(raw.tests, source);
        Some(Detector {
            place: place_of(raw.name.referenced),
            name: raw.name.value,
            title: raw.title,
            what: raw.what,
            why: raw.why,
            sources: raw.sources.value,
            source,
            needs: match raw.needs {
                RawNeeds::Management => Needs::Management,
                RawNeeds::Data => Needs::Data,
                RawNeeds::Network => Needs::Network,
                RawNeeds::Insight => Needs::Insight,
                RawNeeds::Aggregated => Needs::Aggregated,
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

    /// Aggregated events are looked at by those alone that say which of their numbers count.
    fn needs_fit(&mut self, place: Place, needs: &RawNeeds, value: Option<&MetricValue>) {
        let Some(value) = value else { return };
        match (matches!(needs, RawNeeds::Aggregated), matches!(value, MetricValue::Aggregated(_))) {
            (true, false) => {
                self.error(
                    place,
                    "`needs: aggregated` asks for the key `aggregated`: say which numbers count",
                );
            }
            (false, true) => {
                self.error(place, "`aggregated` asks for `needs: aggregated`: it looks at no other events");
            }
            _ => {}
        }
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

    fn tests(&mut self, raw: Spanned<Vec<Spanned<RawTest>>>, source: Source) -> Vec<InlineTest> {
        let place = place_of(raw.referenced);
        let tests: Vec<InlineTest> =
            raw.value.into_iter().filter_map(|raw| self.inline_test(raw, source)).collect();
        let is_skipped = self.options.skips_tests_of(self.file);
        for (expected, words) in [(Expected::Match, "must match"), (Expected::NoMatch, "must not match")] {
            if !is_skipped && !tests.iter().any(|test| test.expected == expected) {
                self.error(place, format!("`tests` needs at least one record that {words}"));
            }
        }
        tests
    }

    fn inline_test(&mut self, raw: Spanned<RawTest>, source: Source) -> Option<InlineTest> {
        let place = place_of(raw.referenced);
        let RawTest { name, expected, record, line } = raw.value;
        Some(InlineTest {
            place,
            name,
            expected: match expected {
                RawExpected::Flag(true) => Expected::Match,
                RawExpected::Flag(false) => Expected::NoMatch,
                RawExpected::Word(RawExcluded::Excluded) => Expected::Excluded,
            },
            record: self.tested(place, record, line.as_deref(), source)?,
        })
    }

    /// What a test is about: a record, or a line as the record that it is read as. It has to be of logs that the
    /// detector is asked of, or it would show what never happens.
    fn tested(
        &mut self,
        place: Place,
        record: Option<Value>,
        line: Option<&str>,
        source: Source,
    ) -> Option<Value> {
        let problem = match (record, line, source) {
            (Some(record), None, Source::CloudTrail | Source::Any) => return Some(record),
            (None, Some(line), Source::S3AccessLog | Source::Any) => {
                match access_log::record(line.trim().as_bytes()) {
                    Ok(record) => return Some(record),
                    Err(malformed) => format!("`line` is no line of an access log ({})", malformed.reason()),
                }
            }
            (Some(_), None, Source::S3AccessLog) => {
                "`source` is s3-access-log: give the test a `line` of such a log instead of a `record`"
                    .to_owned()
            }
            (None, Some(_), Source::CloudTrail) => {
                "`source` is cloudtrail: give the test a `record` instead of a `line`, or write `source: any`"
                    .to_owned()
            }
            _ => "a test is about either a `record` or a `line`".to_owned(),
        };
        self.error(place, problem);
        None
    }

    pub(super) fn error(&mut self, place: Place, reason: impl Into<String>) {
        self.errors.push(LoadError { file: self.file.path.clone(), place, reason: reason.into() });
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
