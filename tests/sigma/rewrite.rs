//! Questions put so that the other engine takes them as we do. Nothing here asks our own engine
//! how it reads a rule or a record: paths, numbers, times and encodings are worked out anew.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::engines::LISTS;
use super::parts::Item;
use super::question::Question::{self, All, Any, Ask, Is, Not};
use super::question::{each_new_value, each_value, on_leaves};
use super::record::{crosses_array, is_there, leaves, path, strings_replaced, text, texts, with_leaves};

const COMPARISONS: [&str; 4] = ["gt", "gte", "lt", "lte"];
const ENCODINGS: [&str; 6] = ["base64", "base64offset", "wide", "utf16le", "utf16be", "utf16"];
const TIMES: [&str; 6] = ["minute", "hour", "day", "week", "month", "year"];

fn has_wildcard(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains(['*', '?']))
}

fn is_text(item: &Item) -> bool {
    !item.has_any(&["exists", "cidr", "fieldref"]) && !item.has_any(&COMPARISONS) && !item.has_any(&TIMES)
}

pub(super) fn object_as_text(item: &Item, record: &Value) -> Option<Question> {
    if !is_text(item) {
        return None;
    }
    on_leaves(item, record, &|leaf| leaf.is_object().then(|| json!(leaf.to_string())))
}

pub(super) fn message_as_text(item: &Item, record: &Value) -> Option<Question> {
    if item.field.is_some() || !item.modifiers.is_empty() || record.get("").is_some() {
        return None;
    }
    let message = std::iter::once(record.to_string()).chain(texts(record)).collect::<Vec<_>>();
    let record = json!({ "": message });
    each_value(item, &record, &|single| {
        let value = text(&single.values[0]).map(Value::from).unwrap_or_default();
        Some(Ask(single.with_values(vec![value]), record.clone()))
    })
}

pub(super) fn keywords_one_by_one(item: &Item, record: &Value) -> Option<Question> {
    if item.field.is_some() || item.modifiers != ["all"] {
        return None;
    }
    Some(All(item.values.iter().map(|value| Ask(Item::of_keywords(value), record.clone())).collect()))
}

pub(super) fn null_as_empty(item: &Item, record: &Value) -> Option<Question> {
    if !item.has("exists") {
        return None;
    }
    on_leaves(item, record, &|leaf| leaf.is_null().then(|| json!("")))
}

pub(super) fn absent_as_null(item: &Item, record: &Value) -> Option<Question> {
    let field = item.field.as_deref()?;
    if !item.values.contains(&Value::Null) || is_there(record, &path(field)) {
        return None;
    }
    Some(Ask(item.of("nothing"), json!({ "nothing": null })))
}

pub(super) fn null_element_as_field(item: &Item, record: &Value) -> Option<Question> {
    let field = item.field.as_deref()?;
    let leaves = leaves(record, &path(field));
    let is_asked = item.values.contains(&Value::Null) && leaves.contains(&&Value::Null);
    if !is_asked || !crosses_array(record, &path(field)) {
        return None;
    }
    each_value(item, record, &|single| {
        let asked = leaves.iter().map(|leaf| Ask(single.of("x"), json!({ "x": leaf }))).collect();
        Some(if item.has("neq") { All(asked) } else { Any(asked) })
    })
}

pub(super) fn newline_as_blank(item: &Item, record: &Value) -> Option<Question> {
    let new = strings_replaced(record, "\n", " ");
    (item.values.iter().any(has_wildcard) && new != *record).then(|| Ask(item.clone(), new))
}

pub(super) fn open_end_as_star(item: &Item, record: &Value) -> Option<Question> {
    if !item.has_any(&["startswith", "endswith"]) {
        return None;
    }
    let (start, end) = (item.has("endswith"), item.has("startswith"));
    each_value(item, record, &|single| {
        let value = single.values[0].as_str().filter(|text| text.contains(['*', '?']))?;
        let value = format!("{}{value}{}", if start { "*" } else { "" }, if end { "*" } else { "" });
        let single = single.without("startswith").without("endswith");
        Some(Ask(single.with_values(vec![json!(value)]), record.clone()))
    })
}

pub(super) fn neq_each(item: &Item, record: &Value) -> Option<Question> {
    if !item.has("neq") || item.values.len() < 2 {
        return None;
    }
    let asked = item.single().into_iter().map(|single| Ask(single, record.clone())).collect();
    Some(if item.has("all") { Any(asked) } else { All(asked) })
}

pub(super) fn neq_as_not(item: &Item, record: &Value) -> Option<Question> {
    let is_dropped =
        item.has_any(&["re", "cidr", "fieldref"]) || item.has_any(&COMPARISONS) || item.has_any(&TIMES);
    let field = item.field.as_deref()?;
    if !item.has("neq") || !is_dropped {
        return None;
    }
    let same = Ask(item.without("neq"), record.clone());
    Some(All(vec![Is(is_there(record, &path(field))), Not(Box::new(same))]))
}

