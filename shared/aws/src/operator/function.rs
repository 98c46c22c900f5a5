//! What Lambda says of a function and of what feeds it.

use aws_sdk_lambda::Client;

use super::ask::{Asked, failed};

/// A function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionFacts {
    /// Such as `Active`.
    pub state: String,
    /// Such as `Successful`.
    pub last_update: String,
    /// Why, if Lambda says so.
    pub reason: Option<String>,
}

/// A queue that a function is fed from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappingFacts {
    /// Such as `Enabled`.
    pub state: String,
    /// Who or what changed that.
    pub state_reason: Option<String>,
    /// What Lambda says of the last batch; empty or `OK` if all is well.
    pub last_result: Option<String>,
    /// Whether single messages of a batch can come back.
    pub reports_items: bool,
}

pub(super) async fn function(client: &Client, name: &str) -> Asked<FunctionFacts> {
    let answer = client.get_function_configuration().function_name(name).send().await;
    let answer = answer.map_err(failed("lambda:GetFunctionConfiguration"))?;
    let reason = answer.state_reason().or(answer.last_update_status_reason());
    Ok(FunctionFacts {
        state: answer.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        last_update: answer.last_update_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: reason.filter(|reason| !reason.is_empty()).map(str::to_owned),
    })
}

/// The mappings of a queue to a function.
pub(super) async fn mappings(client: &Client, name: &str, queue: &str) -> Asked<Vec<MappingFacts>> {
    let request = client.list_event_source_mappings().function_name(name).event_source_arn(queue);
    let answer = request.send().await.map_err(failed("lambda:ListEventSourceMappings"))?;
    Ok(answer
        .event_source_mappings()
        .iter()
        .map(|mapping| MappingFacts {
            state: mapping.state().unwrap_or_default().to_owned(),
            state_reason: mapping.state_transition_reason().map(str::to_owned),
            last_result: mapping.last_processing_result().map(str::to_owned),
            reports_items: mapping
                .function_response_types()
                .iter()
                .any(|kind| kind.as_str() == "ReportBatchItemFailures"),
        })
        .collect())
}
