//! Rules and records made up for the purpose: few fields and few words, so that they meet.

use serde_json::{Map, Value, json};
use trailmeter_testkit::rng::Rng;

use super::parts::rule;

/// Fields that rules name. `gone` is in no record; `o.p` and `l.p` are fields of fields, the
/// latter of the elements of an array; `f.g` is a single name with a dot.
const FIELDS: [&str; 8] = ["a", "b", "c", "gone", "o.p", "l.p", "o", "f.g"];

/// What stands in records, as strings and as parts of arrays and objects.
const TEXTS: &str = " ; foo ; FOO ; foobar ; barfoo ; bar ; b\u{e4}r ; B\u{c4}R ; a*b ; a?b ; aXb ; foo\nbar ; \
     C:\\foo ; C:\\\\foo ; 5 ; 5.0 ; 7 ; 007 ; 1e1 ; inf ; true ; TRUE ; yes ; no ; 1 ; 0 ; \
     null ; 203.0.113.7 ; 2001:db8::7 ; 198.51.100.9 ; 2026-11-21T22:05:09Z ; \
     2026-11-21T22:05:09+03:00 ; Zm9v ; eHhmb29iYXJ4 ; run -foo /bar ; run \u{2013}foo -bar ; \
     alice ; %names%";

/// What stands in rules.
const VALUES: &str = " ; foo ; Foo ; oob ; bar ; B\u{c4}R ; f* ; *r ; *oo* ; f*r ; b?r ; a*b ; a\\*b ; a\\?b ; \
     a?b ; * ; ? ; ** ; ?* ; C:\\foo ; C:\\\\foo ; \\foo ; *\\\\* ; 5 ; 5.0 ; 7 ; true ; yes ; \
     203.0.113.7 ; a ; o.p ; -foo -bar ; %names% ; x%one% ; \\%names% ; alice ; o ; null";

const PATTERNS: &str = "^foo ; oo$ ; ^f.*r$ ; (foo|bar) ; [0-9]+ ; o{2} ; ^$ ; . ; ^bar ; b.r ; (?=x) ; (";
const NETWORKS: &str =
    "203.0.113.0/24 ; 0.0.0.0/0 ; 2001:db8::/32 ; 198.51.100.9 ; 203.0.113.7/32 ; 10.0.0/8 ; ::/0";
const NUMBERS: &str = "5 ; 7 ; 5.0 ; 0 ; 22 ; -1 ; 2026 ; 1e1";

/// Modifiers as people put them together.
const USUAL: &str = " ;  ;  ;  ; contains ; contains ; startswith ; endswith ; contains|all ; endswith|all ; \
     startswith|all ; all ; cased ; contains|cased ; startswith|cased ; re ; re|i ; re|m ; \
     re|s ; re|i|m|s ; cidr ; exists ; exists ; gt ; gte ; lt ; lte ; neq ; neq|contains ; \
     neq|cased ; fieldref ; fieldref|cased ; fieldref|neq ; fieldref|startswith ; \
     fieldref|endswith ; fieldref|contains ; expand ; contains|expand ; base64 ; \
     base64offset|contains ; wide|base64offset|contains ; utf16be|base64 ; \
     utf16|base64|contains ; base64offset ; windash ; windash|contains ; hour ; minute ; year ; \
     hour|gte ; re|neq ; cidr|neq";

/// Any modifiers at all.
const ALL: &str = "contains ; startswith ; endswith ; all ; re ; i ; m ; s ; cidr ; exists ; cased ; gt ; \
     gte ; lt ; lte ; neq ; fieldref ; expand ; base64 ; base64offset ; windash ; wide ; utf16 ; \
     utf16le ; utf16be ; minute ; hour ; day ; week ; month ; year ; near";

