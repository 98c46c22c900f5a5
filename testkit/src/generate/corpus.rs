//! Makes the files of a plan, one after the other.

use std::io::Write;

use anyhow::{Result, ensure};
use flate2::{Compression, write::GzEncoder};
use jiff::{SignedDuration, Timestamp};

use super::facts::{File, Malformation, RecordFact, RepeatKind};
use super::key::{self, Folder, Place};
use super::oddities;
use super::plan::Plan;
use super::render::{Compiled, Event};
use super::template::Template;
use super::templates;
use super::truth::Truth;
use crate::rng::Rng;

/// A whole corpus in memory.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// The objects, in order of delivery; further kinds behind the files of events.
    pub files: Vec<File>,
    /// What is true of all of them together.
    pub truth: Truth,
}

impl Corpus {
    /// Makes all files of a plan. For corpora larger than memory see [`Files`].
    pub fn generate(plan: &Plan) -> Result<Self> {
        let files = Files::of(plan)?.collect::<Result<Vec<_>>>()?;
        let truth = Truth::of(&files);
        Ok(Self { files, truth })
    }
}

/// Files of a round are delivered together; rounds follow each other as CloudTrail's do.
const ROUND: SignedDuration = SignedDuration::from_mins(5);
/// An event is delivered up to this many seconds after it happened.
const LATENESS: u64 = 1200;
/// Records in each file of the rarer kinds.
const RARE_RECORDS: usize = 12;
/// Different calls that a session makes, in a plan with bursts.
const CALLS: u64 = 3;
/// Events kept per folder as candidates for repeats: bounded, so that a corpus can be of any length.
const CANDIDATES: usize = 4096;

/// The files of a plan, made one at a time.
#[derive(Debug)]
pub struct Files {
    plan: Plan,
    rng: Rng,
    events: Table,
    insight: Table,
    network_activity: Table,
    aggregated: Table,
    /// Earlier events by folder.
    earlier: Vec<Vec<Event>>,
    serial: u64,
    next: usize,
}

/// Templates that are drawn from by weight.
#[derive(Debug)]
struct Table {
    compiled: Vec<Compiled>,
    /// Sums of the weights so far.
    sums: Vec<u64>,
}

impl Table {
    fn new(of: impl IntoIterator<Item = &'static Template>, suspicion: u32) -> Result<Self> {
        let compiled = of.into_iter().map(Compiled::new).collect::<Result<Vec<_>>>()?;
        let mut sum = 0;
        let sums = compiled
            .iter()
            .map(|compiled| {
                let template = compiled.template;
                let times = if template.is_suspicious() { suspicion } else { 1 };
                sum += u64::from(template.weight) * u64::from(times);
                sum
            })
            .collect();
        Ok(Self { compiled, sums })
    }

    /// The template that a random number falls on.
    fn at(&self, random: u64) -> usize {
        let at = Rng::new(random).below(self.sums.last().copied().unwrap_or_default());
        self.sums.partition_point(|sum| *sum <= at)
    }
}

/// A file in the making.
struct Draft {
    place: Place,
    json: Vec<u8>,
    records: Vec<RecordFact>,
    /// Events that this file holds first.
    fresh: Vec<Event>,
    newest: Option<i64>,
    /// The session that the next events belong to, in a plan with bursts.
    session: Option<u64>,
}

impl Draft {
    fn begin(place: Place) -> Self {
        Self {
            place,
            json: br#"{"Records":["#.to_vec(),
            records: Vec::new(),
            fresh: Vec::new(),
            newest: None,
            session: None,
        }
    }

    fn separate(&mut self) {
        if !self.records.is_empty() {
            self.json.push(b',');
        }
    }

    fn finish(mut self, key: String) -> Result<File> {
        self.json.extend_from_slice(b"]}");
        Ok(File {
            key,
            body: gzip(&self.json)?,
            skipped: None,
            records: self.records,
            inflated_bytes: self.json.len() as u64,
            newest_event: self.newest,
        })
    }
}

