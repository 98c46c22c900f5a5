//! The table of what was counted.

use super::super::facts::Facts;
use super::super::finding::Finding;

/// The attribute after which items of the ledger expire.
const EXPIRES: &str = "expires";

pub(super) fn check(facts: &Facts) -> Option<Finding> {
    let check = "ledger";
    let table = match &facts.table {
        Some(Ok(table)) => table,
        Some(Err(error)) => return Some(Finding::unanswered(check, error)),
        // A stack of a version before the ledger has not even the parameter.
        None => {
            return facts
                .stack
                .parameter("Ledger")
                .map(|mode| Finding::ok(check, format!("{mode}: what is delivered again is counted again")));
        }
    };
    let mode = facts.stack.parameter("Ledger").unwrap_or_default();
    Some(match (table.status.as_str(), table.expires_by.as_deref()) {
        ("ACTIVE", Some(EXPIRES)) => Finding::ok(check, format!("{mode}, ACTIVE, items expire")),
        ("ACTIVE", _) => Finding::warning(
            check,
            "its items do not expire, so it grows and costs more month by month",
            "deploy the stack again, or: aws dynamodb update-time-to-live with AttributeName=expires",
        ),
        ("UPDATING", _) => Finding::warning(check, "UPDATING", "wait, and look again"),
        (status, _) => Finding::problem(
            check,
            format!("the table is {status}: files wait in the queue, or are counted without it"),
            "bring the table back (point-in-time recovery is on), or deploy with Ledger=off until it is there",
        ),
    })
}
