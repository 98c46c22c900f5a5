//! Where public keys come from: `CloudTrail`, or a file.

use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use trailmeter_aws::integrity::PublicKeyService;
use trailmeter_integrity::{KeyService, KeyServiceError, PublicKeys};

/// A source of public keys.
pub(super) enum Keys {
    CloudTrail(Box<PublicKeyService>),
    /// What a file says, which was read once without a mistake.
    File(Vec<u8>),
}

impl Keys {
    pub(super) fn from_file(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        PublicKeys::from_json(&text).with_context(|| format!("{}: no public keys", file.display()))?;
        Ok(Self::File(text))
    }
}

impl KeyService for Keys {
    async fn public_keys(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<PublicKeys, KeyServiceError> {
        match self {
            Self::CloudTrail(service) => service.public_keys(region, from, to).await,
            Self::File(text) => PublicKeys::from_json(text)
                .map_err(|error| KeyServiceError { region: region.to_owned(), source: error.into() }),
        }
    }
}
