//! Metrics to CloudWatch.

use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit, StatisticSet};
use trailmeter_pipeline::{Datum, DatumValues, Effect, MetricSink, PutError};

use crate::sdk_error::{Described, Ending, ending};

/// How often a request is sent that is known not to have been applied.
const ATTEMPTS: u32 = 5;
/// The pause before the first repetition; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Puts metrics with `PutMetricData`.
#[derive(Debug, Clone)]
pub struct CloudWatchSink {
    client: Client,
    namespace: String,
}

impl CloudWatchSink {
    /// `client` must not repeat requests by itself. `namespace` is for data that name none.
    pub(crate) fn new(client: Client, namespace: String) -> Self {
        Self { client, namespace }
    }
}

impl MetricSink for CloudWatchSink {
    async fn put(&self, data: &[Datum]) -> Result<(), PutError> {
        // The pipeline mixes no namespaces in one request.
        let namespace = data.first().and_then(|datum| datum.namespace.as_ref()).unwrap_or(&self.namespace);
        let data: Vec<MetricDatum> = data.iter().map(metric_datum).collect();
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let request =
                self.client.put_metric_data().namespace(namespace).set_metric_data(Some(data.clone()));
            let Err(error) = request.send().await else { return Ok(()) };
            let (effect, may_repeat) = match ending(&error) {
                Ending::NotSent | Ending::Throttled => (Effect::NotApplied, true),
                Ending::Refused => (Effect::NotApplied, false),
                Ending::Lost => (Effect::Uncertain, false),
            };
            if !may_repeat || attempt == ATTEMPTS {
                return Err(PutError { effect, source: Described::boxed(&error) });
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            attempt += 1;
        }
    }
}

fn metric_datum(datum: &Datum) -> MetricDatum {
    let dimensions = datum
        .dimensions
        .iter()
        .map(|(name, value)| Dimension::builder().name(name).value(value).build())
        .collect();
    let builder = MetricDatum::builder()
        .metric_name(&datum.name)
        .set_dimensions(Some(dimensions))
        .timestamp(DateTime::from_secs(datum.timestamp))
        .set_unit(datum.unit.as_deref().map(StandardUnit::from));
    match &datum.values {
        DatumValues::Distribution(values) => {
            let (values, counts) = values.iter().copied().unzip();
            builder.set_values(Some(values)).set_counts(Some(counts))
        }
        DatumValues::Statistics { count, sum, minimum, maximum } => builder.statistic_values(
            StatisticSet::builder()
                .sample_count(*count)
                .sum(*sum)
                .minimum(*minimum)
                .maximum(*maximum)
                .build(),
        ),
    }
    .build()
}
