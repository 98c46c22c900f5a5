//! Which members of a record have to be parsed to look at it in full.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::keys::{KeyId, Keys};
use super::token::value_at;
use crate::detector::{Detector, MetricValue};
use crate::model::{Path, Predicate, Step};
use crate::rule::Rule;

/// The members of the record that some paths begin with.
#[derive(Debug, Clone)]
pub(super) enum Reads {
    Members(Vec<(String, KeyId)>),
    /// All there are: a path begins anywhere, or there was no room for its key.
    All,
}

impl Reads {
    pub(super) fn of_rules<'r>(rules: impl Iterator<Item = &'r Rule>, keys: &mut Keys) -> Self {
        let mut reads = Self::Members(Vec::new());
        for rule in rules {
            for test in rule.expr().tests() {
                reads.add(&test.path, keys);
                reads.add_predicate(&test.predicate, keys);
            }
        }
        reads
    }

    /// What value and dimensions read, if there is a value to be read or a dimension.
    pub(super) fn of_series(detector: &Detector, keys: &mut Keys) -> Option<Self> {
        let value = match &detector.value {
            MetricValue::Field(path) => Some(path),
            MetricValue::Constant(_) => None,
            // Those records are few, and most of one is numbers.
            MetricValue::Aggregated(_) => return Some(Self::All),
        };
        let dimensions =
            detector.dimensions.iter().flat_map(|set| &set.0).map(|dimension| &dimension.selector);
        let mut paths = value.into_iter().chain(dimensions).peekable();
        paths.peek()?;
        let mut reads = Self::Members(Vec::new());
        paths.for_each(|path| reads.add(path, keys));
        Some(reads)
    }

    fn add_predicate(&mut self, predicate: &Predicate, keys: &mut Keys) {
        match predicate {
            Predicate::SameAs { path, .. } => self.add(path, keys),
            Predicate::OneOf(predicates) => {
                for predicate in predicates {
                    self.add_predicate(predicate, keys);
                }
            }
            Predicate::Time { predicate, .. } => self.add_predicate(predicate, keys),
            _ => {}
        }
    }

    fn add(&mut self, path: &Path, keys: &mut Keys) {
        let Self::Members(members) = self else { return };
        // The record is no array, so a step into its members is one to itself.
        let mut steps = path.steps().iter().skip_while(|step| matches!(step, Step::Members));
        let key = match steps.next() {
            Some(Step::Field(name)) => keys.add(None, name).map(|key| (name.clone(), key)),
            _ => None,
        };
        match key {
            None => *self = Self::All,
            Some(key) if members.contains(&key) => {}
            Some(key) => members.push(key),
        }
    }

    /// A record of what is read alone. For every path that was taken in it holds what the whole record holds.
    pub(super) fn part(&self, fields: &Fields<'_, '_>) -> Value {
        let record = fields.record;
        let Self::Members(members) = self else { return value_at(record, 0).unwrap_or_default() };
        let mut part = Map::new();
        for (name, key) in members {
            if let Some(value) = fields.start(*key).and_then(|start| value_at(record, start)) {
                part.insert(name.clone(), value);
            }
        }
        Value::Object(part)
    }
}
