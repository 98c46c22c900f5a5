//! What the model makes of values, and what it says of them.

use serde_json::{Value, json};

use super::*;
use crate::pattern::Pattern;

fn test(path: &str, predicate: Predicate) -> Expr {
    Expr::Test(Test { path: path.parse().unwrap(), asks: Asks::ForOne, predicate })
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
        holds(&Expr::Test(Test { path: path.parse().unwrap(), asks, predicate }), &record)
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
    let explained = explain(pattern.expr(), (&json!({ "a": "xyz", "b": 2, "c": [1] })).into());
    assert!(!explained.holds);
    assert_eq!(explained.parts[0].text, r#"$.a = "x*""#);
    assert_eq!(
        explained.parts[0].found,
        Some(vec![Found { place: "$.a".to_owned(), value: json!("xyz"), answer: Answer::Yes }])
    );
    let absence = &explained.parts[1].parts[0];
    assert_eq!((absence.text.as_str(), absence.holds), ("not", false));
    assert_eq!(absence.parts[0].text, "$.b exists");
    let differs = &explained.parts[1].parts[1];
    assert_eq!(differs.found.as_ref().unwrap()[0].answer, Answer::WrongType);
    assert_eq!(explain(pattern.expr(), (&json!({})).into()).parts[0].found, Some(vec![]));
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
        Expr::Test(Test { path: Path::new(steps), asks: Asks::ForOne, predicate: text("x", Anchor::Whole) });
    for (record, expected) in [
        (json!({ "a": { "b": "X" } }), true),
        (json!({ "a": [{ "b": "y" }, { "b": ["z", ["x"]] }] }), true),
        (json!({ "a": [[{ "b": "x" }]] }), true),
        (json!({ "a": [] }), false),
        (json!({ "a": { "b": { "x": "x" } } }), false),
    ] {
        assert_eq!(holds(&expr, &record), expected, "{record}");
    }
    let anywhere = Expr::Test(Test {
        path: Path::new(vec![Step::Anywhere]),
        asks: Asks::ForOne,
        predicate: text("needle", Anchor::Within),
    });
    assert!(holds(&anywhere, &json!({ "a": [null, { "b": "a Needle" }] })));
    assert!(!holds(&anywhere, &json!({ "needle": [null, 1, true] })));
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
