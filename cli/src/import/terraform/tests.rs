use super::*;
use crate::import::node::Value;

const LOCALS: &str = r#"
variable "plain" { default = "plain" }
variable "open" {}
variable "number" { default = 5 }
variable "controls" {
  type = map(object({
    pattern = string
    limit   = optional(number, 3)
    parts   = optional(list(object({ on = optional(bool, true) })), [])
  }))
  default = { b = { pattern = "pb" }, a = { pattern = "pa", limit = 7, parts = [{}] } }
}
locals {
  list   = ["a", "b", "c"]
  map    = { z = 1, "y" = { x = "deep" }, (var.plain) = true }
  round  = local.trip
  trip   = "${local.round}!"
  d0     = "xxxxxxxxxxxxxxxx"
  l0     = ["x", "x"]
}
resource "thing" "one" {
  name = "${var.plain}-thing"
  part { name = "first" }
  part { name = "second" }
  dynamic "made" {
    for_each = toset(["q", "p"])
    iterator = it
    content { name = "${it.value}!" }
  }
}
resource "thing" "many" {
  count = 2
  name  = "n${count.index}"
}
resource "thing" "each" {
  for_each = { k = "v" }
  name     = "${each.key}=${each.value}"
}
resource "thing" "itself" { name = thing.itself.name }
resource "thing" "counts_itself" {
  count = length(thing.counts_itself)
  name  = "x"
}
"#;

/// Locals that double, as texts and as lists.
fn doubling() -> String {
    let lines = (1..80).map(|n| {
        let before = n - 1;
        format!("  d{n} = \"${{local.d{before}}}${{local.d{before}}}\"\n  l{n} = concat(local.l{before}, local.l{before})\n")
    });
    format!("locals {{\n{}}}\n", lines.collect::<String>())
}

/// A chain of references, each to the next.
fn chain() -> String {
    let lines = (0..5000).map(|n| format!("  c{n} = local.c{}\n", n + 1));
    let nested = (0..300).map(|n| format!("  n{} = [local.n{n}]\n", n + 1));
    let all: Vec<String> = (0..300).map(|n| format!("local.n{}", n + 1)).collect();
    format!(
        "locals {{\n{}  c5000 = 1\n  n0 = 1\n{}  nest = [{}]\n}}\n",
        lines.collect::<String>(),
        nested.collect::<String>(),
        all.join(", ")
    )
}

fn module(text: &str) -> Module {
    let mut module = Module::default();
    let twice = module.add(&Rc::from("m.tf"), text, &mut Found::default());
    assert!(twice.unwrap_or_else(|problem| panic!("{}: {}", problem.place, problem.reason)).is_empty());
    module
}

