//! The detectors that come with Trailmeter, compiled in.

use include_dir::{Dir, File, include_dir};
use serde::Deserialize;

use crate::detector_file::DetectorFile;

/// The pack that is on unless another is asked for.
pub const DEFAULT_PACK: &str = "default";

/// What a pack says of itself, beside its detectors.
const ABOUT: &str = "pack.yaml";

static DETECTORS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../detectors");

/// A pack: a folder of detectors, and what it takes in of others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// The name of its folder.
    #[serde(skip)]
    pub name: String,
    /// One line for a list.
    pub title: String,
    /// What it is for.
    pub what: String,
    /// Detectors of other packs that belong to it as well, as `default/console-login.yaml`.
    #[serde(default)]
    pub includes: Vec<String>,
}

/// There is no such pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no pack {name:?}; the packs are {}", pack_names().join(", "))]
pub struct UnknownPack {
    /// The name that was asked for.
    pub name: String,
}

/// The names of the packs: the folders below `detectors/`, the default one first.
pub fn pack_names() -> Vec<&'static str> {
    let mut names: Vec<_> = DETECTORS.dirs().filter_map(|pack| pack.path().to_str()).collect();
    names.sort_by_key(|&name| (name != DEFAULT_PACK, name));
    names
}

/// What a pack says of itself.
pub fn pack(name: &str) -> Result<Pack, UnknownPack> {
    let unknown = || UnknownPack { name: name.to_owned() };
    let folder = DETECTORS.get_dir(name).ok_or_else(unknown)?;
    let about =
        folder.get_file(folder.path().join(ABOUT)).and_then(File::contents_utf8).ok_or_else(unknown)?;
    let pack: Pack = serde_saphyr::from_str(about).map_err(|_| unknown())?;
    Ok(Pack { name: name.to_owned(), ..pack })
}

/// The detector files of packs, each once, however many of the packs it belongs to.
pub fn packaged_files<P: AsRef<str>>(packs: &[P]) -> Result<Vec<DetectorFile>, UnknownPack> {
    let mut files: Vec<DetectorFile> = Vec::new();
    for name in packs {
        let pack = pack(name.as_ref())?;
        let included = pack.includes.iter().filter_map(|path| DETECTORS.get_file(path));
        for file in own_files(&pack.name).into_iter().chain(included).filter_map(detector_file) {
            if !files.iter().any(|other| other.path == file.path) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

/// By stem: with its ending `console-login-failure.yaml` would come before `console-login.yaml`.
fn own_files(pack: &str) -> Vec<&'static File<'static>> {
    let Some(folder) = DETECTORS.get_dir(pack) else { return Vec::new() };
    let is_detector = |file: &&File<'_>| {
        file.path().extension().is_some_and(|extension| extension == "yaml")
            && file.path().file_name().is_some_and(|name| name != ABOUT)
    };
    let mut files: Vec<_> = folder.files().filter(is_detector).collect();
    files.sort_by_key(|file| file.path().file_stem());
    files
}

fn detector_file(file: &File<'_>) -> Option<DetectorFile> {
    let path = file.path().to_str()?;
    Some(DetectorFile {
        path: format!("detectors/{path}"),
        pack: path.split_once('/').map(|(pack, _)| pack.to_owned()),
        text: file.contents_utf8()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AlarmChoice, Expected};

    #[test]
    fn every_pack_says_what_it_is_and_what_it_includes_exists() {
        for name in pack_names() {
            let pack = pack(name).unwrap();
            for path in &pack.includes {
                assert!(DETECTORS.get_file(path).is_some(), "{name} includes {path}, which is not there");
            }
        }
    }

    #[test]
    fn packaged_detectors_say_all_that_an_operator_asks() {
        let set = crate::load(&packaged_files(&pack_names()).unwrap()).unwrap();
        let mut wrong = Vec::new();
        for detector in set.detectors() {
            let mut demand = |holds: bool, what: &str| {
                if !holds {
                    wrong.push(format!("{}: {what}", detector.file));
                }
            };
            let tests = |expected| detector.tests.iter().filter(|test| test.expected == expected).count();
            demand(detector.alarm != AlarmChoice::Unsaid, "`alarm` is neither there nor none");
            demand(tests(Expected::Match) >= 2 && tests(Expected::NoMatch) >= 2, "two tests either way");
            if detector.pack.as_deref() == Some("threats") {
                demand(!detector.attack.is_empty(), "a threat has an ATT&CK technique");
                demand(!detector.false_positives.is_empty(), "`false-positives` is empty");
            }
            let failures = detector.run_tests();
            demand(failures.is_empty(), &format!("{failures:?}"));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let threats = set.detectors().iter().filter(|detector| detector.pack.as_deref() == Some("threats"));
        assert!(threats.count() >= 40);
    }

    #[test]
    fn a_file_of_two_packs_is_taken_once() {
        let names = pack_names();
        let all = packaged_files(&names).unwrap();
        let twice = packaged_files(&[names.as_slice(), names.as_slice()].concat()).unwrap();
        assert_eq!(all, twice);
        assert_eq!(packaged_files(&["none"]).unwrap_err().name, "none");
    }
}
