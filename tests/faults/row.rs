//! A row of the table: what is done to the function, and what has to come of it.

use std::cell::Cell;

use anyhow::{Result, ensure};

use super::played::{Played, log, matches};
use super::queue::End;
use super::services::{Ledger, Service, Unreachable};
use super::world::World;

/// What the function is given to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// A message for each of two files.
    TwoMessages,
    /// One message that names two files.
    OneMessage,
    /// A message for each of two files, and the same messages again when they are done.
    AnnouncedAgain,
    /// A message for each of ten files.
    TenMessages,
    /// A message for each of two files, the second of which was received once before.
    OneSuspicious,
}

impl Work {
    const fn files(self) -> usize {
        if matches!(self, Self::TenMessages) { 10 } else { 2 }
    }
}

/// Matches that have to be reported as perhaps counted twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twice {
    /// None: every sum is exact.
    None,
    /// Those of all files.
    All,
    /// Those of the first file.
    First,
    /// Those of the second file, which is counted before the first.
    SecondAlone,
    /// Those that the second file has beside the first.
    Second,
    /// Those of all files, and those of the first once more.
    FirstAgain,
}

/// What makes the trouble.
pub(crate) type Trouble = Box<dyn Fn(&World) -> Result<()> + Send + Sync>;

/// A row of the table.
pub(crate) struct Row {
    pub(crate) service: Service,
    /// The operation that the fault is about.
    pub(crate) operation: &'static str,
    pub(crate) fault: String,
    pub(crate) ledger: Ledger,
    pub(crate) work: Work,
    pub(crate) trouble: Trouble,
    /// What counts twice is not reported: a documented limit without a ledger.
    pub(crate) is_unreported: bool,
    /// The place of the message that the fault is about.
    pub(crate) hit: usize,
    /// The fault is the end of the process.
    pub(crate) is_death: bool,
    /// From which invocation on a service that could not be reached can be.
    pub(crate) reachable_after: usize,
    /// How each message has to end.
    pub(crate) ends: Vec<End>,
    pub(crate) twice: Twice,
}

