//! Words that are nearly the same.

/// How many letters may differ for `word` to be taken for a slip of the pen: the shorter the word,
/// the fewer.
pub(super) fn slips(word: &str) -> usize {
    match word.len() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// The candidate that differs least from `word`, by no more than `most` letters that are added,
/// left out, replaced or swapped with their neighbour. Letters of another case count as the same.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl Iterator<Item = &'c str>,
    most: usize,
) -> Option<&'c str> {
    let mut best: Option<&str> = None;
    let mut limit = most;
    let mut rows = Rows::default();
    for candidate in candidates {
        if candidate.len().abs_diff(word.len()) > limit {
            continue;
        }
        let Some(distance) = rows.distance(word.as_bytes(), candidate.as_bytes(), limit) else { continue };
        // Of equals the first in the alphabet, so that the answer does not depend on their order.
        if best.is_none_or(|best| distance < limit || candidate < best) {
            (best, limit) = (Some(candidate), distance);
        }
    }
    best
}

/// The last rows of the table of distances, kept for the next candidate.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    last: Vec<usize>,
    row: Vec<usize>,
}

impl Rows {
    /// The optimal string alignment distance, if it is at most `limit`.
    fn distance(&mut self, left: &[u8], right: &[u8], limit: usize) -> Option<usize> {
        self.last.clear();
        self.last.extend(0..=right.len());
        for (i, a) in left.iter().enumerate() {
            self.row.clear();
            self.row.push(i + 1);
            let mut least_of_row = i + 1;
            for (j, b) in right.iter().enumerate() {
                let replaced = self.last[j] + usize::from(!a.eq_ignore_ascii_case(b));
                let mut least = replaced.min(self.last[j + 1] + 1).min(self.row[j] + 1);
                let is_swapped = i > 0
                    && j > 0
                    && a.eq_ignore_ascii_case(&right[j - 1])
                    && left[i - 1].eq_ignore_ascii_case(b);
                if is_swapped {
                    least = least.min(self.before[j - 1] + 1);
                }
                self.row.push(least);
                least_of_row = least_of_row.min(least);
            }
            if least_of_row > limit {
                return None;
            }
            std::mem::swap(&mut self.before, &mut self.last);
            std::mem::swap(&mut self.last, &mut self.row);
        }
        self.last.last().copied().filter(|&distance| distance <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_or_none() {
        for (word, most, expected) in [
            ("DeleteTrial", 2, Some("DeleteTrail")),
            ("DeletTrail", 2, Some("DeleteTrail")),
            ("deletetrail", 0, Some("DeleteTrail")),
            ("DeleteTrails", 1, Some("DeleteTrail")),
            ("DelteTrials", 2, None),
            ("DelteTrials", 3, Some("DeleteTrail")),
            ("StopLoging", 2, Some("StopLogging")),
            ("", 2, None),
            ("Jürgen", 2, None),
        ] {
            let found = nearest(word, ["StopLogging", "DeleteTrail", "DeleteTrailer"].into_iter(), most);
            assert_eq!(found, expected, "{word}");
        }
    }
}
