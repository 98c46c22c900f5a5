//! Questions about a record, to both engines, and other ways to put them.

use serde_json::Value;

use super::engines::Pair;
use super::parts::Item;
use super::record::{leaves, path, with_leaves};

/// A question about a record, perhaps made of several.
#[derive(Debug, Clone)]
pub(super) enum Question {
    Ask(Item, Value),
    Not(Box<Question>),
    All(Vec<Question>),
    Any(Vec<Question>),
    Is(bool),
}

use Question::{All, Any, Ask, Is, Not};

impl Question {
    pub(super) fn ours(&self) -> Option<bool> {
        self.answer(&|pair, record| Some(pair.ours.as_ref().ok()?.matches(record)))
    }

    pub(super) fn theirs(&self) -> Option<bool> {
        self.answer(&|pair, record| pair.theirs_match(record))
    }

    fn answer(&self, engine: &dyn Fn(&Pair, &Value) -> Option<bool>) -> Option<bool> {
        match self {
            Ask(item, record) => engine(&Pair::of(&item.rule()), record),
            Not(part) => part.answer(engine).map(|holds| !holds),
            All(parts) => parts.iter().try_fold(true, |all, part| Some(part.answer(engine)? && all)),
            Any(parts) => parts.iter().try_fold(false, |any, part| Some(part.answer(engine)? || any)),
            Is(holds) => Some(*holds),
        }
    }

    /// The question with a rewriting applied wherever it applies.
    pub(super) fn rewritten(&self, rewriting: fn(&Item, &Value) -> Option<Self>) -> Option<Self> {
        let each = |parts: &[Self]| {
            let new: Vec<_> = parts.iter().map(|part| part.rewritten(rewriting)).collect();
            let is_changed = new.iter().any(Option::is_some);
            let new =
                new.into_iter().zip(parts).map(|(new, old)| new.unwrap_or_else(|| old.clone())).collect();
            is_changed.then_some(new)
        };
        match self {
            Ask(item, record) => rewriting(item, record),
            Not(part) => Some(Not(Box::new(part.rewritten(rewriting)?))),
            All(parts) => each(parts).map(All),
            Any(parts) => each(parts).map(Any),
            Is(_) => None,
        }
    }
}

/// The same item on a record whose values of the field are others; `None` if none are.
pub(super) fn on_leaves(
    item: &Item,
    record: &Value,
    new: &dyn Fn(&Value) -> Option<Value>,
) -> Option<Question> {
    let field = item.field.as_deref()?;
    let path = path(field);
    leaves(record, &path).iter().any(|leaf| new(leaf).is_some()).then(|| {
        let record = with_leaves(record, &path, &|leaf| new(leaf).unwrap_or_else(|| leaf.clone()));
        Ask(item.clone(), record)
    })
}

/// Each value asked for itself, where at least one of these questions is put otherwise.
pub(super) fn each_value(
    item: &Item,
    record: &Value,
    single: &dyn Fn(&Item) -> Option<Question>,
) -> Option<Question> {
    let new: Vec<_> = item.single().iter().map(single).collect();
    if new.iter().all(Option::is_none) {
        return None;
    }
    let mut parts: Vec<_> = new
        .into_iter()
        .zip(item.single())
        .map(|(new, old)| new.unwrap_or_else(|| Ask(old, record.clone())))
        .collect();
    Some(match parts.len() {
        1 => parts.remove(0),
        _ if item.has("all") != item.has("neq") => All(parts),
        _ => Any(parts),
    })
}

pub(super) fn each_new_value(
    item: &Item,
    record: &Value,
    new: &dyn Fn(&Value) -> Option<Value>,
) -> Option<Question> {
    each_value(item, record, &|single| {
        Some(Ask(single.with_values(vec![new(&single.values[0])?]), record.clone()))
    })
}
