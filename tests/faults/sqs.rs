//! SQS: handing single objects back, and deleting what is done early.

use std::sync::Arc;

use anyhow::Result;
use serde_json::json;
use trailmeter_testkit::fault_proxy::{Fault, Refusal, Rule, Spoilt};
use trailmeter_testkit::http::Response;

use super::row::{Row, Twice, Work};
use super::services::{Ledger, Service, Unreachable};
use super::world::World;

const HAND_BACK: &str = "SendMessageBatch";

/// A message names two files, S3 refuses one of them once, and handing it back meets the fault.
fn trouble(what: Option<(usize, Fault)>) -> impl Fn(&World) -> Result<()> + Send + Sync {
    move |world| {
        let refusal = Fault::Refuse(Refusal::new(404, "NoSuchKey"));
        world.script(Service::S3, Rule::once("GetObject", refusal).naming(&world.files[0].key))?;
        let Some((times, fault)) = what.clone() else { return Ok(()) };
        world.script(Service::Sqs, Rule::once(HAND_BACK, fault).times(times))
    }
}

fn row(fault: &str, times: usize, what: Fault, receives: &[u32]) -> Row {
    Row::new(Service::Sqs, HAND_BACK, fault, trouble(Some((times, what))))
        .work(Work::OneMessage)
        .receives(receives)
}

fn refused(status: u16, code: &str) -> Fault {
    Fault::Refuse(Refusal::new(status, code))
}

pub(crate) fn rows() -> Vec<Row> {
    let throttled = || Fault::Refuse(Refusal::new(400, "RequestThrottled").with("retry-after", "1"));
    let skewed = Refusal::new(403, "InvalidSignatureException").with("date", "Thu, 01 Jan 2015 00:00:00 GMT");
    let mut rows = vec![
        // The object that failed is a message of its own from then on. A message that comes back whole is
        // taken apart when it does: then both are.
        Row::new(Service::Sqs, HAND_BACK, "none", trouble(None)).work(Work::OneMessage).receives(&[1, 1]),
        row("400 `InvalidAddress`, once", 1, refused(400, "InvalidAddress"), &[2, 1, 1]),
        row("403 `AccessDenied`, once", 1, refused(403, "AccessDenied"), &[2, 1, 1]),
        row("403 `AccessDenied`, for good", usize::MAX, refused(403, "AccessDenied"), &[2]),
        row("404 `QueueDoesNotExist`, once", 1, refused(404, "QueueDoesNotExist"), &[2, 1, 1]),
        row("409 `Conflict`, once", 1, refused(409, "Conflict"), &[2, 1, 1]),
        row("412 `PreconditionFailed`, once", 1, refused(412, "PreconditionFailed"), &[2, 1, 1]),
        row("429 `TooManyRequestsException`, once", 1, refused(429, "TooManyRequestsException"), &[1, 1]),
        row("throttled: 400 `RequestThrottled` with Retry-After, once", 1, throttled(), &[1, 1]),
        row("throttled: 400 `RequestThrottled` with Retry-After, three times", 3, throttled(), &[2, 1, 1]),
        row("500 `InternalFailure`, once", 1, refused(500, "InternalFailure"), &[1, 1]),
        row("500 `InternalFailure`, three times", 3, refused(500, "InternalFailure"), &[2, 1, 1]),
        row("503 `ServiceUnavailable`, once", 1, refused(503, "ServiceUnavailable"), &[1, 1]),
        row("clock skew: 403 `InvalidSignatureException`, once", 1, Fault::Refuse(skewed), &[1, 1]),
        row("slow answer, once", 1, Fault::Spoil(Spoilt::Slow), &[1, 1]),
        row("connection falls before the request is carried out, once", 1, Fault::HangUp, &[1, 1]),
        // The SDK sends it again, and the object is on its way twice: a ledger counts it once.
        row("answer lost after the request was carried out, once", 1, Fault::LoseAnswer, &[1, 1, 1]),
        row("connection reset in the middle of the answer, once", 1, Fault::Spoil(Spoilt::Reset), &[1, 1, 1]),
        row("answer cut off, length of the whole, once", 1, Fault::Spoil(Spoilt::WrongLength), &[1, 1, 1]),
        row("answer cut off, length of the part, once", 1, Fault::Spoil(Spoilt::RightLength), &[2, 1, 1, 1]),
    ];
    let failed = Fault::Answer(Arc::new(|_| {
        let entry = json!({ "Id": "0", "Code": "InternalError", "SenderFault": false });
        let body = json!({ "Successful": [], "Failed": [entry] }).to_string();
        Response::new(200, &[("content-type", "application/x-amz-json-1.0")], body.into_bytes())
    }));
    rows.push(row("200 with a failed entry, once", 1, failed, &[2, 1, 1]));
    rows.extend(with_the_put());
    rows.extend(early());
    for how in [Unreachable::Refused, Unreachable::NoSuchName, Unreachable::NoTls] {
        let mut row =
            Row::unreachable(Service::Sqs, HAND_BACK, how).work(Work::OneMessage).receives(&[2, 1, 1]);
        let cut_off = std::mem::replace(&mut row.trouble, Box::new(|_| Ok(())));
        let refuse = trouble(None);
        row.trouble = Box::new(move |world| {
            cut_off(world)?;
            refuse(world)
        });
        rows.push(row);
    }
    rows
}

