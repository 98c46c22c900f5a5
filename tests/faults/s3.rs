//! S3: an object that is refused, or comes slowly, in part, or not at all.

use trailmeter_testkit::fault_proxy::{Fault, Refusal, Rule, Spoilt};

use super::queue::End::{Acknowledged, Parked};
use super::row::Row;
use super::services::{Ledger, Service, Unreachable};
use super::world::World;

const OPERATION: &str = "GetObject";

/// What becomes of the message whose file is in trouble; its neighbour is never concerned.
fn row(fault: &str, rule: fn(Fault) -> Rule, what: Fault, receives: u32) -> Row {
    let trouble = move |world: &World| {
        let rule = rule(what.clone()).naming(&world.files[0].key);
        world.script(Service::S3, rule)
    };
    let row = Row::new(Service::S3, OPERATION, fault, trouble);
    if receives == 0 {
        return row.ends(&[Parked, Acknowledged(1)]);
    }
    row.receives(&[receives, 1])
}

fn once(fault: Fault) -> Rule {
    Rule::once(OPERATION, fault)
}

/// As often as the SDK asks for one object.
fn three_times(fault: Fault) -> Rule {
    once(fault).times(3)
}

/// As often as the function does where another attempt may help: it has the SDK ask again.
fn six_times(fault: Fault) -> Rule {
    once(fault).times(6)
}

fn always(fault: Fault) -> Rule {
    once(fault).always()
}

fn refused(status: u16, code: &str) -> Fault {
    Fault::Refuse(Refusal::new(status, code))
}

pub(crate) fn rows() -> Vec<Row> {
    let slow_down = || Fault::Refuse(Refusal::new(503, "SlowDown").with("retry-after", "1"));
    let skewed = Refusal::new(403, "RequestTimeTooSkewed").with("date", "Thu, 01 Jan 2015 00:00:00 GMT");
    let mut rows = vec![
        row("400 `InvalidRequest`, once", once, refused(400, "InvalidRequest"), 2),
        row("403 `AccessDenied`, once", once, refused(403, "AccessDenied"), 2),
        row("403 `AccessDenied`, for good", always, refused(403, "AccessDenied"), 0),
        row("404 `NoSuchKey`, once", once, refused(404, "NoSuchKey"), 2),
        row("404 `NoSuchKey`, for good", always, refused(404, "NoSuchKey"), 0),
        row("409 `OperationAborted`, once", once, refused(409, "OperationAborted"), 2),
        row("412 `PreconditionFailed`, once", once, refused(412, "PreconditionFailed"), 2),
        row("429 `TooManyRequestsException`, once", once, refused(429, "TooManyRequestsException"), 1),
        row("500 `InternalError`, once", once, refused(500, "InternalError"), 1),
        row("500 `InternalError`, six times", six_times, refused(500, "InternalError"), 2),
        row("500 `InternalError`, for good", always, refused(500, "InternalError"), 0),
        row("503 `ServiceUnavailable`, once", once, refused(503, "ServiceUnavailable"), 1),
        row("throttled: 503 `SlowDown` with Retry-After, once", once, slow_down(), 1),
        row("throttled: 503 `SlowDown` with Retry-After, three times", three_times, slow_down(), 2),
        row("clock skew: 403 `RequestTimeTooSkewed`, once", once, Fault::Refuse(skewed.clone()), 1),
        row("clock skew: 403 `RequestTimeTooSkewed`, for good", always, Fault::Refuse(skewed), 0),
        row("slow body", once, Fault::Spoil(Spoilt::Slow), 1),
        row("body stalls in the middle, once", once, Fault::Spoil(Spoilt::Stalled), 1),
        row("connection reset in the middle of the body, once", once, Fault::Spoil(Spoilt::Reset), 1),
        row("connection reset in the middle of the body, for good", always, Fault::Spoil(Spoilt::Reset), 0),
        row("body cut off, length of the whole, once", once, Fault::Spoil(Spoilt::WrongLength), 1),
        row("body cut off, length of the part, once", once, Fault::Spoil(Spoilt::RightLength), 2),
        row("body cut off, length of the part, for good", always, Fault::Spoil(Spoilt::RightLength), 0),
        row("connection falls before the request is carried out, once", once, Fault::HangUp, 1),
        row("answer lost, once", once, Fault::LoseAnswer, 1),
    ];
    for how in [Unreachable::Refused, Unreachable::NoSuchName, Unreachable::NoTls] {
        rows.push(Row::unreachable(Service::S3, OPERATION, how));
    }
    rows.push(Row::unreachable(Service::S3, OPERATION, Unreachable::Refused).ends(&[Parked; 2]).for_good());
    rows
}

/// Without a ledger a message that comes back is all there is, and mostly enough.
pub(crate) fn without_ledger() -> Vec<Row> {
    let rows = vec![
        row("404 `NoSuchKey`, once", once, refused(404, "NoSuchKey"), 2),
        row("connection reset in the middle of the body, once", once, Fault::Spoil(Spoilt::Reset), 1),
        row("body cut off, length of the part, once", once, Fault::Spoil(Spoilt::RightLength), 2),
        Row::unreachable(Service::S3, OPERATION, Unreachable::Refused),
    ];
    rows.into_iter().map(|row| row.with(Ledger::Off)).collect()
}
