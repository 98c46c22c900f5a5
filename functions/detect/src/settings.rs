//! The one place where the environment is read.

mod findings;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use trailmeter_aws::Retention;
use trailmeter_detection::DEFAULT_PACK;
use trailmeter_detection::finding::{FindingFormat, Product};
use trailmeter_logs::Limits;
use trailmeter_pipeline::{ObjectRef, ReadAheadSettings, Timestamps};
pub use trailmeter_variables::SettingsError;
use trailmeter_variables::Variables;

use findings::{findings, kept};
use values::{ledger, lists, namespace, place};

/// Pairs of event and detector that one invocation remembers; some 50 MB at the most, lists included.
const REMEMBERED: usize = 500_000;
/// The most that CloudWatch metrics of one detector could reasonably cost.
const MOST_DIMENSION_VALUES: usize = 1000;
/// Far above any file CloudTrail delivers.
const MOST_INFLATED_MIB: u64 = 16 * 1024;
/// A day. Without any pause, in every invocation, is for tests; the template begins at ten seconds.
const LONGEST_REFRESH: i64 = 86_400;
/// Each is a connection.
const MOST_READ_AHEAD: usize = 64;
/// The function's memory where nobody says how much there is: the least that the template lets it have.
const LEAST_MEMORY_MIB: usize = 512;
/// Of the function's memory one part in so many is for what is read ahead.
const PART_READ_AHEAD: usize = 16;
/// Instead of names of packs.
const NO_PACKS: &str = "none";

/// What the environment says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `TRAILMETER_NAMESPACE`: the CloudWatch namespace.
    pub namespace: String,
    /// `TRAILMETER_NAMESPACES`: others that detectors may name.
    pub namespaces: Vec<String>,
    /// `TRAILMETER_PACKS`: packs of detectors.
    pub packs: Vec<String>,
    /// `TRAILMETER_DETECTORS`: where detectors are loaded from besides.
    pub detectors: Option<DetectorsPlace>,
    /// `TRAILMETER_DETECTORS_REFRESH_SECONDS`: for how long what was read there is good.
    pub refresh: i64,
    /// `TRAILMETER_LISTS`: values for the lists that detectors ask for.
    pub lists: BTreeMap<String, Vec<String>>,
    /// `TRAILMETER_BUCKET_REGION`: where the log bucket is, if elsewhere.
    pub bucket_region: Option<String>,
    /// `TRAILMETER_QUEUE_URL`: where single objects are handed back to.
    pub queue_url: Option<String>,
    /// `TRAILMETER_DIGEST_QUEUE_URL`: where digests are passed on to, to be verified.
    pub digest_queue_url: Option<String>,
    /// `TRAILMETER_LEDGER`, `TRAILMETER_LEDGER_TABLE`: where it is taken down what was counted.
    pub ledger: Option<Ledger>,
    /// Where findings are kept and sent, beside the log.
    pub findings: FindingsKept,
    /// `TRAILMETER_TRACING`, `AWS_XRAY_DAEMON_ADDRESS`: where subsegments are sent to, if they are.
    pub trace_daemon: Option<SocketAddr>,
    /// What the pipeline needs to know.
    pub pipeline: trailmeter_pipeline::Settings,
}

/// Where findings are kept and sent, beside the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindingsKept {
    /// `TRAILMETER_FINDINGS_BUCKET`: the name of a bucket.
    pub bucket: Option<String>,
    /// `TRAILMETER_EVENT_BUS`: a bus of EventBridge.
    pub event_bus: Option<EventBus>,
    /// `TRAILMETER_SECURITY_HUB`, `TRAILMETER_PRODUCT_ARN`: the product that they are of in Security Hub.
    pub security_hub: Option<Product>,
}

/// A bus that findings are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBus {
    /// Its name or ARN.
    pub bus: String,
    /// `TRAILMETER_EVENT_FORMAT`: how findings are written there.
    pub format: FindingFormat,
}

/// Where the ledger is kept, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The name of its table.
    pub table: String,
    /// `TRAILMETER_LEDGER_DAYS`, `TRAILMETER_LEDGER_EVENT_HOURS`: for how long it remembers.
    pub retention: Retention,
}

/// Where detectors are loaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DetectorsPlace {
    /// `s3://BUCKET/KEY`
    S3(ObjectRef),
    /// `ssm:/PARAMETER/NAME`
    Ssm(String),
}

