//! The chains of `data/chains.json`: `tests/integrity/chain.py --bundle` wrote it.

#![allow(clippy::unwrap_used, reason = "a bundle that cannot be read ends the test")]

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use trailmeter_integrity::{DigestKey, DigestMetadata, FetchedDigest, Location, PublicKeys};

pub(crate) struct Bucket {
    objects: BTreeMap<Location, (Vec<u8>, DigestMetadata)>,
    pub(crate) keys: PublicKeys,
}

/// A chain by its name.
pub(crate) fn chain(name: &str) -> Bucket {
    let bundle: Value = serde_json::from_str(include_str!("../data/chains.json")).unwrap();
    let chain = &bundle["chains"][name];
    assert!(chain.is_object(), "there is no chain {name}");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let objects = chain["objects"].as_object().unwrap().iter().map(|(key, number)| {
        let object = &bundle["objects"][usize::try_from(number.as_u64().unwrap()).unwrap()];
        let metadata = DigestMetadata {
            signature: text(&object[1]["signature"]),
            algorithm: text(&object[1]["signature-algorithm"]),
            backfill_generated: text(&object[1]["backfill-generation-timestamp"]),
        };
        let location = Location::new(chain["bucket"].as_str().unwrap(), key);
        (location, (STANDARD.decode(object[0].as_str().unwrap()).unwrap(), metadata))
    });
    Bucket {
        objects: objects.collect(),
        keys: PublicKeys::from_json(chain["keys"].to_string().as_bytes()).unwrap(),
    }
}

impl Bucket {
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&Location, &[u8])> {
        self.objects.iter().map(|(location, (body, _))| (location, &body[..]))
    }

    pub(crate) fn body(&self, location: &Location) -> Option<&[u8]> {
        self.objects.get(location).map(|(body, _)| &body[..])
    }

    /// The digests, in the order of their keys.
    pub(crate) fn digests(&self) -> Vec<Location> {
        self.objects.keys().filter(|location| DigestKey::parse(&location.key).is_some()).cloned().collect()
    }

    pub(crate) fn fetched(&self, location: &Location) -> FetchedDigest {
        let (stored, metadata) = &self.objects[location];
        FetchedDigest { location: location.clone(), stored: stored.clone(), metadata: metadata.clone() }
    }
}
