//! The detectors that come with Trailmeter, compiled in.

use include_dir::{Dir, include_dir};

use crate::detector_file::DetectorFile;

/// The pack that is on unless another is asked for.
pub const DEFAULT_PACK: &str = "default";

static DETECTORS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../detectors");

/// The names of the packs: the folders below `detectors/`.
pub fn pack_names() -> Vec<&'static str> {
    DETECTORS.dirs().filter_map(|pack| pack.path().to_str()).collect()
}

/// The detector files of one pack, in the order of their names; none if there is no such pack.
pub fn packaged_files(pack: &str) -> Vec<DetectorFile> {
    let Some(folder) = DETECTORS.get_dir(pack) else { return Vec::new() };
    let mut files: Vec<_> = folder.files().collect();
    // By stem: with its ending `console-login-failure.yaml` would come before `console-login.yaml`.
    files.sort_by_key(|file| file.path().file_stem());
    files
        .into_iter()
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "yaml"))
        .filter_map(|file| {
            Some(DetectorFile {
                path: format!("detectors/{}", file.path().to_str()?),
                pack: Some(pack.to_owned()),
                text: file.contents_utf8()?.to_owned(),
            })
        })
        .collect()
}
