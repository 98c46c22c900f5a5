//! From a value with wildcards to a test of text.

use regex::bytes::RegexBuilder;
use rsigma_parser::{SigmaString, SpecialChar, StringPart};

use super::SigmaError;
use super::budget::Budget;
use super::encoding::{Encoding, encode};
use super::modifiers::{Flags, Modifiers};
use crate::model::{Anchor, Expression, Glob, Reads, TextTest, Token};

/// Ample for any expression a person writes.
const LARGEST_PROGRAM: usize = 512 << 10;
/// What the engine may keep of what it has seen, for each expression. It gives up the fast way
/// beyond it, never the answer.
const LARGEST_CACHE: usize = 256 << 10;

/// The tests that a value stands for: several with `base64offset`, of which one is enough. A
/// keyword is searched for, wherever in a value it stands.
pub(super) fn tests(
    value: &SigmaString,
    modifiers: &Modifiers,
    is_keyword: bool,
    budget: &Budget<'_>,
) -> Result<Vec<TextTest>, SigmaError> {
    if modifiers.encodings.is_empty() {
        return Ok(vec![test(value, modifiers, is_keyword, budget)?]);
    }
    let Some(plain) = value.as_plain() else {
        return Err(SigmaError::about(
            &value.original,
            "a value with wildcards cannot be encoded: escape them as \\*",
        ));
    };
    let encoded = encode(&plain, &modifiers.encodings);
    // Nothing is in every text: such a value would match whatever it is looked for in.
    if modifiers.encodings.contains(&Encoding::Base64Offset) && encoded.iter().any(String::is_empty) {
        return Err(SigmaError::about(
            &value.original,
            format!(
                "{:?} is too short for base64offset: nothing of it looks the same wherever it stands",
                value.original
            ),
        ));
    }
    encoded
        .iter()
        .map(|encoded| test(&SigmaString::from_raw(encoded), modifiers, is_keyword, budget))
        .collect()
}

fn test(
    value: &SigmaString,
    modifiers: &Modifiers,
    is_keyword: bool,
    budget: &Budget<'_>,
) -> Result<TextTest, SigmaError> {
    let is_many = |part: &StringPart| *part == StringPart::Special(SpecialChar::WildcardMulti);
    let mut parts = value.parts.as_slice();
    let mut open_start = modifiers.open_start || is_keyword;
    let mut open_end = modifiers.open_end || is_keyword;
    while let [first, rest @ ..] = parts
        && is_many(first)
    {
        (parts, open_start) = (rest, true);
        // Nothing but stars stands at both ends.
        open_end |= parts.is_empty();
    }
    while let [rest @ .., last] = parts
        && is_many(last)
    {
        (parts, open_end) = (rest, true);
    }
    let anchor = match (open_start, open_end) {
        (false, false) => Anchor::Whole,
        (false, true) => Anchor::Start,
        (true, false) => Anchor::End,
        (true, true) => Anchor::Within,
    };
    // An object has no beginning or end that a rule could mean.
    let reads = if anchor == Anchor::Within { Reads::Everything } else { Reads::Numbers };
    let has_dashes =
        |text: &str| modifiers.windash && text.chars().any(|c| Token::with_dashes(c) == Token::Dash);
    Ok(match parts {
        [] => TextTest::literal("", anchor, !modifiers.cased, reads),
        [StringPart::Plain(text)] if !has_dashes(text) => {
            TextTest::literal(text, anchor, !modifiers.cased, reads)
        }
        _ => {
            budget.take(value.original.len() * size_of::<Token>())?;
            let ends = [open_start, open_end].map(|is_open| is_open.then_some(Token::Many));
            let tokens = parts.iter().flat_map(|part| tokens(part, modifiers.windash));
            let tokens = ends[0].into_iter().chain(tokens).chain(ends[1]);
            TextTest::Regex { regex: Expression::Glob(Glob::new(tokens, !modifiers.cased)), reads }
        }
    })
}

fn tokens(part: &StringPart, windash: bool) -> Vec<Token> {
    match part {
        StringPart::Special(SpecialChar::WildcardMulti) => vec![Token::Many],
        StringPart::Special(SpecialChar::WildcardSingle) => vec![Token::One],
        StringPart::Plain(text) if windash => text.chars().map(Token::with_dashes).collect(),
        StringPart::Plain(text) => text.chars().map(Token::Char).collect(),
    }
}

/// A regular expression of `re`.
pub(super) fn regex(text: &str, flags: Flags, budget: &Budget<'_>) -> Result<TextTest, SigmaError> {
    budget.take(LARGEST_PROGRAM)?;
    Ok(TextTest::Regex { regex: build(text, flags)?.into(), reads: Reads::Everything })
}

/// The engine does not backtrack, so no input makes it slow. What it does not know, look-around
/// and back-references, is no part of Sigma's expressions either.
fn build(pattern: &str, flags: Flags) -> Result<regex::bytes::Regex, SigmaError> {
    RegexBuilder::new(pattern)
        .case_insensitive(flags.ignore_case)
        .multi_line(flags.multi_line)
        .dot_matches_new_line(flags.dot_all)
        .size_limit(LARGEST_PROGRAM)
        .dfa_size_limit(LARGEST_CACHE)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let line = text.lines().last().unwrap_or_default();
            let reason = line.strip_prefix("error: ").unwrap_or(line);
            SigmaError::about(pattern, format!("bad regular expression: {reason}"))
        })
}
