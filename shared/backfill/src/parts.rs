//! A backfill in parts that run beside each other.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::driver::BackfillError;
use crate::ports::Listing;
use crate::request::Request;
use crate::walk::{Walk, account_and_region};

/// What a state of Step Functions may hold bounds it (256 KiB); where there are more, regions are put together.
pub const MOST_PARTS: usize = 2000;

/// What one of several that run beside each other does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// One account.
    pub accounts: Vec<String>,
    /// Some of its regions; all, if there would be too many parts.
    pub regions: Vec<String>,
}

/// All of them, which share no folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts(pub Vec<Part>);

impl Parts {
    /// Takes a request apart by account and region, as the bucket's folders are.
    pub async fn of<L: Listing + Sync>(listing: &L, request: &Request) -> Result<Self, BackfillError> {
        let mut regions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut walk = Walk::new(listing, request);
        while let Some((folder, _)) = walk.next_region().await? {
            if let Some((account, region)) = account_and_region(&folder) {
                regions.entry(account.to_owned()).or_default().insert(region.to_owned());
            }
        }
        let is_fine = regions.values().map(BTreeSet::len).sum::<usize>() <= MOST_PARTS;
        let mut parts = Vec::new();
        for (account, found) in regions {
            if is_fine {
                let of_region = |region| Part { accounts: vec![account.clone()], regions: vec![region] };
                parts.extend(found.into_iter().map(of_region));
            } else {
                let regions = request.regions.iter().cloned().collect();
                parts.push(Part { accounts: vec![account], regions });
            }
        }
        Ok(Self(parts))
    }
}
