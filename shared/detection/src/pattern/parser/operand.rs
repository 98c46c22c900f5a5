//! What stands on the right of a comparison: strings, numbers, regular expressions.

use super::super::ast::{Number, Operand, Text};
use super::super::error::PatternError;
use super::super::regex_dialect;
use super::{MOST_EXPRESSIONS, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn operand(&mut self) -> Parsed<Operand> {
        self.skip_space();
        let start = self.at;
        if self.eat("%") {
            let text = self.take_while(|character| character != '%');
            if !self.eat("%") {
                return Err(PatternError::new(start, "the regular expression is never closed by a second %"));
            }
            self.expressions += 1;
            if self.expressions > MOST_EXPRESSIONS {
                let reason =
                    format!("a pattern has at most {MOST_EXPRESSIONS} regular expressions: make several");
                return Err(PatternError::new(start, reason));
            }
            return Ok(Operand::Regex(regex_dialect::compile(text, start + 1)?));
        }
        if self.rest().starts_with('"') {
            return Ok(operand_of(&self.quoted()?, false));
        }
        let word = self.take_while(|character| !ends_word(character));
        if word.is_empty() {
            return Err(self.error(format!("expected a value, found {}", self.found())));
        }
        if word.starts_with('\'') && !word[1..].ends_with('\'') && self.closes_single_quote() {
            return Err(PatternError::new(
                start,
                "a value with blanks stands in double quotes, not in single ones",
            ));
        }
        if let Some(value) = number(word) {
            return Ok(Operand::Number(Number { value, text: word.to_owned() }));
        }
        Ok(operand_of(word, true))
    }

    /// Whether a single quote comes before the test can be over.
    fn closes_single_quote(&self) -> bool {
        self.rest().chars().find(|character| "'&|(){}\"".contains(*character)) == Some('\'')
    }

    fn quoted(&mut self) -> Parsed<String> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        let mut characters = self.rest().char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.at += at + 1;
                    return Ok(out);
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => out.push(escaped),
                    // Any other backslash stands for itself, as AWS escapes nothing else.
                    Some((_, other)) => out.extend(['\\', other]),
                    None => break,
                },
                other => out.push(other),
            }
        }
        Err(PatternError::new(start, "the string is never closed by a second \""))
    }

    pub(super) fn limit(&mut self, operator: &str) -> Parsed<f64> {
        self.skip_space();
        let start = self.at;
        let word = self.take_while(|character| !ends_word(character));
        number(word).ok_or_else(|| {
            PatternError::new(start, format!("{operator} compares with a number, as in {operator} 500"))
        })
    }
}

/// What ends a value without quotes. AWS documents letters, digits and underscores, and prints
/// `kms.amazonaws.com` and `*.8xlarge` itself; so everything counts that has no other meaning.
pub(super) fn ends_word(character: char) -> bool {
    character.is_whitespace() || "(){}\"&|=!<>,%".contains(character)
}

/// Wildcards count only at the ends; inside, `*` is a star.
fn operand_of(text: &str, bare: bool) -> Operand {
    if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
        return Operand::Anything;
    }
    let open_start = text.starts_with('*');
    let open_end = text.ends_with('*');
    let text = text.strip_prefix('*').unwrap_or(text);
    let text = text.strip_suffix('*').unwrap_or(text).to_owned();
    Operand::Text(Text { text, open_start, open_end, bare })
}

/// `[+-]? digits [. digits] [e [+-]? digits]`, and nothing that Rust would take beside it.
fn number(word: &str) -> Option<f64> {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let is_number = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.chars().all(|character| character.is_ascii_digit() || ".eE+-".contains(character));
    if is_number { word.parse().ok().filter(|value: &f64| value.is_finite()) } else { None }
}
