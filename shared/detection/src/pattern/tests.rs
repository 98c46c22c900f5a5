//! Tables: what parses, what it means, what is refused and where.

use serde_json::{Value, json};

use super::*;

fn matches(pattern: &str, record: &Value) -> bool {
    pattern
        .parse::<Pattern>()
        .unwrap_or_else(|error| panic!("{pattern}: {} at {}", error.message, error.offset))
        .matches(record)
}

#[test]
fn patterns_mean_what_the_table_says() {
    let record = json!({
        "name": "Root", "empty": "", "quote": "a\"b\\c", "star": "Ev*ent", "null": null, "yes": true, "no": false,
        "zero": 0, "half": 0.5, "big": 1e9, "digits": "111122223333", "list": [1, "two", null], "none": [],
        "users": [{ "id": 1, "name": "a" }, { "id": 2 }], "grid": [[0, 1], [2]], "a.b": { "c d": "x" }, "obj": { "k": "v" },
        "ip": "203.0.113.7", "umlaut": "Jürgen",
    });
    for (pattern, expected) in [
        // Strings
        (r#"{ $.name = "Root" }"#, true),
        (r"{$.name=Root}", true),
        (r"{ $.name = root }", false),
        (r#"{ $.name = "Ro*" }"#, true),
        (r#"{ $.name = "*oot" }"#, true),
        (r#"{ $.name = "*oo*" }"#, true),
        (r"{ $.name = *oo* }", true),
        (r#"{ $.name = "oo" }"#, false),
        (r#"{ $.name = "*" }"#, true),
        (r"{ $.name = * }", true),
        (r#"{ $.name = "**" }"#, true),
        (r#"{ $.empty = "" }"#, true),
        (r#"{ $.empty = "*" }"#, true),
        (r#"{ $.name != "" }"#, true),
        (r#"{ $.star = "Ev*ent" }"#, true),
        (r#"{ $.name = "R*t" }"#, false),
        (r#"{ $.quote = "a\"b\\c" }"#, true),
        (r#"{ $.umlaut = "J*" && $.umlaut = "Jürgen" }"#, true),
        (r"{ $.ip = 203.0.113.* }", true),
        (r"{ $.ip = 203.0.113.7 }", true),
        (r"{ $.ip != 203.0.113.7 }", false),
        // Absent, null, array, object
        (r#"{ $.absent = "x" }"#, false),
        (r#"{ $.absent != "x" }"#, false),
        (r"{ $.absent NOT EXISTS }", true),
        (r#"{ ($.absent != "x") || ($.absent NOT EXISTS) }"#, true),
        (r"{ $.null NOT EXISTS }", false),
        (r"{ $.null IS NULL }", true),
        (r"{ $.absent IS NULL }", false),
        (r#"{ $.null = "*" }"#, false),
        (r#"{ $.null != "x" }"#, true),
        (r#"{ $.null = "null" }"#, false),
        (r"{ $.list = 1 }", false),
        (r"{ $.list != 7 }", false),
        (r#"{ $.obj = "*" }"#, false),
        (r#"{ $.obj != "x" }"#, false),
        (r#"{ $.name.deeper != "x" }"#, false),
        (r"{ $.name.deeper NOT EXISTS }", true),
        // Booleans
        (r"{ $.yes IS TRUE && $.no is false }", true),
        (r"{ $.yes IS FALSE }", false),
        (r"{ $.name IS TRUE }", false),
        (r"{ $.yes = true }", true),
        (r#"{ $.yes = "true" }"#, false),
        (r"{ $.yes != true }", false),
        (r"{ $.yes = tr* }", true),
        (r"{ $.yes = TRUE }", false),
        (r"{ $.yes = 1 }", false),
        (r"{ $.yes = %true% }", false),
        (r"{ $.null = null }", false),
        (r"{ $.null != * }", true),
        (r"{ $.obj != * }", false),
        // Numbers
        (r"{ $.zero = 0 && $.zero >= 0 && $.zero <= 0 }", true),
        (r"{ $.zero > 0 }", false),
        (r"{ $.half < .6 && $.half > +0.4 && $.half != -5e-1 }", true),
        (r"{ $.big = 10e8 }", true),
        (r#"{ $.zero = "0" }"#, false),
        (r#"{ $.zero != "0" }"#, true),
        (r"{ $.digits = 111122223333 }", true),
        (r"{ $.digits = 1.11122223333e11 }", false),
        (r"{ $.zero = 000 }", true),
        (r"{ $.zero = %0% }", false),
        (r"{ $.digits > 5 }", false),
        (r"{ $.name < 5 }", false),
        // Paths
        (r"{ $.list[0] = 1 }", true),
        (r#"{ $.list[1] = "two" }"#, true),
        (r"{ $.list[2] IS NULL }", true),
        (r"{ $.list[3] NOT EXISTS }", true),
        (r"{ $.list[*] = 1 }", true),
        (r"{ $.list[*] != 1 }", true),
        (r"{ $.none[*] != 1 }", false),
        (r"{ $.none[*] NOT EXISTS }", true),
        (r"{ $.users[*].id = 2 }", true),
        (r#"{ $.users[*].name != "a" }"#, false),
        (r"{ $.grid[0][1] = 1 }", true),
        (r#"{ $.['a.b'].['c d'] = "x" }"#, true),
        (r#"{ $['a.b']['c d'] = "x" }"#, true),
        (r#"{ $.obj.* = "v" }"#, true),
        (r#"{ $.*.k = "v" }"#, true),
        // Regular expressions
        (r"{ $.ip = %^203\.0\.113\.[0-9]{1,3}$% }", true),
        (r"{ $.name = %oo% }", true),
        (r"{ $.name != %oo% }", false),
        (r"{ $.name != %xx% }", true),
        (r"{ $.absent != %xx% }", false),
        (r"{ $.name = %^R|^X% }", true),
        (r"{ $.name = %\x52\w+% }", true),
        // Structure
        (r"{ $.yes IS TRUE || $.no IS TRUE && $.no IS TRUE }", true),
        (r"{ ($.yes IS TRUE || $.no IS TRUE) && $.no IS TRUE }", false),
        ("\n{\t(($.yes IS TRUE))\r\n&&$.no IS FALSE }\n", true),
    ] {
        assert_eq!(matches(pattern, &record), expected, "{pattern}");
    }
}

#[test]
fn bad_patterns_are_refused_at_their_place_with_a_mend() {
    for (pattern, offset, part) in [
        ("", 0, "stands in braces"),
        ("ERROR", 0, "stands in braces"),
        ("[ip, user, ...]", 0, "stands in braces"),
        ("{ }", 2, "expected a test"),
        (r"{ $.a = 1", 9, "closing } is missing"),
        (r"{ $.a = 1 } x", 12, "nothing may follow"),
        (r"{ ($.a = 1 }", 2, "never closed"),
        (r"{ $.a = 1) }", 9, "closes nothing"),
        (r"{ $.a = 1 && && $.b = 2 }", 13, "found \"&&\"; two operators stand side by side: take one out"),
        (r"{ $.a = 1 || || $.b = 2 }", 13, "found \"||\"; two operators stand side by side: take one out"),
        (r"{ $.a = 1 || && $.b = 2 }", 13, "two operators"),
        (r"{ && $.b = 2 }", 2, "between two tests"),
        (r"{ $.a = 1 && }", 13, "nothing to join"),
        (r"{ ($.a = 1 ||) && $.b = 2 }", 13, "nothing to join"),
        (r"{ !($.a = 1) }", 2, "nothing negates a test"),
        (r"{ NOT $.a = 1 }", 2, "nothing negates a test"),
        (r"{ $.a = 1 and $.b = 2 }", 10, "expected &&, || or }, found \"and\"; write &&"),
        (r"{ ($.a = 1 OR $.b = 2) }", 11, "expected &&, || or ), found \"OR\"; write ||"),
        (r"{ $.a = 1 & $.b = 2 }", 10, "found \"&\"; write &&"),
        (r"{ $.a = 1 | $.b = 2 }", 10, "found \"|\"; write ||"),
        (r"{ $.a = 1 $.b = 2 }", 10, "join the tests"),
        (r"{ $.a = Failed authentication }", 15, "double quotes"),
        (r"{ $.a = 'Failed authentication' }", 8, "not in single ones"),
        (r"{ $.a =~ b }", 6, "between % signs"),
        (r"{ $.a <> b }", 6, "inequality is written !="),
        (r"{ $.a MATCHES b }", 6, "between % signs"),
        (r"{ $.a IN (b) }", 6, "no lists"),
        (r"{ $.a NOT NULL }", 6, "write $.field = \"*\""),
        (r"{ $.a == 1 }", 6, "single ="),
        (r"{ $.a EXISTS }", 6, "write $.field = \"*\""),
        (r"{ $.a IS NOT NULL }", 6, "write !="),
        (r"{ $.a IS 5 }", 6, "IS is followed by"),
        (r"{ $.a NOT THERE }", 6, "NOT is followed by"),
        (r"{ $.a LIKE b }", 6, "stars at the ends"),
        (r"{ $.a BETWEEN b }", 6, "expected =, !="),
        (r"{ $.a }", 6, "expected =, !="),
        (r"{ eventName = b }", 2, "found \"eventName\"; a field is written $.field"),
        (r"{ $ = b }", 3, "names a field"),
        (r"{ $.a. = b }", 6, "field name is missing"),
        (r"{ $.a[x] = b }", 6, "brackets hold"),
        (r"{ $.a[0 = b }", 7, "closing ]"),
        (r"{ $.a[99999999999999999999999] = b }", 6, "brackets hold"),
        (r"{ $['a = b }", 12, "never closed"),
        (r"{ $.a = }", 8, "expected a value"),
        (r#"{ $.a = "x }"#, 8, "never closed"),
        (r"{ $.a > b }", 8, "compares with a number"),
        (r"{ $.a > 1e999 }", 8, "compares with a number"),
        (r"{ $.a = %x }", 8, "never closed"),
        (r"{ $.a = %% }", 9, "empty"),
        (r"{ $.a = %(a|b)% }", 9, "groups are not supported"),
        (r"{ $.a = %a!b% }", 10, "!= instead"),
        (r"{ $.a = %ä% }", 9, "does not allow"),
        (r"{ $.a = %[% }", 9, "bad regular expression"),
        (r"{ $.a = %x{1000}{1000}{1000}% }", 9, "bad regular expression"),
    ] {
        let error = pattern.parse::<Pattern>().map(|_| ()).unwrap_err();
        assert_eq!(error.offset, offset, "{pattern}: {}", error.message);
        assert!(error.message.contains(part), "{pattern}: {}", error.message);
    }
}

#[test]
fn nesting_has_a_limit_and_length_has_none() {
    let nested = |levels: usize| format!("{{ {}$.a = 1{} }}", "(".repeat(levels), ")".repeat(levels));
    assert!(nested(64).parse::<Pattern>().is_ok());
    assert!(nested(65).parse::<Pattern>().unwrap_err().message.contains("deeper than 64"));
    assert!(nested(100_000).parse::<Pattern>().is_err());
    let long = format!("{{ {} }}", vec![r#"($.eventName = "x")"#; 10_000].join(" || "));
    assert!(!matches(&long, &json!({ "eventName": "y" })));
    // Each takes a program of its own.
    let expressions = |count: usize| format!("{{ {} }}", vec!["$.a = %x%"; count].join(" || "));
    assert!(expressions(100).parse::<Pattern>().is_ok());
    assert!(
        expressions(101).parse::<Pattern>().unwrap_err().message.contains("at most 100 regular expressions")
    );
}

#[test]
fn selectors_print_as_they_are_written() {
    for text in ["$.a", "$.a.b-c[0][*].*", "$['a.b']"] {
        assert_eq!(
            text.parse::<crate::model::Path>().map(|selector| selector.to_string()),
            Ok(text.to_owned())
        );
    }
    assert!("$.a b".parse::<crate::model::Path>().is_err());
    assert!("a".parse::<crate::model::Path>().is_err());
}
