use serde_json::json;

use super::*;

fn file() -> Rc<str> {
    Rc::from("a.yaml")
}

fn documents(text: &str) -> Vec<serde_json::Value> {
    match parse(text, &file()) {
        Ok(documents) => documents.iter().map(Node::to_json).collect(),
        Err(problem) => panic!("{}: {}\n{text}", problem.place, problem.reason),
    }
}

#[test]
fn short_forms_are_functions() {
    for (text, expected) in [
        ("a: !Ref B", json!({ "a": { "Ref": "B" } })),
        ("a: !Sub '${B}'", json!({ "a": { "Fn::Sub": "${B}" } })),
        ("a: !GetAtt B.C", json!({ "a": { "Fn::GetAtt": "B.C" } })),
        ("a: !Condition B", json!({ "a": { "Condition": "B" } })),
        ("a: !Join [',', [x, !Ref B]]", json!({ "a": { "Fn::Join": [",", ["x", { "Ref": "B" }]] } })),
        ("a: !If\n  - B\n  - 1\n  - !Ref C", json!({ "a": { "Fn::If": ["B", 1, { "Ref": "C" }] } })),
        ("a: !FindInMap\n  - B\n", json!({ "a": { "Fn::FindInMap": ["B"] } })),
        ("a: !Transform { Name: X }", json!({ "a": { "Fn::Transform": { "Name": "X" } } })),
        ("a: !!str 5", json!({ "a": "5" })),
        ("a: ! 5", json!({ "a": "5" })),
    ] {
        assert_eq!(documents(text), [expected], "{text}");
    }
}

#[test]
fn words_have_the_type_they_look_like() {
    let expected = json!({
        "n": null, "tilde": null, "nothing": null, "t": true, "yes": "yes", "i": 5, "f": -1.5, "q": "5", "date": "2026-01-01",
        "account": "# 007", "word": "e5", "inf": ".inf", "block": "a\nb\n", "alias": [1],
        "anchor": [1],
    });
    let text = "n: null\ntilde: ~\nnothing:\nt: true\nyes: yes\ni: 5\nf: -1.5\nq: '5'\ndate: 2026-01-01\naccount: 007\nword: e5\ninf: .inf\nblock: |\n  a\n  b\nanchor: &x [1]\nalias: *x\n";
    assert_eq!(documents(text), [expected]);
}

#[test]
fn json_reads_as_json() {
    for text in [
        r#"{"a":[1,-2.5e3,true,false,null,"x",{}],"b":{"":[]}}"#,
        "{\n\t\"tab\": \"\\t\\u00e9\\ud83d\\ude00\\/\\\\ \\\" # : - { [\",\n\t\"b\"\t:\r\n\t1\n}\n",
        r#"{"a: b":"!Ref x","*":"&y","- z":"%","null":"~","pattern":"{ ($.a = \"*b\") && ($.c != %^x$%) }"}"#,
        r#"["a","b" , [ ] , { } ]"#,
    ] {
        let expected: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
        let found = parse_json(text, &file()).unwrap_or_else(|problem| panic!("{}: {text}", problem.reason));
        assert_eq!(found.iter().map(Node::to_json).collect::<Vec<_>>(), [expected], "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    let bomb: String = std::iter::once("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((1..12).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))))
        .collect();
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(1000));
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_block: Vec<String> = (0..1000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    let deep_block = deep_block.concat();
    for (text, expected) in [
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3:1: the key \"a\" stands twice here"),
        ("a: [1\n", "a.yaml:"),
        ("a: b: c\n", "a.yaml:1:5: this is no YAML"),
        ("a: *b\n", "a.yaml:1:4: this is no YAML: while parsing node, found unknown anchor"),
        ("a: &a [1, *a]\n", "a.yaml:1:11: this alias refers to something that contains it"),
        ("? [1]\n: 2\n", "a.yaml:1:3: a key is a text"),
        ("\u{1}", "a.yaml:1:1: this is no YAML"),
        (&bomb, "more than 500000 values"),
        (&long, "more than 500000 values"),
        (&deep, "a.yaml:1:101: this is no YAML"),
        (&deep_block, "this is no YAML"),
    ] {
        let problem = parse(text, &file()).expect_err(&text[..text.len().min(100)]);
        let found = format!("{}: {}", problem.place, problem.reason);
        assert!(found.contains(expected), "expected {expected:?} in {found}");
    }
    for (text, expected) in [
        ("{'a': 1}", "a.yaml:1:2: this is no JSON: key must be a string"),
        ("{\"a\": 1,}", "a.yaml:1:9: this is no JSON"),
        ("{\"a\": 1} x", "this is no JSON: trailing characters"),
        ("", "a.yaml:1:1: this is no JSON: EOF"),
        ("{\"a\": 1, \"a\": 2}", "a.yaml:1:10: the key \"a\" stands twice here"),
        (&deep, "a.yaml:1:101: this is no YAML"),
    ] {
        let problem = parse_json(text, &file()).expect_err(&text[..text.len().min(100)]);
        let found = format!("{}: {}", problem.place, problem.reason);
        assert!(found.contains(expected), "expected {expected:?} in {found}");
    }
}

#[test]
fn places_are_those_of_the_keys() {
    let documents = parse("a:\n  b: c\n  d:\n    - e\n", &file()).expect("it is YAML");
    let a = documents[0].get("a").expect("there is an a");
    assert_eq!(a.place.to_string(), "a.yaml:1:1");
    assert_eq!(a.get("b").expect("there is a b").place.to_string(), "a.yaml:2:3");
    assert_eq!(a.get("d").expect("there is a d").place.to_string(), "a.yaml:3:3");
}
