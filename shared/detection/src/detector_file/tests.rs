//! Good files and, one by one, the mistakes people make in them.

use super::*;

const GOOD: &str = r#"name: Denied
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/]
logs: cloudtrail
pattern: '{ $.errorCode = "AccessDenied*" }'
tests:
  - { name: one, match: true, record: { errorCode: AccessDenied } }
  - { name: two, match: false, record: {} }
"#;

fn file(path: &str, text: &str) -> DetectorFile {
    DetectorFile { path: path.to_owned(), pack: None, text: text.to_owned() }
}

fn errors(text: &str) -> Vec<String> {
    load(&[file("d.yaml", text)]).map(|_| ()).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_file_loads_with_defaults() {
    let set = load(&[file("d.yaml", GOOD)]).unwrap();
    let [detector] = set.detectors() else { panic!("one detector") };
    assert_eq!(detector.name, "Denied");
    assert_eq!(detector.value, crate::MetricValue::Constant(1.0));
    assert_eq!(detector.needs, crate::Needs::Management);
    assert_eq!(detector.tests[1].place, Place { line: 10, column: 5 });
    assert!(detector.run_tests().is_empty());
}

#[test]
fn a_detector_says_which_logs_it_is_asked_of() {
    let line = r#"79a5 b [06/Feb/2014:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT a "GET /a HTTP/1.1" 403 - 113 - 7 - "-" "x" -"#;
    let lines = GOOD
        .replace("record: { errorCode: AccessDenied }", &format!("line: '{line}'"))
        .replace("record: {}", &format!("line: '{}'", line.replace("403", "200")));
    for (text, source) in [
        (GOOD.to_owned(), crate::Source::CloudTrail),
        (GOOD.replace("logs: cloudtrail\n", ""), crate::Source::CloudTrail),
        (GOOD.replace("logs: cloudtrail", "source: any"), crate::Source::Any),
        (lines.replace("logs: cloudtrail", "source: any"), crate::Source::Any),
        (lines.replace("logs: cloudtrail", "source: s3-access-log"), crate::Source::S3AccessLog),
        (lines.replace("logs: cloudtrail", "logs: s3-access-log"), crate::Source::S3AccessLog),
    ] {
        let set = load(&[file("d.yaml", &text)]).unwrap();
        assert_eq!(set.detectors()[0].source, source, "{text}");
        assert!(set.detectors()[0].run_tests().is_empty(), "{text}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn mistakes_are_named_with_their_place() {
    let with = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        GOOD.replace(from, to)
    };
    let mut wrong = Vec::new();
    for (text, expected) in [
        (with("title: t", "title: t\nowner: me"), "d.yaml:3:1: unknown field `owner`"),
        (with("title: t", "title: t\ntitle: u"), "d.yaml:3:1: duplicate mapping key: title"),
        (with("title: t\n", ""), ": missing field `title`"),
        (with("title: t", "title: ' '"), "d.yaml:1:7: `title` is empty"),
        (with("name: Denied", "name: Access Denied"), "d.yaml:1:7: a name is a letter"),
        (with("name: Denied", "name: Dénied"), "d.yaml:1:7: a name is a letter"),
        (
            with("name: Denied", "name: ObjectsRead"),
            "d.yaml:1:7: ObjectsRead is a metric of Trailmeter itself",
        ),
        (with("logs: cloudtrail", "logs: syslog"), "d.yaml:6:7: unknown variant `syslog`"),
        (with("logs: cloudtrail", "logs: cloudtrail\nsource: any"), "duplicate field `source`"),
        (
            with("logs: cloudtrail", "source: s3-access-log"),
            "d.yaml:10:5: `source` is s3-access-log: give the test a `line`",
        ),
        (with("record: {} }", "line: x }"), "d.yaml:10:5: `source` is cloudtrail: give the test a `record`"),
        (
            with("record: {} }", "record: {}, line: x }"),
            "d.yaml:10:5: a test is about either a `record` or a `line`",
        ),
        (with(", record: {} }", " }"), "d.yaml:10:5: a test is about either a `record` or a `line`"),
        (
            with("record: {} }", "line: x }").replace("logs: cloudtrail", "source: any"),
            "d.yaml:10:5: `line` is no line of an access log (too-few-fields)",
        ),
        (with("[https://docs.aws.amazon.com/]", "[]"), "d.yaml:5:10: `sources` is empty"),
        (
            with("= \"AccessDenied*\"", "== \"AccessDenied*\""),
            "d.yaml:7:25: bad pattern: equality is written",
        ),
        (
            with("'{ $.errorCode = \"AccessDenied*\" }'", "|\n  { $.a = 1\n    && && $.b = 2 }"),
            "d.yaml:9:8: bad pattern: expected a test",
        ),
        (
            with("'{ $.errorCode = \"AccessDenied*\" }'", ">-\n  { $.a = 1\n  or $.b = 2 }"),
            "d.yaml:9:3: bad pattern: expected &&, ||",
        ),
        (with("tests:", "value: $.\ntests:"), "d.yaml:8:8: bad `value`: a field name is missing"),
        (with("tests:", "value: .nan\ntests:"), "d.yaml:8:8: non-finite float"),
        (with("tests:", "value: 1e200\ntests:"), "d.yaml:8:8: `value` is larger than"),
        (with("tests:", "unit: count\ntests:"), "d.yaml:8:7: \"count\" is no CloudWatch unit"),
        (with("tests:", "dimensions: [{ }]\ntests:"), "d.yaml:8:14: a set has 1 to 30 dimensions"),
        (
            with("tests:", "dimensions: [{ ':a': $.b }]\ntests:"),
            "d.yaml:8:14: the dimension name \":a\" starts with a colon",
        ),
        (
            with("tests:", "dimensions: [{ A: $.a }, { A: $.b }]\ntests:"),
            "d.yaml:8:26: a set above has the same dimensions",
        ),
        (
            with("tests:", "dimensions: [{ a: b }]\ntests:"),
            "d.yaml:8:19: bad dimension a: a selector starts with $",
        ),
        (with("tests:", "alarm: { description: d, period: 90 }\ntests:"), "d.yaml:8:8: the alarm's `period`"),
        (
            with("tests:", "alarm: { description: d, threshold: 0 }\ntests:"),
            "d.yaml:8:8: the alarm's `threshold`",
        ),
        (
            with("tests:", "alarm: { description: d, evaluation-periods: 0 }\ntests:"),
            "d.yaml:8:8: the alarm's `evaluation-periods`",
        ),
        (with("tests:", "alarm: { description: d, for: 3 }\ntests:"), "unknown field `for`"),
        (
            with(
                "tests:",
                "exclude: [{ name: a, owner: o, expires: never, reason: '', pattern: '{ $.a = 1 }' }]\ntests:",
            ),
            "d.yaml:8:19: `reason` is empty",
        ),
        (
            with(
                "tests:",
                "exclude: [{ name: a, owner: o, expires: never, reason: r, pattern: 'x' }]\ntests:",
            ),
            "d.yaml:8:69: bad pattern: a JSON pattern",
        ),
        (with("match: true", "match: yes please"), "d.yaml:9:"),
        (
            with("match: false", "match: true"),
            "d.yaml:9:3: `tests` needs at least one record that must not match",
        ),
        (String::new(), "d.yaml"),
        ("just words".to_owned(), "d.yaml:1:1:"),
        ("name: [".to_owned(), "d.yaml:1:"),
        (format!("{GOOD}---\n{GOOD}"), "d.yaml"),
        ("x".repeat(2 << 20), "d.yaml: larger than 1 MiB"),
    ] {
        let found = errors(&text);
        let is_named = found.iter().any(|error| error.contains(expected));
        if !is_named || found.iter().any(|error| error.contains('\n')) {
            wrong.push(format!("expected {expected:?} in {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Aggregated events are looked at by those alone that say which of their numbers count.
#[test]
fn what_is_wrong_with_aggregated_is_named() {
    let with = |from: &str, to: &str| GOOD.replace(from, to);
    for (text, expected) in [
        (
            with("tests:", "needs: aggregated\ntests:"),
            "d.yaml:1:7: `needs: aggregated` asks for the key `aggregated`",
        ),
        (
            with("tests:", "aggregated: { dimension: eventName }\ntests:"),
            "d.yaml:1:7: `aggregated` asks for `needs: aggregated`",
        ),
        (
            with("tests:", "needs: aggregated\nvalue: 2\naggregated: { dimension: eventName }\ntests:"),
            "d.yaml:10:13: `aggregated` does not go with `value`",
        ),
        (
            with("tests:", "needs: aggregated\ndefault-value: 0\naggregated: { dimension: a }\ntests:"),
            "d.yaml:10:13: `aggregated` does not go with `default-value`",
        ),
        (
            with("tests:", "needs: aggregated\naggregated: { dimension: a, names: [''] }\ntests:"),
            "d.yaml:9:37: a dimension or a name of one is blank",
        ),
        (
            with("tests:", "needs: aggregated\naggregated: { names: [a] }\ntests:"),
            "missing field `dimension`",
        ),
    ] {
        let found = errors(&text);
        assert!(found.iter().any(|error| error.contains(expected)), "expected {expected:?} in {found:#?}");
    }
}

#[test]
fn all_mistakes_of_all_files_are_named_at_once() {
    let broken = GOOD.replace("title: t", "title: ''").replace("{ $.errorCode", "{ errorCode");
    let found = load(&[file("a.yaml", &broken), file("b.yaml", "x: ["), file("c.yaml", GOOD)])
        .map(|_| ())
        .unwrap_err();
    assert_eq!(
        found.iter().map(|error| error.file.as_str()).collect::<Vec<_>>(),
        ["a.yaml", "a.yaml", "b.yaml"]
    );
}

#[test]
fn a_name_stands_once() {
    let found = load(&[file("a.yaml", GOOD), file("b.yaml", GOOD)]).map(|_| ()).unwrap_err();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].file, "b.yaml");
    assert!(found[0].reason.contains("already defined in a.yaml"), "{}", found[0].reason);
}

#[test]
fn an_alias_bomb_is_refused() {
    let nine_of = |(name, of): (&&str, &str)| format!("{name}: &{name} [{}]\n", [of; 9].join(","));
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let parts = ["x", "*a", "*b", "*c", "*d", "*e", "*f", "*g", "*h"];
    let text: Vec<String> = names.iter().zip(parts).map(nine_of).collect();
    assert!(!errors(&text.concat()).is_empty());
}

#[test]
fn failing_inline_tests_say_what_came_out() {
    let text = GOOD.replace("tests:", "exclude: [{ name: Mine, owner: o, expires: never, reason: r, pattern: '{ $.a = 1 }' }]\ntests:\n  - { name: three, match: true, record: { errorCode: AccessDenied, a: 1 } }\n  - { name: four, match: true, record: { userIdentity: x } }");
    let set = load(&[file("d.yaml", &text)]).unwrap();
    let failures: Vec<_> = set.detectors()[0].run_tests().iter().map(ToString::to_string).collect();
    assert_eq!(
        failures,
        [
            "d.yaml:10:5: test \"three\" of Denied: expected a match, found an excluded match by Mine",
            "d.yaml:11:5: test \"four\" of Denied: the record is malformed (wrong-type)",
        ]
    );
}

#[test]
fn what_a_load_may_take_is_bounded_over_all_its_detectors() {
    let pattern = (0..90).map(|at| format!("$.a = %x{at}\\w{{9}}%")).collect::<Vec<_>>().join(" || ");
    let one = GOOD.replace("{ $.errorCode = \"AccessDenied*\" }", &format!("{{ {pattern} }}"));
    let many: Vec<String> =
        (0..20).map(|at| one.replace("name: Denied", &format!("name: Denied{at}"))).collect();
    let refused = |text: &str| -> Vec<String> {
        load_each(&[file("d.yaml", text)], &Options::default())
            .into_iter()
            .filter_map(|loaded| loaded.result.err())
            .flatten()
            .map(|error| error.to_string())
            .collect()
    };
    assert_eq!(refused(&many[..5].join("---\n")), [""; 0]);
    let found = refused(&many.join("---\n"));
    assert_eq!(found.len(), 14, "{found:?}");
    assert!(found[0].contains("more than 500 regular expressions"), "{found:?}");
}

#[test]
fn the_base_of_a_correlation_counts_only_if_it_is_generated() {
    let base = "title: Base\nlogsource: { product: aws, service: cloudtrail }\n\
                detection: { s: { eventName: A }, condition: s }\n";
    let correlation = "title: c\ncorrelation: { type: event_count, rules: [Base], timespan: 5m }\n";
    for (correlation, runs) in [
        (correlation.to_owned(), false),
        (format!("{correlation}generate: false\n"), false),
        (format!("{correlation}generate: true\n"), true),
        (correlation.replace("timespan", "generate: true, timespan"), true),
        (correlation.replace("[Base]", "[other]"), true),
        (correlation.replace("[Base]", "Base"), false),
    ] {
        let loaded = load_each(&[file("c.yml", &format!("{correlation}---\n{base}"))], &Options::default());
        assert_eq!(loaded.len(), 2, "{correlation}");
        assert!(loaded[0].result.is_err(), "{correlation}");
        assert_eq!(loaded[1].result.is_ok(), runs, "{correlation}");
    }
}
