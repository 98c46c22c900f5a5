//! A detector file in the making: every part is tried on the loader before it is written.

use trailmeter_detection::pattern::Pattern;
use trailmeter_detection::{Alarm, DetectorFile, load};

use super::alarms::ImportedAlarm;
use super::filters::Filter;
use super::resource::Found;
use super::sample_records::{self, Sample, Samples};
use super::yaml_text::{Yaml, scalar};

/// Tests that load, whatever is tested: the loader does not run them.
const STAND_IN: &str =
    "tests: [{ name: a, match: true, record: {} }, { name: b, match: false, record: {} }]\n";

/// A detector file, checked.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) has_alarm: bool,
    pub(super) has_tests: bool,
    pub(super) namespace: Option<String>,
    pub(super) metric: String,
}

/// An alarm for a detector.
#[derive(Debug)]
pub(super) enum AlarmOf<'a> {
    Own(&'a ImportedAlarm),
    /// It is with this detector, which feeds the same metric.
    With(String),
    None,
}

/// Writes a filter as a detector of this name. What the loader does not take is listed and left
/// out; a filter that has no pattern it takes is no detector.
pub(super) fn write(filter: &Filter, name: &str, alarm: &AlarmOf<'_>, found: &mut Found) -> Option<Written> {
    let parsed: Pattern = filter.pattern.parse().ok()?;
    let title = title(filter);
    let mut draft = Draft { yaml: head(filter, name, &title), filter, found };
    if let Some(reason) = refusal(&draft.yaml, "") {
        draft.lost("pattern", reason);
        return None;
    }
    let (namespace, metric) = draft.metric();
    draft.values();
    let has_alarm = draft.alarm(alarm);
    let samples = sample_records::of(&parsed);
    let has_tests = draft.tests(&samples);
    Some(Written {
        name: name.to_owned(),
        title,
        text: draft.yaml.0,
        has_alarm,
        has_tests,
        namespace,
        metric: metric.unwrap_or_else(|| name.to_owned()),
    })
}

struct Draft<'d> {
    yaml: Yaml,
    filter: &'d Filter,
    found: &'d mut Found,
}

impl Draft<'_> {
    fn lost(&mut self, part: &str, reason: String) {
        let (key, place) = self.filter.part(part);
        self.found.not_carried(place, &self.filter.origin, key, reason);
    }

    /// Adds a part if the loader takes it.
    fn add(&mut self, part: &str, text: &str) -> bool {
        match refusal(&self.yaml, text) {
            None => {
                self.yaml.0.push_str(text);
                true
            }
            Some(reason) => {
                self.lost(part, reason);
                false
            }
        }
    }

    fn metric(&mut self) -> (Option<String>, Option<String>) {
        let namespace = self.filter.metric.0.known().map(str::to_owned);
        let namespace = namespace
            .filter(|name| self.add("namespace", &format!("metric:\n  namespace: {}\n", scalar(name))));
        let metric = self.filter.metric.1.known().map(str::to_owned).filter(|name| {
            let key = if namespace.is_some() { "" } else { "metric:\n" };
            self.add("name", &format!("{key}  name: {}\n", scalar(name)))
        });
        (namespace, metric)
    }

    fn values(&mut self) {
        let filter = self.filter;
        if let Some(value) = filter.value.as_deref().filter(|value| value.parse() != Ok(1.0)) {
            self.add("value", &format!("value: {}\n", number_or_scalar(value)));
        }
        if let Some(value) = filter.default_value {
            self.add("default-value", &format!("default-value: {value}\n"));
        }
        if let Some(unit) = &filter.unit {
            self.add("unit", &format!("unit: {}\n", scalar(unit)));
        }
        if !filter.dimensions.is_empty() {
            let mut text = Yaml::default();
            text.line("dimensions:");
            for (at, (name, selector)) in filter.dimensions.iter().enumerate() {
                let start = if at == 0 { "  - " } else { "    " };
                text.line(&format!("{start}{}: {}", scalar(name), scalar(selector)));
            }
            self.add("dimensions", &text.0);
        }
    }

    fn alarm(&mut self, alarm: &AlarmOf<'_>) -> bool {
        match alarm {
            AlarmOf::Own(own) => {
                let text = alarm_text(&own.alarm);
                match refusal(&self.yaml, &text) {
                    None => {
                        self.yaml.line(&format!("# From {}.", one_line(&own.origin)));
                        self.yaml.0.push_str(&text);
                        return true;
                    }
                    Some(reason) => {
                        let line = format!("# {} stayed behind: {reason}.", one_line(&own.origin));
                        self.yaml.line(&line);
                        self.found.not_carried(&own.place, &own.origin, "the whole alarm", reason);
                    }
                }
            }
            AlarmOf::With(other) => {
                self.yaml.line(&format!("# The alarm on this metric is with {other}, which feeds it too."));
            }
            AlarmOf::None => {
                self.yaml.line("# The import had no alarm for this metric. Write one, or `alarm: none`.");
            }
        }
        false
    }

    fn tests(&mut self, samples: &Samples) -> bool {
        let mut text = Yaml::default();
        text.line("tests:");
        for (sample, is_match) in [(&samples.matching, true), (&samples.other, false)] {
            if let Some(sample) = sample {
                test(&mut text, sample, is_match);
            }
        }
        let missing = match (&samples.matching, &samples.other) {
            (Some(_), Some(_)) => {
                self.yaml.0.push_str(&text.0);
                return true;
            }
            (None, _) => "matches",
            (_, None) => "does not match",
        };
        self.yaml.line(&format!(
            "# No record that {missing} could be made from the pattern. The detector loads once there are"
        ));
        self.yaml.line(
            "# one that matches (`match: true`) and one that does not (`match: false`); complete these:",
        );
        for line in text.0.lines() {
            self.yaml.line(&format!("# {line}"));
        }
        self.lost(
            "tests",
            format!("no record that {missing} could be made from the pattern: write the tests by hand"),
        );
        false
    }
}

