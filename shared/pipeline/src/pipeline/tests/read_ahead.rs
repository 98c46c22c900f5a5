//! Reading ahead changes nothing of what is counted, put, told the ledger and given back.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::fixtures::{batch, denied, file, message, other};
use super::memory_ledger::MemoryLedger;
use super::world::{Attempt, Put, World};
use crate::{LedgerSettings, ReadAheadSettings, ReadProblem, Settings, Unavailable};

/// Files, messages that name them, and what goes wrong.
#[derive(Debug, Clone)]
struct Plan {
    /// The events of each file, and what reading it meets.
    files: Vec<(Vec<u8>, Fault)>,
    /// The files that each message names, again and again as it may be.
    messages: Vec<Vec<usize>>,
    puts: Vec<Put>,
    ledger: Option<LedgerSettings>,
    ledger_fails: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    /// As often as it is opened in an invocation, or for good.
    BreaksOff(usize),
    Refused,
    NoLog,
}

fn plans() -> impl Strategy<Value = Plan> {
    let fault = prop_oneof![
        5 => Just(Fault::None),
        2 => (1..4_usize).prop_map(Fault::BreaksOff),
        1 => Just(Fault::Refused),
        1 => Just(Fault::NoLog),
    ];
    let put = prop_oneof![Just(Put::Taken), Just(Put::Refused), Just(Put::Lost { taken: true })];
    let unavailable = prop_oneof![Just(Unavailable::Hold), Just(Unavailable::Count)];
    let ledger =
        (any::<bool>(), unavailable).prop_map(|(events, unavailable)| LedgerSettings { events, unavailable });
    let files = prop::collection::vec((prop::collection::vec(0..12_u8, 0..6), fault), 1..9);
    (files, prop::option::of(ledger), prop::collection::vec(prop::bool::weighted(0.1), 0..40)).prop_flat_map(
        move |(files, ledger, ledger_fails)| {
            let named = prop::collection::vec(prop::collection::vec(0..files.len(), 1..4), 1..8);
            (named, prop::collection::vec(put.clone(), 0..4)).prop_map(move |(messages, puts)| Plan {
                files: files.clone(),
                messages,
                puts,
                ledger,
                ledger_fails: ledger_fails.clone(),
            })
        },
    )
}

impl Plan {
    fn names_one_twice(&self) -> bool {
        let mut named = BTreeSet::new();
        !self.messages.iter().flatten().all(|file| named.insert(file))
    }
}

fn attempts(plan: &Plan, events: &[u8], fault: Fault) -> Vec<Attempt> {
    let record = |event: &u8| denied(&format!("\"eventID\":\"{event}\""));
    let text = file(&events.iter().map(record).chain([other()]).collect::<Vec<_>>());
    let good = Attempt::Body(text.clone());
    match fault {
        Fault::None => vec![good],
        // What is opened in vain, after the ledger failed, would be one of these times, and of an object that
        // is named twice the second opening may come before the first is repeated.
        Fault::BreaksOff(_) if plan.ledger_fails.contains(&true) || plan.names_one_twice() => {
            vec![Attempt::BreaksOff(text)]
        }
        Fault::BreaksOff(times) => [vec![Attempt::BreaksOff(text); times], vec![good]].concat(),
        Fault::Refused => vec![Attempt::Refused(ReadProblem::AccessDenied)],
        Fault::NoLog => vec![Attempt::Body("no log".to_owned())],
    }
}

/// Everything that three invocations with all the messages do, as text.
fn transcript(plan: &Plan, read_ahead: ReadAheadSettings) -> Vec<String> {
    let mut world = World::new().puts(&plan.puts);
    world.settings = Settings { read_ahead, ledger: plan.ledger.unwrap_or_default(), ..world.settings };
    world.ledger = plan.ledger.map(|_| MemoryLedger::default());
    if let Some(ledger) = &world.ledger {
        ledger.fails(&plan.ledger_fails);
    }
    for (at, (events, fault)) in plan.files.iter().enumerate() {
        world = world.scripted(&format!("file{at}"), &attempts(plan, events, *fault));
    }
    let messages = plan.messages.iter().enumerate().map(|(at, files)| {
        let names: Vec<String> = files.iter().map(|file| format!("file{file}")).collect();
        message(&format!("m{at}"), &names.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let invocation = batch(messages.collect::<Vec<_>>());
    let mut lines = Vec::new();
    for ran in world.run_all(vec![invocation; 3]) {
        lines.extend([format!("{:?}", ran.report), format!("{:?}", ran.sent), format!("{:?}", ran.back())]);
    }
    lines.extend(world.ledger.iter().flat_map(MemoryLedger::take_words));
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_all_is_as_without_reading_ahead(plan in plans()) {
        let without = transcript(&plan, ReadAheadSettings::default());
        for (objects, bytes) in [(1, 0), (2, 200), (8, 1 << 20)] {
            let with = transcript(&plan, ReadAheadSettings { objects, bytes });
            prop_assert_eq!(&with, &without, "{} objects, {} bytes", objects, bytes);
        }
    }
}
