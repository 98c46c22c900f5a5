//! Text from outside, so that it can do no harm where it is read.

use trailmeter_detection::printable::is_unfit;

/// What has more characters is cut in the middle of nothing: the end of an ARN is what tells it from others.
pub(crate) const LONGEST: usize = 200;

/// The text on one line, with nothing that moves a cursor, turns the direction of writing or hides.
pub(crate) fn printable(text: &str) -> String {
    let clean: String = text.chars().map(|one| if is_unfit(one) { '\u{FFFD}' } else { one }).collect();
    shortened(&clean, LONGEST)
}

/// As many characters, the middle left out.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let (head, tail) = (most / 2, most - most / 2 - 1);
    let front = text.chars().take(head);
    let back = text.chars().skip(count - tail);
    front.chain(std::iter::once('…')).chain(back).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_moves_the_cursor_or_the_eye() {
        assert_eq!(
            printable("a\u{1b}[2Jb\r\nc\u{202e}d\u{200b}e\u{2028}"),
            "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}"
        );
        assert_eq!(printable("a\u{ad}\u{180e}\u{fff9}b"), "a\u{FFFD}\u{FFFD}\u{FFFD}b");
        assert_eq!(printable("Ünïcode 名前"), "Ünïcode 名前");
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        let long = format!("arn:{}:end", "x".repeat(10_000));
        let short = printable(&long);
        assert_eq!(short.chars().count(), LONGEST);
        assert!(short.starts_with("arn:") && short.contains('…') && short.ends_with(":end"), "{short}");
        for most in 1..12 {
            assert_eq!(shortened("0123456789", most).chars().count(), most.min(10));
        }
    }
}
