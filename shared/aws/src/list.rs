//! Which objects a prefix holds, page by page.

use trailmeter_pipeline::ObjectRef;

use crate::S3Store;
use crate::sdk_error::Described;

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its name.
    pub object: ObjectRef,
    /// Its size as stored.
    pub size: u64,
}

/// A prefix that could not be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot list s3://{bucket}/{prefix}: {problem}")]
pub struct ListError {
    bucket: String,
    prefix: String,
    problem: Box<dyn std::error::Error + Send + Sync>,
}

impl S3Store {
    /// Every object below a prefix, in the order of their keys.
    pub async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<ListedObject>, ListError> {
        let mut pages = self.client.list_objects_v2().bucket(bucket).prefix(prefix).into_paginator().send();
        let mut listed = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| ListError {
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
                problem: Described::boxed(&error),
            })?;
            listed.extend(page.contents().iter().filter_map(|entry| {
                Some(ListedObject {
                    object: ObjectRef { bucket: bucket.to_owned(), key: entry.key()?.to_owned() },
                    size: u64::try_from(entry.size().unwrap_or(0)).unwrap_or(0),
                })
            }));
        }
        Ok(listed)
    }
}
