//! Digests and log files in S3.

use std::collections::HashMap;
use std::error::Error;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::Mutex;
use trailmeter_integrity::watch::Folders;
use trailmeter_integrity::{
    DigestMetadata, FetchError, FetchProblem, FetchedDigest, Location, LogBody, MOST_DIGEST_BYTES, Objects,
    Stored,
};
use trailmeter_pipeline::ReadProblem;

use super::{described, in_region};
use crate::s3_store::version;
use crate::sdk_error::read_problem;

/// Bytes of a key: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>.
const LONGEST_KEY: usize = 1024;

/// What `LocationConstraint` leaves out, and its old word for a region.
const FIRST_REGION: &str = "us-east-1";
const OLD_IRELAND: &str = "EU";

/// Reads digests with `GetObject`, and lists them.
#[derive(Debug)]
pub struct DigestBuckets {
    config: SdkConfig,
    clients: Clients,
}

#[derive(Debug)]
enum Clients {
    One(Client),
    /// By bucket. A digest may name a bucket of another region, which the trail wrote to before.
    Each(Mutex<HashMap<String, Client>>),
}

impl DigestBuckets {
    pub(super) fn in_any_region(config: SdkConfig) -> Self {
        Self { config, clients: Clients::Each(Mutex::default()) }
    }

    pub(super) fn in_region(config: SdkConfig, region: Option<String>) -> Self {
        let own = region.map_or_else(|| config.clone(), |region| in_region(&config, &region));
        Self { config, clients: Clients::One(Client::new(&own)) }
    }

    async fn client(&self, bucket: &str) -> Result<Client, FetchError> {
        let known = match &self.clients {
            Clients::One(client) => return Ok(client.clone()),
            Clients::Each(known) => known,
        };
        let mut known = known.lock().await;
        if let Some(client) = known.get(bucket) {
            return Ok(client.clone());
        }
        // Every region knows where a bucket is; a bucket of another region answers nothing else here.
        let request = Client::new(&self.config).get_bucket_location().bucket(bucket).send().await;
        let answer = request.map_err(|error| failed(&Location::new(bucket, ""), &error))?;
        let region = match answer.location_constraint().map(|region| region.as_str().to_owned()) {
            None => FIRST_REGION.to_owned(),
            Some(region) if region.is_empty() => FIRST_REGION.to_owned(),
            Some(region) if region == OLD_IRELAND => "eu-west-1".to_owned(),
            Some(region) => region,
        };
        let client = Client::new(&in_region(&self.config, &region));
        known.insert(bucket.to_owned(), client.clone());
        Ok(client)
    }

    async fn get(&self, at: &Location) -> Result<GetObjectOutput, FetchError> {
        // A digest may name a key of any length, and the client panics on what makes no URI.
        if at.key.is_empty() || at.key.len() > LONGEST_KEY || at.bucket.is_empty() {
            let source = "S3 has no such name".into();
            return Err(FetchError { location: at.clone(), problem: FetchProblem::NotFound, source });
        }
        let client = self.client(&at.bucket).await?;
        let answer = client.get_object().bucket(&at.bucket).key(&at.key).send().await;
        answer.map_err(|error| failed(at, &error))
    }
}

impl Objects for DigestBuckets {
    type Body = LogFileBody;

    async fn digest(&self, at: &Location) -> Result<FetchedDigest, FetchError> {
        let output = self.get(at).await?;
        let said = |name: &str| output.metadata().and_then(|metadata| metadata.get(name)).cloned();
        let metadata = DigestMetadata {
            signature: said("signature"),
            algorithm: said("signature-algorithm"),
            backfill_generated: said("backfill-generation-timestamp"),
        };
        let arrived = output.last_modified().and_then(time);
        let mut body = LogFileBody { stream: output.body, location: at.clone(), stored: Stored::default() };
        let mut stored = Vec::new();
        while let Some(chunk) = body.next_chunk().await? {
            stored.extend_from_slice(&chunk);
            if stored.len() as u64 > MOST_DIGEST_BYTES {
                break;
            }
        }
        Ok(FetchedDigest { location: at.clone(), stored, metadata, arrived })
    }

    async fn log_file(&self, at: &Location) -> Result<LogFileBody, FetchError> {
        let output = self.get(at).await?;
        let stored = Stored {
            version: version(output.version_id(), output.e_tag()),
            written: output.last_modified().and_then(time),
        };
        Ok(LogFileBody { stream: output.body, location: at.clone(), stored })
    }

    async fn keys(&self, bucket: &str, prefix: &str, after: &str) -> Result<Vec<String>, FetchError> {
        let client = self.client(bucket).await?;
        let request = client.list_objects_v2().bucket(bucket).prefix(prefix);
        let after = Some(after.to_owned()).filter(|after| !after.is_empty());
        let answer = request.set_start_after(after).send().await;
        let answer = answer.map_err(|error| failed(&Location::new(bucket, prefix), &error))?;
        Ok(answer.contents().iter().filter_map(|object| object.key().map(str::to_owned)).collect())
    }
}

impl Folders for DigestBuckets {
    async fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, FetchError> {
        let client = self.client(bucket).await?;
        let request = client.list_objects_v2().bucket(bucket).prefix(prefix).delimiter("/");
        let mut pages = request.into_paginator().send();
        let mut folders = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed(&Location::new(bucket, prefix), &error))?;
            let names = page.common_prefixes().iter().filter_map(|folder| folder.prefix());
            folders.extend(names.map(str::to_owned));
        }
        Ok(folders)
    }
}

/// A log file as it comes over the network.
#[derive(Debug)]
pub struct LogFileBody {
    stream: ByteStream,
    location: Location,
    stored: Stored,
}

impl LogBody for LogFileBody {
    type Chunk = Bytes;

    fn stored(&self) -> Stored {
        self.stored.clone()
    }

    async fn next_chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        self.stream.try_next().await.map_err(|error| FetchError {
            location: self.location.clone(),
            problem: FetchProblem::Unavailable,
            source: described(&error),
        })
    }
}

fn time(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}

fn failed<E>(at: &Location, error: &SdkError<E, HttpResponse>) -> FetchError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let problem = match read_problem(error) {
        // Of a bucket that is gone nothing is known: it may be the name that is wrong.
        ReadProblem::NotFound if error.code() == Some("NoSuchBucket") => FetchProblem::Unavailable,
        ReadProblem::NotFound if is_marked(error) => FetchProblem::Deleted,
        ReadProblem::NotFound => FetchProblem::NotFound,
        ReadProblem::AccessDenied | ReadProblem::KeyDenied => FetchProblem::AccessDenied,
        ReadProblem::Throttled | ReadProblem::Interrupted | ReadProblem::Other => FetchProblem::Unavailable,
    };
    FetchError { location: at.clone(), problem, source: described(error) }
}

/// Whether the newest version of what is not there is a mark of its deletion:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html>.
fn is_marked<E>(error: &SdkError<E, HttpResponse>) -> bool {
    let marked = error.raw_response().and_then(|answer| answer.headers().get("x-amz-delete-marker"));
    marked == Some("true")
}
