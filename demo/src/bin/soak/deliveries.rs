//! What is delivered: made one at a time, on a thread of its own, so that making files and counting
//! them overlap and no more than a few files are in memory.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use anyhow::Result;
use jiff::Timestamp;
use trailmeter_testkit::bad_input;
use trailmeter_testkit::generate::{File, Files, Plan};
use trailmeter_testkit::rng::{ALPHANUMERIC, Rng};

use super::expected::Expected;
use super::{Arguments, Ledger};

/// A notification, and the object that it is about.
pub(crate) struct Delivery {
    pub(crate) what: What,
    pub(crate) key: String,
    /// What is put there. `None`: nothing is, and only the notification comes once more.
    pub(crate) body: Option<Vec<u8>>,
}

/// Kinds of deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// A log file.
    New,
    /// One that is not read: a digest, or an object that is no log.
    Skipped,
    /// Another notification of a recent object.
    Again,
    /// The bytes of a recent file under another name, as a second trail would bring them.
    Copy,
    /// A file that can never be read.
    Poison,
}

impl What {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::New => "log files",
            Self::Skipped => "digests and other objects",
            Self::Again => "repeated notifications",
            Self::Copy => "files under a second name",
            Self::Poison => "files that cannot be read",
        }
    }
}

/// Of a thousand deliveries.
const POISON: u64 = 10;
const AGAIN: u64 = 60;
const COPY: u64 = 20;
/// One of so many deliveries is of another kind of file than the usual one.
const RARE: usize = 40;
/// One of so many deliveries is the largest that CloudTrail writes.
const LARGE: usize = 500;
/// Records of one that inflates to some 48 MB.
const LARGE_RECORDS: usize = 30_500;
/// Of a hundred files, and how many records they have at the most.
const SIZES: [(usize, usize); 4] = [(70, 60), (90, 250), (99, 800), (100, 3000)];
/// Recent files that can come again.
const RECENT: usize = 64;
/// Records of a file that is kept for that.
const KEPT_RECORDS: usize = 250;
/// Files made ahead.
const AHEAD: usize = 8;

/// Starts to make them. The thread's result is what has to come out.
pub(crate) fn start(arguments: &Arguments) -> Result<(Receiver<Delivery>, JoinHandle<Result<Expected>>)> {
    let (out, deliveries) = sync_channel(AHEAD);
    let mut maker = Maker::new(arguments)?;
    let count = arguments.deliveries;
    let truth = std::thread::spawn(move || {
        for at in 0..count {
            // The other end only goes when the run has failed.
            if maker.make(at, &out)? == Receiving::Ended {
                break;
            }
        }
        Ok(maker.expected)
    });
    Ok((deliveries, truth))
}

#[derive(PartialEq, Eq)]
enum Receiving {
    GoesOn,
    Ended,
}

struct Maker {
    ledger: Ledger,
    rng: Rng,
    files: Files,
    /// Insights, network activity, aggregated events, digests, other objects.
    rare: Files,
    recent: VecDeque<File>,
    expected: Expected,
}

impl Maker {
    fn new(arguments: &Arguments) -> Result<Self> {
        let plan = Plan {
            seed: arguments.seed,
            files: arguments.deliveries,
            // Without the ledger of events each invocation would count them anew.
            repeats_per_mille: if arguments.ledger == Ledger::Event { 200 } else { 0 },
            malformed_per_mille: 2,
            until: Timestamp::now(),
            ..Plan::default()
        };
        let each = (arguments.deliveries / RARE / 5).max(1);
        let rare = Plan {
            seed: !arguments.seed,
            files: 0,
            repeats_per_mille: 0,
            insight_files: each,
            network_activity_files: each,
            aggregated_files: each,
            digest_files: each,
            unknown_files: each,
            ..plan.clone()
        };
        Ok(Self {
            ledger: arguments.ledger,
            rng: Rng::new(arguments.seed),
            files: Files::of(&plan)?,
            rare: Files::of(&rare)?,
            recent: VecDeque::new(),
            expected: Expected::default(),
        })
    }

    fn make(&mut self, at: usize, out: &SyncSender<Delivery>) -> Result<Receiving> {
        let delivery = self.delivery(at)?;
        *self.expected.deliveries.entry(delivery.what).or_default() += 1;
        Ok(match out.send(delivery) {
            Ok(()) => Receiving::GoesOn,
            Err(_) => Receiving::Ended,
        })
    }

