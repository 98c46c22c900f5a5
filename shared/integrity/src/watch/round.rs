//! The last day gone over: digests that nobody was told of, and times that no digest covers.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Deliveries, Entry, Folders, GRACE, Link, Looked, Memory, Moment, Postponed, State, Watch};
use crate::{Chain, DigestKey, KeyService, Location, Objects, Reason};

/// How far back a round goes. Rounds are an hour apart, so that many of them may fail.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(26);
/// A digest that landed has so long to come by its message, which may have come back once.
const BY_MESSAGE: SignedDuration = SignedDuration::from_mins(45);
/// The period of a digest.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Digests are an hour apart, give or take.
const APART: SignedDuration = SignedDuration::from_mins(75);
/// From so long after the last one the next is overdue.
const OVERDUE: SignedDuration = SignedDuration::from_mins(135);
/// Entries that are asked for together.
const ENTRIES: usize = 100;

/// What a round has found.
#[derive(Debug, Default)]
pub struct Round {
    /// Digests that it looked at.
    pub looked: Vec<Looked>,
    /// Times without a digest that nobody was told of.
    pub missed: Vec<Missed>,
    /// Minutes for which the chain that stopped first has stopped.
    pub stopped_minutes: u64,
    /// Chains that had a digest in the last day.
    pub chains: u64,
    /// Digests that have waited for too long to be verified.
    pub unverified: u64,
    /// Why it was not gone through to the end.
    pub broke_off: Option<Postponed>,
}

/// A time without a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The last digest before it; the place where digests should be, if there is none.
    pub last: Location,
    /// Whether there is one behind it.
    pub reason: Reason,
    /// How long it is.
    pub minutes: u64,
}

/// The folder that a round begins with, of so many. Where there are more of them than there is time for, the rounds of a day
/// begin a day's part apart: if each comes through that part, all have their turn before what is looked for is a day old.
fn first_of(now: Timestamp, folders: usize) -> usize {
    const ROUNDS: i64 = 24;
    let hour = (now.as_second() / HOUR.as_secs()).rem_euclid(ROUNDS);
    usize::try_from(hour).unwrap_or(0) * folders / 24
}

