//! Conditions in words, and what to write instead of those that do not exist.

use super::super::ast::Condition;
use super::super::error::PatternError;
use super::{Parsed, Parser};

impl Parser<'_> {
    pub(super) fn keywords(&mut self, start: usize) -> Parsed<Condition> {
        let first = self.keyword();
        let second = self.keyword();
        let mend = match (first.as_str(), second.as_str()) {
            ("IS", "NULL") => return Ok(Condition::IsNull),
            ("IS", "TRUE") => return Ok(Condition::IsTrue),
            ("IS", "FALSE") => return Ok(Condition::IsFalse),
            ("NOT", "EXISTS") => return Ok(Condition::NotExists),
            ("EXISTS", _) => "EXISTS is not part of the syntax; write $.field = \"*\"",
            ("IS", "NOT") => {
                "IS NOT is not part of the syntax; write != \"x\", or = \"*\" for IS NOT NULL, or IS FALSE for IS NOT TRUE"
            }
            ("IS", _) => "IS is followed by NULL, TRUE or FALSE",
            ("NOT", "NULL") => {
                "NOT is followed by EXISTS; write $.field = \"*\" for what is there and not null"
            }
            ("NOT", _) => "NOT is followed by EXISTS",
            ("LIKE" | "CONTAINS", _) => {
                "a part of a text is asked for with = and stars at the ends, as in = \"*part*\""
            }
            ("MATCHES" | "REGEX", _) => "a regular expression stands between % signs, as in = %^Delete%",
            ("IN", _) => "there are no lists; write one test for each value and join them with ||",
            _ => {
                self.at = start;
                return Err(self.error(format!(
                    "expected =, !=, <, <=, >, >=, IS NULL, IS TRUE, IS FALSE or NOT EXISTS, found {}",
                    self.found()
                )));
            }
        };
        Err(PatternError::new(start, mend))
    }

    /// What to do about something that stands where a test was expected.
    pub(super) fn instead_of_test(&self) -> &'static str {
        let before = self.text[..self.at].trim_end();
        let is_behind_operator = before.ends_with("&&") || before.ends_with("||");
        let rest = self.rest();
        let is = |words: &[&str]| words.iter().any(|word| rest.starts_with(word));
        if is(&["&&", "||"]) && is_behind_operator {
            "; two operators stand side by side: take one out"
        } else if is(&["&&", "||"]) {
            "; an operator stands between two tests: take it out"
        } else if is_behind_operator && (is(&["}", ")"]) || rest.is_empty()) {
            "; the operator before it has nothing to join: take it out"
        } else if is(&["!", "NOT ", "not ", "Not "]) {
            "; nothing negates a test: write != in it, or NOT EXISTS behind the field"
        } else if rest
            .starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '.' | '"' | '\''))
        {
            "; a field is written $.field"
        } else {
            ""
        }
    }

    /// What to do about something that stands where `&&`, `||` or the end was expected.
    pub(super) fn instead_of_operator(&self) -> &'static str {
        let rest = self.rest();
        let word: String =
            rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        match (word.as_str(), rest.chars().next()) {
            ("and", _) | (_, Some('&')) => "; write &&",
            ("or", _) | (_, Some('|')) => "; write ||",
            (_, Some('$' | '(')) => "; join the tests with && or ||",
            ("", _) => "",
            _ => "; a value with blanks stands in double quotes",
        }
    }
}
