//! What was counted, by series: `ObjectsSkipped{Reason=digest}`.
//!
//! Maps are compared whole. So a series that should not be there fails a test as a wrong sum does,
//! and no set of dimensions can be counted into another unseen.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use trailmeter_testkit::generate::{PackTruth, Truth};
use trailmeter_testkit::local_cloud::LocalCloud;
use trailmeter_testkit::strict_cloudwatch::{Datapoint, StrictCloudWatch};

/// Sums by series.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts(BTreeMap<String, u64>);

impl Counts {
    /// Adds to a series. Nothing is no series: the function puts no zeros.
    pub(crate) fn add(&mut self, series: &str, count: u64) {
        if count > 0 {
            *self.0.entry(series.to_owned()).or_default() += count;
        }
    }

    /// Takes a series out.
    pub(crate) fn take(&mut self, series: &str) {
        self.0.remove(series);
    }

    /// Adds to the total and to the series of the reason beside it.
    pub(crate) fn add_reason(&mut self, metric: &str, reason: &str, count: u64) {
        self.add(metric, count);
        self.add(&format!("{metric}{{Reason={reason}}}"), count);
    }

    /// The sum of a series.
    pub(crate) fn get(&self, series: &str) -> u64 {
        self.0.get(series).copied().unwrap_or_default()
    }

    /// The series without dimensions.
    pub(crate) fn totals(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(series, sum)| (series.as_str(), *sum)).filter(|(series, _)| !series.contains('{'))
    }

    /// What an invocation with these files, of the default pack, has to put.
    pub(crate) fn add_truth(&mut self, truth: &Truth) {
        self.add_pack(truth, &truth.default_pack);
    }

    /// What an invocation with these files, of this choice of packs, has to put.
    pub(crate) fn add_pack(&mut self, truth: &Truth, pack: &PackTruth) {
        let tally = &pack.distinct;
        self.add("ObjectsIn", truth.objects.read + truth.objects.skipped.values().sum::<u64>());
        self.add("ObjectsRead", truth.objects.read);
        for (reason, &count) in &truth.objects.skipped {
            self.add_reason("ObjectsSkipped", reason, count);
        }
        self.add("RecordsRead", tally.records.read);
        self.add("RecordsMatched", tally.records.matched);
        self.add("RecordsUnmatched", tally.records.unmatched);
        self.add("RecordsDuplicate", tally.records.duplicate);
        self.add_reason("RecordsMalformed", "not-an-object", tally.records.malformed);
        for (detector, counts) in &tally.detectors {
            self.add(detector, counts.matches);
            if detector == "RootUsage" {
                self.add("RootUsage{Account=*}", counts.matches);
            }
            self.add("MatchesExcluded", counts.excluded);
            self.add(&format!("MatchesExcluded{{Detector={detector}}}"), counts.excluded);
        }
    }

    /// What was put. `DeliveryLag` hangs on the clock and is left out; so are the parts of a
    /// series' name that the truth does not know, which account and which exclusion.
    pub(crate) fn of(cloudwatch: &StrictCloudWatch) -> Result<Self> {
        let mut counts = Self::default();
        for point in cloudwatch.datapoints() {
            if point.metric != "DeliveryLag" {
                counts.add(&series(&point), whole(point.sum())?);
            }
        }
        Ok(counts)
    }
}

/// The series, with its namespace before it if that is none of Trailmeter's own.
fn series(point: &Datapoint) -> String {
    let is_own = point.namespace.split('/').next() == Some("Trailmeter");
    let metric = if is_own { point.metric.clone() } else { format!("{}:{}", point.namespace, point.metric) };
    let dimensions: Vec<String> = point
        .dimensions
        .iter()
        .filter(|(name, _)| *name != "Exclusion")
        .map(|(name, value)| format!("{name}={}", if name == "Account" { "*" } else { value }))
        .collect();
    if dimensions.is_empty() {
        return metric;
    }
    format!("{metric}{{{}}}", dimensions.join(","))
}

/// A sum as a whole number, if it is one.
pub(crate) fn whole(sum: f64) -> Result<u64> {
    sum.to_string().parse().with_context(|| format!("{sum} is no count"))
}

/// Asserts that the local cloud, behind the strict server, gives back every series as it was put.
pub(crate) async fn read_back(
    cloud: &LocalCloud,
    namespace: &str,
    cloudwatch: &StrictCloudWatch,
) -> Result<()> {
    let mut put: BTreeMap<(String, BTreeMap<String, String>), f64> = BTreeMap::new();
    for point in cloudwatch.datapoints() {
        ensure!(point.namespace == namespace, "{} was put into {}", point.metric, point.namespace);
        let sum = point.sum();
        *put.entry((point.metric, point.dimensions)).or_default() += sum;
    }
    for ((metric, dimensions), sum) in put {
        let pairs: Vec<(&str, &str)> =
            dimensions.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let read = cloud.metric_sum(namespace, &metric, &pairs).await?;
        ensure!((read - sum).abs() < 1e-6, "{metric} {dimensions:?}: {sum} was put, {read} is there");
    }
    Ok(())
}
