//! What the ledger holds of an object, and what may follow what.
//!
//! ```text
//!            claim                about to put             put taken
//!   (none) --------> claimed ---------------> flushing ---------------> done
//!                     ^  |  ^                  |    |
//!       lease expired |  |  '--- put refused --'    '-- answer lost: lease ends, and
//!                     '--'       (lease ends)           the next claim knows of the matches
//! ```

/// What the ledger holds of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// How far it has come.
    pub state: State,
    /// The attempt that wrote it. No two attempts bear the same.
    pub owner: String,
    /// Until when no other attempt may take it over, in seconds since 1970.
    pub lease: i64,
    /// When the attempt began, in seconds since 1970.
    pub since: i64,
    /// Matches that its request bears, once it is flushing.
    pub matches: u64,
    /// Matches that requests of earlier attempts may have brought in already.
    pub perhaps: u64,
}

/// How far an object has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// An attempt reads it. Nothing of it counts yet.
    Claimed,
    /// The request that bears its counts is on its way.
    Flushing,
    /// It is counted.
    Done,
}

/// What an attempt may do with an object that has an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// It is counted.
    Counted,
    /// Another attempt is at it.
    InOtherHands,
    /// No attempt is at it any longer.
    Abandoned,
}

impl Entry {
    pub(crate) fn claim(owner: String, since: i64, lease: i64) -> Self {
        Self { state: State::Claimed, owner, lease, since, matches: 0, perhaps: 0 }
    }

    /// What it means to an attempt that meets it.
    pub fn met(&self, now: i64) -> Met {
        match self.state {
            State::Done => Met::Counted,
            State::Claimed | State::Flushing if self.lease >= now => Met::InOtherHands,
            State::Claimed | State::Flushing => Met::Abandoned,
        }
    }

    /// The claim of whoever takes it over.
    ///
    /// Of several attempts that may have been counted the largest is kept, not the sum: each
    /// attempt but the first puts this number in the request that bears its counts, so what all of
    /// them have brought in twice is covered whichever of them arrived.
    pub(crate) fn taken_over(&self, claim: Self) -> Self {
        let flushed = if self.state == State::Flushing { self.matches } else { 0 };
        Self { perhaps: self.perhaps.max(flushed), ..claim }
    }

    /// Whether some attempt may have been counted.
    pub fn is_in_doubt(&self) -> bool {
        self.state == State::Flushing || self.perhaps > 0
    }

    pub(crate) fn flushing(&self, matches: u64) -> Self {
        Self { state: State::Flushing, matches, ..self.clone() }
    }

    pub(crate) fn done(&self) -> Self {
        Self { state: State::Done, ..self.clone() }
    }

    /// Nothing of this attempt was counted; whoever comes next need not wait.
    pub(crate) fn released(&self) -> Self {
        Self { state: State::Claimed, lease: 0, matches: 0, ..self.clone() }
    }

    /// It may have been counted with so many matches; whoever comes next need not wait.
    pub(crate) fn in_doubt(&self, matches: u64) -> Self {
        Self { state: State::Flushing, lease: 0, matches, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1000;

    fn claim(owner: &str) -> Entry {
        Entry::claim(owner.to_owned(), NOW, NOW + 180)
    }

    #[test]
    fn what_an_entry_means_to_another_attempt() {
        let claimed = claim("a");
        let cases = [
            (claimed.clone(), NOW + 180, Met::InOtherHands),
            (claimed.clone(), NOW + 181, Met::Abandoned),
            (claimed.flushing(3), NOW, Met::InOtherHands),
            (claimed.flushing(3), NOW + 181, Met::Abandoned),
            (claimed.released(), NOW, Met::Abandoned),
            (claimed.flushing(3).in_doubt(2), NOW, Met::Abandoned),
            (claimed.flushing(3).done(), NOW, Met::Counted),
            (claimed.flushing(3).done(), NOW + 10_000, Met::Counted),
        ];
        for (entry, now, met) in cases {
            assert_eq!(entry.met(now), met, "{entry:?} at {now}");
        }
    }

    #[test]
    fn only_what_was_flushing_may_have_been_counted() {
        let first = claim("a");
        let cases = [
            (first.clone(), 0),
            (first.released(), 0),
            (first.flushing(3), 3),
            (first.flushing(3).released(), 0),
            (first.flushing(3).in_doubt(2), 2),
        ];
        for (entry, perhaps) in cases {
            assert_eq!(entry.is_in_doubt(), perhaps > 0, "{entry:?}");
            let second = entry.taken_over(claim("b"));
            assert_eq!((second.perhaps, second.state), (perhaps, State::Claimed), "{entry:?}");
            assert_eq!(second.owner, "b");
            // Nor is it forgotten if the second attempt comes to nothing.
            for third in [&second, &second.released()] {
                assert_eq!(third.taken_over(claim("c")).perhaps, perhaps, "{entry:?}");
            }
            assert_eq!(second.flushing(5).taken_over(claim("c")).perhaps, perhaps.max(5), "{entry:?}");
        }
    }
}
