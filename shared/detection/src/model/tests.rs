//! What the model makes of values, and what it says of them.

use serde_json::{Value, json};

use super::*;
use crate::pattern::Pattern;

fn test(path: &str, predicate: Predicate) -> Expr {
    Expr::test(Test { path: path.parse().unwrap(), asks: Asks::ForOne, predicate })
}

fn text(text: &str, anchor: Anchor) -> Predicate {
    Predicate::Text(TextTest::literal(text, anchor, true, Reads::Everything))
}

fn holds(expr: &Expr, record: &Value) -> bool {
    evaluate(expr, record.into())
}

#[test]
fn absent_null_and_another_type_are_three_things() {
    let record = json!({ "null": null, "list": [1], "number": 5, "text": "5" });
    let asks = |path: &str, asks, predicate| {
        holds(&Expr::test(Test { path: path.parse().unwrap(), asks, predicate }), &record)
    };
    let five = || Predicate::Number { value: 5.0, text: "5".to_owned() };
    for (path, same, other, exists, null) in [
        ("$.absent", false, false, false, false),
        ("$.null", false, true, true, true),
        ("$.list", false, false, true, false),
        ("$.number", true, false, true, false),
        ("$.text", true, false, true, false),
    ] {
        assert_eq!(asks(path, Asks::ForOne, five()), same, "{path} is 5");
        assert_eq!(asks(path, Asks::ForAnother, five()), other, "{path} differs from 5");
        assert_eq!(asks(path, Asks::ForOne, Predicate::Exists), exists, "{path} exists");
        assert_eq!(asks(path, Asks::ForOne, Predicate::Null), null, "{path} is null");
    }
}

