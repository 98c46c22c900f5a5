//! What a scan remembers from record to record and from file to file.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use trailmeter_logs::{Members, Scratch};

use super::keys::Slots;
use super::memo::{DEEP, EntryId, Memo, PASSING};
use super::plan::{Plan, Question};
use super::reads::Reads;
use super::time::Times;
use super::{Engine, bits};
use crate::detector::{Detector, Verdict};
use crate::model::{Document, evaluate};
use crate::rule::Rule;

/// No entry was looked up yet.
const NOT_LOOKED_UP: EntryId = EntryId::MAX;

/// What no scan uses at the moment. There is as much of it as scans ran at once.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    states: Mutex<Vec<State>>,
    scratches: Mutex<Vec<Scratch>>,
}

/// What one scan at a time works with, and the next one goes on with.
#[derive(Debug, Default)]
pub(crate) struct State {
    slots: Slots,
    times: Times,
    met: Met,
    candidates: Vec<u64>,
    /// By the entry of the first column: the columns that may rule out more of what it leaves.
    further: Vec<Option<Box<[usize]>>>,
}

/// The values that were met, and those of the record at hand among them.
#[derive(Debug, Default)]
struct Met {
    /// By column; made when the first record is asked for it.
    memos: Vec<Option<Box<Memo>>>,
    /// By column: the entry of the record at hand.
    entries: Vec<EntryId>,
}

impl Met {
    /// Begins a record.
    fn begin(&mut self, columns: usize) {
        self.memos.resize_with(columns, || None);
        self.entries.clear();
        self.entries.resize(columns, NOT_LOOKED_UP);
    }

    /// The entry of what the record has in a column, and the memo in which it stands.
    #[inline]
    fn look_up(&mut self, engine: &Engine, record: &[u8], slots: &Slots, at: usize) -> (EntryId, &Memo) {
        let column = &engine.columns.as_slice()[at];
        let memo = self.memos[at]
            .get_or_insert_with(|| Box::new(Memo::new(at, column, engine.detectors.len(), engine)));
        let entry = &mut self.entries[at];
        if *entry == NOT_LOOKED_UP {
            *entry = memo.entry(column.standing(record, slots), record, at, column, engine);
        }
        (*entry, memo)
    }
}

/// A state for as long as one scan runs.
#[derive(Debug)]
pub(crate) struct Lease<'e> {
    engine: &'e Engine,
    state: State,
}

impl Engine {
    /// Lends a state to a scan.
    pub(crate) fn lease(&self) -> Lease<'_> {
        let state = lock(&self.pool.states).pop();
        Lease { engine: self, state: state.unwrap_or_default() }
    }

    /// Lends memory for inflating.
    pub(crate) fn lend_scratch(&self) -> Scratch {
        lock(&self.pool.scratches).pop().unwrap_or_default()
    }

    /// Takes it back.
    pub(crate) fn give_back_scratch(&self, scratch: Scratch) {
        lock(&self.pool.scratches).push(scratch);
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let state = std::mem::take(&mut self.state);
        lock(&self.engine.pool.states).push(state);
    }
}

/// What a scan that panicked left behind is as good as any: every record begins anew.
fn lock<T>(pool: &Mutex<T>) -> MutexGuard<'_, T> {
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lease<'_> {
    /// Looks at a plain record; `None` if its fields do not have the types of a record's.
    #[inline]
    pub(crate) fn read<'l, 'r>(&'l mut self, record: &'r [u8], members: &Members) -> Option<Reading<'l, 'r>> {
        self.engine.keys().note(record, members, &mut self.state.slots);
        self.engine.shape.fits(record, &self.state.slots).then_some(Reading {
            engine: self.engine,
            state: &mut self.state,
            record,
        })
    }
}

/// A plain record that is being looked at.
#[derive(Debug)]
pub(crate) struct Reading<'l, 'r> {
    engine: &'l Engine,
    state: &'l mut State,
    record: &'r [u8],
}