/// What an expression gives, or `?` and a part of the reason why it is not known.
const CASES: &[(&str, &str)] = &[
    ("1 + 2 * 3", "7"),
    ("-local.map.z", "-1"),
    ("10 / 4", "2.5"),
    ("1 / 0", "?this is no number"),
    ("var.number % 4 == 2 && !false", "true"),
    ("var.open == 1 && false", "false"),
    ("var.open == 1 || false", "?the variable open has no default; give it with --var open=VALUE"),
    ("local.list == [\"a\", \"b\", \"c\"]", "true"),
    ("var.plain != \"x\" ? local.list[1] : var.open", "\"b\""),
    ("var.open ? 1 : 2", "?the variable open has no default"),
    ("\"${var.plain}-${var.number}-${true}-$${x}\"", "\"plain-6-true-${x}\""),
    ("\"${var.open}/x\"", "?? ${var.open}/x: the variable open"),
    ("\"${local.list}\"", "[\"a\",\"b\",\"c\"]"),
    ("\"a${local.list}\"", "?a list cannot stand in a text"),
    ("\"%{if true}x%{endif}\"", "?template directives"),
    ("<<-EOT\n    a\n      b ${~ 1 ~}\n    c\n  EOT\n", "\"a\\n  b1c\\n\""),
    ("local.map.y.x", "\"deep\""),
    ("local.map[\"plain\"]", "true"),
    ("local.map.none", "?a map has no none"),
    ("local.list.1", "\"b\""),
    ("local.list[7]", "?a list has no item 7"),
    ("local.list[*]", "[\"a\",\"b\",\"c\"]"),
    ("local.none", "?local.none is not declared in the given files; give the module's whole folder"),
    ("var.none", "?the variable none is not declared"),
    ("local.round", "?it refers to itself: local.round -> local.trip -> local.round"),
    ("local.d79", "?longer than 65536 bytes"),
    ("local.l79", "?the module takes too long to resolve"),
    ("local.c0", "?expressions and references nest too deep"),
    ("local.c4990", "1"),
    (
        "[local.l0[*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*]][0]",
        "?a path of more than 64 steps",
    ),
    ("local.nest", "?it nests deeper than 250 levels"),
    ("each.key", "?each.key is known only"),
    ("data.x.y", "?data.x is known only where the module is applied"),
    ("nothing", "?nothing names nothing here"),
    ("thing.one.name", "\"plain-thing\""),
    ("thing.one.part[1].name", "\"second\""),
    ("thing.one.part.*.name", "[\"first\",\"second\"]"),
    ("thing.one.made", "[{\"name\":\"p!\"},{\"name\":\"q!\"}]"),
    ("thing.one.arn", "?arn is known only once the resource is there"),
    ("thing.one", "?a whole resource is known only"),
    ("thing.many[1].name", "\"n1\""),
    ("thing.many[2].name", "?thing.many has no such instance"),
    ("thing.many.*.name", "[\"n0\",\"n1\"]"),
    ("thing.each[\"k\"].name", "\"k=v\""),
    ("thing.itself.name", "?it refers to itself: thing.itself.name -> thing.itself.name"),
    ("thing.counts_itself[0].name", "\"x\""),
    ("thing.none.name", "?thing.none is not declared"),
    ("[for x in local.list : upper(x) if x != \"b\"]", "[\"A\",\"C\"]"),
    ("{ for k, v in var.controls : \"${k}!\" => v.limit }", "{\"a!\":7,\"b!\":3}"),
    ("{ for x in [\"p\", \"q\", \"p\"] : x => 1... }", "{\"p\":[1,1],\"q\":[1]}"),
    ("{ for x in [\"p\", \"p\"] : x => 1 }", "?the key \"p\" comes twice"),
    ("var.controls.a.parts[0].on", "true"),
    ("[for i, x in local.list : \"${i}${x}\"]", "[\"0a\",\"1b\",\"2c\"]"),
    ("try(local.map.none, var.controls.zzz.x, 5)", "5"),
    ("try(var.open, 5)", "?the variable open has no default"),
    ("can(local.map.none)", "false"),
    ("lookup(local.map, \"z\", var.open)", "1"),
    ("lookup(local.map, \"none\", 4)", "4"),
    ("coalesce(null, \"\", \"x\", var.open)", "\"x\""),
    ("merge({ a = 1, b = 2 }, null, { b = 3 })", "{\"a\":1,\"b\":3}"),
    ("concat([1], local.list...)", "?is no list"),
    ("concat([1], [2, 3])", "[1,2,3]"),
    ("flatten([1, [2, [3, []]]])", "[1,2,3]"),
    ("compact([\"a\", \"\", null])", "[\"a\"]"),
    ("sort(toset([\"b\", \"a\", \"b\"]))", "?the function sort is not resolved by this import"),
    ("toset([\"b\", \"a\", \"b\"])", "[\"a\",\"b\"]"),
    ("distinct([2, 1, 2])", "[2,1]"),
    ("[length(local.list), length(\"äb\"), length({})]", "[3,2,0]"),
    ("keys({ b = 1, a = 2 })", "[\"a\",\"b\"]"),
    ("values({ b = 1, a = 2 })", "[2,1]"),
    ("zipmap([\"a\"], [1])", "{\"a\":1}"),
    ("contains(local.list, \"b\")", "true"),
    ("element(local.list, 4)", "\"b\""),
    ("element([], 0)", "?the list is empty"),
    ("one([])", "null"),
    ("join(\"-\", local.list)", "\"a-b-c\""),
    ("split(\",\", \"a,b\")", "[\"a\",\"b\"]"),
    ("replace(\"a.b.c\", \".\", \"-\")", "\"a-b-c\""),
    ("replace(\"abc\", \"/b/\", \"x\")", "?a regular expression is not replaced"),
    ("trimsuffix(trimprefix(trimspace(\" xay \"), \"x\"), \"y\")", "\"a\""),
    ("[title(\"a bc\"), chomp(\"a\\n\"), trim(\"-a-\", \"-\")]", "[\"A Bc\",\"a\",\"a\"]"),
    ("[tostring(5), tonumber(\"5\"), tobool(\"true\")]", "[\"5\",5,true]"),
    ("startswith(\"ab\", \"a\") && endswith(\"ab\", \"b\")", "true"),
    ("format(\"%s-%03d\", var.plain, 7)", "\"plain-007\""),
    ("file(\"x\")", "?the function file is not resolved"),
    ("provider::a::b(1)", "?b is a function of a provider"),
    ("upper(var.open)", "?the variable open has no default"),
    ("upper([])", "?the function upper is not resolved"),
];

