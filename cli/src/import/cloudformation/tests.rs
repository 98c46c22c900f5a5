use std::rc::Rc;

use super::*;
use crate::import::yaml;

const TEMPLATE: &str = r#"
Parameters:
  Plain: { Type: String, Default: plain }
  Number: { Type: Number, Default: 5 }
  List: { Type: CommaDelimitedList, Default: "a, b" }
  Open: { Type: String }
  Stored: { Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b }
Mappings:
  Map: { one: { two: three, list: [x, y] } }
Conditions:
  Yes: !Equals [a, a]
  No: !Not [!Condition Yes]
  Either: !Or [!Condition No, !Equals [!Ref Plain, plain]]
  Open: !Equals [!Ref Open, x]
  OpenOrYes: !Or [!Equals [!Ref Open, x], !Condition Yes]
  OpenAndYes: !And [!Equals [!Ref Open, x], !Condition Yes]
  Circle: !Not [!Condition Square]
  Square: !Condition Circle
  Odd: [a]
Resources:
  Group: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: !Sub "${Plain}-group" } }
  Unnamed: { Type: "AWS::Logs::LogGroup" }
  Topic: { Type: "AWS::SNS::Topic" }
  RoundA: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: !Ref RoundB } }
  RoundB: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: !Sub "x${RoundA}" } }
  D0: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: xxxxxxxxxxxxxxxx } }
"#;

/// Names that double, each made of the one before twice, and names that are each the next.
fn doubling() -> String {
    let group = |name: String, value: String| {
        format!("  {name}: {{ Type: 'AWS::Logs::LogGroup', Properties: {{ LogGroupName: {value} }} }}\n")
    };
    let doubling = (1..60).map(|n| {
        let before = format!("${{D{}}}", n - 1);
        group(format!("D{n}"), format!("!Sub '{before}{before}'"))
    });
    let chain = (0..60).map(|n| group(format!("C{n}"), format!("!Ref C{}", n + 1)));
    doubling.chain(chain).chain([group("C60".to_owned(), "end".to_owned())]).collect()
}

fn parse(text: &str) -> Node {
    yaml::parse(text, &Rc::from("t.yaml")).expect(text).remove(0)
}

/// What an expression gives, or `?` and a part of the reason why it is not known.
const CASES: &[(&str, &str)] = &[
    ("!Ref Plain", "\"plain\""),
    ("!Ref Number", "\"7\""),
    ("!Ref List", "[\"a\",\"b\"]"),
    ("!Ref Open", "?? ${Open}: the parameter Open has no default; give it with --var Open=VALUE"),
    ("!Ref Stored", "?the parameter Stored is read from Parameter Store"),
    ("!Ref Group", "\"plain-group\""),
    ("!Ref Unnamed", "?the name of Unnamed is chosen when the stack is deployed"),
    ("!Ref Topic", "?what Ref Topic gives is known only when the stack is deployed"),
    ("!Ref AWS::Region", "?? ${AWS::Region}: AWS::Region is known only where the stack is deployed"),
    ("!Ref Nothing", "?Nothing is neither a parameter nor a resource"),
    ("!Ref [a]", "?Ref takes the name"),
    ("!Ref RoundA", "?it refers to itself: Ref RoundA -> Ref RoundB -> Ref RoundA"),
    ("!Ref D13", "?longer than 65536 bytes"),
    ("!Ref D59", "?"),
    ("!Ref C0", "?more than 16 references in a row"),
    ("!Ref C55", "\"end\""),
    ("[1, !Ref AWS::NoValue, { a: !Ref AWS::NoValue, b: 2 }]", "[1,{\"b\":2}]"),
    ("!Sub '${Plain}/${Number}/${!Raw}'", "\"plain/7/${Raw}\""),
    ("!Sub ['${A}-${Plain}', { A: !Select [1, !Ref List] }]", "\"b-plain\""),
    ("!Sub '${AWS::StackName}/x'", "?? ${AWS::StackName}/x: AWS::StackName is known only"),
    ("!Sub '${Topic.TopicName}'", "?what GetAtt Topic.TopicName gives"),
    ("!Sub '${List}'", "?a list cannot stand in a text"),
    ("!Join ['-', [a, !Ref Plain, 5]]", "\"a-plain-5\""),
    ("!Join ['-', !Ref List]", "\"a-b\""),
    ("!Join ['-', !Ref Open]", "?the parameter Open has no default"),
    ("!Join ['-']", "?Fn::Join takes a delimiter and a list"),
    ("!Select [5, !Ref List]", "?Fn::Select finds no item 5"),
    ("!Select [0, !Split ['/', 'a/b']]", "\"a\""),
    ("!FindInMap [Map, one, two]", "\"three\""),
    ("!FindInMap [Map, one, list]", "[\"x\",\"y\"]"),
    ("!FindInMap [Map, !Ref Open, two]", "?the parameter Open has no default"),
    ("!FindInMap [Map, two, one]", "?Mappings has no Map / two / one"),
    ("!FindInMap [Map, two, one, { DefaultValue: d }]", "\"d\""),
    ("!If [Yes, a, !Ref Open]", "\"a\""),
    ("!If [No, a, b]", "\"b\""),
    ("!If [Either, a, b]", "\"a\""),
    ("!If [OpenOrYes, a, b]", "\"a\""),
    ("!If [Open, a, b]", "?the condition Open cannot be resolved: the parameter Open"),
    ("!If [OpenAndYes, a, b]", "?the condition OpenAndYes cannot be resolved"),
    ("!If [Circle, a, b]", "?Condition Circle -> Condition Square -> Condition Circle"),
    ("!If [Odd, a, b]", "?this is no condition"),
    ("!If [Nothing, a, b]", "?the template has no condition Nothing"),
    ("!GetAtt Topic.TopicArn", "?what GetAtt Topic.TopicArn gives"),
    ("!ImportValue x", "?names an export of another stack"),
    ("!Transform { Name: AWS::Include }", "?Fn::Transform runs AWS::Include"),
    ("!Base64 x", "?Fn::Base64 is not resolved by this import"),
    ("{ Ref: Plain }", "\"plain\""),
    ("{ 'Fn::Join': ['', [a, b]] }", "\"ab\""),
];

#[test]
fn functions_are_resolved_as_far_as_the_template_says() {
    let template = parse(&format!("{TEMPLATE}{}", doubling()));
    let given = BTreeMap::from([("Number".to_owned(), "7".to_owned())]);
    let template = Template::new(&template, &given);
    for (expression, expected) in CASES {
        let node = parse(&format!("x: {expression}"));
        let found = template.resolve_value(node.get("x").expect("there is an x"));
        let json = found.to_json().to_string();
        match expected.strip_prefix('?') {
            Some(reason) => {
                assert!(found.as_unknown().is_some(), "{expression} is known: {json}");
                assert!(json.contains(reason), "{expression}: expected {reason} in {json}");
            }
            None => assert_eq!(&json, expected, "{expression}"),
        }
    }
}

#[test]
fn a_template_that_is_none_is_refused() {
    for (text, expected) in [
        ("AWSTemplateFormatVersion: x\n", "t.yaml:1:1: this template has no `Resources`"),
        ("Resources: [a]\n", "t.yaml:1:1: `Resources` is a list, and should be a map"),
    ] {
        let mut found = Found::default();
        let problem = read(&parse(text), &BTreeMap::new(), &mut found).expect_err(text);
        assert_eq!(format!("{}: {}", problem.place, problem.reason), expected);
    }
}