/// A word of a list; some have blanks in them, and one is empty.
fn word(rng: &mut Rng, list: &'static str) -> &'static str {
    let words: Vec<&str> = list.split(" ; ").collect();
    words[rng.index(words.len())]
}

/// A record.
pub(super) fn record(rng: &mut Rng) -> Value {
    let mut record = Map::new();
    for field in ["a", "b", "c", "f.g"] {
        if rng.per_mille(800) {
            record.insert(field.to_owned(), value(rng, 2));
        }
    }
    if rng.per_mille(200) {
        record.insert("f".to_owned(), json!({ "g": value(rng, 0) }));
    }
    if rng.per_mille(700) {
        let o = match rng.below(5) {
            0 => value(rng, 1),
            _ => json!({ "p": value(rng, 1), "q": value(rng, 0) }),
        };
        record.insert("o".to_owned(), o);
    }
    if rng.per_mille(700) {
        let elements: Vec<Value> = (0..rng.below(4))
            .map(|_| if rng.per_mille(850) { json!({ "p": value(rng, 1) }) } else { value(rng, 1) })
            .collect();
        record.insert("l".to_owned(), Value::Array(elements));
    }
    Value::Object(record)
}

fn value(rng: &mut Rng, depth: u32) -> Value {
    match rng.below(if depth == 0 { 14 } else { 18 }) {
        0 => Value::Null,
        1 => Value::Bool(rng.per_mille(500)),
        2 => json!(*rng.pick(&[5, 7, 0, 1, -1, 22, 2026])),
        3 => rng.pick(&[json!(5.0), json!(5.5), json!(1e20), json!(u64::MAX), json!(-0.0)]).clone(),
        4..14 => json!(word(rng, TEXTS)),
        14 | 15 => Value::Array((0..rng.below(4)).map(|_| value(rng, depth - 1)).collect()),
        _ => json!({ "p": value(rng, depth - 1), "q": value(rng, 0) }),
    }
}

/// A rule with one search of one item.
pub(super) fn item(rng: &mut Rng) -> Value {
    let (key, value) = field(rng);
    rule(&json!({ "part": { key: value }, "condition": "part" }))
}

fn field(rng: &mut Rng) -> (String, Value) {
    let modifiers = if rng.per_mille(800) {
        word(rng, USUAL).to_owned()
    } else {
        (0..=rng.below(3)).map(|_| word(rng, ALL)).collect::<Vec<_>>().join("|")
    };
    let name = rng.pick(&FIELDS);
    let key = if modifiers.is_empty() { (*name).to_owned() } else { format!("{name}|{modifiers}") };
    let has_all = modifiers.split('|').any(|modifier| modifier == "all");
    let value = match rng.below(100) {
        0..3 => json!([]),
        3..10 if has_all => rule_value(rng, &modifiers),
        10..70 if !has_all => rule_value(rng, &modifiers),
        _ => Value::Array((0..2 + rng.below(2)).map(|_| rule_value(rng, &modifiers)).collect()),
    };
    (key, value)
}

fn rule_value(rng: &mut Rng, modifiers: &str) -> Value {
    let has = |modifier: &str| modifiers.split('|').any(|other| other == modifier);
    if rng.per_mille(930) {
        if has("re") {
            return json!(word(rng, PATTERNS));
        }
        if has("cidr") {
            return json!(word(rng, NETWORKS));
        }
        if has("exists") {
            return json!(rng.per_mille(500));
        }
        if ["gt", "gte", "lt", "lte", "hour", "minute", "year"].iter().any(|modifier| has(modifier)) {
            let number = word(rng, NUMBERS);
            return if rng.per_mille(500) { json!(number) } else { number.parse().unwrap_or(Value::Null) };
        }
        if has("fieldref") {
            return json!(*rng.pick(&FIELDS));
        }
    }
    match rng.below(12) {
        0 => Value::Null,
        1 => Value::Bool(rng.per_mille(500)),
        2 => json!(*rng.pick(&[5, 7, 0, 1, 22])),
        3 => rng.pick(&[json!(5.0), json!(5.5), json!(1e20)]).clone(),
        _ => json!(word(rng, VALUES)),
    }
}

/// A rule with several searches of every kind, and a condition over them.
pub(super) fn whole_rule(rng: &mut Rng) -> Value {
    let names = &["sel_a", "sel_b", "filter", "other_sel", "_hidden"][..2 + rng.index(4)];
    let mut detection = Map::new();
    for name in names {
        detection.insert((*name).to_owned(), search(rng));
    }
    let condition = if rng.per_mille(100) {
        json!([condition(rng, names, 2), condition(rng, names, 2)])
    } else {
        json!(condition(rng, names, 3))
    };
    detection.insert("condition".to_owned(), condition);
    rule(&Value::Object(detection))
}

fn search(rng: &mut Rng) -> Value {
    let map = |rng: &mut Rng| Value::Object((0..=rng.below(3)).map(|_| field(rng)).collect());
    match rng.below(10) {
        0 => json!(word(rng, VALUES)),
        1 => Value::Array((0..=rng.below(3)).map(|_| rule_value(rng, "")).collect()),
        2 => json!({ "|all": [word(rng, VALUES), word(rng, VALUES)] }),
        3 => Value::Array((0..=rng.below(2)).map(|_| map(rng)).collect()),
        _ => map(rng),
    }
}

fn condition(rng: &mut Rng, names: &[&str], depth: u32) -> String {
    if depth == 0 || rng.per_mille(250) {
        return if rng.per_mille(700) {
            (*rng.pick(names)).to_owned()
        } else {
            let quantifier = rng.pick(&["1", "1", "all", "all", "any", "2"]);
            let pattern = rng.pick(&["sel_*", "them", "*sel*", "*", "s*_*", "filter", "_*", "*_a"]);
            format!("{quantifier} of {pattern}")
        };
    }
    match rng.below(5) {
        0 => format!("not {}", condition(rng, names, depth - 1)),
        1 => format!("({})", condition(rng, names, depth - 1)),
        2 => format!("{} or {}", condition(rng, names, depth - 1), condition(rng, names, depth - 1)),
        _ => format!("{} and {}", condition(rng, names, depth - 1), condition(rng, names, depth - 1)),
    }
}
