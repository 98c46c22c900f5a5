//! Sets of detectors, each kept once.
//!
//! A million events are matched by a few hundred different sets of detectors, so that what is kept for an event is
//! the number of its set.

use std::collections::HashMap;

use crate::scan::Hit;

/// Which set it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SetId(u32);

impl SetId {
    /// The set of no detector.
    pub(super) const NONE: Self = Self(0);
}

/// All sets that were met.
#[derive(Debug)]
pub(super) struct Sets {
    /// By id; each sorted.
    members: Vec<Box<[u32]>>,
    ids: HashMap<Box<[u32]>, SetId, foldhash::fast::RandomState>,
    /// The set that is being made.
    making: Vec<u32>,
    /// The set that was made last, of those with the same sum: most sets come again and again.
    recent: [SetId; RECENT],
}

const RECENT: usize = 64;

impl Default for Sets {
    fn default() -> Self {
        let ids = HashMap::from_iter([(Box::default(), SetId::NONE)]);
        Self { members: vec![Box::default()], ids, making: Vec::new(), recent: [SetId::NONE; RECENT] }
    }
}

impl Sets {
    /// How many detectors a set has.
    pub(super) fn len(&self, set: SetId) -> usize {
        self.members_of(set).len()
    }

    pub(super) fn contains(&self, set: SetId, detector: usize) -> bool {
        self.members_of(set).iter().any(|&member| member as usize == detector)
    }

    /// The detectors of some hits.
    pub(super) fn of(&mut self, hits: &[Hit]) -> SetId {
        self.making.clear();
        // A set of detectors has no four thousand million of them.
        self.making.extend(hits.iter().map(|hit| u32::try_from(hit.detector).unwrap_or(u32::MAX)));
        if !self.making.is_sorted_by(|one, next| one < next) {
            self.making.sort_unstable();
            self.making.dedup();
        }
        self.made()
    }

    /// What is in either.
    pub(super) fn with(&mut self, one: SetId, other: SetId) -> SetId {
        if one == SetId::NONE || one == other {
            return other;
        }
        self.making.clear();
        self.making.extend_from_slice(&self.members[one.0 as usize]);
        self.making.extend_from_slice(&self.members[other.0 as usize]);
        self.making.sort_unstable();
        self.making.dedup();
        self.made()
    }

    /// What is in `one` and not in `other`.
    pub(super) fn without(&mut self, one: SetId, other: SetId) -> SetId {
        if other == SetId::NONE {
            return one;
        }
        self.making.clear();
        let (one, other) = (&self.members[one.0 as usize], &self.members[other.0 as usize]);
        self.making.extend(one.iter().filter(|member| !other.contains(member)));
        self.made()
    }

    fn members_of(&self, set: SetId) -> &[u32] {
        &self.members[set.0 as usize]
    }

    fn made(&mut self) -> SetId {
        let sum = self.making.iter().fold(0_usize, |sum, &member| sum.wrapping_mul(7) + member as usize);
        let recent = self.recent[sum % RECENT];
        if *self.members_of(recent) == *self.making {
            return recent;
        }
        let id = self.kept();
        self.recent[sum % RECENT] = id;
        id
    }

    fn kept(&mut self) -> SetId {
        if let Some(&id) = self.ids.get(self.making.as_slice()) {
            return id;
        }
        let id = SetId(u32::try_from(self.members.len()).unwrap_or(u32::MAX));
        let set: Box<[u32]> = self.making.as_slice().into();
        self.members.push(set.clone());
        self.ids.insert(set, id);
        id
    }
}
