//! A bucket, listed page by page.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{ObjectStorageClass, OptionalObjectAttributes};
use tokio::task::JoinError;
use trailmeter_backfill::{Listed, Listing, ListingError, ListingProblem, Page};
use trailmeter_pipeline::ReadProblem;

use crate::list::ListError;

/// Lists a bucket.
///
/// Each request is a task of its own: an answer that comes while nobody asks for it, as while a backfill waits for its
/// pace, is taken in all the same and does not time out.
#[derive(Debug, Clone)]
pub struct ListedBucket {
    client: Client,
}

impl ListedBucket {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Listing for ListedBucket {
    async fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, ListingError> {
        let (client, bucket, prefix) = (self.client.clone(), bucket.to_owned(), prefix.to_owned());
        let listed = tokio::spawn(async move {
            let request = client.list_objects_v2().bucket(&bucket).prefix(&prefix).delimiter("/");
            let mut pages = request.into_paginator().send();
            let mut folders = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| ListError::new(&bucket, &prefix, &error))?;
                let below = page.common_prefixes().iter();
                folders.extend(below.filter_map(|folder| folder.prefix().map(str::to_owned)));
            }
            Ok(folders)
        });
        answer(listed.await)
    }

    async fn page(&self, bucket: &str, prefix: &str, after: &str) -> Result<Page, ListingError> {
        let (client, bucket, prefix) = (self.client.clone(), bucket.to_owned(), prefix.to_owned());
        let after = Some(after.to_owned()).filter(|after| !after.is_empty());
        let listed = tokio::spawn(async move {
            let request = client
                .list_objects_v2()
                .bucket(&bucket)
                .prefix(&prefix)
                .set_start_after(after)
                .optional_object_attributes(OptionalObjectAttributes::RestoreStatus);
            let page = request.send().await.map_err(|error| ListError::new(&bucket, &prefix, &error))?;
            let object = |entry: &aws_sdk_s3::types::Object| {
                Some(Listed {
                    key: entry.key()?.to_owned(),
                    size: u64::try_from(entry.size().unwrap_or(0)).unwrap_or(0),
                    written: entry.last_modified().map(aws_smithy_types::DateTime::secs),
                    is_archived: is_archived(entry),
                })
            };
            let objects: Vec<Listed> = page.contents().iter().filter_map(object).collect();
            // A page without objects has none behind it either: it could not be gone on from.
            let is_last = !page.is_truncated().unwrap_or(false) || objects.is_empty();
            Ok(Page { objects, is_last })
        });
        answer(listed.await)
    }
}

/// Whether S3 refuses to give the object (`InvalidObjectState`) until somebody restores it. One that was restored keeps its
/// storage class, and has a time at which it goes back.
fn is_archived(entry: &aws_sdk_s3::types::Object) -> bool {
    let is_restored = entry.restore_status().is_some_and(|status| status.restore_expiry_date().is_some());
    let class = entry.storage_class().map(ObjectStorageClass::as_str);
    !is_restored && matches!(class, Some("GLACIER" | "DEEP_ARCHIVE"))
}

fn answer<T>(listed: Result<Result<T, ListError>, JoinError>) -> Result<T, ListingError> {
    let failed = |problem, source| ListingError { problem, source };
    match listed {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            let problem = match error.problem {
                ReadProblem::AccessDenied | ReadProblem::KeyDenied => ListingProblem::Denied,
                ReadProblem::NotFound => ListingProblem::NotFound,
                _ => ListingProblem::Other,
            };
            Err(failed(problem, Box::new(error)))
        }
        Err(error) => Err(failed(ListingProblem::Other, Box::new(error))),
    }
}
