//! What has to come out.

use std::collections::{BTreeMap, BTreeSet};

use trailmeter_testkit::generate::{File, Truth, TruthCount};

use super::deliveries::What;

/// What has to come out.
#[derive(Default)]
pub(crate) struct Expected {
    /// Of the files whose events can repeat each other.
    files: TruthCount,
    /// Of the rest. The generator numbers the events of each plan anew, so they are counted apart.
    rare: TruthCount,
    /// Keys of files that can never be read.
    pub(crate) poison: BTreeSet<String>,
    pub(crate) deliveries: BTreeMap<What, u64>,
    /// How often the function was given them, all together, once that is known.
    pub(crate) receives: Option<u64>,
}

/// Sums by metric; a metric that got nothing is not in it.
pub(crate) type Sums = BTreeMap<String, u64>;

impl Expected {
    pub(crate) fn add(&mut self, file: &File) {
        self.files.add(file);
    }

    pub(crate) fn add_rare(&mut self, file: &File) {
        self.rare.add(file);
    }

    /// How often something was delivered.
    pub(crate) fn delivered(&self, what: What) -> u64 {
        self.deliveries.get(&what).copied().unwrap_or_default()
    }

    /// Bytes of the files that are read, inflated.
    pub(crate) fn inflated_bytes(&self) -> u64 {
        self.truths().iter().map(|truth| truth.inflated_bytes).sum()
    }

    /// Matches of every detector: an event counts once, whatever files it came in.
    pub(crate) fn matches(&self) -> Sums {
        let mut sums = Sums::new();
        for truth in self.truths() {
            for (detector, counts) in truth.default_pack.distinct.detectors {
                add(&mut sums, &detector, counts.matches);
            }
        }
        sums
    }

    /// The pipeline's metrics that no order of deliveries changes.
    pub(crate) fn pipeline(&self) -> Sums {
        let mut sums = Sums::new();
        for truth in self.truths() {
            let tally = truth.default_pack.distinct;
            add(&mut sums, "ObjectsRead", truth.objects.read);
            add(&mut sums, "ObjectsSkipped", truth.objects.skipped.values().sum());
            add(&mut sums, "RecordsRead", tally.records.read);
            add(&mut sums, "RecordsMatched", tally.records.matched);
            add(&mut sums, "RecordsUnmatched", tally.records.unmatched);
            add(&mut sums, "RecordsMalformed", tally.records.malformed);
            add(&mut sums, "RecordsDuplicate", tally.records.duplicate);
            add(&mut sums, "MatchesExcluded", tally.detectors.values().map(|counts| counts.excluded).sum());
        }
        let foreseen = RECEIVES * self.poison.len() as u64;
        add(&mut sums, "ObjectsFailed", self.receives.unwrap_or(foreseen));
        // S3's test event, when the bucket was wired to the queue.
        add(&mut sums, "MessagesSkipped", 1);
        sums
    }

    fn truths(&self) -> [Truth; 2] {
        [self.files.so_far(), self.rare.so_far()]
    }
}

/// After so many a message is a dead letter: `maxReceiveCount` of the template.
pub(crate) const RECEIVES: u64 = 5;

/// The function puts no zeros.
fn add(sums: &mut Sums, metric: &str, count: u64) {
    if count > 0 {
        *sums.entry(metric.to_owned()).or_default() += count;
    }
}
