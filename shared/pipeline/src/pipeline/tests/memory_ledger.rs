//! A ledger in memory, which does what a ledger promises and fails when it is told to.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use super::fixtures::key;
use crate::{Entry, EventMatch, Ledger, LedgerError, LedgerProblem, Met, ObjectVersion, Taken};

#[derive(Debug, Default)]
pub(super) struct MemoryLedger(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    objects: HashMap<ObjectVersion, Entry>,
    /// Events by event and detector.
    events: HashMap<String, Event>,
    tries: HashMap<String, u64>,
    /// What it was told and asked, in this order.
    words: Vec<String>,
    /// Whether the next calls fail.
    script: VecDeque<bool>,
    /// Whether the next claim is another's as soon as it is made.
    steals: bool,
}

#[derive(Debug, Clone)]
struct Event {
    /// The object that counts it.
    object: ObjectVersion,
    expires: i64,
    /// What stood under the object's name before may have counted it.
    in_doubt: bool,
}

/// For how long events are remembered.
const EVENT_SECONDS: i64 = 86_400;

impl MemoryLedger {
    /// Whether each of the next calls fails; those behind them do not.
    pub(super) fn fails(&self, script: &[bool]) {
        self.0.lock().unwrap().script.extend(script);
    }

    pub(super) fn entries(&self) -> Vec<(String, Entry)> {
        let kept = self.0.lock().unwrap();
        let mut entries: Vec<_> =
            kept.objects.iter().map(|(object, entry)| (object.object.key.clone(), entry.clone())).collect();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        entries
    }

    /// Changes the one entry of a file or of a single event.
    pub(super) fn set_only(&self, name: &str, change: impl FnOnce(&mut Entry)) {
        let mut kept = self.0.lock().unwrap();
        let is_it = |object: &ObjectVersion| object.object.key == key(name) || object.object.key == name;
        let mut entries = kept.objects.iter_mut().filter(|(object, _)| is_it(object));
        let (_, entry) = entries.next().expect("the object has an entry");
        change(entry);
        assert!(entries.next().is_none(), "{name} has several entries");
    }

    /// As if another had taken over what is claimed next.
    pub(super) fn steal_next_claim(&self) {
        self.0.lock().unwrap().steals = true;
    }

    /// What it was told and asked since it was asked for this.
    pub(super) fn take_words(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().words)
    }

    fn call<T>(&self, word: String, answer: impl FnOnce(&mut Kept) -> T) -> Result<T, LedgerError> {
        let mut kept = self.0.lock().unwrap();
        kept.words.push(word);
        if kept.script.pop_front() == Some(true) {
            return Err(failure());
        }
        Ok(answer(&mut kept))
    }
}

pub(super) fn failure() -> LedgerError {
    LedgerError { problem: LedgerProblem::Unavailable, source: "as the test has it".into() }
}

impl Kept {
    fn take(&mut self, object: &ObjectVersion, event: &EventMatch<'_>, now: i64) -> Taken {
        let id = format!("{}#{}", event.event, event.detector);
        let known = self.events.get(&id).filter(|known| known.expires >= now);
        let in_doubt = match known {
            Some(known) if known.object == *object => known.in_doubt,
            None => false,
            Some(known) if known.object.object != object.object => return Taken::Elsewhere,
            Some(known) => {
                let former = &self.objects[&known.object];
                match former.met(now) {
                    Met::Counted => return Taken::Elsewhere,
                    Met::InOtherHands => return Taken::InOtherHands,
                    Met::Abandoned => known.in_doubt || former.is_in_doubt(),
                }
            }
        };
        self.events.insert(id, Event { object: object.clone(), expires: now + EVENT_SECONDS, in_doubt });
        if in_doubt { Taken::HereInDoubt } else { Taken::Here }
    }
}

impl Ledger for &MemoryLedger {
    async fn insert(&self, object: &ObjectVersion, entry: &Entry) -> Result<Option<Entry>, LedgerError> {
        self.call(format!("insert {object:?} {entry:?}"), |kept| {
            let met = kept.objects.get(object).cloned();
            if met.is_none() {
                let thief = std::mem::take(&mut kept.steals).then(|| "a thief".to_owned());
                let owner = thief.unwrap_or_else(|| entry.owner.clone());
                kept.objects.insert(object.clone(), Entry { owner, ..entry.clone() });
            }
            met.filter(|met| met.owner != entry.owner)
        })
    }

    async fn replace(&self, object: &ObjectVersion, from: &Entry, to: &Entry) -> Result<bool, LedgerError> {
        self.call(format!("replace {object:?} {from:?} {to:?}"), |kept| {
            let Some(met) = kept.objects.get_mut(object) else { return false };
            let is_from = (&met.owner, met.state, met.lease) == (&from.owner, from.state, from.lease);
            if is_from {
                *met = to.clone();
            }
            *met == *to
        })
    }

    async fn take_events(
        &self,
        object: &ObjectVersion,
        events: &[EventMatch<'_>],
        now: i64,
    ) -> Result<Vec<Taken>, LedgerError> {
        let word = format!("take {object:?} {events:?}");
        self.call(word, |kept| events.iter().map(|event| kept.take(object, event, now)).collect())
    }

    async fn tries(&self, messages: &[&str], _now: i64) -> Result<Vec<u64>, LedgerError> {
        let tries_of = |kept: &Kept, message: &str| kept.tries.get(message).copied().unwrap_or(0);
        self.call(format!("tries {messages:?}"), |kept| {
            messages.iter().map(|message| tries_of(kept, message)).collect()
        })
    }

    async fn begin_try(&self, message: &str, _now: i64) -> Result<(), LedgerError> {
        self.call(format!("try {message}"), |kept| *kept.tries.entry(message.to_owned()).or_default() += 1)
    }
}
