//! What has to be right before the first event is taken.

use trailmeter_aws::{Clients, DetectorsInAws, FindingPlaces};
use trailmeter_detection::{UnknownPack, packaged_files};
use trailmeter_pipeline::{DetectorRules, NoDetectors, Watched};

use crate::settings::{DetectorsPlace, EventBus, FindingsKept, Settings, SettingsError};

/// Why the function does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable of the environment cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is no such pack of detectors.
    #[error("TRAILMETER_PACKS: {0}")]
    UnknownPack(#[from] UnknownPack),
    /// No set of detectors can be used. All mistakes are named.
    #[error(transparent)]
    NoDetectors(#[from] NoDetectors),
}

/// What the detectors of these settings are made of and held to.
pub fn detector_rules(settings: &Settings) -> Result<DetectorRules, StartError> {
    Ok(DetectorRules {
        packaged: packaged_files(&settings.packs)?,
        namespace: settings.namespace.clone(),
        namespaces: settings.namespaces.clone(),
        lists: settings.lists.clone(),
        covers_loaded: settings.pipeline.covers_loaded,
    })
}

/// Where detectors are loaded from, ready to be looked at.
pub fn watched(clients: &Clients, place: DetectorsPlace, refresh: i64) -> Watched<DetectorsInAws> {
    match place {
        DetectorsPlace::S3(object) => {
            Watched { name: object.to_string(), source: clients.detectors_in_s3(object), refresh }
        }
        DetectorsPlace::Ssm(name) => {
            Watched { name: format!("ssm:{name}"), source: clients.detectors_in_ssm(name), refresh }
        }
    }
}

/// Where findings are kept and sent, beside the log.
pub fn finding_places(clients: &Clients, kept: FindingsKept) -> FindingPlaces {
    FindingPlaces {
        bucket: kept.bucket.map(|bucket| clients.findings_bucket(bucket)),
        event_bus: kept.event_bus.map(|EventBus { bus, format }| clients.findings_event_bus(bus, format)),
        security_hub: kept.security_hub.map(|product| clients.security_hub(product)),
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use trailmeter_pipeline::{Current, LiveDetectors};

    use super::*;

    fn settings(packs: &str) -> Settings {
        Settings::from_lookup(|name| match name {
            "TRAILMETER_BUCKETS" => Some("b".to_owned()),
            "TRAILMETER_PACKS" => Some(packs.to_owned()),
            _ => None,
        })
        .unwrap()
    }

    fn start(rules: DetectorRules) -> Result<Current, NoDetectors> {
        let start = LiveDetectors::<DetectorsInAws>::start(rules, None, 0);
        match pin!(start).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(started) => started.map(|(_, current)| current),
            Poll::Pending => panic!("without a source there is nothing to wait for"),
        }
    }

    /// None of them needs a namespace that a deployment would have to allow first, or a list, and each
    /// detector says of its alarm whether there is one.
    #[test]
    fn every_pack_starts_and_all_of_them_together() {
        let names = trailmeter_detection::pack_names();
        for packs in names.iter().map(|&name| name.to_owned()).chain([names.join(",")]) {
            let current = start(detector_rules(&settings(&packs)).unwrap()).unwrap();
            assert!(!current.detectors.detectors().is_empty(), "{packs}");
            assert_eq!(current.events, [], "{packs}");
        }
        let error = detector_rules(&settings("nope")).unwrap_err();
        assert!(error.to_string().contains("there is no pack"), "{error}");
    }
}
