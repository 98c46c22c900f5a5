//! From detector files to the set that runs: everything that a set has to keep, or every mistake.

use std::collections::BTreeMap;

use trailmeter_detection::sigma::Lists;
use trailmeter_detection::{
    AlarmChoice, Detector, DetectorFile, DetectorSet, LoadError, Options, RESERVED_METRIC_NAMES, load,
    load_with,
};

/// What the sets of a deployment are made of and held to.
#[derive(Debug, Clone, Default)]
pub struct DetectorRules {
    /// The files of the packs that are on.
    pub packaged: Vec<DetectorFile>,
    /// The deployment's own namespace.
    pub namespace: String,
    /// Further namespaces that metrics may be put into.
    pub namespaces: Vec<String>,
    /// Values for the lists that detectors ask for, in place of their own.
    pub lists: BTreeMap<String, Vec<String>>,
    /// Whether an alarm watches the detectors that came in no pack.
    pub covers_loaded: bool,
}

impl DetectorRules {
    /// The packaged detectors and those of `loaded` as one set, or all that is wrong with them.
    ///
    /// The tests that loaded detectors carry are run; those of the packs were run before they came
    /// into the package.
    pub(crate) fn build(&self, loaded: Option<DetectorFile>) -> Result<DetectorSet, Vec<String>> {
        let mut files = self.packaged.clone();
        files.extend(loaded.clone());
        let set = self.load(&files).map_err(|errors| lines(&errors))?;
        let mut mistakes: Vec<String> =
            set.detectors().iter().filter_map(|detector| self.metric_mistake(detector)).collect();
        if let Some(loaded) = loaded {
            mistakes.extend(test(&loaded, &set));
        }
        if mistakes.is_empty() { Ok(set) } else { Err(mistakes) }
    }

    /// The one place in which the function's detectors are loaded.
    fn load(&self, files: &[DetectorFile]) -> Result<DetectorSet, Vec<LoadError>> {
        let lists = Lists(self.lists.clone());
        load_with(files, &Options { lists, companions: None, skips_packaged_tests: true })
    }

    fn metric_mistake(&self, detector: &Detector) -> Option<String> {
        let namespace = detector.metric.namespace.as_ref()?;
        let reason = if *namespace == self.namespace {
            let is_reserved = RESERVED_METRIC_NAMES.contains(&detector.metric.name.as_str());
            is_reserved.then(|| {
                let name = &detector.metric.name;
                format!(
                    "{name} is a metric of Trailmeter itself in this namespace; give the metric another name"
                )
            })?
        } else if self.namespaces.contains(namespace) {
            return None;
        } else {
            format!(
                "the function may not put metrics into the namespace {namespace:?}: add it to the parameter DetectorNamespaces (TRAILMETER_NAMESPACES)"
            )
        };
        let error = LoadError { file: detector.file.clone(), place: detector.place, reason };
        Some(error.to_string())
    }

    /// The detectors that no alarm watches and of which nobody said that none should.
    pub(crate) fn without_alarm(&self, set: &DetectorSet) -> Vec<String> {
        let is_covered = |detector: &Detector| match (&detector.alarm, &detector.pack) {
            // The template has the alarms of the packs, and of no others.
            (AlarmChoice::None, _) | (AlarmChoice::Alarm(_), Some(_)) => true,
            (AlarmChoice::Unsaid, Some(_)) => false,
            (_, None) => self.covers_loaded,
        };
        let uncovered = set.detectors().iter().filter(|detector| !is_covered(detector));
        uncovered.map(|detector| detector.name.clone()).collect()
    }
}

/// The tests of the detectors of `loaded` that fail.
///
/// They are written with the detectors' own lists in mind, not with those of a deployment; which are
/// taken only where a detector has none.
fn test(loaded: &DetectorFile, set: &DetectorSet) -> Vec<String> {
    let with_own_lists = load(std::slice::from_ref(loaded));
    let detectors = with_own_lists.as_ref().unwrap_or(set).detectors();
    let loaded_ones: Vec<&Detector> = detectors.iter().filter(|detector| detector.pack.is_none()).collect();
    if loaded_ones.is_empty() {
        return vec![format!("{}: holds no detector", loaded.path)];
    }
    loaded_ones.into_iter().flat_map(Detector::run_tests).map(|failure| failure.to_string()).collect()
}

fn lines(errors: &[LoadError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}
