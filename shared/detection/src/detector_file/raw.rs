//! The detector file as it is written, before anything is believed of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::load_error::Place;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawDetector {
    pub name: Spanned<String>,
    pub title: String,
    pub what: String,
    pub why: String,
    pub sources: Spanned<Vec<String>>,
    #[expect(dead_code, reason = "there is one log source so far; the file must name it all the same")]
    pub logs: RawLogs,
    #[serde(default)]
    pub needs: RawNeeds,
    pub pattern: Spanned<String>,
    #[serde(default)]
    pub exclude: Vec<RawExclusion>,
    pub value: Option<Spanned<RawValue>>,
    pub unit: Option<Spanned<String>>,
    #[serde(default)]
    pub dimensions: Vec<Spanned<BTreeMap<String, Spanned<String>>>>,
    pub alarm: Option<Spanned<RawAlarm>>,
    pub tests: Spanned<Vec<Spanned<RawTest>>>,
}

#[derive(Deserialize)]
pub(super) enum RawLogs {
    #[serde(rename = "cloudtrail")]
    CloudTrail,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawNeeds {
    #[default]
    Management,
    Data,
    Network,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExclusion {
    pub name: Spanned<String>,
    pub reason: String,
    pub pattern: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawValue {
    Constant(f64),
    Field(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawAlarm {
    pub description: String,
    #[serde(default = "one")]
    pub threshold: f64,
    #[serde(default = "five_minutes")]
    pub period: u32,
    #[serde(default = "one_period")]
    pub evaluation_periods: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTest {
    pub name: String,
    #[serde(rename = "match")]
    pub expected: RawExpected,
    pub record: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawExpected {
    Flag(bool),
    Word(RawExcluded),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawExcluded {
    Excluded,
}

fn one() -> f64 {
    1.0
}

fn five_minutes() -> u32 {
    300
}

fn one_period() -> u32 {
    1
}

/// Parses the YAML. Unknown and repeated keys, aliases that multiply and other YAML than one
/// document of this shape are errors.
pub(super) fn parse(text: &str) -> Result<RawDetector, (Place, String)> {
    serde_saphyr::from_str(text).map_err(|error| {
        let place = error.location().map(place_of).unwrap_or_default();
        (place, reason(&error))
    })
}

pub(super) fn place_of(location: serde_saphyr::Location) -> Place {
    Place { line: location.line(), column: location.column() }
}

/// The library's own words without the place, which is printed before them, and on one line.
fn reason(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or_default();
    let end = first.rfind(" at line ").unwrap_or(first.len());
    first[..end].trim_end_matches([',', ';']).to_owned()
}
