//! CloudWatch: metrics that are refused, lost, or taken without a word.

use trailmeter_testkit::fault_proxy::{Fault, Refusal, Rule, Spoilt};

use super::queue::End::Parked;
use super::row::{Row, Twice};
use super::services::{Ledger, Service, Unreachable};
use super::world::World;

const OPERATION: &str = "PutMetricData";

/// How often a request is sent that is known not to have been applied.
const ATTEMPTS: usize = 5;

/// Both messages are in one request, and fare alike.
fn row(fault: &str, times: usize, what: Fault, receives: u32, twice: Twice) -> Row {
    let trouble = move |world: &World| {
        world.script(Service::CloudWatch, Rule::once(OPERATION, what.clone()).times(times))
    };
    Row::new(Service::CloudWatch, OPERATION, fault, trouble).receives(&[receives; 2]).twice(twice)
}

fn refused(status: u16, code: &str) -> Fault {
    Fault::Refuse(Refusal::new(status, code))
}

pub(crate) fn rows() -> Vec<Row> {
    use Twice::{All, None};
    let throttled = || Fault::Refuse(Refusal::new(400, "ThrottlingException").with("retry-after", "1"));
    let skewed = Refusal::new(403, "SignatureDoesNotMatch").with("date", "Thu, 01 Jan 2015 00:00:00 GMT");
    let forever = usize::MAX;
    let mut rows = vec![
        row("400 `InvalidParameterValue`, once", 1, refused(400, "InvalidParameterValue"), 2, None),
        row("403 `AccessDenied`, once", 1, refused(403, "AccessDenied"), 2, None),
        row("403 `AccessDenied`, for good", forever, refused(403, "AccessDenied"), 0, None)
            .ends(&[Parked; 2]),
        row("404 `ResourceNotFound`, once", 1, refused(404, "ResourceNotFound"), 2, None),
        row("409 `Conflict`, once", 1, refused(409, "Conflict"), 2, None),
        row("412 `PreconditionFailed`, once", 1, refused(412, "PreconditionFailed"), 2, None),
        row("429 `TooManyRequestsException`, once", 1, refused(429, "TooManyRequestsException"), 1, None),
        row("throttled: 400 `ThrottlingException` with Retry-After, once", 1, throttled(), 1, None),
        row(
            "throttled: 400 `ThrottlingException` with Retry-After, five times",
            ATTEMPTS,
            throttled(),
            2,
            None,
        ),
        row("500 `InternalServiceError`, once", 1, refused(500, "InternalServiceError"), 2, All),
        row("500 `InternalServiceError`, for good", forever, refused(500, "InternalServiceError"), 0, None)
            .ends(&[Parked; 2]),
        row("503 `ServiceUnavailable`, once", 1, refused(503, "ServiceUnavailable"), 2, All),
        row("clock skew: 403 `SignatureDoesNotMatch`, once", 1, Fault::Refuse(skewed), 2, None),
        row("slow answer, once", 1, Fault::Spoil(Spoilt::Slow), 1, None),
        row("connection reset in the middle of the answer, once", 1, Fault::Spoil(Spoilt::Reset), 2, All),
        row("answer cut off, length of the whole, once", 1, Fault::Spoil(Spoilt::WrongLength), 2, All),
        row("answer cut off, length of the part, once", 1, Fault::Spoil(Spoilt::RightLength), 1, None),
        row("connection falls before the request is carried out, once", 1, Fault::HangUp, 2, All),
        row("answer lost after the request was carried out, once", 1, Fault::LoseAnswer, 2, All),
        row("no answer after the request was carried out, once", 1, Fault::Silence, 2, All),
    ];
    for how in [Unreachable::Refused, Unreachable::NoSuchName, Unreachable::NoTls] {
        rows.push(Row::unreachable(Service::CloudWatch, OPERATION, how));
    }
    rows
}

/// Without a ledger the doubt waits in the memory of the process.
pub(crate) fn without_ledger() -> Vec<Row> {
    let rows = vec![
        row("403 `AccessDenied`, once", 1, refused(403, "AccessDenied"), 2, Twice::None),
        row("500 `InternalServiceError`, once", 1, refused(500, "InternalServiceError"), 2, Twice::All),
        row("answer lost after the request was carried out, once", 1, Fault::LoseAnswer, 2, Twice::All),
    ];
    rows.into_iter().map(|row| row.with(Ledger::Off)).collect()
}
