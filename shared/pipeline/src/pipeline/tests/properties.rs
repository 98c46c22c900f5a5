//! Whatever fails, and in whatever order: nothing is lost, nothing counts twice unreported.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::fixtures::{batch, denied, file, key, message, with};
use super::world::{Attempt, Put, Ran, World};
use crate::delivery::{Content, Message, Notice};
use crate::{ReadProblem, Settings};

/// Some files, the messages that name them, and everything that goes wrong on the way.
#[derive(Debug, Clone)]
struct Plan {
    files: Vec<File>,
    /// How many files each message names, in their order.
    messages: Vec<usize>,
    /// How many messages an invocation has.
    batch: usize,
    puts: Vec<Put>,
    /// Whether objects can be handed back, by invocation; they can in the end.
    hand_back: Vec<bool>,
    /// Whether files have events in common.
    shared: bool,
    /// Whether the two detectors put into two namespaces, so that many messages take two requests.
    apart: bool,
}

#[derive(Debug, Clone)]
struct File {
    records: Vec<Record>,
    fault: Fault,
}

#[derive(Debug, Clone, Copy)]
enum Record {
    Malformed,
    /// What it matches follows from its number, so that repeats of an event are alike.
    Event {
        number: u8,
        has_id: bool,
    },
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    BreaksOff { times: usize },
    Refused { times: usize },
    Gone,
    Broken,
}

/// By then every fault of a plan is over.
const MOST_ROUNDS: usize = 16;

fn plans() -> impl Strategy<Value = Plan> {
    let record = prop_oneof![
        1 => Just(Record::Malformed),
        9 => (0..8_u8, prop::bool::weighted(0.9)).prop_map(|(number, has_id)| Record::Event { number, has_id }),
    ];
    let fault = prop_oneof![
        4 => Just(Fault::None),
        2 => (1..4_usize).prop_map(|times| Fault::BreaksOff { times }),
        2 => (1..3_usize).prop_map(|times| Fault::Refused { times }),
        1 => Just(Fault::Gone),
        1 => Just(Fault::Broken),
    ];
    let file =
        (prop::collection::vec(record, 0..8), fault).prop_map(|(records, fault)| File { records, fault });
    let put = prop_oneof![
        3 => Just(Put::Taken),
        2 => Just(Put::Refused),
        1 => any::<bool>().prop_map(|taken| Put::Lost { taken }),
    ];
    (
        prop::collection::vec(file, 1..10),
        prop::collection::vec(1..4_usize, 10),
        1..5_usize,
        prop::collection::vec(put, 0..8),
        prop::collection::vec(any::<bool>(), 0..4),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(files, messages, batch, puts, hand_back, shared, apart)| Plan {
            files,
            messages,
            batch,
            puts,
            hand_back,
            // The memory for repeats does not outlive the failure of one of several groups, so that what
            // an event is counted for in an invocation cannot be said from the files that are done.
            shared: shared && !apart,
            apart,
        })
}

impl Record {
    fn is_denied(number: u8) -> bool {
        number % 4 < 2
    }

    fn is_odd(number: u8) -> bool {
        number % 4 == 1 || number % 4 == 2
    }
}

impl File {
    fn text(&self, name: usize, shared: bool) -> String {
        let texts: Vec<String> = self.records.iter().map(|record| text(*record, name, shared)).collect();
        file(&texts)
    }

    fn attempts(&self, name: usize, shared: bool) -> Vec<Attempt> {
        let text = self.text(name, shared);
        let good = Attempt::Body(text.clone());
        match self.fault {
            Fault::None => vec![good],
            Fault::BreaksOff { times } => [vec![Attempt::BreaksOff(text); times], vec![good]].concat(),
            Fault::Refused { times } => {
                [vec![Attempt::Refused(ReadProblem::Throttled); times], vec![good]].concat()
            }
            Fault::Gone => vec![Attempt::Refused(ReadProblem::NotFound)],
            Fault::Broken => vec![Attempt::Body(text[..text.len() - 1].to_owned())],
        }
    }

    fn is_readable(&self) -> bool {
        !matches!(self.fault, Fault::Gone | Fault::Broken)
    }
}

fn text(record: Record, file: usize, shared: bool) -> String {
    let Record::Event { number, has_id } = record else { return "null".to_owned() };
    let id = if shared { format!("{number}") } else { format!("{file}-{number}") };
    let id = if has_id { format!("\"eventID\":\"{id}\",") } else { String::new() };
    let odd = format!("{id}\"odd\":{}", Record::is_odd(number));
    if Record::is_denied(number) { denied(&odd) } else { format!("{{{odd}}}") }
}

/// What the files say, each event once: `[Denied, Odd]`.
fn once(plan: &Plan, files: &BTreeSet<usize>) -> [u64; 2] {
    let mut seen = BTreeSet::new();
    let mut counts = [0, 0];
    for &at in files {
        for &record in &plan.files[at].records {
            let Record::Event { number, has_id } = record else { continue };
            if has_id && !seen.insert((number, if plan.shared { 0 } else { at })) {
                continue;
            }
            counts[0] += u64::from(Record::is_denied(number));
            counts[1] += u64::from(Record::is_odd(number));
        }
    }
    counts
}

