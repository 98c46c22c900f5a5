//! What a scan remembers from record to record and from file to file.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use trailmeter_logs::{LogKind, Members, Scratch};

use super::fields::Fields;
use super::form::{Form, Forms};
use super::memo::{DEEP, EntryId, Memo, PASSING};
use super::plan::{Plan, Question};
use super::reads::Reads;
use super::time::Times;
use super::{Engine, bits};
use crate::detector::{Detector, Verdict};
use crate::event_key::EventKey;
use crate::model::{Document, evaluate};
use crate::rule::Rule;

/// No entry was looked up yet.
pub(super) const NOT_LOOKED_UP: EntryId = EntryId::MAX;

/// What no scan uses at the moment. There is as much of it as scans ran at once.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    states: Mutex<Vec<State>>,
}

/// What one scan at a time works with, and the next one goes on with.
#[derive(Debug, Default)]
pub(crate) struct State {
    forms: Forms,
    times: Times,
    met: Met,
    candidates: Vec<u64>,
    /// The forms are those of the shapes that its scanner knows, so the two stay together. None while a scan has it.
    scratch: Option<Scratch>,
}

/// The values that were met, and those of the record at hand among them.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// By column; made when the first record is asked for it.
    memos: Vec<Option<Box<Memo>>>,
    /// By column: the entry of the record at hand.
    entries: Vec<EntryId>,
    /// The columns of which there is one.
    looked_up: Vec<usize>,
    /// How often a memo forgot its entries.
    pub(super) forgotten: u64,
    /// Columns, and what of the record at hand was parsed for them.
    parts: Vec<(usize, Option<Value>)>,
}

impl Met {
    /// Begins a record.
    #[inline]
    fn begin(&mut self, columns: usize) {
        if self.memos.len() < columns {
            self.memos.resize_with(columns, || None);
            self.entries.resize(columns, NOT_LOOKED_UP);
        }
        self.looked_up.drain(..).for_each(|column| self.entries[column] = NOT_LOOKED_UP);
        self.parts.clear();
    }

    /// The answer to a test of a column in which there is no scalar.
    fn deep_answer(&mut self, engine: &Engine, fields: &Fields<'_, '_>, question: Question) -> Option<bool> {
        let column = &engine.columns.as_slice()[question.column];
        let known = self.parts.iter().position(|(column, _)| *column == question.column);
        let at = known.unwrap_or_else(|| {
            self.parts.push((question.column, column.part(fields)));
            self.parts.len() - 1
        });
        column.answer_of_part(question.test, self.parts[at].1.as_ref()?, fields)
    }

    /// The memo of a column, and in it the entry of what the record has there.
    #[inline]
    pub(super) fn find(&mut self, engine: &Engine, fields: &Fields<'_, '_>, at: usize) -> (&Memo, EntryId) {
        let column = &engine.columns.as_slice()[at];
        let memo = memo(&mut self.memos[at], engine, at);
        let before = memo.forgotten;
        let entry = memo.entry(fields, at, column, engine);
        self.forgotten += memo.forgotten - before;
        (memo, entry)
    }

    /// As [`find`](Self::find), and remembers it for the record at hand.
    #[inline]
    fn look_up(&mut self, engine: &Engine, fields: &Fields<'_, '_>, at: usize) -> (&Memo, EntryId) {
        if self.entries[at] == NOT_LOOKED_UP {
            self.entries[at] = self.find(engine, fields, at).1;
            self.looked_up.push(at);
        }
        let entry = self.entries[at];
        (memo(&mut self.memos[at], engine, at), entry)
    }
}

/// The memo of a column, which is made when the first record is asked for it.
#[inline]
fn memo<'m>(memo: &'m mut Option<Box<Memo>>, engine: &Engine, at: usize) -> &'m mut Memo {
    memo.get_or_insert_with(|| {
        Box::new(Memo::new(at, &engine.columns.as_slice()[at], engine.detectors.len(), engine))
    })
}

/// A state for as long as one scan runs.
#[derive(Debug)]
pub(crate) struct Lease<'e> {
    engine: &'e Engine,
    /// The detectors that are asked of this kind of file.
    asked: &'e [u64],
    state: State,
}

impl Engine {
    /// Lends a state to a scan of a file of this kind.
    pub(crate) fn lease(&self, kind: LogKind) -> Lease<'_> {
        let state = lock(&self.pool.states).pop();
        let asked = if kind == LogKind::AccessLog { &self.of_access_logs } else { &self.of_cloudtrail };
        Lease { engine: self, asked, state: state.unwrap_or_default() }
    }

    /// Takes back what a scan that failed could not give back itself.
    pub(crate) fn keep(&self, scratch: Scratch) {
        if let Some(state) = lock(&self.pool.states).iter_mut().rfind(|state| state.scratch.is_none()) {
            state.scratch = Some(scratch);
        }
    }
}