impl Settings {
    /// Reads the environment of the process.
    pub fn from_environment() -> Result<Self, SettingsError> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables through `lookup`. An empty variable counts as unset, as a SAM template has
    /// no way to leave one out.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let variables = Variables::new(&lookup);
        let buckets = variables.list("TRAILMETER_BUCKETS").unwrap_or_default();
        if buckets.is_empty() {
            return Err(SettingsError::new(
                "TRAILMETER_BUCKETS",
                "is not set: name the log bucket, or several with commas",
            ));
        }
        let timestamps = match variables.get("TRAILMETER_TIMESTAMPS").as_deref() {
            None | Some("arrival") => Timestamps::Arrival,
            Some("event") => Timestamps::Event,
            Some("both") => Timestamps::Both,
            Some(_) => {
                return Err(SettingsError::new("TRAILMETER_TIMESTAMPS", "is none of arrival, event, both"));
            }
        };
        let (ledger, ledger_settings) = ledger(variables)?;
        let inflated_mib =
            variables.number("TRAILMETER_MAX_INFLATED_MIB", 1..=MOST_INFLATED_MIB)?.unwrap_or(512);
        let detectors = variables.get("TRAILMETER_DETECTORS").map(|value| place(&value)).transpose()?;
        let namespaces = variables.list("TRAILMETER_NAMESPACES").unwrap_or_default();
        let own_namespace = namespace("TRAILMETER_NAMESPACE", variables.get("TRAILMETER_NAMESPACE"))?;
        Ok(Self {
            findings: kept(variables)?,
            namespaces: namespaces
                .into_iter()
                .map(|name| namespace("TRAILMETER_NAMESPACES", Some(name)))
                .collect::<Result<_, _>>()?,
            packs: packs(variables.list("TRAILMETER_PACKS"), detectors.is_some())?,
            refresh: variables
                .number("TRAILMETER_DETECTORS_REFRESH_SECONDS", 0..=LONGEST_REFRESH)?
                .unwrap_or(60),
            lists: lists(&variables.get("TRAILMETER_LISTS").unwrap_or_default())?,
            bucket_region: variables.get("TRAILMETER_BUCKET_REGION"),
            queue_url: variables.get("TRAILMETER_QUEUE_URL"),
            digest_queue_url: variables.get("TRAILMETER_DIGEST_QUEUE_URL"),
            pipeline: trailmeter_pipeline::Settings {
                buckets,
                timestamps,
                dimension_values: variables
                    .number("TRAILMETER_DIMENSION_VALUES", 0..=MOST_DIMENSION_VALUES)?
                    .unwrap_or(50),
                // Without a place to load from there is nothing that the alarm could watch.
                covers_loaded: variables.flag("TRAILMETER_LOADED_ALARM", false)? && detectors.is_some(),
                limits: Limits { inflated: inflated_mib << 20, ..Limits::default() },
                remembered: REMEMBERED,
                ledger: ledger_settings,
                read_ahead: ReadAheadSettings {
                    objects: variables.number("TRAILMETER_READ_AHEAD", 0..=MOST_READ_AHEAD)?.unwrap_or(8),
                    bytes: (memory_mib(variables) << 20) / PART_READ_AHEAD,
                },
                findings: findings(variables, &own_namespace)?,
                caught_up_alarms: variables.flag("TRAILMETER_CATCH_UP_ALARMS", true)?,
            },
            namespace: own_namespace,
            trace_daemon: trace_daemon(variables)?,
            detectors,
            ledger,
        })
    }
}

/// Where X-Ray's daemon listens, as Lambda says. Where it says nothing that can be used there are no traces, and counting
/// goes on.
fn trace_daemon(variables: Variables<'_>) -> Result<Option<SocketAddr>, SettingsError> {
    let is_wanted = variables.flag("TRAILMETER_TRACING", false)?;
    let said = variables.get("AWS_XRAY_DAEMON_ADDRESS").filter(|_| is_wanted);
    Ok(said.and_then(|address| address.parse().ok()))
}

/// What Lambda says of the function's memory.
fn memory_mib(variables: Variables<'_>) -> usize {
    let said = variables.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").and_then(|text| text.parse().ok());
    // Lambda gives no more than 10,240.
    said.unwrap_or(LEAST_MEMORY_MIB).clamp(128, 10_240)
}

/// The packs that are on; the word `none` leaves it to what is loaded.
fn packs(names: Option<Vec<String>>, is_loaded: bool) -> Result<Vec<String>, SettingsError> {
    let names = names.unwrap_or_else(|| vec![DEFAULT_PACK.to_owned()]);
    let is_none = names == [NO_PACKS];
    if (names.is_empty() || is_none) && !is_loaded {
        return Err(SettingsError::new(
            "TRAILMETER_PACKS",
            "names no pack: name one, or say in TRAILMETER_DETECTORS where to load detectors from",
        ));
    }
    Ok(if is_none { Vec::new() } else { names })
}
