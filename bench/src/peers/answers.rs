//! What the tools print, read.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::Answer;
use crate::corpus::Three;

/// The three counts in the order of [`Three`], with spaces between.
pub(super) fn counts(output: &[u8]) -> Result<Answer> {
    let text = str::from_utf8(output)?;
    let numbers = text.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>();
    match numbers.with_context(|| format!("no three counts: {text:?}"))?[..] {
        [access_denied, sig_v2, anonymous] => Ok(Answer::Counts(Three { access_denied, sig_v2, anonymous })),
        _ => bail!("no three counts: {text:?}"),
    }
}

/// A count per line, one for each file that has any.
pub(super) fn sum_of_lines(output: &[u8]) -> Result<Answer> {
    let counts = str::from_utf8(output)?.lines().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    something(counts.into_iter().sum())
}

/// One JSON object per match, with the title of its rule in the member called `title`.
pub(super) fn matches_by_title(output: &[u8], title: &str) -> Result<Answer> {
    let mut three = Three::default();
    for found in serde_json::Deserializer::from_slice(output).into_iter::<Value>() {
        let found = found.context("a match is no JSON")?;
        match found[title].as_str() {
            Some("access_denied") => three.access_denied += 1,
            Some("sig_v2") => three.sig_v2 += 1,
            Some("anonymous") => three.anonymous += 1,
            _ => bail!("a match of no rule of ours: {found}"),
        }
    }
    Ok(Answer::Counts(three))
}

fn something(count: u64) -> Result<Answer> {
    ensure!(count > 0, "it found nothing at all");
    Ok(Answer::Other(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: Answer = Answer::Counts(Three { access_denied: 2, sig_v2: 1, anonymous: 0 });

    #[test]
    fn three_counts_are_read_and_nothing_else() {
        assert_eq!(counts(b"2 1 0\n").unwrap(), COUNTS);
        for output in ["", "1 2", "1 2 3 4", "one two three"] {
            assert!(counts(output.as_bytes()).is_err(), "{output:?}");
        }
    }

    #[test]
    fn lines_add_up_and_must_not_be_nothing() {
        assert_eq!(sum_of_lines(b"40\n2\n").unwrap(), Answer::Other(42));
        assert!(sum_of_lines(b"").is_err());
    }

    #[test]
    fn matches_are_counted_by_the_title_of_their_rule() {
        let output = br#"{"rule":"access_denied"}
            {"rule":"sig_v2"}
            {"rule":"access_denied"}"#;
        assert_eq!(matches_by_title(output, "rule").unwrap(), COUNTS);
        assert!(matches_by_title(br#"{"rule":"another"}"#, "rule").is_err());
        assert!(matches_by_title(br#"{"rule":"#, "rule").is_err());
    }
}
