//! Who and what in records that hold sums in the place of a call: Insights and aggregated events.

use serde_json::Value;

/// What an Insight puts most of the unusual calls down to, by one of its attributes: `userIdentityArn`, `userAgent`,
/// `errorCode`.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html>
pub(super) fn attributed<'r>(record: &'r Value, attribute: &str) -> Option<&'r str> {
    let attributions = record["insightDetails"]["insightContext"]["attributions"].as_array()?;
    let insight = attributions.iter().find(|one| one["attribute"] == attribute)?["insight"].as_array()?;
    let mut top: Option<(&str, f64)> = None;
    for one in insight {
        let Some(value) = one["value"].as_str().filter(|value| !value.is_empty()) else { continue };
        let average = one["average"].as_f64().unwrap_or_default();
        // Of several alike the first one: AWS puts the most frequent ones first.
        if top.is_none_or(|(_, most)| average > most) {
            top = Some((value, average));
        }
    }
    top.map(|(value, _)| value)
}

/// What an aggregated event sums up, if it does so by this dimension and for one value alone.
pub(super) fn summed_up<'r>(record: &'r Value, dimension: &str) -> Option<&'r str> {
    let primary = &record["summary"]["primaryDimension"];
    match primary["statistics"].as_array()?.as_slice() {
        [one] if primary["dimension"] == dimension => one["name"].as_str().filter(|name| !name.is_empty()),
        _ => None,
    }
}
