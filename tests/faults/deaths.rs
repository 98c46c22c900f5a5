//! The process is killed before and after each request that it makes, which are all the moments that
//! differ.
//!
//! The order of an invocation with two messages: object, claim, events of the one, the same of the
//! other; both are marked as about to be put; the put; both are marked as done; the answer.

use anyhow::Result;
use trailmeter_testkit::fault_proxy::{Fault, Refusal, Rule};

use super::dynamodb::{CLAIM, DONE, FLUSHING, LOOK_UP, TAKE, UPDATE};
use super::row::{Row, Twice, Work};
use super::services::{Ledger, Service};
use super::world::World;

const GET: &str = "GetObject";
const PUT: &str = "PutMetricData";

/// Before a request is carried out, or after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}
use When::{After, Before};

/// Killed at the first of these requests, or the one after `skip` others.
fn row(service: Service, operation: &'static str, when: When, text: &'static str, skip: usize) -> Row {
    let whose = if skip == 0 { "first" } else { "second" };
    let what = match text {
        CLAIM => format!("the claim of the {whose} object"),
        FLUSHING => format!("`flushing` of the {whose} object"),
        DONE => format!("`done` of the {whose} object"),
        _ => format!("the {whose} request"),
    };
    let fault = match when {
        Before => format!("before {what} is carried out"),
        After => format!("after {what} was carried out"),
    };
    let trouble = move |world: &World| {
        let fault = if when == Before { world.kill_before() } else { world.kill_after() };
        world.script(service, Rule::once(operation, fault).naming(text).after(skip))
    };
    Row::death(service, operation, &fault, trouble)
}

pub(crate) fn rows() -> Vec<Row> {
    let (s3, dynamodb, put) = (Service::S3, Service::DynamoDb, Service::CloudWatch);
    let mut rows = vec![
        row(s3, GET, Before, "", 0),
        row(s3, GET, After, "", 0),
        Row::death(s3, GET, "in the middle of the body", midway),
        row(s3, GET, Before, "", 1),
        row(dynamodb, UPDATE, Before, CLAIM, 0),
        row(dynamodb, UPDATE, After, CLAIM, 0),
        row(dynamodb, UPDATE, After, CLAIM, 1),
        row(dynamodb, LOOK_UP, Before, "", 0),
        row(dynamodb, LOOK_UP, After, "", 0),
        row(dynamodb, TAKE, Before, "", 0),
        row(dynamodb, TAKE, After, "", 0),
        row(dynamodb, TAKE, After, "", 1),
        row(dynamodb, UPDATE, Before, FLUSHING, 0),
        // From here on the put may have gone out, for all that anyone knows.
        row(dynamodb, UPDATE, After, FLUSHING, 0).twice(Twice::First),
        row(dynamodb, UPDATE, Before, FLUSHING, 1).twice(Twice::First),
        row(dynamodb, UPDATE, After, FLUSHING, 1).twice(Twice::All),
        row(put, PUT, Before, "", 0).twice(Twice::All),
        row(put, PUT, After, "", 0).twice(Twice::All),
        row(dynamodb, UPDATE, Before, DONE, 0).twice(Twice::All),
        row(dynamodb, UPDATE, After, DONE, 0).twice(Twice::Second),
        row(dynamodb, UPDATE, Before, DONE, 1).twice(Twice::Second),
        row(dynamodb, UPDATE, After, DONE, 1),
        row(Service::Lambda, "response", Before, "", 0),
        row(Service::Lambda, "response", After, "", 0).receives(&[1, 1]),
    ];
    rows.extend(twice());
    rows.extend(at_the_queue());
    rows.extend(of_objects());
    rows.extend(without());
    rows
}

/// More than one trouble on the way of a message.
fn twice() -> Vec<Row> {
    let killed_twice =
        |world: &World| world.script(Service::CloudWatch, Rule::once(PUT, world.kill_after()).times(2));
    let killed_and_lost = |world: &World| {
        world.script(Service::CloudWatch, Rule::once(PUT, world.kill_after()))?;
        world.script(Service::CloudWatch, Rule::once(PUT, Fault::HangUp))
    };
    let lost_and_killed = |world: &World| {
        world.script(Service::CloudWatch, Rule::once(PUT, Fault::HangUp))?;
        world.script(Service::CloudWatch, Rule::once(PUT, world.kill_after()))
    };
    let put = |when, trouble: fn(&World) -> Result<()>| Row::death(Service::CloudWatch, PUT, when, trouble);
    // What comes back is tried alone, so the second trouble is the first message's.
    vec![
        put("after the request was carried out, twice", killed_twice)
            .receives(&[3, 3])
            .twice(Twice::FirstAgain),
        put("after the request was carried out; the next one falls", killed_and_lost)
            .receives(&[3, 2])
            .twice(Twice::All),
        put("after the second request was carried out; the first fell", lost_and_killed)
            .receives(&[3, 3])
            .twice(Twice::FirstAgain),
    ]
}

/// Half of a body has come, and the claim that precedes it was answered.
fn midway(world: &World) -> Result<()> {
    let kill = world.killer();
    let claimed = world.waiter(Service::DynamoDb, UPDATE, 1)?;
    let listener = std::sync::Arc::new(move || {
        claimed();
        kill();
    });
    world.script(Service::S3, Rule::once(GET, Fault::Midway(listener)))
}

fn at_the_queue() -> Vec<Row> {
    let hand_back = |when| {
        let row = row(Service::Sqs, "SendMessageBatch", when, "", 0);
        let kill = row.trouble;
        let trouble = move |world: &World| {
            let refusal = Fault::Refuse(Refusal::new(404, "NoSuchKey"));
            world.script(Service::S3, Rule::once(GET, refusal).naming(&world.files[0].key))?;
            kill(world)
        };
        Row::death(Service::Sqs, "SendMessageBatch", &row.fault, trouble).work(Work::OneMessage)
    };
    let early = |when| row(Service::Sqs, "DeleteMessageBatch", when, "", 0).work(Work::OneSuspicious);
    vec![
        hand_back(Before).receives(&[2, 1, 1]),
        hand_back(After).receives(&[2, 1, 1, 1]),
        // The second message was received once before all this.
        early(Before).receives(&[2, 3]),
        early(After).receives(&[1, 3]),
    ]
}

/// A ledger of objects alone knows as well what had been put.
fn of_objects() -> Vec<Row> {
    let rows = vec![
        row(Service::CloudWatch, PUT, Before, "", 0).twice(Twice::All),
        row(Service::CloudWatch, PUT, After, "", 0).twice(Twice::All),
        row(Service::Lambda, "response", Before, "", 0),
    ];
    rows.into_iter().map(|row| row.with(Ledger::Object)).collect()
}

/// Without a ledger nobody knows what had been put.
fn without() -> Vec<Row> {
    let rows = vec![
        row(Service::S3, GET, After, "", 0),
        row(Service::CloudWatch, PUT, Before, "", 0),
        row(Service::CloudWatch, PUT, After, "", 0).unreported(Twice::All),
        row(Service::Lambda, "response", Before, "", 0).unreported(Twice::All),
        row(Service::Lambda, "response", After, "", 0).receives(&[1, 1]),
    ];
    rows.into_iter().map(|row| row.with(Ledger::Off)).collect()
}
