//! The alarms that are on.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{MetricAlarm, StateValue};
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
    let period = alarm.period().or_else(|| alarm.metrics().iter().find_map(|one| one.period()));
    let periods = alarm.evaluation_periods().unwrap_or(1);
    let changed = alarm.state_transitioned_timestamp().or_else(|| alarm.state_updated_timestamp());
    let metric = alarm.namespace().zip(alarm.metric_name());
    Alarm {
        name: alarm.alarm_name().unwrap_or_default().to_owned(),
        arn: alarm.alarm_arn().map(str::to_owned),
        description: alarm.alarm_description().unwrap_or_default().to_owned(),
        state: AlarmState::Alarm,
        reason: alarm.state_reason().unwrap_or_default().to_owned(),
        changed: changed.map(|time| time.secs()),
        metric: metric
            .map(|(namespace, name)| AlarmMetric { namespace: namespace.to_owned(), name: name.to_owned() }),
        looks_back: i64::from(period.unwrap_or(USUAL_PERIOD)) * i64::from(periods),
        contributor: None,
    }
}
