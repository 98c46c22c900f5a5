//! Where in the bucket digests are: the folders of all accounts and regions.

use super::{Deliveries, Folders, Memory, Postponed, Watch};
use crate::{KeyService, Objects};

impl<O, K, D, M> Watch<O, K, D, M>
where
    O: Objects + Folders + Sync,
    K: KeyService + Sync,
    D: Deliveries + Sync,
    M: Memory + Sync,
{
    /// The folders with the digests of one account and region each.
    pub(super) async fn region_folders(&self) -> Result<Vec<String>, Postponed> {
        let mut accounts = Vec::new();
        for folder in self.folders(&self.settings.root()).await? {
            // An organisation's members are one folder further down.
            if folder.trim_start_matches(&self.settings.root()).starts_with("o-") {
                accounts.extend(self.folders(&folder).await?);
            } else {
                accounts.push(folder);
            }
        }
        let mut regions = Vec::new();
        for account in accounts {
            regions.extend(self.folders(&format!("{account}CloudTrail-Digest/")).await?);
        }
        Ok(regions)
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>, Postponed> {
        Ok(self.objects.folders(&self.settings.bucket, prefix).await?)
    }
}
