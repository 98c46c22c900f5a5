//! The one place where the environment is read.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use trailmeter_detection::DEFAULT_PACK;
use trailmeter_logs::Limits;
use trailmeter_pipeline::Timestamps;

/// Pairs of event and detector that one invocation remembers; some 50 MB at the most.
const REMEMBERED: usize = 500_000;
/// The most that CloudWatch metrics of one detector could reasonably cost.
const MOST_DIMENSION_VALUES: usize = 1000;
/// Far above any file CloudTrail delivers.
const MOST_INFLATED_MIB: u64 = 16 * 1024;

/// What the environment says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `TRAILMETER_NAMESPACE`: the CloudWatch namespace.
    pub namespace: String,
    /// `TRAILMETER_PACKS`: packs of detectors.
    pub packs: Vec<String>,
    /// `TRAILMETER_BUCKET_REGION`: where the log bucket is, if elsewhere.
    pub bucket_region: Option<String>,
    /// `TRAILMETER_QUEUE_URL`: where single objects are handed back to.
    pub queue_url: Option<String>,
    /// What the pipeline needs to know.
    pub pipeline: trailmeter_pipeline::Settings,
}

/// A variable that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct SettingsError {
    /// Its name.
    pub variable: &'static str,
    /// What is wrong with its value and what it should be.
    pub problem: String,
}

impl Settings {
    /// Reads the environment of the process.
    pub fn from_environment() -> Result<Self, SettingsError> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables through `lookup`. An empty variable counts as unset, as a SAM template has
    /// no way to leave one out.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let get = |name: &'static str| {
            lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let list = |name| get(name).map(|text| split(&text));
        let buckets = list("TRAILMETER_BUCKETS").unwrap_or_default();
        if buckets.is_empty() {
            return Err(error(
                "TRAILMETER_BUCKETS",
                "is not set: name the log bucket, or several with commas",
            ));
        }
        let timestamps = match get("TRAILMETER_TIMESTAMPS").as_deref() {
            None | Some("arrival") => Timestamps::Arrival,
            Some("event") => Timestamps::Event,
            Some("both") => Timestamps::Both,
            Some(_) => return Err(error("TRAILMETER_TIMESTAMPS", "is none of arrival, event, both")),
        };
        let inflated_mib = number(get, "TRAILMETER_MAX_INFLATED_MIB", 512, 1..=MOST_INFLATED_MIB)?;
        Ok(Self {
            namespace: namespace(get("TRAILMETER_NAMESPACE"))?,
            packs: list("TRAILMETER_PACKS").unwrap_or_else(|| vec![DEFAULT_PACK.to_owned()]),
            bucket_region: get("TRAILMETER_BUCKET_REGION"),
            queue_url: get("TRAILMETER_QUEUE_URL"),
            pipeline: trailmeter_pipeline::Settings {
                buckets,
                timestamps,
                dimension_values: number(get, "TRAILMETER_DIMENSION_VALUES", 50, 0..=MOST_DIMENSION_VALUES)?,
                limits: Limits { inflated: inflated_mib << 20, ..Limits::default() },
                remembered: REMEMBERED,
            },
        })
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn namespace(value: Option<String>) -> Result<String, SettingsError> {
    let value = value.unwrap_or_else(|| "Trailmeter".to_owned());
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/#: ".contains(&byte);
    if value.len() > 255
        || value.starts_with(':')
        || value.starts_with("AWS/")
        || !value.bytes().all(is_allowed)
    {
        return Err(error(
            "TRAILMETER_NAMESPACE",
            "is no CloudWatch namespace: up to 255 letters, digits and . - _ / # :, not starting with AWS/ or a colon",
        ));
    }
    Ok(value)
}

fn number<N>(
    get: impl Fn(&'static str) -> Option<String>,
    variable: &'static str,
    default: N,
    allowed: RangeInclusive<N>,
) -> Result<N, SettingsError>
where
    N: FromStr + PartialOrd + Display,
{
    let Some(value) = get(variable) else { return Ok(default) };
    match value.parse() {
        Ok(number) if allowed.contains(&number) => Ok(number),
        _ => {
            Err(error(variable, &format!("is no whole number from {} to {}", allowed.start(), allowed.end())))
        }
    }
}

fn error(variable: &'static str, problem: &str) -> SettingsError {
    SettingsError { variable, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_lookup(|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn defaults_stand_where_nothing_is_set() {
        let settings = settings(&[("TRAILMETER_BUCKETS", " a , b,")]).unwrap();
        assert_eq!(settings.pipeline.buckets, ["a", "b"]);
        assert_eq!(settings.namespace, "Trailmeter");
        assert_eq!(settings.packs, ["default"]);
        assert_eq!(settings.pipeline.timestamps, Timestamps::Arrival);
        assert_eq!(settings.pipeline.dimension_values, 50);
        assert_eq!(settings.pipeline.limits.inflated, 512 << 20);
    }

    #[test]
    fn bad_values_are_named_with_what_they_should_be() {
        for (variable, value, problem) in [
            ("TRAILMETER_BUCKETS", " ,", "name the log bucket"),
            ("TRAILMETER_TIMESTAMPS", "now", "none of arrival, event, both"),
            ("TRAILMETER_DIMENSION_VALUES", "many", "no whole number from 0 to 1000"),
            ("TRAILMETER_DIMENSION_VALUES", "1001", "no whole number from 0 to 1000"),
            ("TRAILMETER_MAX_INFLATED_MIB", "0", "from 1 to"),
            ("TRAILMETER_NAMESPACE", "AWS/Lambda", "no CloudWatch namespace"),
            ("TRAILMETER_NAMESPACE", ":x", "no CloudWatch namespace"),
            ("TRAILMETER_NAMESPACE", "ä", "no CloudWatch namespace"),
        ] {
            let found = settings(&[(variable, value), ("TRAILMETER_BUCKETS", "b")]).unwrap_err();
            assert_eq!(found.variable, variable);
            assert!(found.problem.contains(problem), "{found}");
        }
    }
}
