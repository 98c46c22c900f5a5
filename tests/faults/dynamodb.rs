//! DynamoDB: the ledger at each of its steps.

use std::sync::Arc;

use serde_json::{Value, json};
use trailmeter_testkit::fault_proxy::{Fault, Refusal, Rule, Spoilt};
use trailmeter_testkit::http::Response;

use super::queue::End::{Acknowledged, Parked};
use super::row::{Row, Trouble, Twice, Work};
use super::services::{Ledger, Service, Unreachable};
use super::world::World;

pub(crate) const UPDATE: &str = "UpdateItem";
pub(crate) const LOOK_UP: &str = "BatchGetItem";
pub(crate) const TAKE: &str = "TransactWriteItems";

/// What tells the ledger's updates apart: of each the first request with this text is the first
/// object's.
pub(crate) const CLAIM: &str = "attribute_not_exists(id)";
pub(crate) const FLUSHING: &str = r#""S":"flushing""#;
pub(crate) const DONE: &str = r#""S":"done""#;

/// A lease that is given up.
pub(crate) const RELEASED: &str = r#"":lease":{"N":"0"}"#;

/// So often the SDK sends a request that fails.
const ATTEMPTS: usize = 3;

/// A step of the ledger: what the page calls it, its operation, and the text that tells it apart.
#[derive(Clone, Copy)]
struct Step(&'static str, &'static str, &'static str);

const TO_CLAIM: Step = Step("claim", UPDATE, CLAIM);
const TO_LOOK_UP: Step = Step("look for events", LOOK_UP, "event#");
const TO_TAKE: Step = Step("take events", TAKE, "event#");
const TO_FLUSH: Step = Step("before the put", UPDATE, FLUSHING);
const TO_END: Step = Step("after the put", UPDATE, DONE);

fn row(step: Step, fault: &str, times: usize, what: Fault, receives: u32) -> Row {
    let Step(name, operation, text) = step;
    let trouble = move |world: &World| {
        world.script(Service::DynamoDb, Rule::once(operation, what.clone()).times(times).naming(text))
    };
    Row::new(Service::DynamoDb, operation, format!("{name}: {fault}"), trouble).receives(&[receives; 2])
}

fn refused(status: u16, code: &str) -> Fault {
    Fault::Refuse(Refusal::new(status, code))
}

fn throttled() -> Fault {
    Fault::Refuse(Refusal::new(400, "ProvisionedThroughputExceededException").with("retry-after", "1"))
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = claims();
    rows.extend(later());
    rows.extend(again());
    rows.extend(clocks());
    rows.extend(without());
    for how in [Unreachable::Refused, Unreachable::NoSuchName, Unreachable::NoTls] {
        rows.push(Row::unreachable(Service::DynamoDb, UPDATE, how));
    }
    let refused = Row::unreachable(Service::DynamoDb, UPDATE, Unreachable::Refused);
    rows.push(refused.ends(&[Parked; 2]).for_good());
    rows
}

/// Every fault at the first step.
fn claims() -> Vec<Row> {
    let skewed = Refusal::new(400, "InvalidSignatureException").with("date", "Thu, 01 Jan 2015 00:00:00 GMT");
    let row = |fault: &str, times, what, receives| row(TO_CLAIM, fault, times, what, receives);
    vec![
        row("400 `ValidationException`, once", 1, refused(400, "ValidationException"), 2),
        row("403 `AccessDeniedException`, once", 1, refused(403, "AccessDeniedException"), 2),
        row("403 `AccessDeniedException`, for good", usize::MAX, refused(403, "AccessDeniedException"), 0)
            .ends(&[Parked; 2]),
        row("404 `ResourceNotFoundException`, once", 1, refused(404, "ResourceNotFoundException"), 2),
        row("409 `Conflict`, once", 1, refused(409, "Conflict"), 2),
        row("412 `PreconditionFailed`, once", 1, refused(412, "PreconditionFailed"), 2),
        row("429 `ThrottlingException`, once", 1, refused(429, "ThrottlingException"), 1),
        row(
            "throttled: 400 `ProvisionedThroughputExceededException` with Retry-After, once",
            1,
            throttled(),
            1,
        ),
        row(
            "throttled: 400 `ProvisionedThroughputExceededException` with Retry-After, three times",
            ATTEMPTS,
            throttled(),
            2,
        ),
        row("500 `InternalServerError`, once", 1, refused(500, "InternalServerError"), 1),
        row("500 `InternalServerError`, three times", ATTEMPTS, refused(500, "InternalServerError"), 2),
        row("500 `InternalServerError`, for good", usize::MAX, refused(500, "InternalServerError"), 0)
            .ends(&[Parked; 2]),
        row("503 `ServiceUnavailable`, once", 1, refused(503, "ServiceUnavailable"), 1),
        row("clock skew: 400 `InvalidSignatureException`, once", 1, Fault::Refuse(skewed), 1),
        row("slow answer, once", 1, Fault::Spoil(Spoilt::Slow), 1),
        row("connection reset in the middle of the answer, once", 1, Fault::Spoil(Spoilt::Reset), 1),
        row("answer cut off, length of the whole, once", 1, Fault::Spoil(Spoilt::WrongLength), 1),
        row("answer cut off, length of the part, once", 1, Fault::Spoil(Spoilt::RightLength), 2),
        row("connection falls before the request is carried out, once", 1, Fault::HangUp, 1),
        row("answer lost after the request was carried out, once", 1, Fault::LoseAnswer, 1),
        row("answer lost after the request was carried out, three times", ATTEMPTS, Fault::LoseAnswer, 2),
        row("no answer after the request was carried out, once", 1, Fault::Silence, 1),
    ]
}

/// What differs at the later steps.
fn later() -> Vec<Row> {
    let failing = || refused(500, "InternalServerError");
    let mut rows = Vec::new();
    for step in [TO_LOOK_UP, TO_TAKE, TO_FLUSH] {
        rows.extend([
            row(step, "403 `AccessDeniedException`, once", 1, refused(403, "AccessDeniedException"), 2),
            row(step, "throttled: 400 `ProvisionedThroughputExceededException`, once", 1, throttled(), 1),
            row(step, "500 `InternalServerError`, three times", ATTEMPTS, failing(), 2),
            row(step, "500 `InternalServerError`, for good", usize::MAX, failing(), 0).ends(&[Parked; 2]),
            row(step, "answer lost after the request was carried out, once", 1, Fault::LoseAnswer, 1),
        ]);
    }
    let cut_off =
        |step| row(step, "answer cut off, length of the part, once", 1, Fault::Spoil(Spoilt::RightLength), 2);
    // The last one was carried out, and the function may as well have died behind it.
    rows.extend([cut_off(TO_LOOK_UP), cut_off(TO_TAKE), cut_off(TO_FLUSH).twice(Twice::First)]);
    rows.extend(busy());
    rows.extend(with_the_put());
    // It is counted, and that is what an acknowledgement means.
    rows.extend([
        row(TO_END, "403 `AccessDeniedException`, once", 1, refused(403, "AccessDeniedException"), 1),
        row(TO_END, "500 `InternalServerError`, three times", ATTEMPTS, failing(), 1),
        row(TO_END, "500 `InternalServerError`, for good", usize::MAX, failing(), 1),
        row(TO_END, "answer lost after the request was carried out, once", 1, Fault::LoseAnswer, 1),
        row(
            TO_END,
            "answer lost after the request was carried out, three times",
            ATTEMPTS,
            Fault::LoseAnswer,
            1,
        ),
    ]);
    rows
}

/// What DynamoDB answers where it is busy, which is no error or more than one.
fn busy() -> Vec<Row> {
    let unprocessed =
        || answer(|input| (200, json!({ "Responses": {}, "UnprocessedKeys": input["RequestItems"] })));
    let conflict = || answer(|input| cancelled(input, "TransactionConflict"));
    let throttled = || answer(|input| cancelled(input, "ThrottlingError"));
    let always = usize::MAX;
    vec![
        row(TO_LOOK_UP, "keys left unprocessed, once", 1, unprocessed(), 1),
        row(TO_LOOK_UP, "keys left unprocessed, for good", always, unprocessed(), 0).ends(&[Parked; 2]),
        row(TO_TAKE, "400 `TransactionCanceledException` by a conflict, once", 1, conflict(), 1),
        row(TO_TAKE, "400 `TransactionCanceledException` by a conflict, for good", always, conflict(), 0)
            .ends(&[Parked; 2]),
        row(TO_TAKE, "400 `TransactionCanceledException` by throttling, three times", 3, throttled(), 1),
    ]
}

/// A transaction that DynamoDB cancels, each of its actions with this code.
fn cancelled(input: &Value, code: &str) -> (u16, Value) {
    let actions = input["TransactItems"].as_array().map_or(0, Vec::len);
    let reasons = vec![json!({ "Code": code }); actions];
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    (400, json!({ "__type": kind, "CancellationReasons": reasons }))
}

fn answer(from: fn(&Value) -> (u16, Value)) -> Fault {
    Fault::Answer(Arc::new(move |request| {
        let input = serde_json::from_slice(&request.body).unwrap_or_default();
        let (status, body) = from(&input);
        let kind = [("content-type", "application/x-amz-json-1.0")];
        Response::new(status, &kind, body.to_string().into_bytes())
    }))
}

/// The ledger and the put in trouble at the same time.
fn with_the_put() -> Vec<Row> {
    let fails = |text: &str| Rule::once(UPDATE, refused(500, "InternalServerError")).naming(text).always();
    let second = |world: &World| {
        let rule = Rule::once(UPDATE, refused(500, "InternalServerError")).naming(FLUSHING).after(1);
        world.script(Service::DynamoDb, rule.times(ATTEMPTS))
    };
    let refused_and = move |world: &World| {
        world.script(Service::DynamoDb, fails(RELEASED).times(2 * ATTEMPTS))?;
        world.script(Service::CloudWatch, Rule::once("PutMetricData", refused(403, "AccessDenied")))
    };
    let lost_and = move |world: &World| {
        world.script(Service::DynamoDb, fails(RELEASED).times(2 * ATTEMPTS))?;
        world.script(Service::CloudWatch, Rule::once("PutMetricData", Fault::LoseAnswer))
    };
    let row = |fault: &str, trouble: Trouble| Row::new(Service::DynamoDb, UPDATE, fault, trouble);
    vec![
        row("before the put: 500 `InternalServerError` for the second object, three times", Box::new(second))
            .twice(Twice::First),
        row("the put is refused, and the claims cannot be released", Box::new(refused_and)).twice(Twice::All),
        row("the answer to the put is lost, and the doubt cannot be taken down", Box::new(lost_and))
            .twice(Twice::All),
    ]
}

/// The same files are announced once more, as S3 may.
fn again() -> Vec<Row> {
    let fails = |world: &World| {
        let rule = Rule::once(UPDATE, refused(500, "InternalServerError")).naming(DONE);
        world.script(Service::DynamoDb, rule.times(ATTEMPTS))
    };
    let row = |fault: &str, trouble: Trouble| {
        Row::new(Service::DynamoDb, UPDATE, fault, trouble).work(Work::AnnouncedAgain)
    };
    vec![
        row("none, and the files are announced again", Box::new(|_: &World| Ok(()))).receives(&[1; 4]),
        // The lease of what was not taken down as done has to end first. The second file was not
        // even asked for.
        row(
            "after the put: 500 `InternalServerError`, three times, and the files are announced again",
            Box::new(fails),
        )
        .receives(&[1, 1, 2, 2])
        .twice(Twice::All),
    ]
}

/// Clocks that are wrong: leases of another process that end far too late or too early.
fn clocks() -> Vec<Row> {
    // The year 2100.
    const FAR: i64 = 4_102_444_800;
    let late = |world: &World| {
        world.keep_leases();
        let kill = world.killer();
        let leases = world.leases();
        let listener = Arc::new(move || {
            leases(FAR);
            kill();
        });
        let rule = Rule::once(UPDATE, Fault::After(listener)).naming(CLAIM);
        world.script(Service::DynamoDb, rule)
    };
    let early = |world: &World| {
        let steal = world.thief();
        world.script(Service::DynamoDb, Rule::once(UPDATE, Fault::Hold(steal)).naming(FLUSHING))
    };
    vec![
        Row::new(Service::DynamoDb, UPDATE, "clock skew: a lease that ends in the year 2100", late)
            .ends(&[Parked, Acknowledged(2)]),
        Row::new(
            Service::DynamoDb,
            UPDATE,
            "clock skew: another takes the object over before the put",
            early,
        ),
    ]
}

/// The setting that goes on without the ledger.
fn without() -> Vec<Row> {
    let failing = || refused(500, "InternalServerError");
    let mut rows = vec![Row::unreachable(Service::DynamoDb, UPDATE, Unreachable::Refused).receives(&[1, 1])];
    for step in [TO_CLAIM, TO_LOOK_UP, TO_TAKE, TO_FLUSH, TO_END] {
        rows.push(row(step, "500 `InternalServerError`, for good", usize::MAX, failing(), 1));
    }
    let both = |world: &World| {
        let fails = Rule::once(UPDATE, refused(500, "InternalServerError")).always().naming(FLUSHING);
        world.script(Service::DynamoDb, fails)?;
        world.script(Service::CloudWatch, Rule::once("PutMetricData", Fault::LoseAnswer))
    };
    let fault = "before the put: 500 `InternalServerError`, for good, and the answer to the put lost, once";
    rows.push(Row::new(Service::DynamoDb, UPDATE, fault, both).twice(Twice::All));
    rows.into_iter().map(|row| row.with(Ledger::EventOrCount)).collect()
}
