//! Columns: what all detectors together ask of one field.
//!
//! Thousands of tests come down to a few dozen fields, and most fields to a few hundred values. So each
//! value of a field is looked at once: all tests of the column are asked by the reference evaluator, and
//! what follows is noted down, see [`Entry`](super::memo). From then on a record with that value costs one lookup,
//! however many detectors ask about it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::fields::Fields;
use super::keys::{KeyId, Keys};
use super::plan::Question;
use super::token::{Span, Token, value_at};
use crate::model::{Anchor, Document, Path, Predicate, Step, Test, TextTest};

/// A field of the record, or of an object directly below it, that some test reads.
#[derive(Debug, Clone)]
pub(super) struct Column {
    name: String,
    key: KeyId,
    /// The field in whose object it stands.
    parent: Option<(String, KeyId)>,
    tests: Vec<ColumnTest>,
    /// The strings that its tests compare with, if that is all they do. Then any other string is like
    /// all others.
    pub(super) compared: Option<HashSet<String>>,
}

/// A test of a column.
#[derive(Debug, Clone)]
struct ColumnTest {
    test: Arc<Test>,
    /// Its path leads to a scalar in this column, and does not need one below it.
    ends_here: bool,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Standing {
    /// Nothing.
    Absent,
    /// A value that begins with this byte.
    Scalar(u8),
    /// An array or an object, or the field is below an array, through whose elements some paths lead.
    Deep,
}

impl Column {
    /// How many tests ask about it.
    pub(super) fn tests(&self) -> usize {
        self.tests.len()
    }

    /// What the record has there.
    pub(super) fn standing(&self, fields: &Fields<'_, '_>) -> Standing {
        let first = |key| fields.value(key).and_then(<[u8]>::first).copied();
        match (first(self.key), &self.parent) {
            (Some(b'{' | b'['), _) => Standing::Deep,
            (Some(byte), _) => Standing::Scalar(byte),
            (None, Some((_, parent))) if first(*parent) == Some(b'[') => Standing::Deep,
            (None, _) => Standing::Absent,
        }
    }

    /// Whether all records of the shape have the same there.
    pub(super) fn is_the_same(&self, fields: &Fields<'_, '_>) -> bool {
        let is_own = matches!(self.standing(fields), Standing::Scalar(b'"' | b'-' | b'0'..=b'9'));
        !is_own || fields.is_name(self.key)
    }

    /// Its value, if it is a scalar.
    #[inline]
    pub(super) fn scalar<'r>(&self, fields: &Fields<'r, '_>) -> Option<(&'r [u8], Span)> {
        fields.scalar(self.key)
    }

    /// The answers to its tests, one after the other, if the record has this scalar in the column, or nothing.
    pub(super) fn answers(&self, scalar: Option<&Value>) -> Vec<bool> {
        let of =
            |test: &ColumnTest| scalar.is_some_and(|scalar| test.ends_here && test.test.holds_of(scalar));
        self.tests.iter().map(of).collect()
    }

    /// The answer to one test, if the record has a scalar in the column.
    pub(super) fn answer(&self, test: usize, fields: &Fields<'_, '_>) -> Option<bool> {
        let ColumnTest { test, ends_here } = self.tests.get(test)?;
        let (value, span) = self.scalar(fields)?;
        Some(*ends_here && test.holds_of(&Token::with(value, span).value()?))
    }

    /// A record of what stands in the column alone, if that is an array or an object, or one is above it.
    pub(super) fn part(&self, fields: &Fields<'_, '_>) -> Option<Value> {
        let record = fields.record;
        let mut part = Map::new();
        match (&self.parent, fields.start(self.key)) {
            (None, start) => drop(part.insert(self.name.clone(), value_at(record, start?)?)),
            (Some((parent, _)), Some(start)) => {
                let object = Map::from_iter([(self.name.clone(), value_at(record, start)?)]);
                part.insert(parent.clone(), Value::Object(object));
            }
            (Some((parent, key)), None) => {
                part.insert(parent.clone(), value_at(record, fields.start(*key)?)?);
            }
        }
        Some(Value::Object(part))
    }