#[test]
fn an_explanation_names_what_was_found() {
    let pattern: Pattern = r#"{ $.a = "x*" && ($.b NOT EXISTS || $.c != 1) }"#.parse().unwrap();
    let record = json!({ "a": "xyz", "b": 2, "c": [1] });
    let explained = explain(pattern.expr(), (&record).into());
    assert!(!explained.holds);
    let tested = |explanation: &Explanation<'_>| match &explanation.node {
        Node::Test(test) => (test.text.clone(), test.found.first().map(|found| (found.answer, found.meets))),
        node => panic!("{node:?} is no test"),
    };
    assert_eq!(tested(&explained.parts[0]), (r#"$.a = "x*""#.to_owned(), Some((Answer::Yes, true))));
    let absence = &explained.parts[1].parts[0];
    assert_eq!((&absence.node, absence.holds), (&Node::Not, false));
    assert_eq!(tested(&absence.parts[0]).0, "$.b exists");
    assert_eq!(tested(&explained.parts[1].parts[1]).1, Some((Answer::WrongType, false)));
    let empty = json!({});
    assert_eq!(tested(&explain(pattern.expr(), (&empty).into()).parts[0]).1, None);
}

#[test]
fn the_tests_that_decided_are_told_from_the_others() {
    let pattern: Pattern = "{ $.a = 1 && ($.b = 1 || $.c = 1) && $.d NOT EXISTS }".parse().unwrap();
    for (record, holds, expected) in [
        (json!({ "a": 1, "b": 1 }), true, &["$.a = 1", "$.b = 1", "$.d exists"][..]),
        (json!({ "a": 1, "b": 1, "c": 1 }), true, &["$.a = 1", "$.b = 1", "$.c = 1", "$.d exists"]),
        (json!({ "a": 1 }), false, &["$.b = 1", "$.c = 1"]),
        (json!({ "b": 1, "d": 0 }), false, &["$.a = 1", "$.d exists"]),
    ] {
        let explained = explain(pattern.expr(), (&record).into());
        let deciding: Vec<&str> = explained.deciding().iter().map(|test| test.text.as_str()).collect();
        assert_eq!((explained.holds, deciding.as_slice()), (holds, expected), "{record}");
    }
}

#[test]
fn what_is_found_is_bounded_and_what_is_missing_is_traced() {
    let tested = |path: &str, record: &Value| -> (Vec<String>, usize, Option<String>) {
        let expr = test(path, text("x", Anchor::Whole));
        let Node::Test(tested) = explain(&expr, record.into()).node else { panic!("a test") };
        let places = tested.found.iter().map(|found| format!("{} {}", found.place, found.meets)).collect();
        (places, tested.more, tested.broke_off.map(|(place, value)| format!("{place} {value}")))
    };
    let many = [vec!["y"; 50], vec!["x"]].concat();
    let (found, more, _) = tested("$.a[*]", &json!({ "a": many }));
    assert_eq!((found.len(), found[0].as_str(), more), (8, "$.a[50] true", 43));
    for (record, expected) in [
        (json!({}), None),
        (json!({ "a": null }), Some("$.a null")),
        (json!({ "a": { "b": "s" } }), Some("$.a.b \"s\"")),
        (json!({ "a": {} }), Some("$.a {}")),
    ] {
        assert_eq!(tested("$.a.b.c", &record), (vec![], 0, expected.map(str::to_owned)), "{record}");
    }
}

#[test]
fn containers_are_read_as_they_were_delivered() {
    let record = json!({ "p": { "b": 1, "a": "X" } });
    let source = r#"{ "p": { "b" : 1.0, "a": "\u0058" } }"#;
    let delivered = Document { value: &record, source: Some(source) };
    for (needle, in_source, in_value) in
        [(r#""b":1.0,"a""#, true, false), (r#""b":1,"a":"x""#, false, true), (r"\U0058", true, false)]
    {
        let expr = test("$.p", text(needle, Anchor::Within));
        assert_eq!(evaluate(&expr, delivered), in_source, "{needle} in the source");
        assert_eq!(holds(&expr, &record), in_value, "{needle} in the value");
    }
}

#[test]
fn arrays_are_looked_into_where_the_path_says_so() {
    let steps = vec![Step::Field("a".into()), Step::Members, Step::Field("b".into()), Step::Members];
    let expr =
        Expr::test(Test { path: Path::new(steps), asks: Asks::ForOne, predicate: text("x", Anchor::Whole) });
    for (record, expected) in [
        (json!({ "a": { "b": "X" } }), true),
        (json!({ "a": [{ "b": "y" }, { "b": ["z", ["x"]] }] }), true),
        (json!({ "a": [[{ "b": "x" }]] }), true),
        (json!({ "a": [] }), false),
        (json!({ "a": { "b": { "x": "x" } } }), false),
    ] {
        assert_eq!(holds(&expr, &record), expected, "{record}");
    }
    let anywhere = Expr::test(Test {
        path: Path::new(vec![Step::Anywhere]),
        asks: Asks::ForOne,
        predicate: text("needle", Anchor::Within),
    });
    assert!(holds(&anywhere, &json!({ "a": [null, { "b": "a Needle" }] })));
    // Names are part of the record as a whole, and so is what stands between them and their values.
    assert!(holds(&anywhere, &json!({ "needle": [null, 1, true] })));
    assert!(!holds(&anywhere, &json!({ "a": [null, 1, true] })));
}

#[test]
fn addresses_times_and_other_fields_are_compared() {
    let same =
        |path: &str, anchor, fold_case| Predicate::SameAs { path: path.parse().unwrap(), anchor, fold_case };
    let hour = |limit| Predicate::Time {
        part: TimePart::Hour,
        predicate: Box::new(Predicate::Compare { order: Order::AtLeast, limit, in_strings: false }),
    };
    let record = json!({
        "ip": "203.0.113.7", "six": "2001:db8::1", "service": "ec2.amazonaws.com", "time": "2026-11-21T22:05:09Z",
        "arn": "arn:aws:iam::111122223333:user/Alice", "user": "alice", "none": null, "count": "12",
    });
    for (path, predicate, expected) in [
        ("$.ip", Predicate::Cidr("203.0.113.0/24".parse().unwrap()), true),
        ("$.six", Predicate::Cidr("203.0.113.0/24".parse().unwrap()), false),
        ("$.six", Predicate::Cidr("2001:db8::/32".parse().unwrap()), true),
        ("$.service", Predicate::Cidr("0.0.0.0/0".parse().unwrap()), false),
        ("$.arn", same("$.user", Anchor::End, true), true),
        ("$.arn", same("$.user", Anchor::End, false), false),
        ("$.arn", same("$.absent", Anchor::End, true), false),
        ("$.arn", same("$.none", Anchor::Within, true), false),
        ("$.time", hour(22.0), true),
        ("$.time", hour(23.0), false),
        ("$.user", hour(0.0), false),
        ("$.count", Predicate::Compare { order: Order::Less, limit: 13.0, in_strings: true }, true),
        ("$.count", Predicate::Compare { order: Order::Less, limit: 13.0, in_strings: false }, false),
        ("$.none", Predicate::OneOf(vec![text("x", Anchor::Whole), Predicate::Null]), true),
    ] {
        let expr = test(path, predicate);
        assert_eq!(holds(&expr, &record), expected, "{expr}");
    }
}
