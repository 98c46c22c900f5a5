//! Sets of small numbers, a bit each.

/// The bit of `at` in its word.
fn bit(at: usize) -> u64 {
    1 << (at % 64)
}

/// How many words hold `count` bits.
pub(super) fn words(count: usize) -> usize {
    count.div_ceil(64)
}

/// Words with the bits below `count` set.
pub(super) fn all(count: usize) -> Vec<u64> {
    let mut set = vec![u64::MAX; words(count)];
    if let Some(last) = set.last_mut()
        && !count.is_multiple_of(64)
    {
        *last = bit(count) - 1;
    }
    set
}

pub(super) fn contains(set: &[u64], at: usize) -> bool {
    set.get(at / 64).is_some_and(|word| word & bit(at) != 0)
}

pub(super) fn insert(set: &mut [u64], at: usize) {
    if let Some(word) = set.get_mut(at / 64) {
        *word |= bit(at);
    }
}

pub(super) fn remove(set: &mut [u64], at: usize) {
    if let Some(word) = set.get_mut(at / 64) {
        *word &= !bit(at);
    }
}

/// Whether two sets have a number in common.
pub(super) fn meet(one: &[u64], other: &[u64]) -> bool {
    one.iter().zip(other).any(|(one, other)| one & other != 0)
}

/// Takes out of `set` what is not in `other`, and says whether anything is left.
pub(super) fn retain(set: &mut [u64], other: &[u64]) -> bool {
    let mut left = 0;
    for (word, other) in set.iter_mut().zip(other) {
        *word &= other;
        left |= *word;
    }
    left != 0
}

/// Takes out of `set` what is in `other`.
pub(super) fn take_out(set: &mut [u64], other: &[u64]) {
    for (word, other) in set.iter_mut().zip(other) {
        *word &= !other;
    }
}

/// The numbers of a set, from the lowest on.
pub(super) fn ones(set: &[u64]) -> impl Iterator<Item = usize> {
    set.iter().enumerate().flat_map(|(at, &word)| {
        std::iter::successors((word != 0).then_some(word), |&word| {
            let rest = word & (word - 1);
            (rest != 0).then_some(rest)
        })
        .map(move |word| at * 64 + word.trailing_zeros() as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_into_them() {
        for count in [0, 1, 63, 64, 65, 128, 200] {
            let mut set = all(count);
            assert!(ones(&set).eq(0..count), "{count}");
            for at in (0..count).step_by(3) {
                remove(&mut set, at);
            }
            assert!(ones(&set).eq((0..count).filter(|at| at % 3 != 0)), "{count}");
            assert!((0..count).all(|at| contains(&set, at) == (at % 3 != 0)));
            let mut other = vec![0; words(count)];
            for at in (0..count).step_by(3) {
                insert(&mut other, at);
            }
            assert!(!meet(&set, &other) && !retain(&mut other.clone(), &set));
            take_out(&mut other, &set);
            assert!(ones(&other).eq((0..count).step_by(3)));
        }
        assert!(!contains(&[], 7));
    }
}
