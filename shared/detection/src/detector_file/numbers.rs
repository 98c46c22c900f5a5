//! Numbers that YAML reads otherwise than they are written.
//!
//! `recipientAccountId: 012345678901` is a number without its zero to a YAML reader, and would
//! match no account. Records have such values as strings, so they have to be written as strings.

use crate::model::{Expr, Predicate};

/// A number of `expr` that stands in `source` in other characters only, as it is written there.
pub(super) fn misread<'s>(expr: &Expr, source: &'s str) -> Option<&'s str> {
    let mut numbers = Vec::new();
    for test in expr.tests() {
        collect(&test.predicate, &mut numbers);
    }
    if numbers.is_empty() {
        return None;
    }
    let is_part = |character: char| character.is_ascii_alphanumeric() || ".+-".contains(character);
    let words: Vec<&str> = source
        .split(|character| !is_part(character))
        .filter(|word| word.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)))
        .collect();
    let texts: Vec<&str> = numbers.iter().map(|(_, text)| *text).collect();
    numbers.iter().filter(|(_, text)| !words.contains(text)).find_map(|(value, _)| {
        let is_it = |word: &&&str| word.parse() == Ok(*value) && !texts.contains(word);
        words.iter().find(is_it).copied()
    })
}

fn collect<'e>(predicate: &'e Predicate, found: &mut Vec<(f64, &'e str)>) {
    match predicate {
        Predicate::Number { value, text } => found.push((*value, text)),
        Predicate::OneOf(predicates) => predicates.iter().for_each(|predicate| collect(predicate, found)),
        _ => {}
    }
}

/// What to do about it.
pub(super) fn reason(written: &str) -> String {
    format!(
        "{written} is read as a number, and so would match no string of these characters: put it in quotes"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::detector_file::from_yaml;
    use crate::sigma::{Lists, SigmaRule};

    #[test]
    fn numbers_that_lose_characters_are_found() {
        for (value, expected) in [
            ("012345678901", Some("012345678901")),
            ("'012345678901'", None),
            ("111122223333", None),
            ("[7, 007]", Some("007")),
            ("[8, 007]", Some("007")),
            ("1.10", Some("1.10")),
            ("1.5", None),
            ("5.0", None),
            ("x", None),
        ] {
            let source = format!("condition: s\ns: {{ a: {value} }} # of 2026");
            let detection: serde_json::Value = from_yaml(&source).unwrap();
            let rule =
                SigmaRule::compile_inline(&json!({ "detection": detection }), &Lists::default()).unwrap();
            assert_eq!(misread(rule.expr(), &source), expected, "{value}");
        }
    }
}