fn message_about(id: &str, files: &[usize]) -> Message {
    let names: Vec<String> = files.iter().map(|file| format!("file{file}")).collect();
    message(id, &names.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A run of a plan until nothing is left but what can never be read.
struct Course<'p> {
    plan: &'p Plan,
    keys: BTreeMap<String, usize>,
    /// The messages that are still to be handled, with the files that they name.
    waiting: Vec<(String, Vec<usize>)>,
    /// How often each file was done with.
    done: Vec<u32>,
    /// What every invocation should have counted, added up.
    expected: [u64; 2],
    taken: [f64; 2],
    maybe_twice: f64,
}

impl Course<'_> {
    fn account(&mut self, ran: &Ran) {
        let taken = ran.taken_sums();
        let sum = |name: &str| taken.get(name).copied().unwrap_or(0.0);
        self.taken[0] += sum("Denied");
        self.taken[1] += sum("Odd") + sum("Elsewhere:Odd");
        self.maybe_twice += sum("CountedMaybeTwice");
    }

    /// After an invocation of `messages`: what comes back, and what is done.
    fn after(&mut self, messages: Vec<(String, Vec<usize>)>, ran: &Ran) {
        self.account(ran);
        let handed_back: BTreeSet<usize> = ran.handed_back.iter().map(|key| self.keys[key]).collect();
        assert_eq!(handed_back.len(), ran.handed_back.len(), "nothing is handed back twice");
        let mut done = BTreeSet::new();
        for (id, files) in messages {
            if ran.report.returned.contains(&id) {
                assert!(files.iter().all(|file| !handed_back.contains(file)), "it would come back twice");
                self.waiting.push((id, files));
                continue;
            }
            done.extend(files.into_iter().filter(|file| !handed_back.contains(file)));
        }
        for file in handed_back {
            self.waiting.push((format!("alone{file}"), vec![file]));
        }
        for &file in &done {
            self.done[file] += 1;
        }
        let counts = once(self.plan, &done);
        assert_eq!(ran.report.matches, counts, "an event of the files that are done counts once");
        self.expected[0] += counts[0];
        self.expected[1] += counts[1];
    }
}

fn run(plan: &Plan) {
    let world = if plan.apart { World::apart() } else { World::new() };
    let mut world = world.puts(&plan.puts);
    world.settings = Settings { remembered: 10_000, ..world.settings };
    for (at, file) in plan.files.iter().enumerate() {
        world = world.scripted(&format!("file{at}"), &file.attempts(at, plan.shared));
    }
    let mut files = 0..plan.files.len();
    let next = |&size: &usize| files.by_ref().take(size).collect::<Vec<_>>();
    let messages = plan.messages.iter().map(next).filter(|files| !files.is_empty());
    let mut course = Course {
        plan,
        keys: (0..plan.files.len()).map(|at| (key(&format!("file{at}")), at)).collect(),
        waiting: messages.enumerate().map(|(at, files)| (format!("m{at}"), files)).collect(),
        done: vec![0; plan.files.len()],
        expected: [0, 0],
        taken: [0.0, 0.0],
        maybe_twice: 0.0,
    };
    let pipeline = world.pipeline();
    let mut hand_back = plan.hand_back.iter().copied();
    for _ in 0..MOST_ROUNDS {
        for messages in std::mem::take(&mut course.waiting).chunks(plan.batch) {
            let works = hand_back.next().unwrap_or(true);
            world.set_hand_backs(if works { None } else { Some(0) });
            let invocation: Vec<Message> =
                messages.iter().map(|(id, files)| message_about(id, files)).collect();
            let ran = world.step(&pipeline, batch(invocation));
            assert!(!ran.report.failed);
            course.after(messages.to_vec(), &ran);
        }
    }
    // A last message bears what was left to be reported.
    let notice = Message { id: None, ..with("", Content::Notice(Notice::TestEvent)) };
    course.account(&world.step(&pipeline, batch([notice])));
    settled(plan, &course);
}

fn settled(plan: &Plan, course: &Course<'_>) {
    let readable: BTreeSet<usize> =
        (0..plan.files.len()).filter(|&file| plan.files[file].is_readable()).collect();
    for (file, &times) in course.done.iter().enumerate() {
        assert_eq!(times, u32::from(readable.contains(&file)), "file {file} is done once if it can be read");
    }
    let is_hopeless = |(_, files): &(String, Vec<usize>)| files.iter().all(|file| !readable.contains(file));
    assert!(course.waiting.iter().all(is_hopeless), "what still waits can never be read");

    let distinct = once(plan, &readable);
    for (expected, distinct) in course.expected.into_iter().zip(distinct) {
        // Files that were done in different invocations may have an event in common.
        assert!(expected >= distinct, "no event is lost");
        assert!(plan.shared || expected == distinct, "no event counts twice");
    }
    let expected = course.expected.map(super::account::as_float);
    let surplus: f64 = (0..2).map(|at| course.taken[at] - expected[at]).sum();
    assert!((0..2).all(|at| course.taken[at] >= expected[at]), "what is done was taken");
    assert!(surplus <= course.maybe_twice, "{surplus} too many, {} reported", course.maybe_twice);
    // A message of two requests may have had its first taken when the second was refused.
    if !plan.apart && !plan.puts.iter().any(|put| matches!(put, Put::Lost { .. })) {
        assert!(surplus + course.maybe_twice < 0.5, "there was nothing to doubt");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_all_faults_every_event_has_counted_and_every_doubt_is_reported(plan in plans()) {
        run(&plan);
    }
}