impl<O, K, D, M> Watch<O, K, D, M>
where
    O: Objects + Folders + Sync,
    K: KeyService + Sync,
    D: Deliveries + Sync,
    M: Memory + Sync,
{
    /// Goes over the last day. As with a look, what it finds is to be told and remembered then.
    pub async fn round(&self, moment: Moment<'_>) -> Round {
        let mut round = Round::default();
        round.broke_off = self.go_round(moment, &mut round).await.err();
        round
    }

    /// Remembers that a time without a digest was told of.
    pub async fn remember_missed(&self, missed: &Missed, now: Timestamp) -> Result<(), Postponed> {
        let entry = Entry { at: now, findings: 1, link: Link::Settled };
        self.memory.write(&Entry::of_gap(&missed.last), &entry).await.map_err(Postponed::Memory)
    }

    async fn go_round(&self, moment: Moment<'_>, round: &mut Round) -> Result<(), Postponed> {
        let mut folders = self.region_folders().await?;
        let first = first_of(moment.now, folders.len());
        folders.rotate_left(first);
        for folder in folders {
            if moment.is_late() {
                return Err(Postponed::OutOfTime);
            }
            let mut chains: BTreeMap<Chain, Vec<Timestamp>> = BTreeMap::new();
            for key in self.recent(&folder, moment).await? {
                chains.entry(key.chain).or_default().push(key.time);
            }
            for (chain, mut times) in chains {
                times.sort_unstable();
                let is_ours = self.settings.is_ours(&chain);
                round.chains += u64::from(is_ours);
                self.unlooked(&chain, &times, moment, round).await?;
                if is_ours && !chain.is_backfill {
                    self.holes(&chain, &times, moment, round).await?;
                }
            }
        }
        if round.chains == 0 { self.without_digests(moment, round).await } else { Ok(()) }
    }

    /// There is no digest at all: the trail does not validate its log files, has stopped for more than a day, or has only
    /// just begun. The last is waited for.
    async fn without_digests(&self, moment: Moment<'_>, round: &mut Round) -> Result<(), Postponed> {
        let place = Location::new(&self.settings.bucket, self.settings.root());
        let name = Entry::of_nothing(&place);
        let known = self.memory.read(std::slice::from_ref(&name)).await.map_err(Postponed::Memory)?;
        match known.into_iter().flatten().next() {
            None => {
                let entry = Entry { at: moment.now, findings: 0, link: Link::Settled };
                self.memory.write(&name, &entry).await.map_err(Postponed::Memory)
            }
            Some(entry) if moment.since(entry.at) < GRACE => Ok(()),
            Some(_) => self.miss(Missed { last: place, reason: Reason::Stopped, minutes: 0 }, round).await,
        }
    }

    /// The digests of a folder whose periods ended in the last day.
    async fn recent(&self, folder: &str, moment: Moment<'_>) -> Result<Vec<DigestKey>, Postponed> {
        let from = moment.now.checked_sub(LOOKS_BACK).unwrap_or(moment.now);
        let mut after = format!("{folder}{}", from.strftime("%Y/%m/%d/"));
        let mut recent = Vec::new();
        loop {
            let page = self.objects.keys(&self.settings.bucket, folder, &after).await?;
            // An answer that does not go on would be asked for without end.
            let Some(last) = page.last().filter(|last| **last > after) else { return Ok(recent) };
            after.clone_from(last);
            recent.extend(page.iter().filter_map(|key| DigestKey::parse(key)).filter(|key| key.time >= from));
        }
    }

    /// Looks at the digests that were not looked at yet, and counts those for which that takes too long.
    async fn unlooked(
        &self,
        chain: &Chain,
        times: &[Timestamp],
        moment: Moment<'_>,
        round: &mut Round,
    ) -> Result<(), Postponed> {
        let place = |time: &Timestamp| Location::new(&self.settings.bucket, chain.key(*time).to_string());
        for times in times.chunks(ENTRIES) {
            let names: Vec<_> = times.iter().map(|time| self.entry_name(chain, &place(time))).collect();
            let entries = self.memory.read(&names).await.map_err(Postponed::Memory)?;
            for (time, entry) in times.iter().zip(entries) {
                let age = moment.since(*time);
                let is_due = match &entry {
                    Some(entry) => entry.link == Link::Pending,
                    // A name with a time that is still to come is nobody's to wait for.
                    None => age > BY_MESSAGE || age < -BY_MESSAGE,
                };
                let mut is_verified = entry.is_some();
                if is_due && !moment.is_late() {
                    let looked = self.look(&place(time), moment).await;
                    is_verified |= !looked.comes_back();
                    if !matches!(looked.state, State::Known) {
                        round.looked.push(looked);
                    }
                }
                round.unverified += u64::from(!is_verified && moment.since(*time) > GRACE);
            }
        }
        Ok(())
    }

    /// Finds the times of a chain that no digest covers.
    async fn holes(
        &self,
        chain: &Chain,
        times: &[Timestamp],
        moment: Moment<'_>,
        round: &mut Round,
    ) -> Result<(), Postponed> {
        let behind = |time: Timestamp, reason, length: SignedDuration| Missed {
            last: Location::new(&self.settings.bucket, chain.key(time).to_string()),
            reason,
            minutes: u64::try_from(length.as_mins()).unwrap_or(0),
        };
        let come = times.partition_point(|time| *time <= moment.now);
        let times = &times[..come];
        for pair in times.windows(2) {
            let apart = pair[1].duration_since(pair[0]);
            // One that is late may still come.
            if apart > APART && moment.since(pair[1]) >= GRACE {
                self.miss(behind(pair[0], Reason::Gap, apart - HOUR), round).await?;
            }
        }
        if let Some(&last) = times.last()
            && moment.since(last) > OVERDUE
        {
            let missed = behind(last, Reason::Stopped, moment.since(last));
            round.stopped_minutes = round.stopped_minutes.max(missed.minutes);
            self.miss(missed, round).await?;
        }
        Ok(())
    }

    /// Takes down a time without a digest, unless that was told of before.
    async fn miss(&self, missed: Missed, round: &mut Round) -> Result<(), Postponed> {
        let known = self.memory.read(&[Entry::of_gap(&missed.last)]).await.map_err(Postponed::Memory)?;
        let is_found = round.looked.iter().any(|looked| looked.gap_behind.as_ref() == Some(&missed.last));
        if known.iter().all(Option::is_none) && !is_found {
            round.missed.push(missed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_of_a_day_come_through_all_folders_if_each_comes_through_its_part() {
        let midnight: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        for folders in [0, 1, 17, 24, 8_500] {
            let mut is_seen = vec![false; folders];
            for hour in 0..24 {
                let first = first_of(midnight + SignedDuration::from_hours(hour), folders);
                for at in (first..folders).chain(0..first).take(folders.div_ceil(24)) {
                    is_seen[at] = true;
                }
            }
            assert!(is_seen.iter().all(|is_seen| *is_seen), "{folders}");
        }
    }
}
