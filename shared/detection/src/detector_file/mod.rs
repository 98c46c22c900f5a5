//! Detector files: YAML in, checked detectors out, or every mistake with its place.
//!
//! A file holds one detector, or several in documents of their own; each may be a Sigma rule as
//! it is published.

mod alarms;
mod allowance;
mod check;
mod documents;
mod findings;
mod metrics;
mod numbers;
mod packaged_tests;
mod place;
mod places;
mod raw;
mod rules;
#[cfg(feature = "schema")]
mod schema;
mod sigma_file;
mod yaml_error;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::detector::{Detector, DetectorSet};
use crate::load_error::{LoadError, Place};
use crate::sigma::{Kind, Lists};
use allowance::Allowance;
use documents::{Document, documents};
pub(crate) use places::{Places, RulePlace, Written, document_at, of_words, places};
pub(crate) use raw::from_yaml;
#[cfg(feature = "schema")]
pub use schema::detector_file_schema;

/// Far more than any detector needs; larger files are some other file.
const LARGEST_FILE: usize = 1 << 20;
/// Where a document begins, as long as it is taken for the file.
const START: Place = Place { line: 1, column: 1 };

/// A detector file as text. Reading it from wherever it stands is the caller's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectorFile {
    /// How errors name it.
    pub path: String,
    /// The pack it belongs to, if any.
    pub pack: Option<String>,
    /// Its content.
    pub text: String,
}

/// Reads the file that a detector names beside itself, or says why that cannot be.
pub type Companions<'o> = &'o dyn Fn(&DetectorFile, &str) -> Result<String, String>;

/// What can be said about loading.
#[derive(Default, Clone)]
pub struct Options<'o> {
    /// Values for placeholders, in the place of those that detectors bring along.
    pub lists: Lists,
    /// How the files that detectors name are read.
    pub companions: Option<Companions<'o>>,
    /// Whether detectors of packs come without the tests they carry, which is most of what there is to
    /// read. For who looks at logs, and not at detectors.
    pub skips_packaged_tests: bool,
}

impl Options<'_> {
    pub(crate) fn companion(&self, file: &DetectorFile, path: &str) -> Result<String, String> {
        match self.companions {
            Some(read) => read(file, path),
            None => Err("no other file can be read here: write the rule into the detector".to_owned()),
        }
    }

    pub(crate) fn skips_tests_of(&self, file: &DetectorFile) -> bool {
        self.skips_packaged_tests && file.pack.is_some()
    }
}

/// What became of one document of a file.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The file.
    pub file: String,
    /// Where the document begins.
    pub place: Place,
    /// Whether it is a Sigma rule as published.
    pub is_sigma: bool,
    /// Its detector, or everything that is wrong with it.
    pub result: Result<Box<Detector>, Vec<LoadError>>,
}

/// Loads detectors without options. Either all are good, or every mistake is returned.
pub fn load(files: &[DetectorFile]) -> Result<DetectorSet, Vec<LoadError>> {
    load_with(files, &Options::default())
}

/// Loads detectors. Either all are good, or every mistake is returned.
pub fn load_with(files: &[DetectorFile], options: &Options<'_>) -> Result<DetectorSet, Vec<LoadError>> {
    let mut errors = Vec::new();
    let mut detectors = Vec::new();
    for loaded in load_each(files, options) {
        match loaded.result {
            Ok(detector) => detectors.push(*detector),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() { Ok(DetectorSet::new(detectors)) } else { Err(errors) }
}

/// Loads each document of each file by itself. A detector whose name another one has already is
/// one that cannot be used.
pub fn load_each(files: &[DetectorFile], options: &Options<'_>) -> Vec<Loaded> {
    let mut allowance = Allowance::default();
    let mut loaded: Vec<Loaded> =
        files.iter().flat_map(|file| load_file(file, options, &mut allowance)).collect();
    let mut first_files: BTreeMap<String, String> = BTreeMap::new();
    for loaded in &mut loaded {
        let Ok(detector) = &loaded.result else { continue };
        let Some(first) = first_files.get(&detector.name) else {
            first_files.insert(detector.name.clone(), detector.file.clone());
            continue;
        };
        let name = &detector.name;
        let reason = format!("a detector {name} is already defined in {first}; give this one another name");
        loaded.result = Err(vec![LoadError { file: detector.file.clone(), place: detector.place, reason }]);
    }
    loaded
}

fn load_file(file: &DetectorFile, options: &Options<'_>, allowance: &mut Allowance) -> Vec<Loaded> {
    if file.text.len() > LARGEST_FILE {
        let reason = "larger than 1 MiB: this is no detector file".to_owned();
        return vec![failed(file, Place::default(), false, reason)];
    }
    let documents = documents(&file.text);
    let bases = sigma_file::bases_of_correlations(&documents);
    documents
        .iter()
        .enumerate()
        .map(|(at, document)| {
            let mut loaded = match allowance.exhausted() {
                Some(reason) => failed(file, START, false, reason),
                None => load_document(file, document, at, options, &bases),
            };
            if let Ok(detector) = &loaded.result {
                allowance.take(detector);
            }
            move_down(&mut loaded, document.line);
            loaded
        })
        .collect()
}

fn load_document(
    file: &DetectorFile,
    document: &Document<'_>,
    at: usize,
    options: &Options<'_>,
    bases: &BTreeSet<String>,
) -> Loaded {
    let text = if options.skips_tests_of(file) {
        packaged_tests::without_tests(document.text)
    } else {
        document.text.to_owned()
    };
    // Seen from here, the document is the file.
    let file = DetectorFile { path: file.path.clone(), pack: file.pack.clone(), text };
    // What reads as a detector is one: it would not, did it have a key of Sigma's beside its own.
    let refused = match raw::parse(&file.text) {
        Ok(raw) => {
            let result = check::check(raw, &file, options).map(Box::new);
            return Loaded { file: file.path, place: START, is_sigma: false, result };
        }
        Err(refused) => refused,
    };
    let whole: Value = match raw::parse(&file.text) {
        Ok(whole) => whole,
        Err((place, reason)) => return failed(&file, place, false, reason),
    };
    let is_detector = whole.get("pattern").is_some() || whole.get("sigma").is_some();
    if is_detector || Kind::of(&whole).is_none() {
        let (place, reason) = refused;
        let error = LoadError { file: file.path.clone(), place, reason };
        return Loaded { file: file.path, place: START, is_sigma: false, result: Err(vec![error]) };
    }
    let result =
        sigma_file::load(&whole, &file, at, options, bases).map(Box::new).map_err(|error| vec![error]);
    Loaded { file: file.path, place: START, is_sigma: true, result }
}

fn failed(file: &DetectorFile, place: Place, is_sigma: bool, reason: String) -> Loaded {
    let error = LoadError { file: file.path.clone(), place, reason };
    Loaded { file: file.path.clone(), place, is_sigma, result: Err(vec![error]) }
}

/// Places in a document become places in the file.
fn move_down(loaded: &mut Loaded, lines: u64) {
    let down = |place: &mut Place| {
        if place.line > 0 {
            place.line += lines;
        }
    };
    down(&mut loaded.place);
    match &mut loaded.result {
        Ok(detector) => {
            down(&mut detector.place);
            detector.tests.iter_mut().for_each(|test| down(&mut test.place));
        }
        Err(errors) => errors.iter_mut().for_each(|error| down(&mut error.place)),
    }
}

#[cfg(test)]
mod tests;
