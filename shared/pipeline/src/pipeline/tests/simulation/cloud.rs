//! The world of a plan: a queue, a store, a ledger and metrics, and the processes among them.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use trailmeter_detection::{DetectorSet, load};

use super::plan::{Fate, Plan, record};
use super::process::Process;
use crate::delivery::{Announced, Content, Message, ObjectRef, SingleEvent};
use crate::pipeline::tests::account::sums;
use crate::pipeline::tests::fixtures::{NOW, detector, key, object, with};
use crate::pipeline::tests::memory_ledger::MemoryLedger;
use crate::{Datum, Entry, Report};

/// By then every fate of a plan has come to pass, many times over.
const MOST_DELIVERIES: usize = 400;
/// What a message waits before it is delivered again: longer than a lease.
const QUARTER_OF_AN_HOUR: i64 = 900;

pub(super) struct Cloud<'p> {
    pub(super) plan: &'p Plan,
    pub(super) detectors: DetectorSet,
    pub(super) ledger: MemoryLedger,
    pub(super) taken: Mutex<Vec<Datum>>,
    fates: Mutex<VecDeque<Fate>>,
    steps: AtomicUsize,
    serial: AtomicU64,
    /// How often the first file was opened.
    openings: AtomicUsize,
    queue: Mutex<Waiting>,
}

/// A process on its way.
type Running<'r> = Pin<Box<dyn Future<Output = Report> + 'r>>;

/// The messages, by where they are.
#[derive(Default)]
struct Waiting {
    visible: VecDeque<Message>,
    hidden: Vec<Message>,
    deleted: Vec<String>,
}

/// What is left when no message is.
pub(super) struct End {
    pub(super) metrics: BTreeMap<String, f64>,
    /// What the ledger says of the objects.
    pub(super) entries: Vec<Entry>,
    pub(super) steps: usize,
}