impl Row {
    /// A row in which the work is two messages and the ledger is on. Without further word both are
    /// acknowledged when they are received a second time, and nothing is in doubt.
    pub(crate) fn new(
        service: Service,
        operation: &'static str,
        fault: impl Into<String>,
        trouble: impl Fn(&World) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            service,
            operation,
            fault: fault.into(),
            ledger: Ledger::Event,
            work: Work::TwoMessages,
            trouble: Box::new(trouble),
            is_unreported: false,
            hit: 0,
            is_death: false,
            reachable_after: 1,
            ends: vec![End::Acknowledged(2), End::Acknowledged(2)],
            twice: Twice::None,
        }
    }

    /// A row in which the first process cannot reach the service at all.
    pub(crate) fn unreachable(service: Service, operation: &'static str, how: Unreachable) -> Self {
        let fault = match how {
            Unreachable::Refused => "connection refused",
            Unreachable::NoSuchName => "the name does not resolve",
            Unreachable::NoTls => "TLS refused",
        };
        Self::new(service, operation, fault, move |world| {
            world.cut_off(service, how);
            Ok(())
        })
    }

    /// A row in which the process is killed, by what `trouble` scripts.
    pub(crate) fn death(
        service: Service,
        operation: &'static str,
        when: &str,
        trouble: impl Fn(&World) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { is_death: true, ..Self::new(service, operation, when, trouble) }
    }

    pub(crate) fn ends(mut self, ends: &[End]) -> Self {
        self.ends = ends.to_vec();
        self
    }

    pub(crate) fn receives(self, receives: &[u32]) -> Self {
        let ends: Vec<End> = receives.iter().map(|&receives| End::Acknowledged(receives)).collect();
        self.ends(&ends)
    }

    pub(crate) fn twice(self, twice: Twice) -> Self {
        Self { twice, ..self }
    }

    /// It counts twice, and nothing says so.
    pub(crate) fn unreported(self, twice: Twice) -> Self {
        Self { twice, is_unreported: true, ..self }
    }

    pub(crate) fn with(self, ledger: Ledger) -> Self {
        Self { ledger, ..self }
    }

    pub(crate) fn work(self, work: Work) -> Self {
        Self { work, ..self }
    }

    /// The service can never be reached.
    pub(crate) fn for_good(self) -> Self {
        Self { reachable_after: usize::MAX, fault: format!("{}, for good", self.fault), ..self }
    }

    /// Whether it is about what one message may do to the others.
    pub(crate) fn is_about_neighbours(&self) -> bool {
        self.service == Service::Lambda && self.operation == "GetObject"
    }

    /// The row's name in messages.
    pub(crate) fn name(&self) -> String {
        format!("{} {}: {} ({:?})", self.service.name(), self.operation, self.fault, self.ledger)
    }

    /// Requests so far that the fault is about, repetitions included.
    fn asks(&self, world: &World) -> Result<usize> {
        let key = if self.operation == "GetObject" { world.files[self.hit].key.as_str() } else { "" };
        let service = if self.operation == "GetObject" { Service::S3 } else { self.service };
        let seen = world.proxy(service)?.seen();
        Ok(seen.iter().filter(|seen| seen.operation == self.operation && seen.target.contains(key)).count())
    }

    /// What the function did: how often it asked, and what it has to say in its log.
    pub(crate) fn does(&self, played: &Played) -> String {
        let asks = match played.asks {
            _ if self.is_death => Some("dies".to_owned()),
            // Of all operations of the ledger the one in trouble is but one.
            _ if matches!(self.service, Service::DynamoDb | Service::Lambda) => None,
            0 => Some("cannot ask".to_owned()),
            1 => Some("asks once".to_owned()),
            2 => Some("asks twice".to_owned()),
            asks => Some(format!("asks {asks} times")),
        };
        let parts: Vec<String> = asks.into_iter().chain(played.says.iter().cloned()).collect();
        if parts.is_empty() { "goes on".to_owned() } else { parts.join("; ") }
    }

    /// Plays the row in a world of its own and compares.
    pub(crate) fn play(&self, cloud: &str, number: usize) -> Result<Played> {
        let world = World::new(cloud, &format!("faults-{number}"), self.ledger, self.work.files())?;
        match self.work {
            Work::TwoMessages | Work::AnnouncedAgain | Work::TenMessages => world.announce_each(),
            Work::OneMessage => world.announce_together(),
            Work::OneSuspicious => {
                world.announce_each();
                world.queue.receive_before(1);
            }
        }
        (self.trouble)(&world)?;
        let asks = Cell::new(0);
        world.drain(|world, invocation| {
            if invocation == 1 {
                asks.set(self.asks(world)?);
                if self.work == Work::AnnouncedAgain {
                    world.announce_each();
                }
            }
            if invocation == self.reachable_after {
                world.connect();
            }
            Ok(())
        })?;
        let played = Played::of(&world, asks.get())?;
        let amount = match self.twice {
            Twice::None => 0,
            Twice::All => matches(&world.files),
            Twice::FirstAgain => matches(&world.files) + matches(&world.files[..1]),
            Twice::First => matches(&world.files[..1]),
            Twice::SecondAlone => matches(&world.files[1..]),
            Twice::Second => matches(&world.files) - matches(&world.files[..1]),
        };
        let (expected, unreported) = if self.is_unreported { (0, amount) } else { (amount, 0) };
        ensure!(
            played.excess <= played.maybe_twice + unreported && played.excess >= unreported,
            "{} matches were counted twice, and CountedMaybeTwice says {}; {:#?}",
            played.excess,
            played.maybe_twice,
            log(&world),
        );
        ensure!(
            played.ends == self.ends && played.maybe_twice == expected,
            "it ended as {:?} and not {:?}, with CountedMaybeTwice {} and not {expected}; {}; {:#?}",
            played.ends,
            self.ends,
            played.maybe_twice,
            self.does(&played),
            log(&world),
        );
        Ok(played)
    }
}
