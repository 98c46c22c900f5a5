//! Objects from S3.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use bytes::Bytes;
use trailmeter_pipeline::{ObjectBody, ObjectRef, ObjectStore, ReadError, ReadProblem};

use crate::sdk_error::{Described, read_problem};

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
        let request = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let output = request.send().await.map_err(|error| read_error(&error))?;
        Ok(S3Body { stream: output.body })
    }
}

/// The body of an object as it comes over the network.
#[derive(Debug)]
pub struct S3Body {
    stream: ByteStream,
}

impl ObjectBody for S3Body {
    type Chunk = Bytes;

    async fn next_chunk(&mut self) -> Result<Option<Bytes>, ReadError> {
        self.stream.try_next().await.map_err(|error| ReadError {
            problem: ReadProblem::Interrupted,
            source: Described::boxed(&error),
        })
    }
}

fn read_error(error: &SdkError<GetObjectError, HttpResponse>) -> ReadError {
    ReadError { problem: read_problem(error), source: Described::boxed(error) }
}
