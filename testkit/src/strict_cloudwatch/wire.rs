//! `PutMetricData` as Smithy RPC v2 CBOR, which is what the Rust SDK speaks.
//!
//! Source: <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

use ciborium::Value;

use super::limits::Refusal;
use crate::http::Response;

/// The end of the operation's path.
pub(super) const PUT_METRIC_DATA: &str = "/service/GraniteServiceVersion20100801/operation/PutMetricData";

/// The request's content, of the right types but otherwise as sent.
#[derive(Debug, Default)]
pub(super) struct Put {
    pub(super) namespace: String,
    pub(super) metrics: Vec<Datum>,
    pub(super) has_entities: bool,
}

/// One metric's values.
#[derive(Debug, Default, Clone)]
pub(super) struct Datum {
    pub(super) name: String,
    /// A list and no map: two of one name have to be seen to be refused.
    pub(super) dimensions: Vec<(String, String)>,
    pub(super) timestamp: Option<f64>,
    pub(super) value: Option<f64>,
    pub(super) statistics: Option<Statistics>,
    pub(super) values: Option<Vec<f64>>,
    pub(super) counts: Option<Vec<f64>>,
    pub(super) unit: Option<String>,
    pub(super) storage_resolution: Option<i128>,
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Statistics {
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) minimum: f64,
    pub(super) maximum: f64,
}

type Decoded<T> = Result<T, Refusal>;

/// Reads a body. Members that the model does not know are refused: they would be a typing error.
pub(super) fn decode(body: &[u8]) -> Decoded<Put> {
    let whole: Value = ciborium::from_reader(body)
        .map_err(|error| Refusal::malformed(&format!("the body is no CBOR: {error}")))?;
    let mut put = Put::default();
    for (name, value) in members(whole, "the request")? {
        match name.as_str() {
            "Namespace" => put.namespace = text(value, &name)?,
            "MetricData" => {
                put.metrics = list(value, &name)?.into_iter().map(datum).collect::<Decoded<_>>()?;
            }
            "EntityMetricData" | "StrictEntityValidation" => put.has_entities = true,
            _ => return Err(unknown(&name)),
        }
    }
    Ok(put)
}

fn datum(value: Value) -> Decoded<Datum> {
    let mut datum = Datum::default();
    for (name, value) in members(value, "a member of MetricData")? {
        match name.as_str() {
            "MetricName" => datum.name = text(value, &name)?,
            "Dimensions" => {
                datum.dimensions = list(value, &name)?.into_iter().map(dimension).collect::<Decoded<_>>()?;
            }
            "Timestamp" => datum.timestamp = Some(timestamp(value)?),
            "Value" => datum.value = Some(number(&value, &name)?),
            "StatisticValues" => datum.statistics = Some(statistics(value)?),
            "Values" => datum.values = Some(numbers(value, &name)?),
            "Counts" => datum.counts = Some(numbers(value, &name)?),
            "Unit" => datum.unit = Some(text(value, &name)?),
            "StorageResolution" => {
                let Value::Integer(seconds) = value else { return Err(wrong(&name, "an integer")) };
                datum.storage_resolution = Some(seconds.into());
            }
            _ => return Err(unknown(&name)),
        }
    }
    Ok(datum)
}

fn dimension(value: Value) -> Decoded<(String, String)> {
    let (mut name, mut content) = (String::new(), String::new());
    for (member, value) in members(value, "a dimension")? {
        match member.as_str() {
            "Name" => name = text(value, &member)?,
            "Value" => content = text(value, &member)?,
            _ => return Err(unknown(&member)),
        }
    }
    Ok((name, content))
}

fn statistics(value: Value) -> Decoded<Statistics> {
    let mut statistics = Statistics { count: f64::NAN, sum: f64::NAN, minimum: f64::NAN, maximum: f64::NAN };
    for (name, value) in members(value, "StatisticValues")? {
        let field = match name.as_str() {
            "SampleCount" => &mut statistics.count,
            "Sum" => &mut statistics.sum,
            "Minimum" => &mut statistics.minimum,
            "Maximum" => &mut statistics.maximum,
            _ => return Err(unknown(&name)),
        };
        *field = number(&value, &name)?;
    }
    Ok(statistics)
}

fn members(value: Value, what: &str) -> Decoded<Vec<(String, Value)>> {
    let Value::Map(members) = value else { return Err(wrong(what, "a map")) };
    members.into_iter().map(|(name, value)| Ok((text(name, "a member's name")?, value))).collect()
}

fn list(value: Value, name: &str) -> Decoded<Vec<Value>> {
    value.into_array().map_err(|_| wrong(name, "a list"))
}

fn text(value: Value, name: &str) -> Decoded<String> {
    value.into_text().map_err(|_| wrong(name, "a string"))
}

fn numbers(value: Value, name: &str) -> Decoded<Vec<f64>> {
    list(value, name)?.iter().map(|value| number(value, name)).collect()
}

/// Serializers may shorten a whole double to an integer.
fn number(value: &Value, name: &str) -> Decoded<f64> {
    match value {
        Value::Float(number) => Ok(*number),
        Value::Integer(number) => {
            i128::from(*number).to_string().parse().map_err(|_| wrong(name, "a number"))
        }
        _ => Err(wrong(name, "a number")),
    }
}

/// Tag 1 is seconds since 1970.
fn timestamp(value: Value) -> Decoded<f64> {
    match value {
        Value::Tag(1, seconds) => number(&seconds, "Timestamp"),
        _ => Err(wrong("Timestamp", "a timestamp")),
    }
}

fn wrong(name: &str, wanted: &str) -> Refusal {
    Refusal::malformed(&format!("{name} is not {wanted}"))
}

fn unknown(name: &str) -> Refusal {
    Refusal::malformed(&format!("there is no member {name}"))
}

const CBOR: [(&str, &str); 3] = [
    ("content-type", "application/cbor"),
    ("smithy-protocol", "rpc-v2-cbor"),
    ("x-amzn-requestid", "6f1ff9a3-0000-4000-8000-000000000000"),
];

/// An empty output is an empty map.
pub(super) fn success() -> Response {
    Response::new(200, &CBOR, vec![0xA0])
}

/// An error in both forms: the body's `__type`, and the header for clients that knew the old codes.
pub(super) fn error(refusal: &Refusal) -> Response {
    let shape = format!("com.amazonaws.cloudwatch#{}", refusal.shape);
    let fields = [("__type", shape.as_str()), ("message", refusal.message.as_str())];
    let map = fields.iter().map(|(name, value)| (Value::from(*name), Value::from(*value))).collect();
    let mut body = Vec::new();
    // Writing to memory cannot fail; an empty body would still carry the status.
    drop(ciborium::into_writer(&Value::Map(map), &mut body));
    let fault = if refusal.status < 500 { "Sender" } else { "Receiver" };
    let old = format!("{};{fault}", refusal.code);
    let mut headers = CBOR.to_vec();
    headers.push(("x-amzn-query-error", old.as_str()));
    headers.push(("x-amzn-errortype", refusal.shape.as_str()));
    Response::new(refusal.status, &headers, body)
}
