//! The alarms that are on.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{MetricAlarm, MetricDataQuery, StateValue};
use trailmeter_notices::{Alarm, AlarmMetric, AlarmState, Alarms, PortError};

use super::failed;

/// Where nobody says otherwise.
const USUAL_PERIOD: i32 = 300;

/// Asks CloudWatch for the alarms of one stack.
#[derive(Debug, Clone)]
pub struct AlarmsOfStack {
    client: Client,
    prefix: String,
}

impl AlarmsOfStack {
    pub(super) fn new(client: Client, stack: &str) -> Self {
        Self { client, prefix: format!("{stack}-") }
    }
}

impl Alarms for AlarmsOfStack {
    async fn on(&self) -> Result<Vec<Alarm>, PortError> {
        let request =
            self.client.describe_alarms().alarm_name_prefix(&self.prefix).state_value(StateValue::Alarm);
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed(&error))?;
            // Not every service that calls itself CloudWatch looks at the state that was asked for.
            let on =
                page.metric_alarms().iter().filter(|alarm| alarm.state_value() == Some(&StateValue::Alarm));
            found.extend(on.map(alarm));
        }
        Ok(found)
    }
}

fn alarm(alarm: &MetricAlarm) -> Alarm {
    let period = alarm.period().or_else(|| alarm.metrics().iter().find_map(MetricDataQuery::period));
    let periods = alarm.evaluation_periods().unwrap_or(1);
    let changed = alarm.state_transitioned_timestamp().or_else(|| alarm.state_updated_timestamp());
    Alarm {
        name: alarm.alarm_name().unwrap_or_default().to_owned(),
        arn: alarm.alarm_arn().map(str::to_owned),
        description: alarm.alarm_description().unwrap_or_default().to_owned(),
        state: AlarmState::Alarm,
        reason: alarm.state_reason().unwrap_or_default().to_owned(),
        changed: changed.map(DateTime::secs),
        metric: metric(alarm),
        looks_back: i64::from(period.unwrap_or(USUAL_PERIOD)) * i64::from(periods),
        contributor: None,
    }
}

/// The metric of its own, or the first that it reckons with: the silence is over the filled gaps of one.
fn metric(alarm: &MetricAlarm) -> Option<AlarmMetric> {
    let own = alarm.namespace().zip(alarm.metric_name());
    let (namespace, name) = own.or_else(|| {
        let metrics = alarm.metrics().iter();
        metrics.filter_map(|one| one.metric_stat()?.metric()).find_map(|m| m.namespace().zip(m.metric_name()))
    })?;
    Some(AlarmMetric { namespace: namespace.to_owned(), name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::{Metric, MetricDataQuery, MetricStat};

    use super::*;

    fn named(metric: Option<AlarmMetric>) -> Option<(String, String)> {
        metric.map(|metric| (metric.namespace, metric.name))
    }

    #[test]
    fn what_an_alarm_watches_is_found_where_it_reckons_too() {
        let own = MetricAlarm::builder().namespace("Trailmeter/prod").metric_name("AccessDenied").build();
        let expected = ("Trailmeter/prod".to_owned(), "AccessDenied".to_owned());
        assert_eq!(named(alarm(&own).metric), Some(expected));

        // The alarm on silence: without its metric it would be taken for the one on loaded detectors.
        let objects = Metric::builder().namespace("Trailmeter/prod").metric_name("ObjectsIn").build();
        let stat = MetricStat::builder().metric(objects).period(3600).stat("Sum").build();
        let silence = MetricAlarm::builder()
            .metrics(MetricDataQuery::builder().id("filled").expression("FILL(objects, 0)").build())
            .metrics(MetricDataQuery::builder().id("objects").metric_stat(stat).build())
            .build();
        let expected = ("Trailmeter/prod".to_owned(), "ObjectsIn".to_owned());
        assert_eq!(named(alarm(&silence).metric), Some(expected));

        let query = MetricDataQuery::builder().id("matches").expression("SELECT").period(300).build();
        assert_eq!(named(alarm(&MetricAlarm::builder().metrics(query).build()).metric), None);
    }
}
