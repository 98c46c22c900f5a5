//! Text from outside, fit for a terminal.

use std::fmt::Write;

/// Whether a terminal takes the character for a command, or shows it as nothing at all: controls,
/// separators of lines, marks of direction, characters without width, tags.
pub fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// JSON with those characters escaped too that JSON lets stand (a terminal takes some of them for the
/// beginning of a command).
///
/// They only stand inside strings, where every character may be written by its number; but for the
/// ends of lines, which stand only outside of them.
pub fn escaped_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut units = [0; 2];
    for character in json.chars() {
        if character == '\n' || !is_unfit(character) {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _infallible = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_commands_is_escaped_and_the_rest_is_left() {
        let hidden =
            "\u{7f}\u{9b}\u{ad}\u{61c}\u{180e}\u{200b}\u{202e}\u{2066}\u{feff}\u{fff9}\u{fffb}\u{e0041}";
        assert!(hidden.chars().all(is_unfit), "{hidden:?}");
        assert!(!"aZ \u{e4}\u{2713}\u{1f600}\u{fffd}".chars().any(is_unfit));
        assert_eq!(escaped_json("\"a\u{ad}b\u{e0041}\"\n"), "\"a\\u00adb\\udb40\\udc41\"\n");
    }
}
