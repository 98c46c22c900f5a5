//! One object: from its name to its matches.

use trailmeter_detection::{FileMatches, count};
use trailmeter_logs::{KeyClass, LogKind, classify_key};

use super::datapoints::Datapoints;
use super::{Handled, Pipeline, Session};
use crate::delivery::{Announced, ObjectRef};
use crate::pipeline_metrics;
use crate::ports::{ObjectStore, ReadProblem};
use crate::read_object::read_object;
use crate::report::{NOT_CREATED, ObjectError, ObjectOutcome};

/// A connection that breaks in the middle of a body is tried once more at once; anything that
/// lasts longer is for the queue to repeat.
const READ_ATTEMPTS: usize = 2;

impl<S: ObjectStore + Sync, M, H> Pipeline<S, M, H> {
    /// Handles one object and adds what it holds to the message.
    pub(super) async fn object(
        &self,
        announced: &Announced,
        session: &mut Session<'_>,
        message: &mut Handled,
    ) -> ObjectOutcome {
        let object = match announced {
            Announced::Created(object) => object,
            Announced::Otherwise(_) => return ObjectOutcome::Skipped(NOT_CREATED),
        };
        if !self.settings.buckets.contains(&object.bucket) {
            return ObjectOutcome::Failed(ObjectError::OtherBucket);
        }
        let kind = match classify_key(&object.key) {
            KeyClass::Log(kind) => kind,
            KeyClass::Skipped(reason) => return ObjectOutcome::Skipped(reason.reason()),
        };
        if (session.is_late)() {
            return ObjectOutcome::Failed(ObjectError::OutOfTime);
        }
        match self.scan(object, kind, session).await {
            Ok(matches) => {
                self.add_matches(&matches, session, message);
                ObjectOutcome::Read
            }
            Err(error) => ObjectOutcome::Failed(error),
        }
    }

    async fn scan(
        &self,
        object: &ObjectRef,
        kind: LogKind,
        session: &Session<'_>,
    ) -> Result<FileMatches, ObjectError> {
        let mut attempts = 1;
        loop {
            let scan = session.detectors.scan(kind, self.settings.limits);
            match read_object(&self.store, object, scan).await {
                Err(ObjectError::Read(error))
                    if error.problem == ReadProblem::Interrupted
                        && attempts < READ_ATTEMPTS
                        && !(session.is_late)() =>
                {
                    attempts += 1;
                }
                result => return result,
            }
        }
    }
}

impl<S, M, H> Pipeline<S, M, H> {
    /// Adds what a file holds to the message.
    pub(super) fn add_matches(&self, file: &FileMatches, session: &mut Session<'_>, message: &mut Handled) {
        let detectors = session.detectors.detectors();
        let mut datapoints = Datapoints {
            detectors,
            timestamps: self.settings.timestamps,
            covers_loaded: self.settings.covers_loaded,
            limiter: &mut session.limiter,
            aggregate: &mut message.aggregate,
            matches: &mut message.matches,
            now: session.now,
        };
        let counts = count(file, &mut session.memory, |counted| datapoints.add(counted));
        datapoints.add_defaults(file);
        message.totals.records += &counts.records;
        for (&(detector, exclusion), &excluded) in &counts.excluded {
            let detector = &detectors[detector];
            let dimensions = [
                ("Detector", detector.name.as_str()),
                ("Exclusion", detector.exclusions[exclusion].name.as_str()),
            ];
            pipeline_metrics::add(&mut message.aggregate, session.now, "MatchesExcluded", &[], excluded);
            pipeline_metrics::add(
                &mut message.aggregate,
                session.now,
                "MatchesExcluded",
                &dimensions,
                excluded,
            );
        }
        if let Some(newest) = file.newest_event {
            pipeline_metrics::add_lag(&mut message.aggregate, session.now, newest);
        }
    }
}
