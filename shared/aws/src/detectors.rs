//! Detectors from an S3 object or from a parameter, by version.

use std::time::Duration;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use trailmeter_pipeline::{
    DetectorSource, Fetched, MOST_SOURCE_BYTES, ObjectRef, ReadProblem, SourceError, Version,
};

use crate::sdk_error::{Described, read_problem};

/// For a look as a whole. Lambda allows a start ten seconds, and invocations wait for a look.
const LOOK: Duration = Duration::from_secs(6);

/// A place in AWS that detectors are read from.
#[derive(Debug, Clone)]
pub struct DetectorsInAws(Place);

#[derive(Debug, Clone)]
enum Place {
    /// An object, whose `ETag` is the version.
    S3 { client: aws_sdk_s3::Client, object: ObjectRef },
    /// A parameter, whose number and time are the version: one that is made anew counts from one again.
    Ssm { client: aws_sdk_ssm::Client, name: String },
}

impl DetectorsInAws {
    pub(crate) fn in_s3(client: aws_sdk_s3::Client, object: ObjectRef) -> Self {
        Self(Place::S3 { client, object })
    }

    pub(crate) fn in_ssm(client: aws_sdk_ssm::Client, name: String) -> Self {
        Self(Place::Ssm { client, name })
    }
}

impl DetectorSource for DetectorsInAws {
    async fn read(&self, known: Option<&Version>) -> Result<Option<Fetched>, SourceError> {
        let look = async {
            match &self.0 {
                Place::S3 { client, object } => read_object(client, object, known).await,
                Place::Ssm { client, name } => read_parameter(client, name, known).await,
            }
        };
        tokio::time::timeout(LOOK, look).await.unwrap_or_else(|_| {
            let source = format!("not read within {} seconds", LOOK.as_secs()).into();
            Err(SourceError { reason: ReadProblem::Interrupted.reason(), source })
        })
    }
}

async fn read_object(
    client: &aws_sdk_s3::Client,
    object: &ObjectRef,
    known: Option<&Version>,
) -> Result<Option<Fetched>, SourceError> {
    let request = client
        .get_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .set_if_none_match(known.map(|version| version.0.clone()));
    let output = match request.send().await {
        Ok(output) => output,
        // Not modified: S3 gives no body, and the SDK takes every answer but 2xx for an error.
        Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 304) => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(&error, "s3:GetObject")),
    };
    let version = Version(output.e_tag().unwrap_or_default().to_owned());
    let length = output.content_length().and_then(|length| usize::try_from(length).ok());
    if length.is_some_and(|length| length > MOST_SOURCE_BYTES) {
        return Err(too_large());
    }
    Ok(Some(Fetched { version, bytes: collect(output.body).await? }))
}

/// A body whole, unless it is too large.
async fn collect(mut body: ByteStream) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    loop {
        match body.try_next().await {
            Ok(None) => return Ok(bytes),
            Ok(Some(chunk)) if bytes.len() + chunk.len() > MOST_SOURCE_BYTES => return Err(too_large()),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Err(error) => {
                let reason = ReadProblem::Interrupted.reason();
                return Err(SourceError { reason, source: Described::boxed(&error) });
            }
        }
    }
}

async fn read_parameter(
    client: &aws_sdk_ssm::Client,
    name: &str,
    known: Option<&Version>,
) -> Result<Option<Fetched>, SourceError> {
    // A parameter that is no SecureString is given as it stands.
    let request = client.get_parameter().name(name).with_decryption(true);
    let output = request.send().await.map_err(|error| unreadable(&error, "ssm:GetParameter"))?;
    let parameter = output.parameter().ok_or_else(|| SourceError {
        reason: ReadProblem::Other.reason(),
        source: "Parameter Store answered without a parameter".into(),
    })?;
    let changed = parameter.last_modified_date().map_or(0.0, aws_smithy_types::DateTime::as_secs_f64);
    let version = Version(format!("{}@{changed}", parameter.version()));
    if known == Some(&version) {
        return Ok(None);
    }
    let bytes = parameter.value().unwrap_or_default().as_bytes().to_vec();
    if bytes.len() > MOST_SOURCE_BYTES {
        return Err(too_large());
    }
    Ok(Some(Fetched { version, bytes }))
}

fn too_large() -> SourceError {
    let mib = MOST_SOURCE_BYTES >> 20;
    SourceError {
        reason: "too-large",
        source: format!("larger than {mib} MiB: these are no detector files").into(),
    }
}

fn unreadable<E>(error: &SdkError<E, HttpResponse>, action: &str) -> SourceError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let problem = read_problem(error);
    let what = match problem {
        ReadProblem::NotFound => "does not exist".to_owned(),
        ReadProblem::AccessDenied => format!(
            "access denied: the function needs {action} on it (S3 says the same of an object that does not exist)"
        ),
        ReadProblem::KeyDenied => {
            "access denied by KMS: name its key in the parameter DetectorsKmsKeyArn".to_owned()
        }
        ReadProblem::Throttled => "reading it is throttled".to_owned(),
        ReadProblem::Interrupted => "the read was interrupted".to_owned(),
        ReadProblem::Other => "cannot be read".to_owned(),
    };
    SourceError { reason: problem.reason(), source: format!("{what}: {}", Described::boxed(error)).into() }
}