impl<'p> Cloud<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let detectors = [
            detector("Denied", "{ $.errorCode = \"AccessDenied\" }", ""),
            detector("Odd", "{ $.odd IS TRUE }", ""),
        ];
        let message = |(at, files): (usize, &Vec<usize>)| {
            let objects = files.iter().map(|file| Announced::Created(object(&key(&format!("file{file}")))));
            with(&format!("m{at}"), Content::Objects(objects.collect()))
        };
        let single = |(at, &event): (usize, &u8)| {
            let object = ObjectRef { bucket: "aws:events".to_owned(), key: event.to_string() };
            with(&format!("single{at}"), Content::Event(SingleEvent { object, record: record(event) }))
        };
        let singles = plan.singles.iter().enumerate().map(single);
        // The first ones before the files, the others behind them.
        let (before, after): (Vec<_>, Vec<_>) = singles.enumerate().partition(|(at, _)| at % 2 == 0);
        let message_of = |(_, message)| message;
        let visible = before
            .into_iter()
            .map(message_of)
            .chain(plan.messages.iter().enumerate().map(message))
            .chain(after.into_iter().map(message_of))
            .collect();
        Self {
            plan,
            detectors: load(&detectors).unwrap(),
            ledger: MemoryLedger::default(),
            taken: Mutex::default(),
            fates: Mutex::new(plan.fates.iter().copied().collect()),
            steps: AtomicUsize::new(0),
            serial: AtomicU64::new(0),
            openings: AtomicUsize::new(0),
            queue: Mutex::new(Waiting { visible, ..Waiting::default() }),
        }
    }

    pub(super) fn run_to_the_end(&self) -> End {
        let mut turns = self.plan.turns.iter().copied();
        let mut now = NOW;
        for _ in 0..MOST_DELIVERIES {
            let batches: Vec<Vec<Message>> = (0..self.plan.processes).map(|_| self.receive()).collect();
            if batches.iter().all(Vec::is_empty) {
                let mut queue = self.queue.lock().unwrap();
                if queue.hidden.is_empty() {
                    break;
                }
                let hidden = std::mem::take(&mut queue.hidden);
                queue.visible.extend(hidden);
                now += QUARTER_OF_AN_HOUR;
                continue;
            }
            self.run_together(batches, now, &mut turns);
        }
        let queue = self.queue.lock().unwrap();
        assert!(queue.visible.is_empty() && queue.hidden.is_empty(), "messages are left");
        drop(queue);
        let taken = self.taken.lock().unwrap();
        let at_arrival: Vec<Datum> =
            taken.iter().map(|datum| Datum { timestamp: NOW, ..datum.clone() }).collect();
        End {
            metrics: sums(&at_arrival, NOW),
            entries: self.ledger.entries().into_iter().map(|(_, entry)| entry).collect(),
            steps: self.steps.load(Ordering::Relaxed),
        }
    }

    fn receive(&self) -> Vec<Message> {
        let mut queue = self.queue.lock().unwrap();
        let size = self.plan.batch.min(queue.visible.len());
        queue.visible.drain(..size).collect()
    }

    /// Runs processes side by side, each with its batch, until each has answered or died.
    fn run_together(&self, batches: Vec<Vec<Message>>, now: i64, turns: &mut impl Iterator<Item = u8>) {
        let processes: Vec<Process<'_>> = batches
            .into_iter()
            .filter(|messages| !messages.is_empty())
            .map(|messages| Process::new(self, messages))
            .collect();
        let mut running: Vec<(usize, Running<'_>)> =
            processes.iter().map(|process| Box::pin(process.run(now)) as _).enumerate().collect();
        while !running.is_empty() {
            let turn = usize::from(turns.next().unwrap_or(0)) % running.len();
            let (at, future) = &mut running[turn];
            let process = &processes[*at];
            let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            let returned = match polled {
                Poll::Ready(report) => report.returned,
                // Nobody answers for any of them.
                Poll::Pending if process.is_dead() => {
                    process.messages.iter().filter_map(|message| message.id.clone()).collect()
                }
                Poll::Pending => continue,
            };
            self.settle(&process.messages, &returned);
            drop(running.swap_remove(turn));
        }
    }

    fn settle(&self, messages: &[Message], returned: &[String]) {
        let mut queue = self.queue.lock().unwrap();
        for message in messages {
            let is_deleted = message.receipt.as_ref().is_some_and(|receipt| queue.deleted.contains(receipt));
            if !is_deleted && message.id.as_ref().is_some_and(|id| returned.contains(id)) {
                queue.hidden.push(Message { receives: message.receives + 1, ..message.clone() });
            }
        }
    }

    /// What befalls the next step.
    pub(super) fn next_fate(&self) -> Fate {
        self.steps.fetch_add(1, Ordering::Relaxed);
        self.fates.lock().unwrap().pop_front().unwrap_or(Fate::Fine)
    }

    /// A number that nothing else in this world bears.
    pub(super) fn serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// The text of an object.
    pub(super) fn text(&self, object: &ObjectRef) -> String {
        let is_it = |file: &usize| object.key == key(&format!("file{file}"));
        let file = (0..self.plan.files.len()).find(is_it);
        self.plan.text(file.expect("only files of the plan are named"))
    }

    /// The version of an object that is opened now.
    pub(super) fn version(&self, object: &ObjectRef) -> String {
        if object.key != key("file0") {
            return "1".to_owned();
        }
        let openings = self.openings.fetch_add(1, Ordering::Relaxed);
        let is_new = self.plan.written_over.is_some_and(|after| openings >= after);
        if is_new { "2" } else { "1" }.to_owned()
    }

    /// Sends a message of its own for each object.
    pub(super) fn send(&self, objects: &[&ObjectRef]) {
        for &object in objects {
            let content = Content::Objects(vec![Announced::Created(object.clone())]);
            let message = with(&format!("back{}", self.serial()), content);
            self.queue.lock().unwrap().visible.push_back(message);
        }
    }

    /// Deletes messages by their receipts.
    pub(super) fn delete(&self, receipts: &[&str]) {
        self.queue.lock().unwrap().deleted.extend(receipts.iter().map(|&receipt| receipt.to_owned()));
    }
}
