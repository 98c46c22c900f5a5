//! Values with wildcards inside, as Sigma has them.

use std::fmt;

/// What `windash` takes for one another.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// A text in which some characters may be others. Rules have lists of thousands of these, so that
/// each takes up little more than its text, as no regular expression would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    tokens: Vec<Token>,
    fold_case: bool,
}

/// A part of such a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// This character.
    Char(char),
    /// Any character.
    One,
    /// Any number of characters.
    Many,
    /// Any dash or slash.
    Dash,
}

impl Token {
    /// What stands for a character if dashes stand for one another.
    pub fn with_dashes(character: char) -> Self {
        if DASHES.contains(&character) { Self::Dash } else { Self::Char(character) }
    }

    fn takes(self, character: char) -> bool {
        match self {
            Self::Char(own) => own == character,
            Self::One => true,
            Self::Many => false,
            Self::Dash => DASHES.contains(&character),
        }
    }
}

impl Glob {
    /// A text of these parts, from beginning to end.
    pub fn new(tokens: impl IntoIterator<Item = Token>, fold_case: bool) -> Self {
        let mut folded = Vec::new();
        for token in tokens {
            match token {
                Token::Char(character) if fold_case => {
                    folded.extend(character.to_lowercase().map(Token::Char));
                }
                Token::Many if folded.last() == Some(&Token::Many) => {}
                token => folded.push(token),
            }
        }
        Self { tokens: folded, fold_case }
    }

    /// Whether `A` and `a` are the same.
    pub fn folds_case(&self) -> bool {
        self.fold_case
    }

    /// Whether `value` reads so.
    pub fn matches(&self, value: &str) -> bool {
        if self.fold_case { self.fits(&value.to_lowercase()) } else { self.fits(value) }
    }

    fn fits(&self, value: &str) -> bool {
        let (mut tokens, mut rest) = (self.tokens.as_slice(), value);
        // Behind the last star: its tokens, and what it has not taken yet. An earlier star never
        // has to take more, for whatever it would leave, the last one can skip.
        let mut star: Option<(&[Token], &str)> = None;
        loop {
            if let Some((Token::Many, behind)) = tokens.split_first() {
                star = Some((behind, rest));
                tokens = behind;
                if behind.is_empty() {
                    return true;
                }
                continue;
            }
            let mut characters = rest.chars();
            match (tokens.split_first(), characters.next()) {
                (None, None) => return true,
                (Some((token, behind)), Some(character)) if token.takes(character) => {
                    (tokens, rest) = (behind, characters.as_str());
                    continue;
                }
                _ => {}
            }
            let Some((behind, from)) = star else { return false };
            let mut characters = from.chars();
            if characters.next().is_none() {
                return false;
            }
            star = Some((behind, characters.as_str()));
            (tokens, rest) = (behind, characters.as_str());
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| match token {
            Token::Char(character @ ('*' | '?' | '\\')) => write!(f, "\\{character}"),
            Token::Char(character) => write!(f, "{character}"),
            Token::One => f.write_str("?"),
            Token::Many => f.write_str("*"),
            Token::Dash => f.write_str("-"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str, fold_case: bool) -> Glob {
        let token = |character| match character {
            '*' => Token::Many,
            '?' => Token::One,
            '-' => Token::Dash,
            other => Token::Char(other),
        };
        Glob::new(text.chars().map(token), fold_case)
    }

    #[test]
    fn texts_fit_as_the_table_says() {
        for (pattern, fits, others) in [
            ("f*r", &["fr", "for", "f\nr", "frr", "fxrxr"][..], &["f", "r", "frx", "xfr", "Fr"][..]),
            ("a?c", &["abc", "a\nc", "a\u{e4}c"], &["ac", "abbc"]),
            ("*ab*ab*", &["abab", "xabxabx", "aababab"], &["ab", "aab", "abxba"]),
            ("*a?", &["ab", "aab", "aaa"], &["a", "ba"]),
            ("a**b", &["ab", "axb"], &["a", "b"]),
            ("?*", &["a", "ab"], &[""]),
            ("**", &["", "a"], &[]),
            ("", &[""], &["a"]),
            ("a-b*c", &["a/bc", "a\u{2013}bxc", "a-bc"], &["a_bc"]),
        ] {
            let glob = glob(pattern, false);
            assert!(fits.iter().all(|value| glob.matches(value)), "{pattern} fits {fits:?}");
            assert!(!others.iter().any(|value| glob.matches(value)), "{pattern} fits none of {others:?}");
        }
        assert!(glob("\u{c4}?C*", true).matches("\u{e4}bcd"));
        assert_eq!(glob("a**?b", true).to_string(), "a*?b");
    }

    #[test]
    fn many_stars_on_a_long_value_end() {
        let pattern = format!("{}b", "*a".repeat(500));
        assert!(!glob(&pattern, true).matches(&"a".repeat(20_000)));
        assert!(glob(&format!("{pattern}*"), true).matches(&("a".repeat(20_000) + "b")));
    }
}
