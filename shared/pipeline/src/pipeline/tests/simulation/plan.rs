//! What there is to read, how often it is announced, and what befalls whom.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::pipeline::tests::fixtures::{denied, file};

/// What befalls a call through a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Fine,
    /// It fails, and has no effect.
    Fails,
    /// It has its effect, and its answer is lost.
    LosesAnswer,
    /// It has none, and the caller cannot know.
    IsLost,
    /// The process dies before the call is carried out.
    DiesBefore,
    /// The process dies when it was carried out.
    DiesAfter,
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The events of each file, by number. What one matches follows from its number.
    pub(super) files: Vec<Vec<u8>>,
    /// The files that each message names.
    pub(super) messages: Vec<Vec<usize>>,
    /// The events that messages bring, one each: some of them stand in a file as well.
    pub(super) singles: Vec<u8>,
    pub(super) batch: usize,
    pub(super) processes: usize,
    /// How many objects are read before their turn.
    pub(super) read_ahead: usize,
    /// After so many openings of the first file it is written over with the same content.
    pub(super) written_over: Option<usize>,
    /// Which process takes the next step, as far as there are so many.
    pub(super) turns: Vec<u8>,
    /// What befalls the calls, in their order; those behind them are fine.
    pub(super) fates: Vec<Fate>,
}

impl Plan {
    /// Three messages of two files with an event in common, one of them announced twice; and two that bring an
    /// event of a file and one of none.
    pub(super) fn fixed(fates: Vec<Fate>, read_ahead: usize) -> Self {
        Self {
            files: vec![vec![0, 1, 2], vec![1, 5]],
            messages: vec![vec![0], vec![1], vec![0]],
            singles: vec![1, 9],
            batch: 2,
            processes: 1,
            read_ahead,
            written_over: None,
            turns: Vec::new(),
            fates,
        }
    }

    /// The files that any message names: the others are not delivered.
    pub(super) fn named_files(&self) -> BTreeSet<usize> {
        self.messages.iter().flatten().copied().collect()
    }

    /// The events that are brought alone and that a detector matches: the others are never claimed.
    pub(super) fn claimed_singles(&self) -> BTreeSet<u8> {
        self.singles.iter().copied().filter(|event| is_denied(*event) || is_odd(*event)).collect()
    }

    /// Every event of these and those that are brought alone, once: `[Denied, Odd]`.
    pub(super) fn distinct(&self) -> [u64; 2] {
        let of_files = self.named_files().into_iter().flat_map(|file| self.files[file].clone());
        let events: BTreeSet<u8> = of_files.chain(self.singles.iter().copied()).collect();
        let count = |is: fn(u8) -> bool| events.iter().filter(|event| is(**event)).count() as u64;
        [count(is_denied), count(is_odd)]
    }

    /// Whether nothing goes wrong.
    pub(super) fn is_fine(&self) -> bool {
        self.fates.iter().all(|fate| *fate == Fate::Fine)
    }

    pub(super) fn text(&self, at: usize) -> String {
        file(&self.files[at].iter().copied().map(record).collect::<Vec<_>>())
    }
}

/// The record of an event, the same wherever it comes from.
pub(super) fn record(event: u8) -> String {
    let fields = format!("\"eventID\":\"{event}\",\"odd\":{}", is_odd(event));
    if is_denied(event) { denied(&fields) } else { format!("{{{fields}}}") }
}

fn is_denied(event: u8) -> bool {
    event % 4 < 2
}

fn is_odd(event: u8) -> bool {
    event % 4 == 1 || event % 4 == 2
}

pub(super) fn plans() -> impl Strategy<Value = Plan> {
    let fate = prop_oneof![
        24 => Just(Fate::Fine),
        2 => Just(Fate::Fails),
        2 => Just(Fate::LosesAnswer),
        1 => Just(Fate::IsLost),
        1 => Just(Fate::DiesBefore),
        1 => Just(Fate::DiesAfter),
    ];
    let files = prop::collection::vec(prop::collection::vec(0..12_u8, 0..6), 1..5);
    files.prop_flat_map(move |files| {
        let names = prop::collection::vec(0..files.len(), 1..3);
        (
            Just(files),
            prop::collection::vec(names, 1..6),
            prop::collection::vec(0..16_u8, 0..5),
            1..4_usize,
            1..4_usize,
            0..4_usize,
            prop::option::weighted(0.3, 1..4_usize),
            prop::collection::vec(any::<u8>(), 0..200),
            prop::collection::vec(fate.clone(), 0..80),
        )
            .prop_map(
                |(files, messages, singles, batch, processes, read_ahead, written_over, turns, fates)| Plan {
                    files,
                    messages,
                    singles,
                    batch,
                    processes,
                    read_ahead,
                    written_over,
                    turns,
                    fates,
                },
            )
    })
}
