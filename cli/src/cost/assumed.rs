//! What the bill takes for granted. Whoever prints a bill prints this with it.

use super::meter::Deployment;
use super::number::grouped;
use super::prices::{DATE, PRICES, REGION};

/// Bytes in a GB of AWS's bills.
pub(crate) const GB: f64 = 1_073_741_824.0;

/// Bytes of records that the function inflates, parses and matches in a second, with 1,024 MiB.
/// Lambda gives CPU in proportion to memory: other settings change the time, hardly the price.
pub(crate) const INFLATED_PER_SECOND: f64 = 25e6;
/// What an object costs beside its bytes: the answers of S3 and CloudWatch, and now and then a start.
pub(crate) const SECONDS_PER_OBJECT: f64 = 0.1;
/// Memory of the function in GB.
pub(crate) const LAMBDA_GB: f64 = 1.0;
/// Lines that an invocation leaves in the function's own log: one of Trailmeter's, three of Lambda's.
pub(crate) const LOG_BYTES_PER_INVOCATION: f64 = 1500.0;
/// Lambda polls an idle queue with five connections, each of which waits twenty seconds for an
/// answer that is paid for: 5 x 3 x 60 x 24 x 30.
pub(crate) const IDLE_POLLS: f64 = 648_000.0;
/// What is left of log data when it is stored, by AWS's own examples; kept for a month.
pub(crate) const STORED_SHARE: f64 = 0.15;

/// The template's alarms on the pipeline itself, those on the ledger included.
pub(crate) const PIPELINE_ALARMS: f64 = 12.0;
/// One more where detectors are loaded: on versions that cannot be used.
pub(crate) const LOADING_ALARMS: f64 = 1.0;
/// The template's dashboards beside those of further packs.
pub(crate) const DASHBOARDS: f64 = 1.0;
/// The template's keys beside that of the log files: the one of the alarm topic.
pub(crate) const OTHER_KEYS: f64 = 1.0;

/// The assumptions, a sentence each.
pub(crate) fn sentences(deployment: &Deployment) -> Vec<String> {
    let mut pages: Vec<&str> = Vec::new();
    for price in &PRICES {
        if !pages.contains(&price.source) {
            pages.push(price.source);
        }
    }
    let objects = deployment.objects_per_invocation;
    vec![
        format!(
            "Prices are AWS's list prices of {REGION}, {DATE}, without free tiers and discounts: {}",
            pages.join(" ")
        ),
        "A month has 30 days. A metric is paid for the hours in which it gets data (hours of series / 720), \
         which are taken to be those of its events."
            .to_owned(),
        format!(
            "{objects} object{} an invocation. More of them (BatchSize) make fewer invocations and requests.",
            if objects == 1 { "" } else { "s" }
        ),
        format!(
            "Lambda: {} MB of inflated records a second and {SECONDS_PER_OBJECT} s an object, on arm64 with 1,024 MiB.",
            INFLATED_PER_SECOND / 1e6
        ),
        format!(
            "SQS: a message for each object and digest, and {} polls a month by Lambda, busy or not.",
            grouped(IDLE_POLLS, 0)
        ),
        format!(
            "The function's log: {} bytes an invocation. Logs are stored for a month, at {} % of their size.",
            grouped(LOG_BYTES_PER_INVOCATION, 0),
            STORED_SHARE * 100.0
        ),
        format!(
            "The template's defaults: {} alarms on the pipeline, {DASHBOARDS} dashboard and one for each further pack, \
             a KMS key for the alarm topic{}.",
            PIPELINE_ALARMS + if deployment.loads_detectors { LOADING_ALARMS } else { 0.0 },
            if deployment.has_log_key {
                " and one for the log files, with a Decrypt for each object"
            } else {
                ""
            }
        ),
        "CloudWatch Logs: CloudTrail writes every record into a log group as well, metric filters feed the \
         detectors' metrics (as they are after folding; filters do not fold), with their alarms and dashboards."
            .to_owned(),
        "Not in either: what is the same in both, such as CloudTrail's own charges and the files in S3; files \
         that fail and come back; what the function says when it starts; mails."
            .to_owned(),
    ]
}
