//! What has to come out: by the generator's own account where it has one, by the command's scanner
//! where a pack looks for things that the generator does not know by name.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use trailmeter_detection::{
    Comparison, DEFAULT_PACK, DetectorSet, Memory, Repeats, Statistic, count, load, pack_names,
    packaged_files,
};
use trailmeter_logs::{KeyClass, Limits, classify_key};
use trailmeter_testkit::generate::{Corpus, File, Truth};

/// Pairs of event and detector that the files can have, and more.
const REMEMBERED: usize = 100_000;

/// What the files hold, each event once for each detector.
pub(crate) struct Expected {
    pub(crate) detectors: BTreeMap<String, Counted>,
    /// By metric of the pipeline.
    pub(crate) records: BTreeMap<String, u64>,
}

/// What a detector finds.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) matches: u64,
    pub(crate) is_default: bool,
    /// The sum from which on its alarm rings, if it has one.
    threshold: Option<f64>,
}

impl Expected {
    pub(crate) fn of(corpus: &Corpus) -> Result<Self> {
        let set = load(&packaged_files(&pack_names())?)
            .map_err(|errors| anyhow::anyhow!("{} packaged detectors are bad", errors.len()))?;
        let mut expected = Self { detectors: detectors(&set), records: BTreeMap::new() };
        let mut memory = Memory::new(Repeats::Once, REMEMBERED);
        for file in &corpus.files {
            expected.add(&set, file, &mut memory)?;
        }
        for (name, counts) in Truth::of(&corpus.files).both_packs.distinct.detectors {
            let count = counts.matches;
            let found = expected.detectors.get(&name).map(|detector| detector.matches);
            ensure!(found == Some(count), "{name}: the scanner finds {found:?}, the generator made {count}");
        }
        Ok(expected)
    }

    fn add(&mut self, set: &DetectorSet, file: &File, memory: &mut Memory) -> Result<()> {
        let KeyClass::Log(kind) = classify_key(&file.key) else { return Ok(()) };
        let mut scan = set.scan(kind, Limits::default());
        scan.push(&file.body)?;
        let found = scan.finish()?;
        let counts = count(&found, memory, |counted| {
            let name = &set.detectors()[counted.hit.detector].name;
            if let Some(detector) = self.detectors.get_mut(name) {
                detector.matches += 1;
            }
        });
        for (metric, count) in [
            ("RecordsRead", counts.records.read),
            ("RecordsMatched", counts.records.matched),
            ("RecordsUnmatched", counts.records.unmatched),
            ("RecordsMalformed", counts.records.malformed_total()),
            ("RecordsDuplicate", counts.records.duplicate),
        ] {
            *self.records.entry(metric.to_owned()).or_insert(0) += count;
        }
        Ok(())
    }

    /// The detectors whose alarm has to ring.
    pub(crate) fn ringing(&self) -> impl Iterator<Item = &String> {
        self.detectors.iter().filter_map(|(name, detector)| {
            #[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^53")]
            let sum = detector.matches as f64;
            detector.threshold.is_some_and(|threshold| sum >= threshold).then_some(name)
        })
    }
}

fn detectors(set: &DetectorSet) -> BTreeMap<String, Counted> {
    let counted = set.detectors().iter().map(|detector| {
        // The local cloud knows sums, and "at least".
        let alarm = detector
            .alarm
            .alarm()
            .filter(|alarm| alarm.statistic == Statistic::Sum && alarm.comparison == Comparison::AtLeast);
        let counted = Counted {
            matches: 0,
            is_default: detector.pack.as_deref() == Some(DEFAULT_PACK),
            threshold: alarm.map(|alarm| alarm.threshold),
        };
        (detector.name.clone(), counted)
    });
    counted.collect()
}
