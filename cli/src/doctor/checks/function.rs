//! The function, and what feeds it.

use trailmeter_aws::operator::{FunctionFacts, MappingFacts};

use super::super::facts::Facts;
use super::super::finding::Finding;

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let function = match &facts.function {
        Ok(function) => state(function),
        Err(error) => Finding::unanswered("function", error),
    };
    let mapping = match &facts.mappings {
        Ok(mappings) => mapping(mappings),
        Err(error) => Finding::unanswered("mapping", error),
    };
    vec![function, mapping]
}

fn state(function: &FunctionFacts) -> Finding {
    let why = function.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let what = format!("{}, last update {}{why}", function.state, function.last_update);
    match (function.state.as_str(), function.last_update.as_str()) {
        // Lambda puts a function that nobody calls to sleep, and wakes it with the next call.
        ("Active" | "Inactive", "Successful" | "") => Finding::ok("function", function.state.as_str()),
        ("Pending", _) | (_, "InProgress") => Finding::warning("function", what, "wait, and look again"),
        _ => Finding::problem("function", what, "deploy the stack again"),
    }
}

fn mapping(mappings: &[MappingFacts]) -> Finding {
    let check = "mapping";
    let Some(mapping) = mappings.first() else {
        return Finding::problem(
            check,
            "the function is not fed from the queue",
            "somebody deleted the event source mapping: deploy the stack again, or create it by hand",
        );
    };
    let because = mapping.state_reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    match mapping.state.as_str() {
        "Enabled" => {}
        "Creating" | "Enabling" | "Updating" => {
            return Finding::warning(check, format!("{}{because}", mapping.state), "wait, and look again");
        }
        state => {
            let mend = "aws lambda update-event-source-mapping --enabled; find out who disabled it. What waits in the \
                        queue meanwhile is kept for 14 days";
            return Finding::problem(check, format!("{state}{because}: nothing is read"), mend);
        }
    }
    if !mapping.reports_items {
        return Finding::problem(
            check,
            "it lacks ReportBatchItemFailures, so messages that failed are taken for done",
            "aws lambda update-event-source-mapping --function-response-types ReportBatchItemFailures",
        );
    }
    match mapping.last_result.as_deref() {
        Some(result) if result.starts_with("PROBLEM") || result.starts_with("FAILED") => Finding::problem(
            check,
            format!("Lambda says of its last batch: {result}"),
            "see the function's log and its role",
        ),
        _ => Finding::ok(check, "it is enabled and lets single messages come back"),
    }
}
