//! Which events have counted, for which detectors.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::Repeats;
use super::sets::{SetId, Sets};
use crate::event_key::EventKey;
use crate::scan::{FileMatches, Hit, RecordMatch};

/// Remembers which events have counted, up to a bound.
///
/// An event takes 21 bytes, in a table with up to twice the room, for however many detectors it has
/// counted; what a part adds is listed for as long as it may be forgotten, at 20 bytes an event. Beyond the
/// bound nothing more is remembered: what was counted until then is still recognised, repeats of later events
/// count again, and how many pairs of event and detector that may concern is [`Memory::not_remembered`].
#[derive(Debug)]
pub struct Memory {
    repeats: Repeats,
    most: usize,
    /// How many pairs of event and detector are remembered.
    pairs: usize,
    counted: HashMap<Packed, SetId, foldhash::fast::RandomState>,
    sets: Sets,
    /// What has counted in other places than this memory knows of, of the file at hand.
    elsewhere: HashSet<(EventKey, usize)>,
    not_remembered: u64,
    part: Option<Part>,
}

/// As an [`EventKey`], but it stands anywhere: a key that has to be aligned makes entries of 32 bytes.
type Packed = [u8; 16];

/// What a part of the counting has added to the memory.
#[derive(Debug, Default)]
pub struct Part {
    /// Events, and for which detectors they were added. An event may stand here more than once, for other detectors.
    added: Vec<(Packed, SetId)>,
    not_remembered: u64,
}

impl Part {
    /// How many of its events had no room.
    pub fn not_remembered(&self) -> u64 {
        self.not_remembered
    }
}

impl Memory {
    /// A memory that holds at most `most` pairs of event and detector.
    pub fn new(repeats: Repeats, most: usize) -> Self {
        Self {
            repeats,
            most,
            pairs: 0,
            counted: HashMap::default(),
            sets: Sets::default(),
            elsewhere: HashSet::new(),
            not_remembered: 0,
            part: None,
        }
    }

    /// How many counted events had no room.
    pub fn not_remembered(&self) -> u64 {
        self.not_remembered
    }

    /// Begins a part that [`take_back`](Self::take_back) may undo, and keeps what went before.
    pub fn begin_part(&mut self) {
        self.part = Some(Part::default());
    }

    /// Ends a part. Until it is [forgotten](Self::forget), what it counted stays remembered.
    pub fn end_part(&mut self) -> Part {
        self.part.take().unwrap_or_default()
    }

    /// Forgets what a part counted, as [`take_back`](Self::take_back) does, when other parts have
    /// followed it.
    pub fn forget(&mut self, part: &Part) {
        self.not_remembered -= part.not_remembered;
        for (event, added) in &part.added {
            let Some(set) = self.counted.get_mut(event) else { continue };
            self.pairs -= self.sets.len(*added);
            *set = self.sets.without(*set, *added);
            if *set == SetId::NONE {
                self.counted.remove(event);
            }
        }
    }

    /// Forgets what was counted since the last [`begin_part`](Self::begin_part): its counts were
    /// dropped, so the same events elsewhere are no repeats of anything.
    pub fn take_back(&mut self) {
        let part = self.end_part();
        self.forget(&part);
    }

    /// The pairs of event and detector that would count if the file were counted now, each once.
    pub fn would_count(&self, file: &FileMatches) -> Vec<(EventKey, usize)> {
        let mut pairs = Vec::with_capacity(file.hits().len());
        for (record, hits) in file.matched().filter(|(record, _)| !record.is_update) {
            let Some(event) = record.event else { continue };
            let set = self.counted.get(&event.to_bytes()).copied().unwrap_or(SetId::NONE);
            let news = hits.iter().filter(|hit| !self.sets.contains(set, hit.detector));
            pairs.extend(news.map(|hit| (event, hit.detector)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Says which pairs of the next file have counted elsewhere, and forgets those of the one before.
    pub fn set_counted_elsewhere(&mut self, pairs: impl IntoIterator<Item = (EventKey, usize)>) {
        self.elsewhere = pairs.into_iter().collect();
    }

    /// Remembers a record, and gives each of its hits that counts to `counted`.
    pub(super) fn count<'m>(
        &mut self,
        record: &RecordMatch,
        hits: &'m [Hit],
        mut counted: impl FnMut(&'m Hit),
    ) {
        if self.repeats == Repeats::AsTheyStand {
            return hits.iter().for_each(counted);
        }
        // The event itself was delivered before this update of it.
        if record.is_update {
            return;
        }
        let Some(event) = record.event else { return hits.iter().for_each(counted) };
        if !self.elsewhere.is_empty() || self.pairs + hits.len() > self.most {
            return hits.iter().filter(|hit| self.is_first(event, hit)).for_each(counted);
        }
        let key = event.to_bytes();
        let all = self.sets.of(hits);
        let before = match self.counted.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(all);
                SetId::NONE
            }
            Entry::Occupied(entry) if *entry.get() == all => return,
            Entry::Occupied(mut entry) => {
                let before = *entry.get();
                entry.insert(self.sets.with(before, all));
                before
            }
        };
        let added = self.sets.without(all, before);
        self.pairs += self.sets.len(added);
        if let Some(part) = self.part.as_mut().filter(|_| added != SetId::NONE) {
            part.added.push((key, added));
        }
        hits.iter().filter(|hit| !self.sets.contains(before, hit.detector)).for_each(&mut counted);
    }

    /// Whether one hit is the first of its event, where each has to be looked at by itself.
    fn is_first(&mut self, event: EventKey, hit: &Hit) -> bool {
        if self.elsewhere.contains(&(event, hit.detector)) {
            return false;
        }
        let key = event.to_bytes();
        let before = self.counted.get(&key).copied().unwrap_or(SetId::NONE);
        if self.sets.contains(before, hit.detector) {
            return false;
        }
        if self.pairs >= self.most {
            self.not_remembered += 1;
            if let Some(part) = &mut self.part {
                part.not_remembered += 1;
            }
            return true;
        }
        let added = self.sets.of(std::slice::from_ref(hit));
        self.counted.insert(key, self.sets.with(before, added));
        self.pairs += 1;
        if let Some(part) = &mut self.part {
            part.added.push((key, added));
        }
        true
    }
}
