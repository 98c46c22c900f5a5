//! Finds the entries of the table that are behind a difference.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::engines::Pair;
use super::parts::{Item, Parts, rule};
use super::question::Question;
use super::table::Proof::{Asked, Condition, Refused};
use super::table::{Difference, Right, TABLE};

/// Names the entries behind a difference over one record; `None` if the table does not explain it.
pub(super) fn explain(item: &Item, record: &Value, ours: bool) -> Option<BTreeSet<&'static str>> {
    let mut tried = vec![(Question::Ask(item.clone(), record.clone()), BTreeSet::new())];
    // One cause, then two together, then three and four.
    for _ in 0..4 {
        let mut next = Vec::new();
        for (question, names) in tried {
            for Difference { name, proof, .. } in TABLE {
                let Asked(rewriting) = proof else { continue };
                let Some(rewritten) = question.rewritten(*rewriting) else { continue };
                if rewritten.ours() != Some(ours) {
                    continue;
                }
                let names: BTreeSet<_> = names.iter().copied().chain([*name]).collect();
                if rewritten.theirs() == Some(ours) {
                    return Some(names);
                }
                next.push((rewritten, names));
            }
        }
        next.truncate(200);
        tried = next;
    }
    None
}

/// Names the entry behind a rule that one engine runs and the other refuses.
pub(super) fn explain_refusal(pair: &Pair) -> Option<&'static str> {
    let Err(reason) = &pair.ours else { return None };
    let mut entries = TABLE.iter();
    entries
        .find(|entry| matches!(entry.proof, Refused(words) if reason.contains(words)))
        .map(|entry| entry.name)
}

/// Names the entry behind a whole rule of which the other engine says something else than of its
/// parts.
pub(super) fn explain_condition(conditions: &Value) -> Option<&'static str> {
    let conditions = conditions.as_array().map_or(std::slice::from_ref(conditions), Vec::as_slice);
    let mut entries = TABLE.iter();
    entries
        .find(|entry| match entry.proof {
            Condition(is_read_otherwise) => {
                conditions.iter().filter_map(Value::as_str).any(is_read_otherwise)
            }
            Asked(_) | Refused(_) => false,
        })
        .map(|entry| entry.name)
}

#[test]
fn the_table_is_well_formed() {
    let names: BTreeSet<_> = TABLE.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), TABLE.len(), "each entry has a name of its own");
    for Difference { name, what, right, because, .. } in TABLE {
        assert!(!what.is_empty(), "{name} says what differs");
        let quotes = because.matches('"').count();
        assert!(
            quotes % 2 == 0 && (quotes > 0 || *right == Right::Open),
            "{name} quotes the sentence that decides"
        );
    }
}

/// An entry that no longer occurs is to be taken out, and one alone has to explain its example.
#[test]
fn every_difference_still_occurs() -> Result<()> {
    for Difference { name, sample: (search, record, ours), proof, .. } in TABLE {
        let (search, record): (Value, Value) = (serde_json::from_str(search)?, serde_json::from_str(record)?);
        let is_whole = search.get("condition").is_some();
        let rule =
            if is_whole { rule(&search) } else { rule(&json!({ "part": search, "condition": "part" })) };
        let pair = Pair::of(&rule);
        if matches!(proof, Refused(_)) {
            ensure!(pair.theirs.is_ok(), "{name}: rsigma refuses it too: {:?}", pair.theirs);
            ensure!(explain_refusal(&pair) == Some(*name), "{name}: {:?}", pair.ours);
            continue;
        }
        let found = pair.ours.as_ref().map(|rule| rule.matches(&record));
        ensure!(found == Ok(*ours), "{name}: {found:?}");
        ensure!(pair.theirs_match(&record) != Some(*ours), "{name}: rsigma says the same");
        if is_whole {
            ensure!(explain_condition(&search["condition"]) == Some(*name), "{name}");
        } else {
            let parts = Parts::of(&rule)?;
            let names = explain(parts.items()[0], &record, *ours);
            ensure!(names == Some(BTreeSet::from([*name])), "{name}: explained by {names:?}");
        }
    }
    Ok(())
}
