//! Objects from S3.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use bytes::Bytes;
use trailmeter_pipeline::{ObjectBody, ObjectRef, ObjectStore, ReadError, ReadProblem};

use crate::sdk_error::{Described, read_problem};

/// Bytes of a key: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>.
const LONGEST_KEY: usize = 1024;

/// Reads objects with `GetObject`.
#[derive(Debug, Clone)]
pub struct S3Store {
    pub(crate) client: Client,
}

impl S3Store {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

impl ObjectStore for S3Store {
    type Body = S3Body;

    async fn open(&self, object: &ObjectRef) -> Result<S3Body, ReadError> {
        // A message may name a key of any length, and the client panics on what makes no URI.
        if object.key.len() > LONGEST_KEY {
            return Err(ReadError {
                problem: ReadProblem::NotFound,
                source: "no key of S3 is that long".into(),
            });
        }
        let request = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let output = request.send().await.map_err(|error| read_error(&error))?;
        let version = version(output.version_id(), output.e_tag());
        let length = output.content_length().and_then(|length| usize::try_from(length).ok());
        Ok(S3Body { stream: output.body, version, length })
    }
}

/// The body of an object as it comes over the network.
#[derive(Debug)]
pub struct S3Body {
    stream: ByteStream,
    version: String,
    length: Option<usize>,
}

impl ObjectBody for S3Body {
    type Chunk = Bytes;

    fn version(&self) -> &str {
        &self.version
    }

    fn length(&self) -> Option<usize> {
        self.length
    }

    async fn next_chunk(&mut self) -> Result<Option<Bytes>, ReadError> {
        self.stream.try_next().await.map_err(|error| ReadError {
            problem: ReadProblem::Interrupted,
            source: Described::boxed(&error),
        })
    }
}

/// What tells one content of a key from the next. `null` is the version of everything that was
/// written while a bucket kept no versions, and so tells nothing.
pub(crate) fn version(id: Option<&str>, e_tag: Option<&str>) -> String {
    id.filter(|id| *id != "null").or(e_tag).unwrap_or_default().to_owned()
}

fn read_error(error: &SdkError<GetObjectError, HttpResponse>) -> ReadError {
    ReadError { problem: read_problem(error), source: Described::boxed(error) }
}