    fn delivery(&mut self, at: usize) -> Result<Delivery> {
        if at % RARE == RARE - 1
            && let Some(file) = self.rare.next().transpose()?
        {
            self.expected.add_rare(&file);
            let what = if file.skipped.is_some() { What::Skipped } else { What::New };
            return Ok(Delivery { what, key: file.key, body: Some(file.body) });
        }
        let draw = self.rng.below(1000);
        // The shortest run has one as well.
        if draw < POISON || at == 10 {
            return self.poison();
        }
        let (again, copy) = match self.ledger {
            Ledger::Event => (AGAIN, COPY),
            Ledger::Object => (AGAIN, 0),
            Ledger::Off => (0, 0),
        };
        if !self.recent.is_empty() && draw < POISON + again + copy {
            let file = &self.recent[self.rng.index(self.recent.len())];
            if draw < POISON + again {
                return Ok(Delivery { what: What::Again, key: file.key.clone(), body: None });
            }
            self.expected.add(file);
            let key = another_name(&file.key, &mut self.rng);
            return Ok(Delivery { what: What::Copy, key, body: Some(file.body.clone()) });
        }
        self.log_file(at)
    }

    fn log_file(&mut self, at: usize) -> Result<Delivery> {
        let is_large = at % LARGE == LARGE / 5;
        let records = if is_large { LARGE_RECORDS } else { self.records() };
        self.files.set_records_per_file(records);
        let file = self.files.next().transpose()?;
        let file = file.ok_or_else(|| anyhow::anyhow!("the plan has fewer files than deliveries"))?;
        self.expected.add(&file);
        let delivery = Delivery { what: What::New, key: file.key.clone(), body: Some(file.body.clone()) };
        if records <= KEPT_RECORDS {
            self.recent.truncate(RECENT - 1);
            self.recent.push_front(file);
        }
        Ok(delivery)
    }

    /// Most files are small.
    fn records(&mut self) -> usize {
        let draw = self.rng.index(100);
        let most = SIZES.iter().find(|(share, _)| draw < *share).map_or(1, |(_, most)| *most);
        1 + self.rng.index(most)
    }

    fn poison(&mut self) -> Result<Delivery> {
        let number = self.expected.poison.len();
        let key = format!(
            "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/111122223333_CloudTrail_us-east-1_20261121T0600Z_poison{number:010}.json.gz"
        );
        self.expected.poison.insert(key.clone());
        Ok(Delivery { what: What::Poison, key, body: Some(poison_body(number)?) })
    }
}

/// Each kind in turn, and the dearest, which inflates beyond the bound, now and then.
fn poison_body(number: usize) -> Result<Vec<u8>> {
    if number % 50 == 2 {
        return bad_input::long_string(1 << 30);
    }
    match number % 8 {
        0 => Ok(bad_input::not_gzip()),
        1 => bad_input::truncated_gzip(),
        2 => bad_input::trailing_garbage(),
        3 => Ok(Vec::new()),
        4 => bad_input::json_cut_off(),
        5 => bad_input::lone_array(),
        6 => bad_input::ndjson(),
        _ => bad_input::gzip_bomb(),
    }
}

/// The key with another last part.
fn another_name(key: &str, rng: &mut Rng) -> String {
    let mut unique = Vec::new();
    rng.text(ALPHANUMERIC, 16, &mut unique);
    let unique = String::from_utf8_lossy(&unique);
    let stem = key.rsplit_once('_').map_or(key, |(stem, _)| stem);
    format!("{stem}_{unique}.json.gz")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::Parser;

    use super::*;

    fn all(seed: &str, ledger: &str) -> Result<(Vec<Delivery>, Expected)> {
        let arguments =
            Arguments::parse_from(["soak", "--deliveries", "160", "--seed", seed, "--ledger", ledger]);
        let (deliveries, truth) = start(&arguments)?;
        Ok((deliveries.iter().collect(), truth.join().expect("no panic")?))
    }

    #[test]
    fn nothing_is_put_over_anything_and_what_comes_again_was_there() -> Result<()> {
        let (deliveries, expected) = all("3", "event")?;
        let mut put = BTreeSet::new();
        for delivery in &deliveries {
            let is_new = put.insert(&delivery.key);
            // Digests of one moment share a name; they are not read, so that says nothing.
            let may_be_known = matches!(delivery.what, What::Again | What::Skipped);
            assert!(is_new || may_be_known, "{}", delivery.key);
            assert_eq!(delivery.body.is_none(), delivery.what == What::Again);
            assert!(!(is_new && delivery.what == What::Again), "{} was never there", delivery.key);
        }
        let kinds: BTreeSet<What> = deliveries.iter().map(|delivery| delivery.what).collect();
        assert_eq!(kinds.len(), 5, "{kinds:?}");
        assert!(expected.pipeline()["RecordsDuplicate"] > 0);
        Ok(())
    }

    #[test]
    fn without_a_ledger_nothing_comes_that_only_a_ledger_knows_again() -> Result<()> {
        let (deliveries, expected) = all("3", "off")?;
        assert!(deliveries.iter().all(|delivery| !matches!(delivery.what, What::Again | What::Copy)));
        assert_eq!(expected.pipeline().get("RecordsDuplicate"), None);
        Ok(())
    }
}
