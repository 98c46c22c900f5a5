//! What `aws logs describe-metric-filters` and `aws cloudwatch describe-alarms` print.

use super::node::Node;
use super::resource::{Found, Kind, Resource};

const FILTERS: &str = "metricFilters";
const ALARMS: &str = "MetricAlarms";
const COMPOSITE: &str = "CompositeAlarms";

/// Whether a document is such output, whole or cut down to its list with `--query`.
pub(super) fn is_output(document: &Node) -> bool {
    match document.items() {
        Some(items) => items.iter().any(|item| kind_of(item).is_some()),
        None => [FILTERS, ALARMS, COMPOSITE].iter().any(|key| document.get(key).is_some()),
    }
}

pub(super) fn read(document: &Node, found: &mut Found) {
    let scope = found.new_scope();
    if let Some(items) = document.items() {
        for item in items {
            match kind_of(item) {
                Some(kind) => add(item, kind, scope, found),
                None => found.other_resources += 1,
            }
        }
        return;
    }
    for (key, kind) in [(FILTERS, Kind::Filter), (ALARMS, Kind::Alarm)] {
        for item in document.get(key).and_then(Node::items).unwrap_or_default() {
            add(item, kind, scope, found);
        }
    }
    for alarm in document.get(COMPOSITE).and_then(Node::items).unwrap_or_default() {
        let origin = format!("composite alarm {}", name(alarm, "AlarmName").unwrap_or("without a name"));
        found.not_carried(&alarm.place, &origin, "composite alarm", super::COMPOSITE_ALARM);
    }
    for key in ["nextToken", "NextToken"] {
        if let Some(token) = document.get(key).filter(|token| !token.is_null()) {
            found.not_carried(
                &token.place,
                "the output",
                key,
                "there is more than this file holds: ask for all of it",
            );
        }
    }
}

fn add(item: &Node, kind: Kind, scope: usize, found: &mut Found) {
    let (word, key) = match kind {
        Kind::Filter => ("metric filter", "filterName"),
        Kind::Alarm => ("alarm", "AlarmName"),
    };
    let name = name(item, key).unwrap_or("without a name");
    found.add(Resource {
        kind,
        origin: format!("{word} {name}"),
        fallback_name: word.to_owned(),
        place: item.place.clone(),
        properties: item.clone(),
        scope,
    });
}

fn name<'n>(item: &'n Node, key: &str) -> Option<&'n str> {
    item.get(key).and_then(Node::word)
}

fn kind_of(item: &Node) -> Option<Kind> {
    if item.get("filterPattern").is_some() && item.get("metricTransformations").is_some() {
        Some(Kind::Filter)
    } else if item.get("AlarmName").is_some() && item.get("ComparisonOperator").is_some() {
        Some(Kind::Alarm)
    } else {
        None
    }
}
