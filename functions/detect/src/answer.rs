//! What Lambda is told about an invocation.

use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use trailmeter_pipeline::Report;

/// An invocation that fails as a whole: one without a queue, of which something failed.
///
/// Lambda repeats it and at last gives it to the on-failure destination.
#[derive(Debug, thiserror::Error)]
#[error("{problems} problem(s), each in a log line of its own; the invocation has to be repeated")]
pub struct InvocationFailed {
    problems: usize,
}

impl From<InvocationFailed> for Diagnostic {
    fn from(error: InvocationFailed) -> Self {
        Self { error_type: "InvocationFailed".to_owned(), error_message: error.to_string() }
    }
}

/// The partial batch response: the ids of the messages that come back.
pub(crate) fn answer(report: &Report) -> Result<Value, InvocationFailed> {
    if report.failed {
        return Err(InvocationFailed { problems: report.problems.len() });
    }
    let failures: Vec<Value> = report.returned.iter().map(|id| json!({ "itemIdentifier": id })).collect();
    Ok(json!({ "batchItemFailures": failures }))
}