pub(super) fn other_spelling_as_word(item: &Item, record: &Value) -> Option<Question> {
    if !item.modifiers.iter().all(|modifier| ["all", "neq", "cased"].contains(&modifier.as_str())) {
        return None;
    }
    each_value(item, record, &|single| {
        let (number, written) = (single.values[0].as_f64()?, single.values[0].to_string());
        on_leaves(single, record, &|leaf| {
            let text = leaf.as_str()?;
            let is_other = text.parse() == Ok(number) && text != written;
            is_other.then(|| json!("word"))
        })
    })
}

pub(super) fn float_as_text(item: &Item, record: &Value) -> Option<Question> {
    if !is_text(item) {
        return None;
    }
    let spelled =
        |value: &Value| (value.is_number() && value.as_i64().is_none()).then(|| json!(value.to_string()));
    each_value(item, record, &|single| {
        let value = &single.values[0];
        let is_number = value.is_number() && !single.has_any(&["contains", "startswith", "endswith"]);
        if is_number {
            return None;
        }
        let in_rule = spelled(value).map(|value| single.with_values(vec![value]));
        let asked = in_rule.as_ref().unwrap_or(single);
        on_leaves(asked, record, &spelled).or_else(|| Some(Ask(in_rule?, record.clone())))
    })
}

pub(super) fn boolean_as_text(item: &Item, record: &Value) -> Option<Question> {
    if !is_text(item) {
        return None;
    }
    each_new_value(item, record, &|value| value.as_bool().map(|flag| json!(flag.to_string())))
}

pub(super) fn infinite_as_word(item: &Item, record: &Value) -> Option<Question> {
    if !item.has_any(&COMPARISONS) {
        return None;
    }
    on_leaves(item, record, &|leaf| {
        let number: f64 = leaf.as_str()?.parse().ok()?;
        (!number.is_finite()).then(|| json!("word"))
    })
}

pub(super) fn reference_as_value(item: &Item, record: &Value) -> Option<Question> {
    if !item.has("fieldref") || item.has("neq") {
        return None;
    }
    let without_objects = with_leaves(record, &path(item.field.as_deref()?), &|leaf| {
        if leaf.is_object() { Value::Null } else { leaf.clone() }
    });
    each_value(item, record, &|single| {
        let name = text(&single.values[0])?;
        let values = leaves(record, &path(&name)).into_iter().filter_map(text);
        let asked = values.map(|value| {
            let escaped = value.replace('\\', r"\\").replace('*', r"\*").replace('?', r"\?");
            Ask(single.without("fieldref").with_values(vec![json!(escaped)]), without_objects.clone())
        });
        Some(Any(asked.collect()))
    })
}

pub(super) fn placeholder_as_list(item: &Item, record: &Value) -> Option<Question> {
    if !item.has("expand") {
        return None;
    }
    let expanded = |value: &Value| -> Vec<Value> {
        let Some(text) = value.as_str() else { return vec![value.clone()] };
        let placeholder = |name: &str| format!("%{name}%");
        let found = LISTS.iter().find(|(name, _)| {
            text.contains(&placeholder(name)) && !text.contains(&format!("\\{}", placeholder(name)))
        });
        match found {
            Some((name, values)) => {
                values.iter().map(|value| json!(text.replace(&placeholder(name), value))).collect()
            }
            None => vec![json!(text.replace("\\%", "%"))],
        }
    };
    let values = item.values.iter().flat_map(expanded).collect();
    Some(Ask(item.without("expand").with_values(values), record.clone()))
}

pub(super) fn offsets_as_values(item: &Item, record: &Value) -> Option<Question> {
    (item.has("base64offset") && !is_chained(item)).then_some(())?;
    encoded(item, record)
}

pub(super) fn chain_as_values(item: &Item, record: &Value) -> Option<Question> {
    is_chained(item).then_some(())?;
    encoded(item, record)
}

/// Whether there is more to encode than UTF-16, then base64.
fn is_chained(item: &Item) -> bool {
    let kinds =
        |names: &[&str]| item.modifiers.iter().filter(|modifier| names.contains(&modifier.as_str())).count();
    kinds(&ENCODINGS[..2]) > 1 || kinds(&ENCODINGS[2..]) > 1
}

/// What the encodings make of the values, in the order in which they stand.
fn encoded(item: &Item, record: &Value) -> Option<Question> {
    each_value(item, record, &|single| {
        let mut values = vec![unescaped(&text(&single.values[0])?).into_bytes()];
        for modifier in &single.modifiers {
            values = values.iter().flat_map(|bytes| encode(modifier, bytes)).collect();
        }
        let values = values.into_iter().map(|bytes| json!(String::from_utf8_lossy(&bytes))).collect();
        let single = ENCODINGS.iter().fold(single.clone(), |single, modifier| single.without(modifier));
        Some(Ask(single.with_values(values), record.clone()))
    })
}

