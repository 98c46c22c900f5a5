//! Which detectors run: those of the packs, and those that are loaded besides and may change while
//! the function lives.
//!
//! A set is built and checked whole and then takes the place of the one before it, between two
//! invocations. A version that cannot be read or used changes nothing: the set before it goes on,
//! and that a version is refused is told for as long as it stands. A mistake in a detector must
//! never stop the counting of the others.

mod news;
mod state;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use trailmeter_detection::{DetectorSet, ExpiredExclusion};

use crate::carry::News;
use crate::detector_rules::DetectorRules;
use crate::detector_source::{DetectorSource, Version};
use news::rejected;
use state::{Look, State};

/// A source by its name, and how often it is looked at.
#[derive(Debug)]
pub struct Watched<D> {
    /// How errors and metrics name it.
    pub name: String,
    /// Where versions are read.
    pub source: D,
    /// Seconds for which what was read is good.
    pub refresh: i64,
}

/// The detectors of a running function.
#[derive(Debug)]
pub struct LiveDetectors<D> {
    rules: DetectorRules,
    watched: Option<Watched<D>>,
    state: Mutex<State>,
}

/// What runs now, and what there is to tell about it.
#[derive(Debug)]
pub struct Current {
    /// The set, for one invocation.
    pub detectors: Arc<DetectorSet>,
    /// What there is to log.
    pub events: Vec<DetectorEvent>,
    /// What there is to put.
    pub news: Vec<News>,
}

/// Something that happened to the detectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DetectorEvent {
    /// A loaded version runs from now on.
    Taken {
        /// Where it came from.
        source: String,
        /// Which it is.
        version: Version,
    },
    /// A version was refused, and what ran before goes on.
    Rejected {
        /// Where it came from.
        source: String,
        /// Which it is, if it could be read.
        version: Option<Version>,
        /// Everything that is wrong with it.
        reasons: Vec<String>,
    },
    /// An exclusion does not hold any more.
    Expired(ExpiredExclusion),
    /// No alarm watches these detectors, and nobody said that none should.
    WithoutAlarm(Vec<String>),
}

/// There is nothing that could run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct NoDetectors(pub Vec<String>);

impl<D: DetectorSource + Sync> LiveDetectors<D> {
    /// The detectors of a deployment as they are at `now`, in seconds since 1970.
    ///
    /// If what is to be loaded cannot be read or used the packs run alone. Only where there are none,
    /// or they cannot be used, is that the end.
    pub async fn start(
        rules: DetectorRules,
        watched: Option<Watched<D>>,
        now: i64,
    ) -> Result<(Self, Current), NoDetectors> {
        let mut state = State::new(now);
        let mut events = match &watched {
            Some(watched) => {
                let read = watched.source.read(None).await;
                state.look(&rules, &watched.name, read)
            }
            None => Vec::new(),
        };
        if !state.runs_what_is_loaded() {
            if rules.packaged.is_empty() {
                return Err(NoDetectors(nothing_to_run(&events)));
            }
            let set = rules.build(None).map_err(NoDetectors)?;
            events.extend(state.take(&rules, set));
        }
        let current = state.current(events);
        Ok((Self { rules, watched, state: Mutex::new(state) }, current))
    }

    /// The detectors for an invocation at `now`. Looks at the source if it is time to.
    pub async fn refresh(&self, now: i64) -> Current {
        let mut events = Vec::new();
        if let Some(watched) = &self.watched {
            let look = self.state().begin_look(now, watched.refresh);
            if let Some(Look { known }) = look {
                let read = watched.source.read(known.as_ref()).await;
                events = self.state().look(&self.rules, &watched.name, read);
            }
        }
        let mut state = self.state();
        events.extend(state.next_day(now));
        let mut current = state.current(events);
        if let Some(watched) = self.watched.as_ref().filter(|_| state.is_rejected()) {
            current.news.extend(rejected(&watched.name));
        }
        current
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nothing_to_run(events: &[DetectorEvent]) -> Vec<String> {
    let mut reasons =
        vec!["there are no packs, and the detectors that are to be loaded cannot be".to_owned()];
    for event in events {
        if let DetectorEvent::Rejected { reasons: found, .. } = event {
            reasons.extend(found.iter().cloned());
        }
    }
    reasons
}