fn title(filter: &Filter) -> String {
    let name = one_line(&filter.name);
    if filter.is_one_of_several { format!("{name} ({})", one_line(filter.metric.1.text())) } else { name }
}

fn head(filter: &Filter, name: &str, title: &str) -> Yaml {
    let file = filter.place.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let source = one_line(&format!("{file}: {}", filter.origin));
    let group = filter
        .log_group
        .as_deref()
        .map_or_else(String::new, |group| format!(" on the log group {}", one_line(group)));
    let mut yaml = Yaml::default();
    yaml.line(&format!("# Imported by `trailmeter import` from {source}."));
    yaml.line("# Complete `what`, `why` and `sources`, and add tests with records of your own.");
    yaml.line(&format!("name: {name}"));
    yaml.line(&format!("title: {}", scalar(title)));
    let what = format!(
        "Imported: the records that the metric filter {}{group} counts. What it leaves out is not written down yet.",
        one_line(&filter.name)
    );
    yaml.folded("what", &what);
    yaml.folded("why", "The source does not say. Write here why a match matters, and where to look first.");
    yaml.line("sources:");
    yaml.line(&format!("  - {}", scalar(&source)));
    yaml.line("logs: cloudtrail");
    yaml.pattern(&filter.pattern);
    yaml
}

fn number_or_scalar(text: &str) -> String {
    text.parse::<f64>().map_or_else(|_| scalar(text), |number| number.to_string())
}

fn alarm_text(alarm: &Alarm) -> String {
    format!(
        "alarm:\n  description: {}\n  statistic: {}\n  comparison: {:?}\n  threshold: {}\n  period: {}\n  \
         evaluation-periods: {}\n  datapoints-to-alarm: {}\n  missing-data: {}\n",
        scalar(&alarm.description),
        alarm.statistic.word(),
        alarm.comparison.sign(),
        alarm.threshold,
        alarm.period,
        alarm.evaluation_periods,
        alarm.datapoints_to_alarm,
        alarm.missing_data.word(),
    )
}

fn test(out: &mut Yaml, sample: &Sample, is_match: bool) {
    out.line(&format!("  - name: {}", scalar(&sample.name)));
    out.line(&format!("    match: {is_match}"));
    if sample.record.as_object().is_some_and(serde_json::Map::is_empty) {
        out.line("    record: {}");
    } else {
        out.line("    record:");
        out.record(&sample.record, 6);
    }
}

/// Why the loader refuses a file of these two parts.
fn refusal(yaml: &Yaml, part: &str) -> Option<String> {
    let file = DetectorFile { path: String::new(), pack: None, text: format!("{}{part}{STAND_IN}", yaml.0) };
    load(&[file]).err().and_then(|errors| errors.into_iter().next()).map(|error| error.reason)
}

/// Names of others, fit for a comment.
fn one_line(text: &str) -> String {
    text.split_whitespace()
        .map(|word| word.chars().filter(|character| !character.is_control()).collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}
