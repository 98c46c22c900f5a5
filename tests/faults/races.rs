//! Two functions at once, one of them held at each of its requests while the other runs from its
//! beginning to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use trailmeter_testkit::fault_proxy::{Fault, Listener, Rule};
use trailmeter_testkit::runtime_api::Invocation;

use super::dynamodb::{CLAIM, DONE, FLUSHING, LOOK_UP, TAKE, UPDATE};
use super::played::{Played, matches};
use super::queue::End;
use super::services::{Ledger, Service};
use super::world::World;

/// What the second function is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// The same objects.
    Objects,
    /// The same objects, whose leases have ended by its clock.
    ObjectsAfterTheirLease,
    /// Other objects with some of the same events.
    Events,
}

/// Where the first function is held: service, operation, text, and whether it may have put by then.
const HELD: &[(Service, &str, &str, bool)] = &[
    (Service::S3, "GetObject", "", false),
    (Service::DynamoDb, UPDATE, CLAIM, false),
    (Service::DynamoDb, LOOK_UP, "", false),
    (Service::DynamoDb, TAKE, "", false),
    (Service::DynamoDb, UPDATE, FLUSHING, false),
    (Service::CloudWatch, "PutMetricData", "", true),
    (Service::DynamoDb, UPDATE, DONE, true),
    (Service::Lambda, "response", "", false),
];

/// Plays all of them. Returns what is wrong.
pub(crate) fn play(cloud: &str) -> Result<()> {
    let mut number = 0;
    for given in [Given::Objects, Given::ObjectsAfterTheirLease, Given::Events] {
        for &(service, operation, text, is_flushing) in HELD {
            number += 1;
            let world = World::new(cloud, &format!("races-{number}"), Ledger::Event, 2)?;
            let about = || format!("{given:?}, held before {operation} {text}");
            let played = race(&world, given, service, operation, text).with_context(about)?;
            // Only who lets go of a request after the lease has ended can be counted beside another.
            let may_be_twice = is_flushing && given == Given::ObjectsAfterTheirLease;
            let most = if may_be_twice { matches(&world.files) } else { 0 };
            ensure!(
                played.excess <= played.maybe_twice && played.maybe_twice == most,
                "{}: {} are counted twice and {} said to be, of {most}",
                about(),
                played.excess,
                played.maybe_twice,
            );
            ensure!(!played.ends.contains(&End::Parked), "{}: {:?}", about(), played.ends);
        }
    }
    Ok(())
}

fn race(world: &World, given: Given, service: Service, operation: &str, text: &str) -> Result<Played> {
    let most = if given == Given::Events { 1 } else { 2 };
    world.announce_each();
    if most == 2 {
        world.announce_each();
    }
    let has_run = Arc::new(AtomicBool::new(false));
    // The first batch is the first function's, which `drain` invokes; the second function takes what
    // comes after it.
    world.script(
        service,
        Rule::once(operation, Fault::Hold(meanwhile(world, given, &has_run)?)).naming(text),
    )?;
    world.take_up_to(most);
    world.drain(|_, _| Ok(()))?;
    ensure!(has_run.load(Ordering::SeqCst), "the first function was never held");
    Played::of(world, 0)
}

/// A listener that invokes a second function with the next batch.
fn meanwhile(world: &World, given: Given, has_run: &Arc<AtomicBool>) -> Result<Listener> {
    let second = world.second_function()?;
    let queue = Arc::clone(&world.queue);
    let leases = world.leases();
    let has_run = Arc::clone(has_run);
    Ok(Arc::new(move || {
        let Some(batch) = queue.receive() else { return };
        has_run.store(true, Ordering::SeqCst);
        if given == Given::ObjectsAfterTheirLease {
            leases(0);
        }
        // If it fails its messages are never settled, and the test says that they are lost.
        let answer = second.invoke(&batch).and_then(Invocation::response);
        if let Ok(answer) = answer {
            drop(queue.settle(&batch, &answer));
        }
    }))
}
