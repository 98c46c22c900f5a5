//! What has to be right before the first event is taken.

use trailmeter_detection::{DetectorSet, LoadError, UnknownPack, load, packaged_files};

use crate::settings::SettingsError;

/// Why the function does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable of the environment cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is no such pack of detectors.
    #[error("TRAILMETER_PACKS: {0}")]
    UnknownPack(#[from] UnknownPack),
    /// A detector cannot be used. All mistakes are named.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Detectors(Vec<LoadError>),
}

/// Loads the packs that were compiled in.
pub fn packaged_detectors(packs: &[String]) -> Result<DetectorSet, StartError> {
    let files = packaged_files(packs)?;
    load(&files).map_err(StartError::Detectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_loads_and_all_of_them_together() {
        let packs: Vec<String> = trailmeter_detection::pack_names().into_iter().map(str::to_owned).collect();
        let all = packaged_detectors(&packs).unwrap();
        assert!(all.detectors().len() >= 12);
        let error = packaged_detectors(&["nope".to_owned()]).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("there is no pack"), "{error}");
    }
}
