//! What waits, what reads it, and what remembers it.

use super::State::{Problem, Unknown, Warning};
use super::*;

fn mapping(facts: &mut Facts) -> &mut MappingFacts {
    &mut facts.mappings.as_mut().unwrap()[0]
}

const CASES: &[Case] = &[
    ("late", |f| f.oldest_delivery = Ok(Some(7300.0)), "queue", Problem, "waited 2 hours"),
    (
        "age is denied",
        |f| f.oldest_delivery = Err(denied("cloudwatch:GetMetricData")),
        "queue",
        Unknown,
        "denied",
    ),
    (
        "no redrive",
        |f| f.queue.as_mut().unwrap().dead_letter_queue = None,
        "queue",
        Problem,
        "not moved to the dead-letter queue",
    ),
    ("dead letters", |f| f.dead_letters.as_mut().unwrap().waiting = 3, "dead-letters", Problem, "about 3"),
    (
        "dead letters in hand",
        |f| f.dead_letters.as_mut().unwrap().in_flight = 1,
        "dead-letters",
        Problem,
        "about 1",
    ),
    (
        "no queue",
        |f| f.dead_letters = Err(missing("sqs:GetQueueAttributes")),
        "dead-letters",
        Problem,
        "sqs:",
    ),
    ("failed", |f| f.function.as_mut().unwrap().state = "Failed".into(), "function", Problem, "Failed"),
    (
        "a failed update",
        |f| f.function.as_mut().unwrap().last_update = "Failed".into(),
        "function",
        Problem,
        "last update Failed",
    ),
    ("starting", |f| f.function.as_mut().unwrap().state = "Pending".into(), "function", Warning, "Pending"),
    ("not fed", |f| f.mappings = Ok(Vec::new()), "mapping", Problem, "not fed"),
    ("off", |f| mapping(f).state = "Disabled".into(), "mapping", Problem, "Disabled"),
    ("changing", |f| mapping(f).state = "Updating".into(), "mapping", Warning, "Updating"),
    ("all or nothing", |f| mapping(f).reports_items = false, "mapping", Problem, "ReportBatchItemFailures"),
    (
        "a role that is too small",
        |f| mapping(f).last_result = Some("PROBLEM: Function call failed".into()),
        "mapping",
        Problem,
        "Function call failed",
    ),
    (
        "no table",
        |f| f.table = Some(Err(missing("dynamodb:DescribeTable"))),
        "ledger",
        Problem,
        "dynamodb:DescribeTable",
    ),
    (
        "a table that goes",
        |f| f.table.as_mut().unwrap().as_mut().unwrap().status = "DELETING".into(),
        "ledger",
        Problem,
        "DELETING",
    ),
    (
        "items that stay",
        |f| f.table.as_mut().unwrap().as_mut().unwrap().expires_by = None,
        "ledger",
        Warning,
        "do not expire",
    ),
    (
        "items that expire by something else",
        |f| f.table.as_mut().unwrap().as_mut().unwrap().expires_by = Some("lease".into()),
        "ledger",
        Warning,
        "do not expire",
    ),
];

#[test]
fn queues_function_and_ledger() {
    holds(healthy, CASES);
    // Off is a choice.
    let mut facts = healthy();
    facts.table = None;
    facts.stack.parameters.insert("Ledger".to_owned(), "off".to_owned());
    assert_eq!(
        ledger::check(&facts).unwrap(),
        Finding::ok("ledger", "off: what is delivered again is counted again")
    );
    facts.stack.parameters.remove("Ledger");
    assert_eq!(ledger::check(&facts), None);
}
