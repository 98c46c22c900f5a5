//! Questions that were not answered.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::sdk_error::Described;

/// The answer to a question, or why there is none.
pub type Asked<T> = Result<T, AskError>;

/// A call that was not answered well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskError {
    /// The call by the name of its permission, such as `sqs:ReceiveMessage`.
    pub call: &'static str,
    /// What it comes down to.
    pub problem: AskProblem,
    /// What the service said.
    pub text: String,
}

/// What keeps a question from being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskProblem {
    /// Whoever asks may not.
    Denied,
    /// There is no such thing.
    Missing,
    /// Anything else: throttling, no connection, a service without the call.
    Other,
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, problem, text } = self;
        match problem {
            AskProblem::Denied => write!(f, "{call} is denied: {text}"),
            AskProblem::Missing | AskProblem::Other => write!(f, "{call}: {text}"),
        }
    }
}

impl Error for AskError {}

impl AskError {
    /// An answer that lacks what every answer has.
    pub(super) fn incomplete(call: &'static str, lacks: &str) -> Self {
        Self { call, problem: AskProblem::Other, text: format!("the answer has no {lacks}") }
    }
}

/// Makes the error of a call.
pub(super) fn failed<E>(call: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> AskError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    move |error| {
        let code = error.code().unwrap_or_default();
        let problem = if is_denied(code) {
            AskProblem::Denied
        } else if is_missing(code, error.message().unwrap_or_default()) {
            AskProblem::Missing
        } else {
            AskProblem::Other
        };
        // The code and the sentence of the service say more than the SDK's chain, which is for those
        // errors that never reached a service.
        let text = match (code, error.message()) {
            ("", _) => Described::boxed(&error).to_string(),
            (code, None | Some("")) => code.to_owned(),
            (code, Some(message)) => format!("{message} ({code})"),
        };
        AskError { call, problem, text }
    }
}

fn is_denied(code: &str) -> bool {
    ["AccessDenied", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized", "Forbidden"]
        .iter()
        .any(|denied| code.contains(denied))
}

fn is_missing(code: &str, message: &str) -> bool {
    // CloudFormation has no code of its own for a stack that is not there.
    code == "ValidationError" && message.contains("does not exist")
        || ["NotFound", "NonExistent", "DoesNotExist", "NoSuch"].iter().any(|missing| code.contains(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_services_are_told_apart() {
        for (code, message, expected) in [
            ("AccessDenied", "", AskProblem::Denied),
            ("AccessDeniedException", "", AskProblem::Denied),
            ("AuthorizationErrorException", "", AskProblem::Denied),
            ("ValidationError", "Stack with id x does not exist", AskProblem::Missing),
            ("ValidationError", "Template format error", AskProblem::Other),
            ("AWS.SimpleQueueService.NonExistentQueue", "", AskProblem::Missing),
            ("QueueDoesNotExist", "", AskProblem::Missing),
            ("ResourceNotFoundException", "", AskProblem::Missing),
            ("TrailNotFoundException", "", AskProblem::Missing),
            ("NoSuchBucketPolicy", "", AskProblem::Missing),
            ("ThrottlingException", "", AskProblem::Other),
            ("", "", AskProblem::Other),
        ] {
            let found = match (is_denied(code), is_missing(code, message)) {
                (true, _) => AskProblem::Denied,
                (false, true) => AskProblem::Missing,
                (false, false) => AskProblem::Other,
            };
            assert_eq!(found, expected, "{code}");
        }
    }
}
