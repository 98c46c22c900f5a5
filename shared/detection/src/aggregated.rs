//! Aggregated events: five minutes of data events in one record, with their number.
//!
//! A trail that aggregates delivers the same data events singly as well, if it is told to, and sums them up once for
//! each template that it is given. So nothing looks at them that does not ask for them, and who asks says by which
//! dimension: `API_ACTIVITY` sums up by `eventName`, `RESOURCE_ACCESS` by `resourceARN`, `USER_ACTIONS` by
//! `userIdentity`. Otherwise 500 events would count as 1,000.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aggregated-events.html>

use serde_json::Value;

use crate::model::Glob;

/// What a detector adds up of aggregated events.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregated {
    /// The dimension by which the record sums up: records of other templates are none of its.
    pub dimension: String,
    /// The dimension among the details whose numbers count; those of the primary one if there is none.
    pub detail: Option<String>,
    /// The values of that dimension that count; all if there are none.
    pub names: Vec<Glob>,
}

/// Whether a record says that it is an aggregated event.
pub(crate) fn is_aggregated(record: &Value) -> bool {
    record["eventCategory"] == "Aggregated"
}

/// When the time of a record begins that sums up, as it is delivered.
pub(crate) fn window_start(record: &Value) -> Option<&str> {
    record["timeWindow"]["windowStart"].as_str()
}

impl Aggregated {
    /// Whether a record has anything that counts.
    pub(crate) fn selects(&self, record: &Value) -> bool {
        self.numbers(record).next().is_some()
    }

    /// How many events of it count; `None` if a number is none.
    pub(crate) fn count(&self, record: &Value) -> Option<f64> {
        self.numbers(record).map(|number| number.filter(|number| *number >= 0.0)).sum()
    }

    /// The numbers beside the values that count.
    fn numbers<'r>(&self, record: &'r Value) -> impl Iterator<Item = Option<f64>> + use<'r, '_> {
        let summary = &record["summary"];
        let primary =
            Some(&summary["primaryDimension"]).filter(|primary| is_count_by(primary, &self.dimension));
        let details = summary["details"].as_array().map(Vec::as_slice).unwrap_or_default();
        let chosen = match &self.detail {
            None => primary.map(std::slice::from_ref).unwrap_or_default(),
            Some(_) => primary.map(|_| details).unwrap_or_default(),
        };
        let dimension = self.detail.as_ref().unwrap_or(&self.dimension);
        chosen
            .iter()
            .filter(move |one| is_count_by(one, dimension))
            .flat_map(|one| one["statistics"].as_array().map(Vec::as_slice).unwrap_or_default())
            .filter(|one| one["name"].as_str().is_some_and(|name| self.takes(name)))
            .map(|one| one["value"].as_f64())
    }

    fn takes(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|glob| glob.matches(name))
    }
}

/// Whether these are numbers of events by this dimension. Other ways of aggregating may come; a mean is no number of
/// events.
fn is_count_by(statistics: &Value, dimension: &str) -> bool {
    let way = &statistics["aggregationType"];
    statistics["dimension"] == dimension && (way.is_null() || way == "Count")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Token;

    fn counts(dimension: &str, detail: Option<&str>, names: &[&str]) -> Aggregated {
        let glob = |name: &&str| {
            let token = |character| if character == '*' { Token::Many } else { Token::Char(character) };
            Glob::new(name.chars().map(token), false)
        };
        Aggregated {
            dimension: dimension.to_owned(),
            detail: detail.map(str::to_owned),
            names: names.iter().map(glob).collect(),
        }
    }

    #[test]
    fn numbers_are_added_up_by_dimension_and_name() {
        let record = json!({ "eventCategory": "Aggregated", "summary": {
            "primaryDimension": { "dimension": "eventName", "aggregationType": "Count", "statistics": [
                { "name": "GetObject", "value": 800 }, { "name": "GetObjectAcl", "value": 20 }, { "name": "PutObject", "value": 180 },
            ] },
            "details": [
                { "dimension": "errorCode", "statistics": [{ "name": "AccessDenied", "value": 12 }] },
                { "dimension": "resourceARN", "aggregationType": "Count", "statistics": [{ "name": "arn:aws:s3:::b", "value": 1000 }] },
                { "dimension": "bytes", "aggregationType": "Average", "statistics": [{ "name": "AccessDenied", "value": 7.5 }] },
            ],
        } });
        for (asked, expected) in [
            (counts("eventName", None, &[]), Some(1000.0)),
            (counts("eventName", None, &["PutObject"]), Some(180.0)),
            (counts("eventName", None, &["Get*", "PutObject"]), Some(1000.0)),
            (counts("eventName", None, &["Delete*"]), None),
            (counts("resourceARN", None, &[]), None),
            (counts("eventName", Some("errorCode"), &["Access*"]), Some(12.0)),
            (counts("eventName", Some("bytes"), &[]), None),
            (counts("resourceARN", Some("errorCode"), &[]), None),
            (counts("eventName", Some("userAgent"), &[]), None),
        ] {
            assert_eq!(asked.selects(&record).then(|| asked.count(&record)).flatten(), expected, "{asked:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_no_count_and_other_shapes_hold_nothing() {
        let asked = counts("eventName", None, &[]);
        for value in [json!("12"), json!(null), json!(-3), json!([1])] {
            let statistics = json!([{ "name": "GetObject", "value": value }]);
            let record = json!({ "summary": { "primaryDimension": { "dimension": "eventName", "statistics": statistics } } });
            assert_eq!((asked.selects(&record), asked.count(&record)), (true, None), "{record}");
        }
        for summary in [
            json!(null),
            json!("eventName"),
            json!({ "primaryDimension": "eventName" }),
            json!({ "primaryDimension": { "dimension": "eventName" } }),
            json!({ "primaryDimension": { "dimension": "eventName", "statistics": { "GetObject": 7 } } }),
            json!({ "primaryDimension": { "dimension": "eventName", "statistics": [7] } }),
        ] {
            assert!(!asked.selects(&json!({ "summary": summary })), "{summary}");
        }
    }
}
