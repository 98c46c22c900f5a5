//! Which objects and folders a prefix holds, page by page.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Error;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use trailmeter_pipeline::{ObjectRef, ReadProblem};

use crate::S3Store;
use crate::sdk_error::{Described, read_problem};

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its name.
    pub object: ObjectRef,
    /// Its size as stored.
    pub size: u64,
    /// When it was written, in seconds since 1970, if S3 says so.
    pub written: Option<i64>,
}

/// A prefix that could not be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot list s3://{bucket}/{prefix}: {what}: {detail}")]
pub struct ListError {
    /// What it comes down to.
    pub problem: ReadProblem,
    bucket: String,
    prefix: String,
    what: &'static str,
    detail: Box<dyn std::error::Error + Send + Sync>,
}

impl S3Store {
    /// Every object below a prefix, in the order of their keys; those only that come behind the key `after`, if
    /// it is not empty.
    pub async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
    ) -> Result<Vec<ListedObject>, ListError> {
        let after = Some(after.to_owned()).filter(|after| !after.is_empty());
        let request = self.client.list_objects_v2().bucket(bucket).prefix(prefix).set_start_after(after);
        let mut pages = request.into_paginator().send();
        let mut listed = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| ListError::new(bucket, prefix, &error))?;
            listed.extend(page.contents().iter().filter_map(|entry| {
                Some(ListedObject {
                    object: ObjectRef { bucket: bucket.to_owned(), key: entry.key()?.to_owned() },
                    size: u64::try_from(entry.size().unwrap_or(0)).unwrap_or(0),
                    written: entry.last_modified().map(aws_smithy_types::DateTime::secs),
                })
            }));
        }
        Ok(listed)
    }

    /// The folders right below a prefix, each with the slash at its end.
    pub async fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, ListError> {
        let request = self.client.list_objects_v2().bucket(bucket).prefix(prefix).delimiter("/");
        let mut pages = request.into_paginator().send();
        let mut folders = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| ListError::new(bucket, prefix, &error))?;
            folders.extend(
                page.common_prefixes().iter().filter_map(|folder| folder.prefix().map(str::to_owned)),
            );
        }
        Ok(folders)
    }
}

impl ListError {
    pub(crate) fn new(
        bucket: &str,
        prefix: &str,
        error: &SdkError<ListObjectsV2Error, HttpResponse>,
    ) -> Self {
        let problem = read_problem(error);
        Self {
            problem,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            what: what(problem, error.code().unwrap_or_default()),
            detail: Described::boxed(error),
        }
    }
}

/// What keeps a prefix from being listed, and what helps.
fn what(problem: ReadProblem, code: &str) -> &'static str {
    match problem {
        ReadProblem::NotFound => "there is no such bucket",
        ReadProblem::AccessDenied | ReadProblem::KeyDenied => {
            "access denied: listing needs s3:ListBucket on the bucket, and reading s3:GetObject on its objects"
        }
        ReadProblem::Throttled => "S3 throttles",
        ReadProblem::Interrupted => "S3 did not answer",
        ReadProblem::Other if ["PermanentRedirect", "AuthorizationHeaderMalformed"].contains(&code) => {
            "the bucket is in another region: name it in AWS_REGION"
        }
        ReadProblem::Other if ["ExpiredToken", "InvalidToken", "InvalidAccessKeyId"].contains(&code) => {
            "the credentials are not, or no longer, good: sign in again"
        }
        ReadProblem::Other => "S3 refuses it",
    }
}