impl Lease<'_> {
    /// What the scan reads with.
    pub(crate) fn take_scratch(&mut self) -> Scratch {
        self.state.scratch.take().unwrap_or_default()
    }

    /// Takes it back.
    pub(crate) fn give_back(&mut self, scratch: Scratch) {
        self.state.scratch = Some(scratch);
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
    pub(crate) fn read<'l>(&'l mut self, record: &'l [u8], members: Members<'l>) -> Option<Reading<'l>> {
        let State { forms, times, met, candidates, scratch: _ } = &mut self.state;
        met.begin(self.engine.order.len());
        let form = forms.of(self.engine, met, record, members);
        let fields = Fields::new(record, members, &form.spots);
        form.fits.then_some(Reading {
            engine: self.engine,
            asked: self.asked,
            fields,
            form,
            times,
            met,
            candidates,
            is_unsure: false,
        })
    }
}

/// A plain record that is being looked at.
#[derive(Debug)]
pub(crate) struct Reading<'l> {
    engine: &'l Engine,
    asked: &'l [u64],
    fields: Fields<'l, 'l>,
    form: &'l Form,
    times: &'l mut Times,
    met: &'l mut Met,
    candidates: &'l mut Vec<u64>,
    /// A column rules nothing out, though it does in other records of the shape.
    is_unsure: bool,
}

impl<'l> Reading<'l> {
    /// When it happened.
    #[inline]
    pub(crate) fn time(&mut self) -> Option<i64> {
        self.engine.shape.time(&self.fields, self.times)
    }

    #[inline]
    pub(crate) fn is_data_event(&self) -> bool {
        self.engine.shape.is_data_event(&self.fields)
    }

    pub(crate) fn is_aggregated(&self) -> bool {
        self.engine.shape.is_aggregated(&self.fields)
    }

    pub(crate) fn is_update(&self) -> bool {
        self.engine.shape.is_update(&self.fields)
    }

    pub(crate) fn event_id(&self) -> Option<Cow<'l, str>> {
        self.engine.shape.event_id(&self.fields)
    }

    /// What the id of the event comes to.
    pub(crate) fn event_key(&self) -> Option<EventKey> {
        self.engine.shape.event_key(&self.fields)
    }

    /// The part of the record that value and dimensions of a detector read; `None` if they read nothing.
    pub(crate) fn series(&self, detector: usize) -> Option<Value> {
        let reads = self.engine.detectors.get(detector)?.series.as_ref()?;
        Some(reads.part(&self.fields))
    }

    /// Gives every detector that does not say [`Verdict::NoMatch`] to `each`, in their order.
    #[inline]
    pub(crate) fn verdicts(&mut self, detectors: &[Detector], mut each: impl FnMut(&Self, usize, Verdict)) {
        if !self.find_candidates() {
            return;
        }
        // Taken out for as long as they are gone through.
        let candidates = std::mem::take(self.candidates);
        for at in bits::ones(&candidates) {
            let Some(detector) = detectors.get(at) else { continue };
            let verdict = if bits::contains(&self.form.exact, at) && !self.is_unsure {
                Verdict::Match
            } else {
                self.verdict(at, detector)
            };
            match verdict {
                Verdict::NoMatch => {}
                verdict => each(self, at, verdict),
            }
        }
        *self.candidates = candidates;
    }

    /// Leaves the detectors that the fields of the record do not rule out, and says whether there are any.
    #[inline]
    fn find_candidates(&mut self) -> bool {
        let engine = self.engine;
        self.candidates.clone_from(&self.form.possible);
        if !bits::retain(self.candidates, self.asked) {
            return false;
        }
        self.form.columns.iter().all(|&column| {
            !bits::meet(self.candidates, &engine.asking[column]) || {
                let (memo, entry) = self.met.look_up(engine, &self.fields, column);
                self.is_unsure |= matches!(entry, DEEP | PASSING);
                bits::retain(self.candidates, memo.possible(entry))
            }
        })
    }

    #[cold]
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
            let Self { engine, fields, met, .. } = self;
            let (memo, entry) = match self.form.entries[question.column] {
                NOT_LOOKED_UP => met.look_up(engine, fields, question.column),
                entry => (&*memo(&mut met.memos[question.column], engine, question.column), entry),
            };
            match entry {
                DEEP => met.deep_answer(engine, fields, question),
                PASSING => engine.columns.as_slice()[question.column].answer(question.test, fields),
                entry => Some(memo.answer(entry, question)),
            }
        });
        decided.unwrap_or_else(|| {
            let value = &*part.get_or_insert_with(|| reads.part(&self.fields));
            let source = std::str::from_utf8(self.fields.record).ok();
            evaluate(rule.expr(), Document { value, source })
        })
    }
}
