//! Public keys as they are needed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::key::PublicKeys;
use crate::ports::{KeyService, KeyServiceError};
use crate::verify::OpenDigest;

/// The public keys of each region, asked for once.
#[derive(Debug)]
pub struct KeyRing<K> {
    service: K,
    regions: BTreeMap<String, PublicKeys>,
}

impl<K: KeyService> KeyRing<K> {
    /// A ring without keys.
    pub fn new(service: K) -> Self {
        Self { service, regions: BTreeMap::new() }
    }

    /// Asks for the keys of a time, to save asking digest by digest.
    pub async fn fetch(
        &mut self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(), KeyServiceError> {
        let listed = self.service.public_keys(region, from, to).await?;
        self.regions.entry(region.to_owned()).or_default().extend(listed);
        Ok(())
    }

    /// The keys of a region, with the one that a digest names if CloudTrail lists it for the digest's time.
    pub async fn keys_for(
        &mut self,
        region: &str,
        digest: &OpenDigest,
    ) -> Result<&PublicKeys, KeyServiceError> {
        let is_known =
            self.regions.get(region).is_some_and(|keys| keys.contains(&digest.digest().fingerprint));
        if !is_known {
            let (from, to) = digest.key_period();
            self.fetch(region, from, to).await?;
        }
        Ok(self.regions.entry(region.to_owned()).or_default())
    }
}
