//! Detector files: YAML in, checked detectors out, or every mistake with its place.

mod check;
mod place;
mod raw;

use crate::detector::{DetectorSet, duplicate_names};
use crate::load_error::{LoadError, Place};

/// Far more than any detector needs; larger files are some other file.
const LARGEST_FILE: usize = 1 << 20;

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

/// Loads detectors, one from each file. Either all are good, or every mistake is returned.
pub fn load(files: &[DetectorFile]) -> Result<DetectorSet, Vec<LoadError>> {
    let mut errors = Vec::new();
    let mut detectors = Vec::new();
    for file in files {
        match load_one(file) {
            Ok(detector) => detectors.push(detector),
            Err(found) => errors.extend(found),
        }
    }
    for detector in duplicate_names(&detectors) {
        let first = detectors.iter().find(|other| other.name == detector.name);
        errors.push(LoadError {
            file: detector.file.clone(),
            place: detector.place,
            reason: format!(
                "a detector {} is already defined in {}; give this one another name",
                detector.name,
                first.map_or("another file", |other| other.file.as_str())
            ),
        });
    }
    if errors.is_empty() { Ok(DetectorSet { detectors }) } else { Err(errors) }
}

fn load_one(file: &DetectorFile) -> Result<crate::Detector, Vec<LoadError>> {
    let error = |place, reason| vec![LoadError { file: file.path.clone(), place, reason }];
    if file.text.len() > LARGEST_FILE {
        return Err(error(Place::default(), "larger than 1 MiB: this is no detector file".to_owned()));
    }
    let raw = raw::parse(&file.text).map_err(|(place, reason)| error(place, reason))?;
    check::check(raw, file)
}

#[cfg(test)]
mod tests;
