//! What `PutMetricData` refuses.
//!
//! Where AWS's pages leave room, the narrower reading is taken: a sender that passes here passes
//! there.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
//! and `API_MetricDatum`, `API_Dimension` beside it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::wire::{Datum, Put};
use crate::http::Request;

/// Bytes of a request, before and after it is inflated: AWS says 1 MB and not of what.
pub const BODY_BYTES: usize = 1_000_000;
/// Metrics of a request.
pub const METRICS: usize = 1000;
/// Values of a metric.
pub const VALUES: usize = 150;
/// Dimensions of a metric.
pub const DIMENSIONS: usize = 30;

const PAST_SECONDS: f64 = 14.0 * 86_400.0;
const FUTURE_SECONDS: f64 = 2.0 * 3600.0;

const UNITS: &str = "Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits \
    Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second \
    Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None";

/// Why a request is refused, in the words of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// The code by which clients know it.
    pub(super) code: String,
    /// The name of its shape in the model.
    pub(super) shape: String,
    pub(super) message: String,
}

impl Refusal {
    fn new(status: u16, code: &str, shape: &str, message: String) -> Self {
        Self { status, code: code.to_owned(), shape: shape.to_owned(), message }
    }

    fn value(message: String) -> Self {
        Self::new(400, "InvalidParameterValue", "InvalidParameterValueException", message)
    }

    fn combination(message: String) -> Self {
        Self::new(400, "InvalidParameterCombination", "InvalidParameterCombinationException", message)
    }

    fn missing(what: &str) -> Self {
        let message = format!("The parameter {what} is required.");
        Self::new(400, "MissingParameter", "MissingRequiredParameterException", message)
    }

    /// The request cannot be read.
    pub(super) fn malformed(message: &str) -> Self {
        Self::new(400, "SerializationException", "SerializationException", message.to_owned())
    }

    /// An error that a test asked for.
    pub(super) fn scripted(status: u16, code: &str) -> Self {
        Self::new(status, code, code, format!("{code}, as the script says"))
    }
}

type Checked = Result<(), Refusal>;

/// What can be said of a request before it is read.
pub(super) fn of_request(request: &Request, inflated_bytes: usize) -> Checked {
    if request.method != "POST" || request.header("smithy-protocol") != Some("rpc-v2-cbor") {
        return Err(Refusal::malformed("no Smithy RPC v2 CBOR request"));
    }
    if !request.header("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 ")) {
        let code = "MissingAuthenticationToken";
        return Err(Refusal::new(403, code, code, "the request is not signed".to_owned()));
    }
    let bytes = request.body.len().max(inflated_bytes);
    if bytes > BODY_BYTES {
        let code = "RequestEntityTooLarge";
        return Err(Refusal::new(413, code, code, format!("the request has {bytes} bytes or more")));
    }
    Ok(())
}

/// What can be said of a request that was read.
pub(super) fn of_put(put: &Put, now: Timestamp) -> Checked {
    if put.has_entities {
        return Err(Refusal::malformed("entities are not modelled here"));
    }
    named("Namespace", &put.namespace, 255)?;
    if put.namespace.starts_with("AWS/") {
        return Err(Refusal::value("the value AWS/ for parameter Namespace is reserved".to_owned()));
    }
    if put.metrics.is_empty() {
        return Err(Refusal::missing("MetricData"));
    }
    if put.metrics.len() > METRICS {
        let size = put.metrics.len();
        return Err(Refusal::value(format!(
            "the collection MetricData must not have a size greater than {METRICS}: {size}"
        )));
    }
    put.metrics.iter().enumerate().try_for_each(|(at, datum)| {
        of_datum(datum, now).map_err(|refusal| {
            let message = format!("MetricData.member.{}: {}", at + 1, refusal.message);
            Refusal { message, ..refusal }
        })
    })
}

fn of_datum(datum: &Datum, now: Timestamp) -> Checked {
    named("MetricName", &datum.name, 255)?;
    dimensions(&datum.dimensions)?;
    if let Some(seconds) = datum.timestamp {
        timestamp(seconds, now)?;
    }
    if let Some(unit) =
        datum.unit.as_deref().filter(|unit| !UNITS.split_whitespace().any(|known| known == *unit))
    {
        return Err(Refusal::value(format!("there is no unit {unit:?}")));
    }
    if let Some(seconds) = datum.storage_resolution.filter(|seconds| ![1, 60].contains(seconds)) {
        return Err(Refusal::value(format!("StorageResolution is {seconds}, neither 1 nor 60")));
    }
    values(datum)
}