/// One object was handed back, and then the put fails: the other is handed back as well.
fn with_the_put() -> Vec<Row> {
    let row = |fault: &str, put: Fault, failing: bool| {
        let hand_back = trouble(None);
        let trouble = move |world: &World| {
            hand_back(world)?;
            if failing {
                let rule = Rule::once(HAND_BACK, refused(403, "AccessDenied")).after(1);
                world.script(Service::Sqs, rule)?;
            }
            world.script(Service::CloudWatch, Rule::once("PutMetricData", put.clone()))
        };
        Row::new(Service::Sqs, HAND_BACK, fault, trouble).work(Work::OneMessage)
    };
    let (refused, lost) = (refused(403, "AccessDenied"), Fault::LoseAnswer);
    vec![
        row("none, and the put is refused", refused.clone(), false).receives(&[1; 3]),
        row("none, and the answer to the put is lost", lost.clone(), false)
            .receives(&[1; 3])
            .twice(Twice::SecondAlone),
        // Both come back in the first message, which is taken apart, and the one that was sent back comes by itself too.
        row("the put is refused, and the second request as well", refused, true).receives(&[2, 1, 1, 1]),
        row("the answer to the put is lost, and the second request is refused", lost, true)
            .receives(&[2, 1, 1, 1])
            .twice(Twice::SecondAlone),
    ]
}

const EARLY: &str = "DeleteMessageBatch";

/// The first message is counted and deleted before the second, which was received before, is tried.
fn early() -> Vec<Row> {
    let row = |fault: &str, times: usize, what: Fault| {
        let trouble =
            move |world: &World| world.script(Service::Sqs, Rule::once(EARLY, what.clone()).times(times));
        // Where it fails the answer to the invocation acknowledges it.
        Row::new(Service::Sqs, EARLY, fault, trouble).work(Work::OneSuspicious).receives(&[1, 2])
    };
    vec![
        row("400 `InvalidAddress`, once", 1, refused(400, "InvalidAddress")),
        row("403 `AccessDenied`, for good", usize::MAX, refused(403, "AccessDenied")),
        row("500 `InternalFailure`, for good", usize::MAX, refused(500, "InternalFailure")),
        row("answer lost after the request was carried out, once", 1, Fault::LoseAnswer),
        row("answer cut off, length of the part, once", 1, Fault::Spoil(Spoilt::RightLength)),
    ]
}

/// Without a ledger an object that is on its way twice counts once only if both come in one batch,
/// as they do here.
pub(crate) fn without_ledger() -> Vec<Row> {
    let rows = vec![
        row("403 `AccessDenied`, once", 1, refused(403, "AccessDenied"), &[2, 1, 1]),
        row("answer lost after the request was carried out, once", 1, Fault::LoseAnswer, &[1, 1, 1]),
    ];
    rows.into_iter().map(|row| row.with(Ledger::Off)).collect()
}