impl Files {
    /// Prepares to make the files of a plan.
    pub fn of(plan: &Plan) -> Result<Self> {
        ensure!(
            !plan.accounts.is_empty() && !plan.regions.is_empty(),
            "a plan needs an account and a region"
        );
        Ok(Self {
            rng: Rng::new(plan.seed),
            events: Table::new(templates::events(), plan.suspicion)?,
            insight: Table::new(templates::INSIGHT, plan.suspicion.max(1))?,
            network_activity: Table::new(templates::NETWORK_ACTIVITY, plan.suspicion)?,
            aggregated: Table::new(templates::AGGREGATED, plan.suspicion.max(1))?,
            earlier: vec![Vec::new(); plan.accounts.len() * plan.regions.len()],
            serial: 0,
            next: 0,
            plan: plan.clone(),
        })
    }

    /// Names of the templates that files of events are drawn from.
    pub fn template_names(&self) -> Vec<&'static str> {
        self.events.compiled.iter().map(|compiled| compiled.template.name).collect()
    }

    /// From here on each file of events has so many records: for corpora of mixed sizes.
    pub fn set_records_per_file(&mut self, records: usize) {
        self.plan.records_per_file = records;
    }

    fn place(&self, file: usize) -> Place {
        let (accounts, regions) = (self.plan.accounts.len(), self.plan.regions.len());
        let folders = accounts * regions;
        let rounds = self.plan.files.div_ceil(folders).max(1);
        let behind = (rounds - 1).saturating_sub(file / folders);
        let behind = i32::try_from(behind).unwrap_or(i32::MAX);
        // A plan so long that its first round precedes the calendar starts with the calendar.
        let delivered = self.plan.until.checked_sub(ROUND * behind).unwrap_or(Timestamp::MIN);
        Place { account: (file / regions) % accounts, region: file % regions, delivered }
    }

    fn make(&mut self, file: usize) -> Result<Option<File>> {
        let place = self.place(file);
        let Plan {
            files,
            insight_files,
            network_activity_files,
            aggregated_files,
            digest_files,
            unknown_files,
            ..
        } = self.plan;
        let mut until = files;
        if file < until {
            return self.events_file(place).map(Some);
        }
        for (count, folder) in [
            (insight_files, Folder::Insight),
            (network_activity_files, Folder::NetworkActivity),
            (aggregated_files, Folder::Aggregated),
        ] {
            until += count;
            if file < until {
                return self.rare_file(place, folder).map(Some);
            }
        }
        until += digest_files;
        if file < until {
            return oddities::digest(&self.plan, place, &mut self.rng).map(Some);
        }
        until += unknown_files;
        if file < until {
            return Ok(Some(oddities::other(&self.plan, place, &mut self.rng)));
        }
        Ok(None)
    }

    fn events_file(&mut self, place: Place) -> Result<File> {
        let mut draft = Draft::begin(place);
        for _ in 0..self.plan.records_per_file {
            draft.separate();
            if self.rng.per_mille(self.plan.malformed_per_mille) {
                let malformation = *self.rng.pick(&Malformation::ALL);
                draft.json.extend_from_slice(malformation.text().as_bytes());
                draft.records.push(RecordFact::Malformed(malformation));
                continue;
            }
            let addendum = self.rng.per_mille(self.plan.addenda_per_mille) && !draft.fresh.is_empty();
            let repeat = self.rng.per_mille(self.plan.repeats_per_mille);
            let (event, repeat) = if addendum {
                (*self.rng.pick(&draft.fresh), Some(RepeatKind::Addendum))
            } else if let Some((event, kind)) = repeat.then(|| self.earlier_event(&draft)).flatten() {
                (event, Some(kind))
            } else {
                draft.session = self.session(draft.session);
                let event = self.fresh_event(place, Folder::Events, draft.session);
                draft.fresh.push(event);
                (event, None)
            };
            write_record(&self.plan, &self.events, &mut draft, &event, repeat);
        }
        self.remember(place, &draft.fresh);
        let key = key::of_log(&self.plan, Folder::Events, place, &mut self.rng);
        draft.finish(key)
    }

    fn rare_file(&mut self, place: Place, folder: Folder) -> Result<File> {
        let mut draft = Draft::begin(place);
        for _ in 0..RARE_RECORDS {
            draft.separate();
            let event = self.fresh_event(place, folder, None);
            write_record(&self.plan, self.table(folder), &mut draft, &event, None);
        }
        let key = key::of_log(&self.plan, folder, place, &mut self.rng);
        draft.finish(key)
    }

    fn table(&self, folder: Folder) -> &Table {
        match folder {
            Folder::Insight => &self.insight,
            Folder::NetworkActivity => &self.network_activity,
            Folder::Aggregated => &self.aggregated,
            Folder::Events | Folder::Digest => &self.events,
        }
    }

    /// The session of the next event: mostly that of the one before.
    fn session(&mut self, before: Option<u64>) -> Option<u64> {
        if self.plan.burst <= 1 {
            return None;
        }
        let stays = !self.rng.per_mille(1000 / self.plan.burst);
        before.filter(|_| stays).or_else(|| Some(self.rng.next_u64()))
    }

    fn fresh_event(&mut self, place: Place, folder: Folder, session: Option<u64>) -> Event {
        let at = match session {
            None => self.rng.next_u64(),
            Some(session) => Rng::new(session.wrapping_add(self.rng.below(CALLS))).next_u64(),
        };
        let template = self.table(folder).at(at);
        let before = i64::try_from(self.rng.below(LATENESS)).unwrap_or_default();
        let seed = self.rng.next_u64();
        self.serial += 1;
        let time = place.delivered.as_second() - before;
        let (account, region) = (place.account, place.region);
        Event { serial: self.serial, template, seed, session, time, account, region }
    }

    /// An event that was delivered before: in this file, this folder or another one, in turn as
    /// far as there are any.
    fn earlier_event(&mut self, draft: &Draft) -> Option<(Event, RepeatKind)> {
        let own = self.folder(draft.place);
        let other = (own + 1 + self.rng.index(self.earlier.len() - 1)) % self.earlier.len();
        let from = [
            (draft.fresh.as_slice(), RepeatKind::SameFile),
            (self.earlier[own].as_slice(), RepeatKind::OtherFile),
            (if other == own { &[] } else { self.earlier[other].as_slice() }, RepeatKind::OtherFolder),
        ];
        let first = self.rng.index(from.len());
        let (events, kind) = (0..from.len())
            .map(|turn| from[(first + turn) % from.len()])
            .find(|(events, _)| !events.is_empty())?;
        Some((*self.rng.pick(events), kind))
    }

    fn remember(&mut self, place: Place, fresh: &[Event]) {
        let folder = self.folder(place);
        let candidates = &mut self.earlier[folder];
        for event in fresh {
            if candidates.len() < CANDIDATES {
                candidates.push(*event);
            } else {
                let at = self.rng.index(CANDIDATES);
                candidates[at] = *event;
            }
        }
    }

    fn folder(&self, place: Place) -> usize {
        place.account * self.plan.regions.len() + place.region
    }
}

impl Iterator for Files {
    type Item = Result<File>;

    fn next(&mut self) -> Option<Self::Item> {
        let file = self.make(self.next).transpose();
        self.next += 1;
        file
    }
}

fn write_record(plan: &Plan, table: &Table, draft: &mut Draft, event: &Event, repeat: Option<RepeatKind>) {
    let compiled = &table.compiled[event.template];
    compiled.render(plan, event, repeat == Some(RepeatKind::Addendum), &mut draft.json);
    let template = compiled.template;
    draft.records.push(RecordFact::Event {
        event: event.serial,
        trips: template.trips,
        template: template.name,
        repeat,
    });
    draft.newest = draft.newest.max(Some(event.time));
}

/// Packs bytes as one gzip member. Level 6 is what the ratio of delivered files looks like.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 6), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
