//! Names that others chose, fit for a terminal.

use std::fmt;
use std::io::{ErrorKind, Write, stderr};

use crate::{DONE, USAGE};

/// Prints a text with control characters escaped, so that no file name moves the cursor or forges
/// a line.
pub(crate) struct Printable<'a>(pub(crate) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| {
            if character.is_control() {
                write!(f, "{}", character.escape_unicode())
            } else {
                write!(f, "{character}")
            }
        })
    }
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
    }
}