    /// The answer to one test of such a [part](Self::part).
    pub(super) fn answer_of_part(&self, test: usize, part: &Value, fields: &Fields<'_, '_>) -> Option<bool> {
        let source = std::str::from_utf8(fields.record).ok();
        let test = &self.tests.get(test)?.test;
        Some(test.holds(Document { value: part, source }))
    }
}

/// All columns of a set of detectors.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub(super) keys: Keys,
    list: Vec<Column>,
    /// By key.
    places: HashMap<KeyId, usize>,
    /// Tests that only compare are often the same.
    known: HashMap<(usize, String), usize>,
}

impl Columns {
    pub(super) fn as_slice(&self) -> &[Column] {
        &self.list
    }

    /// Where the answer to a test will stand, if one field of a record can give it.
    ///
    /// A path that goes on below the field is answered as well: where the field is absent or a scalar it leads
    /// nowhere.
    pub(super) fn question(&mut self, test: &Arc<Test>) -> Option<Question> {
        if !asks_its_own_value(&test.predicate) {
            return None;
        }
        let Beginning { first, second, ends_here } = beginning(&test.path)?;
        let key = self.keys.add(None, first)?;
        let (name, key, parent) = match second {
            None => (first, key, None),
            Some(second) => (second, self.keys.add(Some(key), second)?, Some((first.to_owned(), key))),
        };
        let columns = &mut self.list;
        let at = *self.places.entry(key).or_insert_with(|| {
            let compared = Some(HashSet::new());
            columns.push(Column { name: name.to_owned(), key, parent, tests: Vec::new(), compared });
            columns.len() - 1
        });
        let column = &mut columns[at];
        let test = *self.known.entry((at, same(test))).or_insert_with(|| {
            let is_comparison =
                column.compared.as_mut().is_some_and(|compared| compares(&test.predicate, compared));
            column.compared.take_if(|_| !is_comparison);
            column.tests.push(ColumnTest { test: Arc::clone(test), ends_here });
            column.tests.len() - 1
        });
        Some(Question { column: at, test })
    }
}

/// What tells tests of a column apart. Those whose words do not say all are told apart by their address.
fn same(test: &Arc<Test>) -> String {
    match &test.predicate {
        Predicate::Text(TextTest::Literal { text, anchor, fold_case, reads }) => {
            format!("{:?} {} {anchor:?} {fold_case} {reads:?} {text}", test.asks, test.path)
        }
        Predicate::Exists => format!("{:?} {} exists", test.asks, test.path),
        _ => format!("{:p}", Arc::as_ptr(test)),
    }
}

/// Whether the predicate reads nothing of the record but the value that it is asked of.
fn asks_its_own_value(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::SameAs { .. } => false,
        Predicate::OneOf(predicates) => predicates.iter().all(asks_its_own_value),
        Predicate::Time { predicate, .. } => asks_its_own_value(predicate),
        _ => true,
    }
}

/// Whether all that the predicate asks of a string is whether it is one of these, which are added to `compared`.
fn compares(predicate: &Predicate, compared: &mut HashSet<String>) -> bool {
    match predicate {
        Predicate::Exists | Predicate::Null | Predicate::Bool(_) => true,
        Predicate::Text(TextTest::Literal { text, anchor: Anchor::Whole, fold_case: false, .. })
        | Predicate::Number { text, .. } => {
            compared.insert(text.clone());
            true
        }
        Predicate::OneOf(predicates) => predicates.iter().all(|predicate| compares(predicate, compared)),
        _ => false,
    }
}

/// How a path begins.
struct Beginning<'p> {
    first: &'p str,
    second: Option<&'p str>,
    /// It leads to a scalar there, and not only to something below.
    ends_here: bool,
}

/// The one or two fields with which a path begins. If one of them is absent, it leads nowhere.
fn beginning(path: &Path) -> Option<Beginning<'_>> {
    let is_field = |step: &Step| !matches!(step, Step::Members);
    let mut steps = path.steps().iter().filter(|step| is_field(step));
    let Some(Step::Field(first)) = steps.next() else { return None };
    let mut behind = steps.clone();
    let second = match behind.next() {
        Some(Step::Field(second)) => Some(second.as_str()),
        _ => None,
    };
    let mut rest = if second.is_some() { behind } else { steps };
    // Anything at any depth is a scalar itself.
    let ends_here = rest.all(|step| matches!(step, Step::Anywhere));
    Some(Beginning { first, second, ends_here })
}
