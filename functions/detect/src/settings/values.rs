//! From the text of a variable to its value, or what it should have been.

use std::collections::BTreeMap;

use trailmeter_aws::Retention;
use trailmeter_pipeline::{LedgerSettings, ObjectRef, Unavailable};
use trailmeter_variables::{SettingsError, Variables, split};

use super::{DetectorsPlace, Ledger};

/// Longer than CloudTrail tries to deliver (30 days) and than a message can wait in both queues.
const OBJECT_DAYS: i64 = 35;
/// Trails that overlap deliver an event within the hour; a day is for a bad one.
const EVENT_HOURS: i64 = 24;

pub(super) fn namespace(variable: &'static str, value: Option<String>) -> Result<String, SettingsError> {
    let value = value.unwrap_or_else(|| "Trailmeter".to_owned());
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/#: ".contains(&byte);
    if value.len() > 255
        || value.starts_with(':')
        || value.starts_with("AWS/")
        || !value.bytes().all(is_allowed)
    {
        return Err(SettingsError::new(
            variable,
            "is no CloudWatch namespace: up to 255 letters, digits and . - _ / # :, not starting with AWS/ or a colon",
        ));
    }
    Ok(value)
}

/// `s3://BUCKET/KEY` or `ssm:/PARAMETER/NAME`.
pub(super) fn place(text: &str) -> Result<DetectorsPlace, SettingsError> {
    let is_whole = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    if let Some((bucket, key)) = text.strip_prefix("s3://").and_then(|rest| rest.split_once('/'))
        && is_whole(bucket)
        && !key.is_empty()
        && !key.ends_with('/')
    {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        return Ok(DetectorsPlace::S3(ObjectRef { bucket, key }));
    }
    match text.strip_prefix("ssm:") {
        Some(name) if name.len() > 1 && name.starts_with('/') && is_whole(name) => {
            Ok(DetectorsPlace::Ssm(name.to_owned()))
        }
        _ => Err(SettingsError::new(
            "TRAILMETER_DETECTORS",
            "names no place that detectors can be loaded from: s3://BUCKET/KEY or ssm:/PARAMETER/NAME",
        )),
    }
}

/// `NAME=VALUE,VALUE;NAME=VALUE`.
pub(super) fn lists(text: &str) -> Result<BTreeMap<String, Vec<String>>, SettingsError> {
    let bad = |problem: &str| SettingsError::new("TRAILMETER_LISTS", problem);
    let mut lists = BTreeMap::new();
    for list in text.split(';').map(str::trim).filter(|list| !list.is_empty()) {
        let (name, values) = list.split_once('=').ok_or_else(|| {
            bad("is no list of lists: NAME=VALUE,VALUE, and a semicolon between one and the next")
        })?;
        let (name, values) = (name.trim(), split(values));
        if name.is_empty() || values.is_empty() {
            return Err(bad(
                "has a list without a name or without values: leave it out to keep the detectors' own",
            ));
        }
        if lists.insert(name.to_owned(), values).is_some() {
            return Err(bad(&format!("names the list {name} twice")));
        }
    }
    Ok(lists)
}

/// The ledger, and how it is used; none unless it is asked for.
pub(super) fn ledger(variables: Variables<'_>) -> Result<(Option<Ledger>, LedgerSettings), SettingsError> {
    let mut settings = LedgerSettings::default();
    match variables.get("TRAILMETER_LEDGER").as_deref() {
        None | Some("off") => return Ok((None, settings)),
        Some("object") => {}
        Some("event") => settings.events = true,
        Some(_) => return Err(SettingsError::new("TRAILMETER_LEDGER", "is none of off, object, event")),
    }
    settings.unavailable = match variables.get("TRAILMETER_LEDGER_UNAVAILABLE").as_deref() {
        None | Some("hold") => Unavailable::Hold,
        Some("count") => Unavailable::Count,
        Some(_) => {
            return Err(SettingsError::new("TRAILMETER_LEDGER_UNAVAILABLE", "is neither hold nor count"));
        }
    };
    let table = variables.get("TRAILMETER_LEDGER_TABLE").ok_or_else(|| {
        SettingsError::new(
            "TRAILMETER_LEDGER_TABLE",
            "is not set: name the table, or turn the ledger off with TRAILMETER_LEDGER=off",
        )
    })?;
    let retention = Retention {
        object_days: variables.number("TRAILMETER_LEDGER_DAYS", 1..=365)?.unwrap_or(OBJECT_DAYS),
        event_hours: variables.number("TRAILMETER_LEDGER_EVENT_HOURS", 1..=720)?.unwrap_or(EVENT_HOURS),
    };
    Ok((Some(Ledger { table, retention }), settings))
}
