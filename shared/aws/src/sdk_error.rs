//! What an SDK error comes down to.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use trailmeter_pipeline::ReadProblem;

/// An SDK error as one line: its whole chain of causes.
#[derive(Debug)]
pub(crate) struct Described(String);

impl Described {
    pub(crate) fn boxed(error: &(dyn Error + 'static)) -> Box<dyn Error + Send + Sync> {
        Box::new(Self(chain(error)))
    }
}

/// The message of an error and those of its causes, each once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        next = error.source();
    }
    text
}

impl std::fmt::Display for Described {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Described {}

/// Codes by which services ask for patience.
pub(crate) const THROTTLING: [&str; 9] = [
    "LimitExceeded",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// How a request ended that was not answered well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It never left: no connection, or it could not be made.
    NotSent,
    /// The service refused it for now.
    Throttled,
    /// The service refused it.
    Refused,
    /// It was sent and the service failed, or the answer was lost.
    Lost,
}

pub(crate) fn ending<E>(error: &SdkError<E, HttpResponse>) -> Ending
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => Ending::NotSent,
        SdkError::DispatchFailure(failure) => {
            let was_connecting = failure.as_connector_error().is_some_and(|error| is_connect(error));
            if was_connecting { Ending::NotSent } else { Ending::Lost }
        }
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let is_throttling = service.err().code().is_some_and(|code| THROTTLING.contains(&code));
            match status {
                429 => Ending::Throttled,
                _ if is_throttling => Ending::Throttled,
                // A redirect names another region: asking again here does not help.
                300..=499 => Ending::Refused,
                _ => Ending::Lost,
            }
        }
        _ => Ending::Lost,
    }
}

/// What keeps something from being read, in S3's codes or those of Parameter Store.
pub(crate) fn read_problem<E>(error: &SdkError<E, HttpResponse>) -> ReadProblem
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = error.code().unwrap_or_default();
    // What KMS refuses comes as AccessDenied, and the message names the KMS action.
    let is_about_key = code.starts_with("KMS.") || error.message().is_some_and(|text| text.contains("kms:"));
    match ending(error) {
        Ending::Throttled => ReadProblem::Throttled,
        Ending::NotSent | Ending::Lost => ReadProblem::Interrupted,
        Ending::Refused if is_about_key => ReadProblem::KeyDenied,
        Ending::Refused => match code {
            "NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" | "ParameterNotFound" => ReadProblem::NotFound,
            "AccessDenied" | "AllAccessDisabled" | "AccessDeniedException" => ReadProblem::AccessDenied,
            _ => ReadProblem::Other,
        },
    }
}

/// Whether the error arose before there was a connection to send anything over.
fn is_connect(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(client) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            return client.is_connect();
        }
        next = error.source();
    }
    false
}
