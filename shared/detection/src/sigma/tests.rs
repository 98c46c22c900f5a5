//! Tables: what rules mean, and which are refused.

use serde_json::{Value, json};

use super::*;

fn lists() -> Lists {
    Lists([("admins".to_owned(), vec!["root".to_owned(), "op*".to_owned()])].into())
}

fn compile(detection: &str) -> Result<SigmaRule, SigmaError> {
    let detection: Value = crate::detector_file::from_yaml(detection).unwrap();
    SigmaRule::compile_inline(&json!({ "detection": detection }), &lists())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn searches_mean_what_the_table_says() {
    let record = json!({
        "eventName": "PutBucketAcl", "empty": "", "nil": null, "yes": true, "count": 5, "rate": 2.0, "version": "2.0", "digits": "111122223333",
        "userIdentity": { "type": "Root", "arn": "arn:aws:iam::111122223333:user/Alice", "userName": "alice" },
        "sourceIPAddress": "203.0.113.7", "eventTime": "2026-11-21T22:05:09Z", "path": r"C:\Temp\a.exe", "star": "a*b?c",
        "resources": [{ "ARN": "arn:aws:s3:::one" }, { "ARN": "arn:aws:s3:::two", "tags": ["x", "Y"] }], "none": [],
        "requestParameters": { "b": { "Status": "Suspended", "n": 1 }, "a": "a \"quoted\" value" },
        "encoded": "eHhzZWNyZXR5", "five": "NQ==", "flags": "run \u{2013}force /quiet", "lines": "one\ntwo",
    });
    let mut wrong = Vec::new();
    for (search, expected) in [
        // Case, wildcards, escapes
        ("eventName: putbucketacl", true),
        ("eventName|cased: putbucketacl", false),
        ("eventName|cased: PutBucketAcl", true),
        ("eventName: Put*Acl", true),
        ("eventName: Put??????Acl", true),
        ("eventName: Put?Acl", false),
        ("eventName: '*'", true),
        ("empty: '*'", true),
        ("absent: '*'", false),
        (r"star: a\*b\?c", true),
        (r"star: x\*b\?c", false),
        (r"path: C:\Temp\\*.exe", true),
        (r"path|endswith: \a.exe", true),
        (r"path|startswith: c:\temp", true),
        // Lists are any, `all` is all
        ("eventName: [Nothing, PutBucketAcl]", true),
        ("eventName|contains: [Nothing, bucket]", true),
        ("eventName|contains|all: [put, bucket]", true),
        ("eventName|contains|all: [put, nothing]", false),
        // Types
        ("yes: true", true),
        ("yes: 'true'", true),
        ("yes: false", false),
        ("count: 5", true),
        ("count: '5'", true),
        ("count: 5.0", true),
        ("rate: 2.0", true),
        ("rate: '2.0'", true),
        ("rate: '2'", false),
        ("rate: 2", true),
        ("version: 2.0", true),
        ("version: 2", false),
        ("version|startswith: 2.0", true),
        ("digits: 111122223333", true),
        ("digits|startswith: 1111", true),
        ("count|gt: 4", true),
        ("count|gte: 5", true),
        ("count|lt: 5", false),
        ("count|lte: 5", true),
        ("digits|gt: 1", true),
        ("eventName|gt: 1", false),
        // Absent, null, empty
        ("absent: null", true),
        ("nil: null", true),
        ("empty: null", false),
        ("empty: ''", true),
        ("nil: ''", false),
        ("absent: ''", false),
        ("absent: [null, x]", true),
        ("nil|exists: true", true),
        ("absent|exists: true", false),
        ("absent|exists: false", true),
        ("none|exists: true", true),
        ("absent|neq: x", false),
        ("eventName|neq: x", true),
        ("eventName|neq: [x, putbucketacl]", false),
        ("nil|neq: x", true),
        // Arrays
        ("resources.ARN|endswith: ':two'", true),
        ("resources.ARN|contains|all: [':one', ':two']", true),
        ("resources.tags: y", true),
        ("resources.tags: z", false),
        ("none: x", false),
        // Objects, as delivered
        (r#"requestParameters|contains: '"status":"suspended"'"#, true),
        (r#"requestParameters|contains: '"Status":"Suspended","n":1}'"#, true),
        (r#"requestParameters|contains|cased: '"status":"suspended"'"#, false),
        (r#"requestParameters|contains: '"Status": "Suspended"'"#, false),
        (r#"requestParameters|contains: '\"quoted\" value'"#, true),
        (r#"requestParameters.b: '*"n":1*'"#, true),
        ("requestParameters|startswith: '{'", false),
        (r#"requestParameters|re: '"Status":"S\w+"'"#, true),
        (r#"resources|contains: '"ARN":"arn:aws:s3:::one"}'"#, true),
        // Expressions
        (r"eventName|re: ^Put\w+Acl$", true),
        ("eventName|re: ^put", false),
        ("eventName|re|i: ^put", true),
        ("lines|re: ^two", false),
        ("lines|re|m: ^two", true),
        ("lines|re: one.two", false),
        ("lines|re|s: one.two", true),
        ("lines: one*two", true),
        // Networks, other fields, time
        ("sourceIPAddress|cidr: 203.0.113.0/24", true),
        ("sourceIPAddress|cidr: [10.0.0.0/8, 203.0.113.7]", true),
        ("sourceIPAddress|cidr: 2001:db8::/32", false),
        ("eventName|cidr: 0.0.0.0/0", false),
        ("userIdentity.arn|endswith|fieldref: userIdentity.userName", true),
        ("userIdentity.arn|endswith|fieldref|cased: userIdentity.userName", false),
        ("userIdentity.arn|fieldref: userIdentity.userName", false),
        ("userIdentity.arn|fieldref: absent", false),
        ("eventTime|hour: 22", true),
        ("eventTime|hour|gte: 23", false),
        ("eventTime|year: 2026", true),
        ("eventTime|week: 47", true),
        ("eventName|hour: 22", false),
        // Placeholders
        ("userIdentity.type|expand: '%admins%'", true),
        ("userIdentity.type|expand: 'x%admins%'", false),
        (r"userIdentity.type|expand: '\%admins%'", false),
        ("userIdentity.arn|contains|expand: 'user/%admins%'", false),
        // Encodings
        ("encoded|base64offset|contains: secret", true),
        ("encoded|base64: xxsecrety", true),
        ("encoded|base64offset|contains: secrets", false),
        ("five|base64: 5", true),
        ("flags|windash|contains: ' -force -quiet'", true),
        ("flags|contains: ' -force -quiet'", false),
        // Keywords
        ("[nothing, QUOTED]", true),
        ("[user/alice]", true),
        ("nothing", false),
        ("'|all': [quoted, suspended]", true),
        ("'|all': [quoted, nothing]", false),
        ("['put*acl']", true),
        // In the message as a whole, as delivered: names too, and what stands between them and their values
        ("'\"Status\":\"Suspended\"'", true),
        ("userIdentity", true),
        ("'|re': '\"n\":\\d}'", true),
        // Maps are all, lists of maps are any
        ("{ eventName: PutBucketAcl, count: 5 }", true),
        ("{ eventName: PutBucketAcl, count: 6 }", false),
        ("[{ eventName: Nothing }, { count: 5 }]", true),
    ] {
        let detection = format!("condition: s\ns:\n  {}", search.replace('\n', "\n  "));
        match compile(&detection) {
            Ok(rule) if rule.matches(&record) == expected => {}
            Ok(rule) => wrong.push(format!("{search}: expected {expected}: {}", rule.expr())),
            Err(error) => wrong.push(format!("{search}: refused: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn conditions_mean_what_the_table_says() {
    for (condition, expected) in [
        ("sel_a", true),
        ("sel_a and sel_b", false),
        ("sel_a or sel_b", true),
        ("not sel_b", true),
        ("sel_a and not sel_b", true),
        ("not (sel_a and sel_b)", true),
        ("sel_b or sel_a and other", true),
        ("(sel_b or sel_a) and not other", false),
        ("1 of sel_*", true),
        ("all of sel_*", false),
        ("any of sel_*", true),
        ("1 of them", true),
        ("all of them", false),
        ("all of s*_a and other", true),
        ("1 of *el_*", true),
        ("all of *e*", false),
        ("all of s*a*", true),
        ("sel_a and not 1 of _hidden*", true),
        ("not not not not sel_a", true),
        ("not (not sel_a) and (not (sel_b)) and not (not (not sel_b))", true),
        ("[sel_b, other]", true),
        ("[sel_b]", false),
    ] {
        let text = format!(
            "condition: {condition}\nsel_a: {{ a: 1 }}\nsel_b: {{ b: 1 }}\nother: {{ c: 1 }}\n_hidden: {{ d: 1 }}"
        );
        let rule = compile(&text).unwrap_or_else(|error| panic!("{condition}: {error}"));
        assert_eq!(rule.matches(&json!({ "a": 1, "c": 1 })), expected, "{condition}");
    }
    let rule = compile("condition: a\na: { a: 1 }\nb: { b: 1 }").unwrap();
    assert_eq!(rule.unused, ["b"]);
}

#[test]
fn what_cannot_be_run_is_refused_with_a_reason() {
    let mut wrong = Vec::new();
    for (search, reason) in [
        ("a|near: x", "there is no modifier near"),
        ("a|not: x", "`not` is not a value modifier"),
        ("a|re: '('", "bad regular expression"),
        ("a|re: 'x(?=y)'", "look-around"),
        ("a|re: 'x{1000}{1000}{1000}'", "bad regular expression"),
        ("a|cidr: 10.0.0", "no network"),
        ("a|exists: maybe", "exists takes true or false"),
        ("a|gt: many", "many is no number"),
        ("a|expand: '%nobody%'", "the placeholder %nobody% has no values"),
        ("a|re|contains: x", "for plain values"),
        ("a|i: x", "stands behind re"),
        ("a|cidr|re: x", "do not go together"),
        ("a|hour|day: 1", "do not go together"),
        ("a|re: 5", "write a string, in quotes"),
        ("a|wide: x", "add base64"),
        ("a|contains|base64: x", "stand before contains"),
        ("a|base64: 'x*'", "cannot be encoded"),
        ("a|base64offset|contains: x", "too short for base64offset"),
        ("a|base64offset|contains: ''", "too short for base64offset"),
        ("a|contains: null", "null goes with no modifier"),
        ("a|base64: null", "null goes with no modifier"),
        ("a: {b: c}", "written with dots"),
        ("a[0].b: c", "a[0].b has brackets"),
        ("'a[any]|contains': c", "a[any] has brackets"),
        ("a: []", "nothing could match"),
        ("a: [[x]]", "other things than values"),
        ("[]", "an empty list"),
        ("{}", "an empty map"),
        ("'|exists': true", "asked of a field"),
    ] {
        match compile(&format!("condition: s\ns:\n  {search}")) {
            Err(error) if error.reason.contains(reason) => {}
            other => wrong.push(format!(
                "{search}: expected {reason:?}, found {:?}",
                other.map(|rule| rule.expr().to_string())
            )),
        }
    }
    for (detection, reason) in [
        ("s: {a: b}", "`condition` is missing"),
        ("condition: s", "the search identifiers are"),
        ("condition: t\ns: {a: b}", "the condition names t"),
        ("condition: 1 of t*\ns: {a: b}", "names no search"),
        ("condition: 2 of s*\ns: {a: b}", "Sigma knows 1 of and all of"),
        ("condition: s and\ns: {a: b}", "bad condition"),
        ("condition: s | count() > 5\ns: {a: b}", "removed from the specification"),
        ("condition: s\ntimeframe: 5m\ns: {a: b}", "belongs to aggregations"),
        (
            &format!("condition: {}s{}\ns: {{a: b}}", "(".repeat(10_000), ")".repeat(10_000)),
            "nests deeper than 64",
        ),
        (&format!("condition: {}s\ns: {{a: b}}", "not ".repeat(20_000)), "longer than 65536 bytes"),
        (&format!("condition: {}s\ns: {{a: b}}", "not ".repeat(16_000)), "nests deeper than 64"),
        (
            &format!("condition: {}s{}\ns: {{a: b}}", "not (".repeat(40), ")".repeat(40)),
            "nests deeper than 64",
        ),
    ] {
        match compile(detection) {
            Err(error) if error.reason.contains(reason) => {}
            other => wrong.push(format!("{detection:.60}: expected {reason:?}, found {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn documents_that_are_no_rules_for_cloudtrail_are_refused_by_name() {
    let detection = "detection: { s: { a: b }, condition: s }";
    for (text, reason) in [
        (format!("title: t\n{detection}"), "no log source"),
        (
            format!("title: t\nlogsource: {{ product: windows, category: process_creation }}\n{detection}"),
            "product windows, category process_creation",
        ),
        (
            format!("title: t\nlogsource: {{ product: aws, service: vpcflow }}\n{detection}"),
            "service vpcflow",
        ),
        (
            "title: t\nlogsource: { product: aws, service: cloudtrail }\ncorrelation: { type: event_count }"
                .to_owned(),
            "correlation rules (event_count)",
        ),
        (
            "title: t\nlogsource: { product: aws, service: cloudtrail }\nfilter: { rules: [x] }".to_owned(),
            "Sigma filters",
        ),
        (format!("action: global\ntitle: t\n{detection}"), "rule collections"),
        (
            format!(
                "title: t\nsigma-version: 3\nlogsource: {{ product: aws, service: cloudtrail }}\n{detection}"
            ),
            "version 3 of the specification",
        ),
        (
            format!(
                "title: t\nlevel: grave\nlogsource: {{ product: aws, service: cloudtrail }}\n{detection}"
            ),
            "grave",
        ),
    ] {
        let document: Value = crate::detector_file::from_yaml(&text).unwrap();
        let error = SigmaRule::compile(&document, &Lists::default()).unwrap_err();
        assert!(error.reason.contains(reason), "{text}: {error}");
    }
}
