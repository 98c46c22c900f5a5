//! A Sigma rule as it is published, as a detector.

use std::collections::BTreeSet;

use serde_json::Value;

use super::documents::Document;
use super::place::place_of_words;
use super::{DetectorFile, Options, START, numbers, raw};
use crate::detector::{AlarmChoice, Detector, Metric, MetricValue, Needs, RESERVED_METRIC_NAMES, Source};
use crate::finding::FindingsChoice;
use crate::load_error::LoadError;
use crate::rule::Rule;
use crate::sigma::{SigmaError, SigmaRule};

/// Loads the `at`th document of a file. `bases`: the rules that a correlation of the same file is
/// built on.
pub(super) fn load(
    document: &Value,
    file: &DetectorFile,
    at: usize,
    options: &Options<'_>,
    bases: &BTreeSet<String>,
) -> Result<Detector, LoadError> {
    let error = |SigmaError { about, reason }| LoadError {
        file: file.path.clone(),
        place: about.and_then(|words| place_of_words(&file.text, START, &words)).unwrap_or(START),
        reason,
    };
    let is_base = ["name", "id", "title"]
        .iter()
        .filter_map(|key| document.get(key).and_then(Value::as_str))
        .any(|name| bases.contains(name));
    if is_base {
        let reason = "the base of a correlation rule that is not run; by itself it is not meant to count \
                      (`generate` is not true)";
        return Err(error(SigmaError { about: None, reason: reason.to_owned() }));
    }
    let rule = SigmaRule::compile(document, &options.lists).map_err(error)?;
    if let Some(written) = numbers::misread(rule.expr(), &file.text) {
        return Err(error(SigmaError { about: Some(written.to_owned()), reason: numbers::reason(written) }));
    }
    Ok(detector(rule, file, at))
}

/// The rules that correlations among `documents` are built on and that are not to count themselves.
pub(super) fn bases_of_correlations(documents: &[Document<'_>]) -> BTreeSet<String> {
    let correlations = documents
        .iter()
        .filter(|document| document.text.contains("correlation"))
        .filter_map(|document| raw::parse::<Value>(document.text).ok());
    // The specification has `generate` beside the correlation, and the tools read it within.
    let generates = |document: &Value| {
        let said = document.pointer("/correlation/generate").or_else(|| document.get("generate"));
        said.and_then(Value::as_bool) == Some(true)
    };
    correlations
        .filter(|document| !generates(document))
        .filter_map(|document| document.pointer("/correlation/rules").cloned())
        .flat_map(|rules| match rules {
            Value::Array(rules) => rules,
            one => vec![one],
        })
        .filter_map(|rule| rule.as_str().map(str::to_owned))
        .collect()
}

fn detector(rule: SigmaRule, file: &DetectorFile, at: usize) -> Detector {
    let name = name(&file.path, at, &rule.title);
    let by = rule.author.as_deref().map_or_else(String::new, |author| format!(" by {author}"));
    let rule_itself = format!("Sigma rule {}{by}", rule.id.as_deref().unwrap_or("without id"));
    let sources = std::iter::once(rule_itself).chain(rule.references.iter().cloned()).collect();
    Detector {
        metric: Metric { namespace: None, name: name.clone() },
        name,
        title: rule.title.clone(),
        what: rule.description.clone().unwrap_or_else(|| rule.title.clone()),
        why: "See the references of the rule.".to_owned(),
        sources,
        source: Source::CloudTrail,
        needs: Needs::Management,
        severity: rule.severity,
        attack: rule.attack.clone(),
        false_positives: rule.false_positives.clone(),
        rule: Rule::Sigma(Box::new(rule)),
        exclusions: Vec::new(),
        value: MetricValue::Constant(1.0),
        default_value: None,
        unit: None,
        dimensions: Vec::new(),
        alarm: AlarmChoice::Unsaid,
        findings: FindingsChoice::default(),
        allowed: Vec::new(),
        tests: Vec::new(),
        file: file.path.clone(),
        place: START,
        pack: file.pack.clone(),
    }
}

/// After the file, as titles are reworded: `aws_root_usage.yml` is `AwsRootUsage`. Further rules of
/// a file are named after their titles.
fn name(path: &str, at: usize, title: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut name = capitalised(if at == 0 { stem } else { title });
    if !name.starts_with(|first: char| first.is_ascii_alphabetic())
        || RESERVED_METRIC_NAMES.contains(&name.as_str())
    {
        name.insert_str(0, "Sigma");
    }
    name.truncate(super::check::LONGEST_NAME);
    name
}

fn capitalised(text: &str) -> String {
    text.split(|character: char| !character.is_ascii_alphanumeric())
        .filter_map(|word| {
            let (first, rest) = word.split_at_checked(1)?;
            Some(first.to_ascii_uppercase() + rest)
        })
        .collect()
}