#[test]
fn expressions_are_resolved_as_far_as_the_module_says() {
    let given = BTreeMap::from([("number".to_owned(), "6".to_owned())]);
    let asked = CASES.iter().enumerate().map(|(at, (expression, _))| format!("  asked{at} = {expression}\n"));
    let text = format!("{LOCALS}{}{}locals {{\n{}}}\n", doubling(), chain(), asked.collect::<String>());
    let module = module(&text);
    for (at, (expression, expected)) in CASES.iter().enumerate() {
        let evaluator = Evaluator::new(&module, &given);
        let asked = &module.locals[&format!("asked{at}")];
        let found = evaluator.source(&asked.source, None);
        let json = found.to_json().to_string();
        match expected.strip_prefix('?') {
            Some(reason) => {
                assert!(matches!(found.value, Value::Unknown(_)), "{expression} is known: {json}");
                let json = json.replace("\\\"", "\"");
                assert!(json.contains(reason), "{expression}: expected {reason} in {json}");
            }
            None => assert_eq!(&json, expected, "{expression}"),
        }
    }
}

#[test]
fn what_is_declared_twice_is_named() {
    let mut module = Module::default();
    let text = "variable \"a\" {}\nvariable \"a\" {}\nlocals { b = 1 }\nlocals { b = 2 }\nresource \"c\" \"d\" {}\nresource \"c\" \"d\" {}\n";
    let twice = module.add(&Rc::from("m.tf"), text, &mut Found::default()).expect("it can be read");
    let found: Vec<String> =
        twice.iter().map(|problem| format!("{}: {}", problem.place, problem.reason)).collect();
    assert_eq!(
        found,
        [
            "m.tf:2:1: the variable a is declared twice in this module; the first one is used",
            "m.tf:4:10: local.b is declared twice in this module; the first one is used",
            "m.tf:6:1: the resource c.d is declared twice in this module; the first one is used",
        ]
    );
}

#[test]
fn code_that_is_none_is_refused_with_its_place() {
    let deep = format!("a = {}1\n", "(".repeat(10_000));
    for (file, text, expected) in [
        ("m.tf", "a = \n", "m.tf:1:"),
        ("m.tf", "a = 1\na = 2\n", "m.tf:2:1: this is no Terraform code"),
        ("m.tf", "resource \"a\" \"b\" {\n  x = [\n}\n", "m.tf:3:"),
        ("m.tf", &deep, "at most 64 nested levels"),
        ("m.tf.json", "{", "m.tf.json:1:1: this is no JSON"),
        ("m.tf.json", "{\"a\": {}, \"a\": {}}", "m.tf.json:1:11: the key \"a\" stands twice"),
    ] {
        let problem =
            Module::default().add(&Rc::from(file), text, &mut Found::default()).expect_err(expected);
        let found = format!("{}: {}", problem.place, problem.reason);
        assert!(found.contains(expected), "expected {expected} in {found}");
    }
}
