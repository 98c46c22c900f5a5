//! How often each value of a field comes, in bounded memory.

use std::collections::HashMap;

use serde::Serialize;

/// So many values are told apart. A name has up to a kilobyte, and there are six rankings.
const MOST_VALUES: usize = 20_000;
/// So many are shown.
const SHOWN: usize = 20;

#[derive(Default)]
pub(super) struct Ranking {
    counts: HashMap<String, u64>,
    not_told_apart: u64,
}

/// The part of a ranking that is shown.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Top {
    rows: Vec<(String, u64)>,
    /// How many values were told apart.
    distinct: usize,
    /// Findings whose value came when there was no more room.
    not_told_apart: u64,
}

impl Ranking {
    pub(super) fn add(&mut self, value: &str) {
        let has_room = self.counts.len() < MOST_VALUES;
        match self.counts.get_mut(value) {
            Some(count) => *count += 1,
            None if has_room => {
                self.counts.insert(value.to_owned(), 1);
            }
            None => self.not_told_apart += 1,
        }
    }

    /// The most frequent; of those that are as frequent, the first by name.
    pub(super) fn top(self) -> Top {
        let distinct = self.counts.len();
        let mut rows: Vec<(String, u64)> = self.counts.into_iter().collect();
        rows.sort_unstable_by(|(name, count), (other, others)| {
            others.cmp(count).then_with(|| name.cmp(other))
        });
        rows.truncate(SHOWN);
        Top { rows, distinct, not_told_apart: self.not_told_apart }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked<'v>(values: impl IntoIterator<Item = &'v str>) -> Top {
        let mut ranking = Ranking::default();
        values.into_iter().for_each(|value| ranking.add(value));
        ranking.top()
    }

    fn rows(rows: &[(&str, u64)]) -> Vec<(String, u64)> {
        rows.iter().map(|&(name, count)| (name.to_owned(), count)).collect()
    }

    #[test]
    fn the_most_frequent_come_first_and_others_by_name() {
        assert_eq!(ranked([]), Top { rows: vec![], distinct: 0, not_told_apart: 0 });
        let top = ranked(["b", "c", "a", "c"]);
        assert_eq!(top, Top { rows: rows(&[("c", 2), ("a", 1), ("b", 1)]), distinct: 3, not_told_apart: 0 });
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let names: Vec<String> = (0..MOST_VALUES + 3).map(|at| format!("{at:06}")).collect();
        let top = ranked(names.iter().map(String::as_str).chain(["000007", "000007"]));
        assert_eq!((top.distinct, top.not_told_apart, top.rows.len()), (MOST_VALUES, 3, SHOWN));
        assert_eq!(top.rows[..2], rows(&[("000007", 3), ("000000", 1)]));
    }
}