fn encode(modifier: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        String::from_utf8_lossy(bytes).encode_utf16().flat_map(order).collect()
    };
    // As pySigma cuts them.
    let variant = |shift: usize| {
        let encoded = STANDARD.encode([vec![b' '; shift], bytes.to_vec()].concat()).into_bytes();
        let end = encoded.len() - [0, 3, 2][(bytes.len() + shift) % 3];
        encoded.get([0, 2, 3][shift]..end).unwrap_or_default().to_vec()
    };
    match modifier {
        "wide" | "utf16le" => vec![wide(u16::to_le_bytes)],
        "utf16be" => vec![wide(u16::to_be_bytes)],
        "utf16" => vec![[vec![0xff, 0xfe], wide(u16::to_le_bytes)].concat()],
        "base64" => vec![STANDARD.encode(bytes).into_bytes()],
        "base64offset" => (0..3).map(variant).collect(),
        _ => vec![bytes.to_vec()],
    }
}

/// A plain value without its escapes.
fn unescaped(value: &str) -> String {
    value.replace("\\\\", "\u{0}").replace("\\*", "*").replace("\\?", "?").replace('\u{0}', "\\")
}

pub(super) fn number_as_string(item: &Item, record: &Value) -> Option<Question> {
    if !item.has_any(&ENCODINGS) && !item.has("windash") {
        return None;
    }
    each_new_value(item, record, &|value| (!value.is_string()).then(|| text(value).map(Value::from))?)
}

pub(super) fn dashes_spelled_out(item: &Item, record: &Value) -> Option<Question> {
    const DASHES: [&str; 5] = ["-", "/", "\u{2013}", "\u{2014}", "\u{2015}"];
    if !item.has("windash") {
        return None;
    }
    each_value(item, record, &|single| {
        let mut values = vec![String::new()];
        for character in single.values[0].as_str()?.chars().map(String::from) {
            let written =
                if DASHES.contains(&character.as_str()) { &DASHES[..] } else { &[character.as_str()] };
            values = values
                .iter()
                .flat_map(|value| written.iter().map(move |dash| format!("{value}{dash}")))
                .collect();
        }
        let values = values.into_iter().map(Value::from).collect();
        Some(Ask(single.without("windash").with_values(values), record.clone()))
    })
}

pub(super) fn time_as_number(item: &Item, record: &Value) -> Option<Question> {
    let part = item.modifiers.iter().find(|modifier| TIMES.contains(&modifier.as_str()))?;
    let number = |leaf: &Value| {
        let text = leaf.as_str().filter(|text| text.get(10..11) == Some("T"))?;
        let digits = match part.as_str() {
            "year" => &text[..4],
            "month" => &text[5..7],
            "day" => &text[8..10],
            "hour" => &text[11..13],
            "minute" => &text[14..16],
            _ => {
                return text
                    .get(..10)?
                    .parse::<jiff::civil::Date>()
                    .ok()
                    .map(|date| json!(date.iso_week_date().week()));
            }
        };
        digits.parse::<i64>().ok().map(Value::from)
    };
    let record = with_leaves(record, &path(item.field.as_deref()?), &|leaf| number(leaf).unwrap_or_default());
    each_value(item, &record, &|single| {
        let value = text(&single.values[0])?.parse::<f64>().ok()?;
        Some(Ask(single.without(part).with_values(vec![json!(value)]), record.clone()))
    })
}

pub(super) fn anchors_as_contains(item: &Item, record: &Value) -> Option<Question> {
    const ANCHORS: [&str; 3] = ["contains", "startswith", "endswith"];
    if ANCHORS.iter().filter(|anchor| item.has(anchor)).count() < 2 {
        return None;
    }
    let item = ANCHORS.iter().fold(item.clone(), |item, anchor| item.without(anchor));
    Some(Ask(item.with("contains"), record.clone()))
}

pub(super) fn host_as_network(item: &Item, record: &Value) -> Option<Question> {
    if !item.has("cidr") {
        return None;
    }
    each_new_value(item, record, &|value| {
        let address: std::net::IpAddr = value.as_str()?.parse().ok()?;
        Some(json!(format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 })))
    })
}

pub(super) fn without_all(item: &Item, record: &Value) -> Option<Question> {
    (item.has("all") && item.values.len() == 1).then(|| Ask(item.without("all"), record.clone()))
}

pub(super) fn without_dotted_name(item: &Item, record: &Value) -> Option<Question> {
    let field = item.field.as_deref().filter(|field| field.contains('.'))?;
    record.get(field)?;
    let fields: Map<String, Value> = record
        .as_object()?
        .iter()
        .filter(|(name, _)| *name != field)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Some(Ask(item.clone(), Value::Object(fields)))
}
