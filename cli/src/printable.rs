//! Names that others chose, fit for a terminal.

use std::fmt;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_nothing_else() {
        assert_eq!(Printable("a\n\u{1b}[2Jä b").to_string(), "a\\u{a}\\u{1b}[2Jä b");
    }
}