fn values(datum: &Datum) -> Checked {
    let given = [datum.value.is_some(), datum.statistics.is_some(), datum.values.is_some()];
    match given.iter().filter(|given| **given).count() {
        0 => return Err(Refusal::missing("Value, StatisticValues or Values")),
        1 => {}
        _ => {
            return Err(Refusal::combination(
                "only one of Value, StatisticValues and Values may be given".to_owned(),
            ));
        }
    }
    if let Some(value) = datum.value {
        finite("Value", value)?;
    }
    if let Some(statistics) = datum.statistics {
        for (name, value) in [
            ("SampleCount", statistics.count),
            ("Sum", statistics.sum),
            ("Minimum", statistics.minimum),
            ("Maximum", statistics.maximum),
        ] {
            finite(name, value)?;
        }
        if statistics.count <= 0.0 || statistics.minimum > statistics.maximum {
            return Err(Refusal::value("StatisticValues are those of no set of samples".to_owned()));
        }
    }
    match (&datum.values, &datum.counts) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Refusal::combination("Counts need Values".to_owned())),
        (Some(values), counts) => {
            if values.is_empty() || values.len() > VALUES {
                return Err(Refusal::value(format!(
                    "Values has {} members, not 1 to {VALUES}",
                    values.len()
                )));
            }
            values.iter().try_for_each(|value| finite("Values", *value))?;
            let Some(counts) = counts else { return Ok(()) };
            if counts.len() != values.len() {
                let (counts, values) = (counts.len(), values.len());
                return Err(Refusal::value(format!("{counts} Counts for {values} Values")));
            }
            counts.iter().try_for_each(|count| {
                finite("Counts", *count)?;
                if *count > 0.0 { Ok(()) } else { Err(Refusal::value(format!("a count of {count}"))) }
            })
        }
    }
}

fn dimensions(dimensions: &[(String, String)]) -> Checked {
    if dimensions.len() > DIMENSIONS {
        return Err(Refusal::value(format!("{} dimensions, more than {DIMENSIONS}", dimensions.len())));
    }
    let mut names = BTreeSet::new();
    dimensions.iter().try_for_each(|(name, value)| {
        named("Dimension.Name", name, 255)?;
        printable("Dimension.Value", value, 1024)?;
        if names.insert(name) {
            Ok(())
        } else {
            Err(Refusal::value(format!("two dimensions are called {name}")))
        }
    })
}

/// Names are printable and do not start with a colon.
fn named(what: &str, text: &str, longest: usize) -> Checked {
    printable(what, text, longest)?;
    if text.starts_with(':') {
        return Err(Refusal::value(format!("{what} {text:?} starts with a colon")));
    }
    Ok(())
}

fn printable(what: &str, text: &str, longest: usize) -> Checked {
    if text.is_empty() {
        return Err(Refusal::missing(what));
    }
    if text.len() > longest {
        return Err(Refusal::value(format!("{what} is longer than {longest}: {}", text.len())));
    }
    if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) || text.trim().is_empty() {
        return Err(Refusal::value(format!("{what} {text:?} is not of printable ASCII characters")));
    }
    Ok(())
}

fn timestamp(seconds: f64, now: Timestamp) -> Checked {
    let ahead = seconds - now.as_duration().as_secs_f64();
    if !ahead.is_finite() || !(-PAST_SECONDS..=FUTURE_SECONDS).contains(&ahead) {
        let message = format!(
            "the timestamp lies {ahead} seconds ahead, not within two weeks back and two hours ahead"
        );
        return Err(Refusal::value(message));
    }
    Ok(())
}

/// Neither NaN nor infinite, and not beyond 2 to the power of 360.
fn finite(what: &str, value: f64) -> Checked {
    if value.is_nan() || value.abs() > 2_f64.powi(360) {
        return Err(Refusal::value(format!("{what} is {value}")));
    }
    Ok(())
}
