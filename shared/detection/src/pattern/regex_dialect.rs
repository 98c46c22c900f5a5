//! The regular expressions that CloudWatch Logs allows between `%` signs.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html>

use regex::bytes::{Regex, RegexBuilder};

use super::error::PatternError;

/// Ample for any expression a person writes; a repetition such as `a{1000}{1000}` exceeds it.
const LARGEST_PROGRAM: usize = 256 << 10;
/// What the engine may keep of what it has seen, for each expression. It gives up the fast way
/// beyond it, never the answer.
const LARGEST_CACHE: usize = 256 << 10;

/// Compiles `text`, which stands at `offset` of the pattern.
///
/// What CloudWatch Logs would refuse is refused, so that a pattern means the same in both. The
/// engine is the `regex` crate's: no backtracking, so no input makes it slow.
pub(super) fn compile(text: &str, offset: usize) -> Result<Regex, PatternError> {
    if text.is_empty() {
        return Err(PatternError::new(offset, "the regular expression between the % signs is empty"));
    }
    if let Some((at, character)) = text.char_indices().find(|&(_, character)| !is_allowed(character)) {
        let mend = match character {
            '(' | ')' => {
                "; groups are not supported: write one test for each alternative and join them with ||"
            }
            '!' => "; negate the test with != instead",
            ' ' => "; write \\s",
            _ => "",
        };
        return Err(PatternError::new(
            offset + at,
            format!("CloudWatch Logs does not allow {character:?} in a regular expression{mend}"),
        ));
    }
    RegexBuilder::new(text)
        .unicode(false)
        .size_limit(LARGEST_PROGRAM)
        .dfa_size_limit(LARGEST_CACHE)
        .build()
        .map_err(|error| PatternError::new(offset, format!("bad regular expression: {}", last_line(&error))))
}

fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || ":_#=@/;,-^$?[]{}|\\*+.".contains(character)
}

/// regex draws the expression over several lines; its last line says what is wrong.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
