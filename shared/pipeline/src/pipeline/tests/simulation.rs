//! Many processes at once, of which any may die between any two of its steps.
//!
//! A step is a call through a port: all that the world sees of a process are its calls, so it can
//! only have died before one was carried out, or after. Processes take their steps in whatever
//! order a plan says; a call may fail, succeed without an answer, or be the last. When nothing is
//! in hand any longer a quarter of an hour passes and what was not acknowledged is delivered again.
//!
//! In the end: every event has counted, and none more often than `CountedMaybeTwice` says.

mod cloud;
mod plan;
mod process;

use proptest::prelude::*;

use crate::State;
use cloud::Cloud;
use plan::{Fate, Plan, plans};

/// What a plan comes to, against what it should.
fn run(plan: &Plan) {
    let cloud = Cloud::new(plan);
    let end = cloud.run_to_the_end();
    for (at, name) in ["Denied", "Odd"].into_iter().enumerate() {
        let counted = end.metrics.get(name).copied().unwrap_or(0.0);
        let truth = super::account::as_float(plan.distinct()[at]);
        let maybe_twice = end.metrics.get("CountedMaybeTwice").copied().unwrap_or(0.0);
        assert!(counted >= truth, "{name}: {counted} counted of {truth}");
        assert!(counted <= truth + maybe_twice, "{name}: {counted} of {truth}, {maybe_twice} doubted");
        assert!(maybe_twice < 0.5 || !plan.is_fine(), "{maybe_twice} doubted for no reason");
    }
    // Each object, and each single event that counts, has come to its end in the ledger, or to where only that could not be taken down.
    // What was written over before that stays where it was.
    let named = plan.named_files().len() + plan.claimed_singles().len();
    let ended = end.entries.iter().filter(|entry| entry.state != State::Claimed).count();
    if plan.written_over.is_none() {
        assert_eq!((end.entries.len(), ended), (named, named), "{:?}", end.entries);
    } else {
        assert!(ended >= named, "{:?}", end.entries);
    }
    if plan.is_fine() && plan.written_over.is_none() {
        assert!(end.entries.iter().all(|entry| entry.state == State::Done), "{:?}", end.entries);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_dies_and_whatever_is_lost_each_event_counts_once_or_is_reported(plan in plans()) {
        run(&plan);
    }
}

/// Kills a single process at every one of its steps, before and after it is carried out.
#[test]
fn a_process_may_die_at_any_of_its_steps() {
    for read_ahead in [0, 2] {
        dies_at_any_step(read_ahead);
    }
}

fn dies_at_any_step(read_ahead: usize) {
    let steps = {
        let plan = Plan::fixed(Vec::new(), read_ahead);
        let cloud = Cloud::new(&plan);
        cloud.run_to_the_end().steps
    };
    // Two objects: open, claim, events, flushing, put, done; and the answers.
    assert!(steps > 12, "{steps} steps are too few to prove anything");
    let mut doubts = 0;
    for step in 0..steps {
        for last in [Fate::DiesBefore, Fate::DiesAfter] {
            let fates = vec![Fate::Fine; step].into_iter().chain([last]).collect();
            let plan = Plan::fixed(fates, read_ahead);
            run(&plan);
            let end = Cloud::new(&plan).run_to_the_end();
            doubts += usize::from(end.metrics.contains_key("CountedMaybeTwice"));
        }
    }
    // Only between flushing and done is there anything to doubt: a few steps, and those are met.
    assert!((1..steps).contains(&doubts), "{doubts} of {steps}");
}
