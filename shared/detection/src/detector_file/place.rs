//! Finds the line and column of a byte of a YAML scalar, whatever its style.

use crate::load_error::Place;

/// The place in `source` of byte `offset` of `value`, a scalar that starts at `start`.
///
/// A scalar may be plain, quoted, literal or folded, so its text and the source differ in quotes,
/// escapes, line breaks and indentation. The two are walked side by side: characters that agree
/// advance both, anything else in the source is passed over. A scalar of several hundred
/// characters never leads far astray, and the line is right even where escapes make the column
/// doubtful.
pub(super) fn place_in_scalar(source: &str, start: Place, value: &str, offset: usize) -> Place {
    let mut place = start;
    let Some(at) = byte_of(source, start) else { return start };
    let mut wanted = value[..offset.min(value.len())].chars().peekable();
    let after = value[offset.min(value.len())..].chars().find(|character| !character.is_whitespace());
    for character in source[at..].chars() {
        match wanted.peek() {
            None if Some(character) == after || after.is_none() => break,
            Some(&next) if next == character || next.is_whitespace() && character.is_whitespace() => {
                wanted.next();
            }
            // A line break that folding turned into nothing, or several blanks into one.
            Some(next) if next.is_whitespace() && !character.is_whitespace() => {
                wanted.next();
                if wanted.peek() == Some(&character) {
                    wanted.next();
                }
            }
            _ => {}
        }
        if character == '\n' {
            place = Place { line: place.line + 1, column: 1 };
        } else {
            place.column += 1;
        }
    }
    place
}

/// The place of the first `words` in `source` at or behind `start`.
pub(super) fn place_of_words(source: &str, start: Place, words: &str) -> Option<Place> {
    let from = byte_of(source, start).unwrap_or(0);
    let at = from + source[from..].find(words)?;
    let before = &source[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Some(Place {
        line: before.matches('\n').count() as u64 + 1,
        column: before[line_start..].chars().count() as u64 + 1,
    })
}

fn byte_of(source: &str, place: Place) -> Option<usize> {
    let line = usize::try_from(place.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
    let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    source[start..].char_indices().map(|(at, _)| start + at).nth(column)
}
