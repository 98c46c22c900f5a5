//! What CloudWatch in the local cloud holds, read back as AWS would show it.

use anyhow::{Context, Result};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Datapoint, Dimension, Metric, StateValue, Statistic};
use jiff::{SignedDuration, Timestamp};

use super::LocalCloud;

/// CloudWatch takes points from two weeks back to two hours ahead; this is a little more.
const BACK: SignedDuration = SignedDuration::from_hours(24 * 15);
const AHEAD: SignedDuration = SignedDuration::from_hours(3);
/// The longest period; the sums over all of them are wanted.
const PERIOD_SECONDS: i32 = 86_400;

impl LocalCloud {
    /// The sum of a series: this metric with exactly these dimensions.
    ///
    /// The local cloud answers a question without dimensions with the sum of all series of the
    /// name, which AWS does not. The other series are therefore taken off again; ask when nothing
    /// is being written.
    pub async fn metric_sum(
        &self,
        namespace: &str,
        metric: &str,
        dimensions: &[(&str, &str)],
    ) -> Result<f64> {
        let client = Client::new(&self.config().await);
        let dimension = |(name, value): &(&str, &str)| Dimension::builder().name(*name).value(*value).build();
        let dimensions: Vec<Dimension> = dimensions.iter().map(dimension).collect();
        let mut sum = sum_of(&client, namespace, metric, &dimensions).await?;
        if dimensions.is_empty() {
            for series in series_of(&client, namespace, metric).await? {
                if !series.dimensions().is_empty() {
                    sum -= sum_of(&client, namespace, metric, series.dimensions()).await?;
                }
            }
        }
        Ok(sum)
    }

    /// Alarms whose names begin so: the rest of the name, and whether it is in ALARM.
    pub async fn alarms(&self, prefix: &str) -> Result<Vec<(String, bool)>> {
        let client = Client::new(&self.config().await);
        let mut pages = client.describe_alarms().alarm_name_prefix(prefix).into_paginator().send();
        let mut alarms = Vec::new();
        while let Some(page) = pages.try_next().await.context("cannot list alarms")? {
            for alarm in page.metric_alarms() {
                let name = alarm.alarm_name().unwrap_or_default();
                let name = name.strip_prefix(prefix).unwrap_or(name).to_owned();
                alarms.push((name, alarm.state_value() == Some(&StateValue::Alarm)));
            }
        }
        Ok(alarms)
    }
}

async fn sum_of(client: &Client, namespace: &str, metric: &str, dimensions: &[Dimension]) -> Result<f64> {
    let now = Timestamp::now();
    let statistics = client
        .get_metric_statistics()
        .namespace(namespace)
        .metric_name(metric)
        .set_dimensions(Some(dimensions.to_vec()))
        .start_time(DateTime::from_secs((now - BACK).as_second()))
        .end_time(DateTime::from_secs((now + AHEAD).as_second()))
        .period(PERIOD_SECONDS)
        .statistics(Statistic::Sum)
        .send()
        .await
        .with_context(|| format!("cannot read {metric}"))?;
    Ok(statistics.datapoints().iter().filter_map(Datapoint::sum).fold(0.0, |sum, part| sum + part))
}

async fn series_of(client: &Client, namespace: &str, metric: &str) -> Result<Vec<Metric>> {
    let request = client.list_metrics().namespace(namespace).metric_name(metric);
    let mut pages = request.into_paginator().send();
    let mut series = Vec::new();
    while let Some(page) = pages.try_next().await.context("cannot list metrics")? {
        series.extend_from_slice(page.metrics());
    }
    Ok(series)
}
