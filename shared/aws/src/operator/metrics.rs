//! What `CloudWatch` says: alarms, and sums of metrics.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use aws_smithy_types::DateTime;

use super::ask::{Asked, failed};

const HOUR: i64 = 3600;

/// An alarm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlarmFacts {
    /// Its name.
    pub name: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Why, in the words of `CloudWatch`.
    pub reason: String,
    /// Whether it tells anybody.
    pub tells: bool,
}

/// A metric that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetricQuery {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: &'static str,
    /// Name and value of its one dimension.
    pub dimension: Option<(&'static str, String)>,
    /// `Sum` or `Maximum`.
    pub statistic: &'static str,
}

pub(super) async fn alarms(client: &Client, prefix: &str) -> Asked<Vec<AlarmFacts>> {
    let mut pages = client.describe_alarms().alarm_name_prefix(prefix).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed("cloudwatch:DescribeAlarms"))?;
        found.extend(page.metric_alarms().iter().map(|alarm| AlarmFacts {
            name: alarm.alarm_name().unwrap_or_default().to_owned(),
            state: alarm.state_value().map(|state| state.as_str().to_owned()).unwrap_or_default(),
            reason: alarm.state_reason().unwrap_or_default().to_owned(),
            tells: alarm.actions_enabled().unwrap_or(false) && !alarm.alarm_actions().is_empty(),
        }));
    }
    Ok(found)
}

/// The values of metrics over the last hours, by their names: sums added up, of maxima the highest.
/// What has no datapoint is not in it.
pub(super) async fn metrics(
    client: &Client,
    queries: &[MetricQuery],
    now: i64,
    hours: i64,
) -> Asked<BTreeMap<&'static str, f64>> {
    let request = client
        .get_metric_data()
        // Whole hours, that of now included: the end itself is not in it.
        .start_time(DateTime::from_secs((now / HOUR - hours) * HOUR))
        .end_time(DateTime::from_secs((now / HOUR + 1) * HOUR))
        .set_metric_data_queries(Some(
            queries.iter().enumerate().map(|(at, query)| data_query(at, query)).collect(),
        ));
    let mut found = BTreeMap::new();
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed("cloudwatch:GetMetricData"))?;
        for result in page.metric_data_results() {
            let at = result.id().and_then(|id| id.trim_start_matches('m').parse::<usize>().ok());
            let Some(query) = at.and_then(|at| queries.get(at)) else { continue };
            for &value in result.values() {
                let so_far = found.entry(query.name).or_insert(0.0);
                *so_far = if query.statistic == "Maximum" { value.max(*so_far) } else { *so_far + value };
            }
        }
    }
    Ok(found)
}

fn data_query(at: usize, query: &MetricQuery) -> MetricDataQuery {
    let dimension =
        query.dimension.as_ref().map(|(name, value)| Dimension::builder().name(*name).value(value).build());
    let metric = Metric::builder()
        .namespace(&query.namespace)
        .metric_name(query.name)
        .set_dimensions(dimension.map(|dimension| vec![dimension]))
        .build();
    let stat = MetricStat::builder().metric(metric).period(3600).stat(query.statistic).build();
    MetricDataQuery::builder().id(format!("m{at}")).metric_stat(stat).build()
}
