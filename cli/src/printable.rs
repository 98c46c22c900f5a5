//! Names that others chose, fit for a terminal.

use std::fmt;
use std::io::{ErrorKind, Write, stderr};

use trailmeter_detection::printable::{escaped_json, is_unfit};

use crate::{DONE, USAGE};

/// Prints a text with control characters escaped, so that no file name moves the cursor or forges
/// a line, and those too that turn or hide what stands beside them.
pub(crate) struct Printable<'a>(pub(crate) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| {
            if is_unfit(character) {
                write!(f, "{}", character.escape_unicode())
            } else {
                write!(f, "{character}")
            }
        })
    }
}

/// JSON in one line, with those characters escaped too that JSON lets stand (a terminal takes some of
/// them for the beginning of a command).
pub(crate) fn json(value: &serde_json::Value) -> String {
    escaped_json(&value.to_string())
}

/// The same in several lines.
pub(crate) fn json_lines(value: &serde_json::Value) -> String {
    escaped_json(&format!("{value:#}"))
}

/// Says why the command ends, and with which status.
pub(crate) fn report(error: &anyhow::Error) -> u8 {
    // The only I/O errors without a context are those of standard output.
    let is_bare = error.chain().len() == 1;
    let problem = match error.downcast_ref::<std::io::Error>().filter(|_| is_bare) {
        // Whoever closed the pipe has read enough.
        Some(problem) if problem.kind() == ErrorKind::BrokenPipe => return DONE,
        Some(problem) => format!("cannot write to standard output: {problem}"),
        None => format!("{error:#}"),
    };
    for line in problem.lines() {
        // With stderr gone as well there is nobody left to tell.
        let _ignored = writeln!(stderr(), "trailmeter: {}", Printable(line));
    }
    USAGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_nothing_else() {
        assert_eq!(Printable("a\n\u{1b}[2Jä b").to_string(), "a\\u{a}\\u{1b}[2Jä b");
        assert_eq!(Printable("\u{202e}cod.exe\u{200b}").to_string(), "\\u{202e}cod.exe\\u{200b}");
    }

    #[test]
    fn json_has_no_control_characters_and_says_the_same() {
        let value = serde_json::json!({ "ä\u{9b}31m": ["\u{7f}\n\u{1b}[2J\u{202e}\u{e0041}", 1] });
        let (line, lines) = (json(&value), json_lines(&value));
        assert!(!line.contains(is_unfit), "{line:?}");
        assert!(!lines.contains(|character| is_unfit(character) && character != '\n'), "{lines:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&lines).unwrap(), value);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
    }
}
