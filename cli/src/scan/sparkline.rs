//! Counts as a line of small bars.

/// What nothing looks like, and the bars from the lowest to the highest.
const BLOCKS: (char, [char; 8]) = ('·', ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']);
/// The same where there is ASCII alone: from little ink to much.
const ASCII: (char, [char; 8]) = ('.', ['-', ':', '=', '+', 'x', '*', '%', '#']);

/// A bar for each count, the largest as high as they get. One match is never as low as none.
pub(super) fn sparkline(counts: &[u64], is_utf8: bool) -> String {
    let (nothing, bars) = if is_utf8 { BLOCKS } else { ASCII };
    let largest = counts.iter().copied().max().unwrap_or(0);
    let bar = |count: &u64| match *count {
        0 => nothing,
        count => {
            // In 128 bits nothing overflows. Rounded up, so that it is between 1 and 8.
            let height = (u128::from(count) * 8).div_ceil(u128::from(largest));
            usize::try_from(height).ok().and_then(|height| bars.get(height - 1)).copied().unwrap_or(nothing)
        }
    };
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn bars_are_as_high_as_the_counts() {
        for (counts, blocks, ascii) in [
            (&[][..], "", ""),
            (&[0, 0], "··", ".."),
            (&[1], "█", "#"),
            (&[1, 0, 1], "█·█", "#.#"),
            (&[0, 1, 2, 3, 4, 5, 6, 7, 8], "·▁▂▃▄▅▆▇█", ".-:=+x*%#"),
            (&[1, 1_000_000], "▁█", "-#"),
            (&[1, u64::MAX], "▁█", "-#"),
        ] {
            assert_eq!(sparkline(counts, true), blocks, "{counts:?}");
            assert_eq!(sparkline(counts, false), ascii, "{counts:?}");
        }
    }
}
