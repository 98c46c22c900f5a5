//! `ListPublicKeys`.

use aws_config::SdkConfig;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::PublicKey;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use trailmeter_integrity::{KeyService, KeyServiceError, ListedKey, PublicKeys};

use super::{described, in_region};

/// What `CloudTrail` says to a time that makes no sense.
const NO_TIME: &str = "InvalidTimeRangeException";

/// Asks `CloudTrail` for its public keys, which every region has of its own.
#[derive(Debug, Clone)]
pub struct PublicKeyService {
    config: SdkConfig,
}

impl PublicKeyService {
    pub(crate) fn new(config: SdkConfig) -> Self {
        Self { config }
    }
}

impl KeyService for PublicKeyService {
    async fn public_keys(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<PublicKeys, KeyServiceError> {
        let client = Client::new(&in_region(&self.config, region));
        let request = client
            .list_public_keys()
            .start_time(DateTime::from_secs(from.as_second()))
            .end_time(DateTime::from_secs(to.as_second()));
        let mut pages = request.into_paginator().send();
        let mut keys = PublicKeys::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                // The time is one that an unproved digest claims. Of a time that is none there are no keys; taken for
                // a failure, one forged digest would keep all others from being judged.
                Err(error) if error.code() == Some(NO_TIME) => break,
                Err(error) => {
                    return Err(KeyServiceError { region: region.to_owned(), source: described(&error) });
                }
            };
            page.public_key_list().iter().for_each(|key| insert(&mut keys, key));
        }
        Ok(keys)
    }
}

fn insert(keys: &mut PublicKeys, key: &PublicKey) {
    let time = |time: Option<&DateTime>| time.and_then(|time| Timestamp::from_second(time.secs()).ok());
    keys.insert(&ListedKey {
        fingerprint: key.fingerprint().unwrap_or_default(),
        value: key.value().map(AsRef::as_ref).unwrap_or_default(),
        valid_from: time(key.validity_start_time()),
        valid_to: time(key.validity_end_time()),
    });
}
