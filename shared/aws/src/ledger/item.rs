//! Items of the table, and what they are to the pipeline.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};
use trailmeter_pipeline::{Entry, LedgerError, LedgerProblem, ObjectVersion, State};

/// The key of an object's item. A hash, as names and versions together can be longer than a key may
/// be, and each event's item names its object.
pub(super) fn object_id(object: &ObjectVersion) -> String {
    format!("object#{}", hash(&[&object.object.bucket, &object.object.key, &object.version]))
}

/// What all versions of an object have in common.
pub(super) fn name_of(object: &ObjectVersion) -> String {
    hash(&[&object.object.bucket, &object.object.key])
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length first, so that no two lists run together into one text.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut half = [0; 16];
    half.copy_from_slice(&hash.finalize()[..16]);
    format!("{:032x}", u128::from_be_bytes(half))
}

/// A request that writes all of an entry.
pub(super) fn update(
    client: &Client,
    object: &ObjectVersion,
    entry: &Entry,
    expires: i64,
) -> UpdateItemFluentBuilder {
    let attributes = [
        ("bucket", text(&object.object.bucket)),
        ("key", text(&object.object.key)),
        ("version", text(&object.version)),
        ("state", text(state_word(entry.state))),
        ("owner", text(&entry.owner)),
        ("lease", number(entry.lease)),
        ("since", number(entry.since)),
        ("matches", number(entry.matches)),
        ("perhaps", number(entry.perhaps)),
        ("expires", number(expires)),
    ];
    // By names throughout, as half of these are words of DynamoDB's own.
    let sets: Vec<String> = attributes.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
    let mut request = client.update_item().key("id", text(&object_id(object)));
    request = request.update_expression(format!("SET {}", sets.join(", ")));
    for (name, value) in attributes {
        request = request
            .expression_attribute_names(format!("#{name}"), name)
            .expression_attribute_values(format!(":{name}"), value);
    }
    request
}

/// The entry that an item holds.
pub(super) fn entry(item: &HashMap<String, AttributeValue>) -> Result<Entry, LedgerError> {
    let read = || {
        let count = |name| number_of(item, name).and_then(|count| u64::try_from(count).ok());
        Some(Entry {
            state: state(text_of(item, "state")?)?,
            owner: text_of(item, "owner")?.to_owned(),
            lease: number_of(item, "lease")?,
            since: number_of(item, "since")?,
            matches: count("matches")?,
            perhaps: count("perhaps")?,
        })
    };
    read().ok_or_else(|| {
        let id = text_of(item, "id").unwrap_or("without id");
        LedgerError { problem: LedgerProblem::Unreadable, source: format!("item {id}").into() }
    })
}

pub(super) fn state_word(state: State) -> &'static str {
    match state {
        State::Claimed => "claimed",
        State::Flushing => "flushing",
        State::Done => "done",
    }
}

fn state(word: &str) -> Option<State> {
    [State::Claimed, State::Flushing, State::Done].into_iter().find(|&state| state_word(state) == word)
}

pub(crate) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn number(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

pub(crate) fn text_of<'i>(item: &'i HashMap<String, AttributeValue>, name: &str) -> Option<&'i str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(crate) fn number_of(item: &HashMap<String, AttributeValue>, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use trailmeter_pipeline::ObjectRef;

    use super::*;

    fn id(bucket: &str, key: &str, version: &str) -> String {
        let object = ObjectRef { bucket: bucket.to_owned(), key: key.to_owned() };
        object_id(&ObjectVersion { object, version: version.to_owned() })
    }

    /// It is kept for weeks, so that another version of the function has to make the same of it.
    #[test]
    fn an_object_has_one_id_and_no_other_has_it() {
        assert_eq!(id("b", "k", "v"), "object#5b79391ad84a597bdd227e211e208b27");
        let ids =
            [id("b", "k", "v"), id("bk", "", "v"), id("b", "kv", ""), id("", "bk", "v"), id("b", "k", "w")];
        for (at, one) in ids.iter().enumerate() {
            assert!(ids[at + 1..].iter().all(|other| other != one), "{ids:?}");
        }
        assert!(id(&"b".repeat(63), &"k".repeat(1024), &"v".repeat(1024)).len() < 2048);
    }

    #[test]
    fn what_is_no_entry_is_named_and_not_guessed() {
        let whole = || {
            HashMap::from([
                ("id".to_owned(), text("object#1")),
                ("state".to_owned(), text("flushing")),
                ("owner".to_owned(), text("o")),
                ("lease".to_owned(), number(7)),
                ("since".to_owned(), number(5)),
                ("matches".to_owned(), number(3)),
                ("perhaps".to_owned(), number(2)),
            ])
        };
        let expected = Entry {
            state: State::Flushing,
            owner: "o".to_owned(),
            lease: 7,
            since: 5,
            matches: 3,
            perhaps: 2,
        };
        assert_eq!(entry(&whole()).unwrap(), expected);
        for (name, value) in [("state", text("gone")), ("lease", text("7")), ("matches", number(-1))] {
            let mut item = whole();
            item.insert(name.to_owned(), value);
            let error = entry(&item).unwrap_err();
            assert_eq!(error.problem, LedgerProblem::Unreadable, "{name}");
            assert!(error.to_string().contains("object#1"), "{error}");
        }
    }
}
