//! Records and patterns that choices make, from few words, so that they meet.

use serde_json::{Map, Value, json};

use crate::choices::Choices;

const NAMES: [&str; 5] = ["a", "b", "c-d", "e.f", "g h"];

/// What values of records are, and what is asked for. Some look like what they are not.
const WORDS: [&str; 16] = [
    "",
    "Root",
    "root",
    "Ro",
    "oot",
    "*",
    "a*b",
    "**",
    "true",
    "null",
    "5",
    "007",
    "-1",
    "a\"b",
    "a\\b",
    "J\u{fc}rgen",
];

const NUMBERS: [&str; 8] = ["0", "5", "5.0", "007", "-1", "1e3", "0.5", "111122223333"];

/// Words that need no quotes.
const BARE: [&str; 9] = ["Root", "Ro*", "*oot", "*oo*", "true", "tr*", "null", "a.b-c", "*"];

/// An object of a few fields.
pub(super) fn record(choices: &mut Choices<'_>, depth: usize) -> Value {
    let mut fields = Map::new();
    for _ in 0..choices.below(4) {
        let name = choices.one_of(&NAMES);
        fields.insert(name.to_owned(), value(choices, depth));
    }
    Value::Object(fields)
}

fn value(choices: &mut Choices<'_>, depth: usize) -> Value {
    match choices.below(if depth == 0 { 10 } else { 14 }) {
        0 => Value::Null,
        1 => json!(choices.below(2) == 1),
        2 => json!([0.0, 0.5, 5.0, -1.0, 1000.0][choices.below(5)]),
        3 => json!([0_u64, 5, 7, 1000, 111_122_223_333][choices.below(5)]),
        4..10 => json!(choices.one_of(&WORDS)),
        10 | 11 => record(choices, depth - 1),
        _ => (0..choices.below(4)).map(|_| value(choices, depth - 1)).collect(),
    }
}

/// A pattern.
pub(super) enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Test(Vec<Step>, Condition),
}

pub(super) enum Step {
    Field(&'static str),
    AnyField,
    Index(usize),
    AnyElement,
}

pub(super) enum Condition {
    Equals(Operand),
    Differs(Operand),
    Compares(&'static str, &'static str),
    IsNull,
    Is(bool),
    NotExists,
}

pub(super) enum Operand {
    Quoted(String),
    Bare(&'static str),
    Number(&'static str),
    /// The text between percent signs that finds this word anywhere.
    Finds(&'static str),
}

pub(super) fn tree(choices: &mut Choices<'_>, depth: usize) -> Tree {
    let parts = |choices: &mut Choices<'_>| {
        let count = 1 + choices.below(3);
        (0..count).map(|_| tree(choices, depth - 1)).collect()
    };
    match choices.below(if depth == 0 { 1 } else { 4 }) {
        0 | 1 => Tree::Test(selector(choices), condition(choices)),
        2 => Tree::All(parts(choices)),
        _ => Tree::Any(parts(choices)),
    }
}

fn selector(choices: &mut Choices<'_>) -> Vec<Step> {
    let count = 1 + choices.below(3);
    let step = |choices: &mut Choices<'_>| match choices.below(8) {
        0..5 => Step::Field(choices.one_of(&NAMES)),
        5 => Step::AnyField,
        6 => Step::Index(choices.below(3)),
        _ => Step::AnyElement,
    };
    // The record itself is an object.
    let first = if choices.below(8) == 0 { Step::AnyField } else { Step::Field(choices.one_of(&NAMES)) };
    std::iter::once(first).chain((1..count).map(|_| step(choices))).collect()
}

fn condition(choices: &mut Choices<'_>) -> Condition {
    match choices.below(12) {
        0..4 => Condition::Equals(operand(choices)),
        4..7 => Condition::Differs(operand(choices)),
        7 | 8 => Condition::Compares(choices.one_of(&["<", "<=", ">", ">="]), choices.one_of(&NUMBERS)),
        9 => Condition::IsNull,
        10 => Condition::Is(choices.below(2) == 1),
        _ => Condition::NotExists,
    }
}

fn operand(choices: &mut Choices<'_>) -> Operand {
    match choices.below(8) {
        0..4 => {
            let star = |choices: &mut Choices<'_>| ["", "", "*"][choices.below(3)];
            let (front, word) = (star(choices), choices.one_of(&WORDS));
            Operand::Quoted(format!("{front}{word}{}", star(choices)))
        }
        4 | 5 => Operand::Bare(choices.one_of(&BARE)),
        6 => Operand::Number(choices.one_of(&NUMBERS)),
        _ => Operand::Finds(choices.one_of(&["Ro", "oo", "5", "true", "a"])),
    }
}

impl Tree {
    /// Writes the pattern, with white space and parentheses where they mean nothing.
    pub(super) fn write(&self, out: &mut String, choices: &mut Choices<'_>) {
        let sign = match self {
            Self::All(_) => "&&",
            Self::Any(_) => "||",
            Self::Test(steps, condition) => return write_test(steps, condition, out, choices),
        };
        let (Self::All(parts) | Self::Any(parts)) = self else { return };
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                out.push_str(sign);
            }
            out.push('(');
            part.write(out, choices);
            out.push(')');
        }
    }
}

fn write_test(steps: &[Step], condition: &Condition, out: &mut String, choices: &mut Choices<'_>) {
    let mut blank = |out: &mut String| out.push_str(["", " ", "\n\t", "  "][choices.below(4)]);
    blank(out);
    out.push('$');
    for step in steps {
        let written = match step {
            Step::Field(name) if name.contains(['.', ' ']) => format!("['{name}']"),
            Step::Field(name) => format!(".{name}"),
            Step::AnyField => ".*".to_owned(),
            Step::Index(index) => format!("[{index}]"),
            Step::AnyElement => "[*]".to_owned(),
        };
        out.push_str(&written);
    }
    out.push(' ');
    blank(out);
    let (sign, operand) = match condition {
        Condition::IsNull => return out.push_str("IS NULL "),
        Condition::Is(true) => return out.push_str("is true "),
        Condition::Is(false) => return out.push_str("IS FALSE "),
        Condition::NotExists => return out.push_str("NOT EXISTS "),
        Condition::Compares(sign, number) => (*sign, (*number).to_owned()),
        Condition::Equals(operand) => ("=", operand.written()),
        Condition::Differs(operand) => ("!=", operand.written()),
    };
    out.push_str(sign);
    blank(out);
    out.push_str(&operand);
    out.push(' ');
}

impl Operand {
    fn written(&self) -> String {
        match self {
            Self::Quoted(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::Bare(word) | Self::Number(word) => (*word).to_owned(),
            Self::Finds(word) => format!("%{word}%"),
        }
    }
}