impl<'r> Reading<'_, 'r> {
    /// When it happened.
    pub(crate) fn time(&mut self) -> Option<i64> {
        self.engine.shape.time(self.record, &self.state.slots, &mut self.state.times)
    }

    pub(crate) fn is_data_event(&self) -> bool {
        self.engine.shape.is_data_event(self.record, &self.state.slots)
    }

    pub(crate) fn is_update(&self) -> bool {
        self.engine.shape.is_update(self.record, &self.state.slots)
    }

    pub(crate) fn event_id(&self) -> Option<Cow<'r, str>> {
        self.engine.shape.event_id(self.record, &self.state.slots)
    }

    /// The part of the record that value and dimensions of a detector read; `None` if they read nothing.
    pub(crate) fn series(&self, detector: usize) -> Option<Value> {
        let reads = self.engine.detectors.get(detector)?.series.as_ref()?;
        Some(reads.part(self.record, &self.state.slots))
    }

    /// Gives every detector that does not say [`Verdict::NoMatch`] to `each`, in their order.
    #[inline]
    pub(crate) fn verdicts(&mut self, detectors: &[Detector], mut each: impl FnMut(&Self, usize, Verdict)) {
        if !self.find_candidates() {
            return;
        }
        // Taken out for as long as they are gone through.
        let candidates = std::mem::take(&mut self.state.candidates);
        for at in bits::ones(&candidates) {
            let Some(detector) = detectors.get(at) else { continue };
            match self.verdict(at, detector) {
                Verdict::NoMatch => {}
                verdict => each(self, at, verdict),
            }
        }
        self.state.candidates = candidates;
    }

    /// Leaves the detectors that the fields of the record do not rule out, and says whether there are any.
    #[inline]
    fn find_candidates(&mut self) -> bool {
        let engine = self.engine;
        self.state.met.begin(engine.order.len());
        self.state.candidates.clear();
        let Some(&first) = engine.order.first() else {
            self.state.candidates.extend(bits::all(engine.detectors.len()));
            return !engine.detectors.is_empty();
        };
        let (entry, memo) = self.state.met.look_up(engine, self.record, &self.state.slots, first);
        self.state.candidates.extend_from_slice(memo.possible(entry));
        let further = self.further(entry);
        let mut is_any_left = self.state.candidates.iter().any(|&word| word != 0);
        for &column in &further {
            if !is_any_left {
                break;
            }
            if bits::meet(&self.state.candidates, &engine.asking[column]) {
                let (entry, memo) = self.state.met.look_up(engine, self.record, &self.state.slots, column);
                is_any_left = bits::retain(&mut self.state.candidates, memo.possible(entry));
            }
        }
        if entry != PASSING {
            self.state.further[entry as usize] = Some(further);
        }
        is_any_left
    }

    /// The columns that the detectors left by an entry of the first one ask. Taken out: to be put back.
    fn further(&mut self, entry: EntryId) -> Box<[usize]> {
        let at = entry as usize;
        if self.state.further.len() <= at {
            self.state.further.resize_with(at + 1, || None);
        }
        let candidates = &self.state.candidates;
        let asked = || {
            self.engine.order[1..]
                .iter()
                .copied()
                .filter(|&column| bits::meet(candidates, &self.engine.asking[column]))
                .collect()
        };
        self.state.further[at].take().unwrap_or_else(asked)
    }

    fn verdict(&mut self, at: usize, detector: &Detector) -> Verdict {
        let compiled = &self.engine.detectors[at];
        let mut part = None;
        if !self.holds(&compiled.rule, &detector.rule, &compiled.reads, &mut part) {
            return Verdict::NoMatch;
        }
        let excluded = detector
            .exclusions
            .iter()
            .zip(&compiled.exclusions)
            .position(|(exclusion, plan)| self.holds(plan, &exclusion.rule, &compiled.reads, &mut part));
        excluded.map_or(Verdict::Match, Verdict::Excluded)
    }

    /// Whether a rule holds: by the answers of the columns, or else by the reference evaluator on what it reads.
    fn holds(&mut self, plan: &Plan, rule: &Rule, reads: &Reads, part: &mut Option<Value>) -> bool {
        let decided = plan.decide(&mut |question: Question| {
            let state = &mut *self.state;
            let (entry, memo) = state.met.look_up(self.engine, self.record, &state.slots, question.column);
            if entry == DEEP {
                let column = &self.engine.columns.as_slice()[question.column];
                return column.deep_answer(question.test, self.record, &state.slots);
            }
            Some(memo.answer(entry, question))
        });
        decided.unwrap_or_else(|| {
            let value = &*part.get_or_insert_with(|| reads.part(self.record, &self.state.slots));
            let source = std::str::from_utf8(self.record).ok();
            evaluate(rule.expr(), Document { value, source })
        })
    }
}
