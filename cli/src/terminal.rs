//! What a table is printed on: how wide it is, and which characters it shows.

use std::io::{IsTerminal, stdout};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Where neither the terminal nor the environment says how wide it is.
const USUAL_WIDTH: usize = 80;
/// Less is no width to lay a table out in; such a terminal wraps what it is given.
const LEAST_WIDTH: usize = 20;

/// The terminal that standard output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Its width in columns.
    pub(crate) width: usize,
    /// Whether it shows more than ASCII.
    pub(crate) is_utf8: bool,
}

impl Terminal {
    /// `None` if standard output is none: what goes into a file or a pipe is for programs, or for a
    /// screen that nobody knows here, and is printed as wide as it is.
    pub(crate) fn of_stdout() -> Option<Self> {
        let out = stdout();
        if !out.is_terminal() {
            return None;
        }
        #[expect(clippy::disallowed_methods, reason = "what a terminal says of itself, no setting of ours")]
        let variable = |name: &str| std::env::var(name).ok();
        Some(Self::new(variable, terminal_size::terminal_size_of(&out).map(|(width, _)| width.0)))
    }

    /// `COLUMNS` goes first: whoever exports it wants another width than the terminal has.
    fn new(variable: impl Fn(&str) -> Option<String>, measured: Option<u16>) -> Self {
        let wanted = variable("COLUMNS").and_then(|text| text.trim().parse::<u16>().ok());
        let width = wanted.filter(|width| *width > 0).or(measured.filter(|width| *width > 0));
        // The first that is set decides, as POSIX has it.
        let mut locales = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable);
        let locale = locales.find(|text| !text.is_empty()).unwrap_or_default().to_uppercase();
        Self {
            width: width.map_or(USUAL_WIDTH, usize::from).max(LEAST_WIDTH),
            is_utf8: locale.contains("UTF-8") || locale.contains("UTF8"),
        }
    }

    /// A text that takes at most so many columns here. What had to be cut ends in a mark.
    pub(crate) fn cut(&self, text: &str, width: usize) -> String {
        cut(text, width, if self.is_utf8 { "…" } else { "..." })
    }

    /// Lines that fit, broken between words. All but the first are indented.
    pub(crate) fn wrapped(&self, text: &str, indent: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_inclusive(' ') {
            let room = |line: &String| self.width.saturating_sub(line.width());
            match lines.last_mut() {
                Some(line) if room(line) >= word.trim_end().width() => line.push_str(word),
                Some(_) => lines.push(" ".repeat(indent) + word),
                None => lines.push(word.to_owned()),
            }
        }
        lines.iter().map(|line| line.trim_end().to_owned()).collect()
    }
}

/// A text that takes at most so many columns, by the width of its characters on a screen.
fn cut(text: &str, width: usize, mark: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(mark.width());
    let fits = |character: &char| {
        let taken = character.width().unwrap_or(0);
        let fits = taken <= room;
        room = room.saturating_sub(taken);
        fits
    };
    let kept: String = text.chars().take_while(fits).collect();
    kept.trim_end().to_owned() + &mark.chars().take(width).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], measured: Option<u16>) -> (usize, bool) {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let Terminal { width, is_utf8 } = Terminal::new(variable, measured);
        (width, is_utf8)
    }

    #[test]
    fn the_width_is_that_of_the_environment_or_of_the_terminal() {
        for (columns, measured, expected) in [
            (None, Some(132), 132),
            (Some("60"), Some(132), 60),
            (Some("60"), None, 60),
            (None, None, 80),
            (None, Some(0), 80),
            (Some(""), Some(100), 100),
            (Some("wide"), Some(100), 100),
            (Some("0"), Some(100), 100),
            (Some("-5"), None, 80),
            (Some("1"), None, 20),
        ] {
            let variables: Vec<_> = columns.iter().map(|value| ("COLUMNS", *value)).collect();
            assert_eq!(of(&variables, measured).0, expected, "{columns:?} {measured:?}");
        }
    }

    #[test]
    fn the_locale_says_which_characters_there_are() {
        for (variables, expected) in [
            (&[("LANG", "en_GB.UTF-8")][..], true),
            (&[("LANG", "de_DE.utf8")], true),
            (&[("LANG", "de_DE.ISO-8859-1")], false),
            (&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")], false),
            (&[("LANG", "C"), ("LC_CTYPE", "C.UTF-8")], true),
            (&[("LANG", "C.UTF-8"), ("LC_ALL", "")], true),
            (&[], false),
        ] {
            assert_eq!(of(variables, None).1, expected, "{variables:?}");
        }
    }

    #[test]
    fn texts_are_cut_where_they_take_too_many_columns() {
        for (text, width, expected) in [
            ("sign-ins", 8, "sign-ins"),
            ("sign-ins", 7, "sign-i…"),
            ("calls denied", 7, "calls…"),
            // Two columns each.
            ("登録登録", 8, "登録登録"),
            ("登録登録", 7, "登録登…"),
            ("登録登録", 6, "登録…"),
            // A mark that has no width of its own stays with its letter.
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("abc", 1, "…"),
            ("abc", 0, ""),
        ] {
            let found = cut(text, width, "…");
            assert_eq!(found, expected, "{text} in {width}");
            assert!(found.width() <= width, "{found}");
        }
        assert_eq!(cut("sign-ins", 7, "..."), "sign...");
        assert_eq!(cut("sign-ins", 2, "..."), "..");
    }

    #[test]
    fn sentences_are_broken_between_words() {
        let terminal = Terminal { width: 20, is_utf8: true };
        let found = terminal.wrapped("note     there was nothing to read", 9);
        assert_eq!(found, ["note     there was", "         nothing to", "         read"]);
        let found = terminal.wrapped("note     averyverylongwordindeed", 9);
        assert_eq!(found, ["note", "         averyverylongwordindeed"]);
        assert_eq!(terminal.wrapped("short", 9), ["short"]);
    }
}
