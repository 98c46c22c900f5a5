//! The stack itself.

use super::super::facts::{Facts, Mode};
use super::super::finding::Finding;

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let stack = &facts.stack;
    let status = stack.status.as_str();
    let why = stack.status_reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let what = format!("{status}{why}");
    let mut found = vec![match status {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => Finding::ok("stack", status),
        "UPDATE_ROLLBACK_COMPLETE" | "IMPORT_ROLLBACK_COMPLETE" => Finding::warning(
            "stack",
            what,
            "the last update failed and what was before goes on: see the stack's events, and deploy again",
        ),
        _ if status.ends_with("_IN_PROGRESS") => {
            Finding::warning("stack", what, "wait until it is done, and look again")
        }
        _ => Finding::problem("stack", what, "see the stack's events, mend what they name, and deploy again"),
    }];
    if let Some(error) = &stack.resources_unknown {
        found.push(Finding::unanswered("stack", error));
    }
    match stack.parameter("DeliveryMode") {
        Some(mode) if Mode::of(stack).is_some() => found.push(Finding::ok("mode", mode)),
        Some(mode) => found.push(Finding::unknown(
            "mode",
            format!("DeliveryMode {mode}, which this version does not know"),
            "use the command of the version that is deployed",
        )),
        None => found.push(Finding::problem(
            "mode",
            "the stack has no DeliveryMode, so it is none of Trailmeter's",
            "name the stack that Trailmeter was deployed as",
        )),
    }
    found
}
