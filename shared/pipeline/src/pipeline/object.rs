//! One object: from its name to its matches.

use trailmeter_detection::finding::WhichFindings;
use trailmeter_detection::{Counted, FileMatches, FileScan, count};
use trailmeter_logs::{KeyClass, LogKind, SkipReason, classify_key};

use super::claims::{Claimed, Right, failed_before};
use super::datapoints::{Alike, Datapoints};
use super::read_ahead::{Ahead, ReadAhead};
use super::{Handled, Pipeline, Session};
use crate::delivery::{Announced, ObjectRef};
use crate::ledger::{Ledger, ObjectVersion};
use crate::pipeline_metrics::{self, COUNTED_MAYBE_TWICE};
use crate::ports::{FindingSink, ObjectBody, ObjectStore, Queue, ReadProblem};
use crate::read_object::read_body;
use crate::report::{NOT_CREATED, ObjectError, ObjectOutcome, Problem, Repeat};

/// A connection that breaks in the middle of a body is tried once more at once; anything that
/// lasts longer is for the queue to repeat.
const READ_ATTEMPTS: usize = 2;

/// What an object turned out to be.
enum Found {
    Matches(Box<Matches>),
    Repeat(Repeat),
}

struct Matches {
    file: FileMatches,
    version: ObjectVersion,
    right: Right,
}

impl Found {
    fn matches(file: FileMatches, version: ObjectVersion, right: Right) -> Self {
        Self::Matches(Box::new(Matches { file, version, right }))
    }
}

impl<S: ObjectStore + Sync, M, Q: Queue + Sync, L: Ledger + Sync, F: FindingSink + Sync>
    Pipeline<S, M, Q, L, F>
{
    /// Handles one object and adds what it holds to the message.
    pub(super) async fn object(
        &self,
        announced: &Announced,
        ahead: &ReadAhead<'_, S>,
        session: &mut Session<'_>,
        message: &mut Handled,
    ) -> ObjectOutcome {
        let object = match announced {
            Announced::Created(object) => object,
            Announced::Otherwise(_) => return ObjectOutcome::Skipped(NOT_CREATED),
        };
        let kind = match self.kind(object) {
            Ok(kind) => kind,
            Err(ObjectOutcome::Skipped(reason)) if reason == SkipReason::Digest.reason() => {
                return self.pass_on(object, reason).await;
            }
            Err(outcome) => return outcome,
        };
        if session.is_late() {
            return ObjectOutcome::Failed(ObjectError::OutOfTime);
        }
        if session.ledger_failed
            && let Err(error) = self.without_ledger(failed_before())
        {
            // It need not be opened to know that.
            return ObjectOutcome::Failed(error);
        }
        let Matches { file, version, right } = match self.find(object, kind, ahead, session).await {
            Ok(Found::Matches(matches)) => *matches,
            Ok(Found::Repeat(repeat)) => return ObjectOutcome::Duplicate(repeat),
            Err(error) => return ObjectOutcome::Failed(error),
        };
        let before: u64 = message.matches.iter().sum();
        let mut counted = Vec::new();
        let has_findings = self.settings.findings.which != WhichFindings::None;
        self.add_matches(&file, session, message, |match_| {
            if has_findings {
                counted.push(match_);
            }
        });
        if !counted.is_empty() {
            self.findings_of(&version, &counted, session, message).await;
        }
        let matches = message.matches.iter().sum::<u64>() - before;
        match right {
            Right::Claimed(claimed) => take_over(Claimed { matches, ..claimed }, session, message),
            Right::Unknown => {
                let now = session.moment.now;
                pipeline_metrics::add(&mut message.aggregate, now, "CountedWithoutLedger", &[], 1);
            }
            Right::NoLedger | Right::Repeat(_) => {}
        }
        ObjectOutcome::Read
    }

    /// A digest holds no events, and is somebody else's to look at.
    async fn pass_on(&self, digest: &ObjectRef, reason: &'static str) -> ObjectOutcome {
        match self.queue.pass_on(digest).await {
            Ok(()) => ObjectOutcome::Skipped(reason),
            Err(error) => ObjectOutcome::Failed(ObjectError::NotPassedOn(error)),
        }
    }

    async fn find(
        &self,
        object: &ObjectRef,
        kind: LogKind,
        ahead: &ReadAhead<'_, S>,
        session: &mut Session<'_>,
    ) -> Result<Found, ObjectError> {
        let mut attempts = 1;
        let mut opened = ahead.open(object).await;
        loop {
            let read = match opened {
                Ok(body) => self.read(object, body, kind, session).await,
                Err(error) => Err(error.into()),
            };
            match read {
                Err(ObjectError::Read(error))
                    if error.problem == ReadProblem::Interrupted
                        && attempts < READ_ATTEMPTS
                        && !session.is_late() =>
                {
                    attempts += 1;
                    opened = ahead.open_now(object).await;
                }
                result => return result,
            }
        }
    }

    /// Claims an object as what it was opened as, reads it, and takes its events.
    async fn read(
        &self,
        object: &ObjectRef,
        mut body: Ahead<'_, S::Body>,
        kind: LogKind,
        session: &mut Session<'_>,
    ) -> Result<Found, ObjectError> {
        let version = ObjectVersion { object: object.clone(), version: body.version().to_owned() };
        let right = match self.claim(version.clone(), session).await? {
            Right::Repeat(repeat) => return Ok(Found::Repeat(repeat)),
            right => right,
        };
        let scan = self.scan(kind, session);
        let read = read_body(&mut body, scan, || session.is_very_late()).await;
        session.memory.set_counted_elsewhere([]);
        let Right::Claimed(claimed) = right else {
            return Ok(Found::matches(read?, version, right));
        };
        let file = match read {
            Ok(file) => file,
            Err(error) => {
                self.release(&claimed, session).await;
                return Err(error);
            }
        };
        let taken = self.take_events(&claimed.object, &file, session).await;
        if let Ok(Some(in_doubt)) = taken {
            let right = Right::Claimed(Claimed { in_doubt, ..claimed });
            return Ok(Found::matches(file, version, right));
        }
        self.release(&claimed, session).await;
        match taken {
            Ok(_) => Ok(Found::Repeat(Repeat::InOtherHands)),
            Err(ObjectError::Ledger(error)) => Ok(Found::matches(file, version, self.without_ledger(error)?)),
            Err(error) => Err(error),
        }
    }
}

/// Takes a claim into the message that bears its counts, and says what an earlier attempt may have
/// counted of it.
fn take_over(claimed: Claimed, session: &mut Session<'_>, message: &mut Handled) {
    let perhaps = claimed.entry.perhaps + claimed.in_doubt;
    if perhaps > 0 {
        let object = claimed.object.object.clone();
        pipeline_metrics::add(&mut message.aggregate, session.moment.now, COUNTED_MAYBE_TWICE, &[], perhaps);
        session.report.problems.push(Problem::MaybeTwice { object, matches: perhaps });
    }
    message.claims.push(claimed);
}

impl<S, M, Q, L, F> Pipeline<S, M, Q, L, F> {
    /// What an object that was written holds, by its name; or what becomes of it without a look inside.
    pub(super) fn kind(&self, object: &ObjectRef) -> Result<LogKind, ObjectOutcome> {
        if !self.settings.buckets.contains(&object.bucket) {
            return Err(ObjectOutcome::Failed(ObjectError::OtherBucket));
        }
        match classify_key(&object.key) {
            KeyClass::Log(kind) => Ok(kind),
            KeyClass::Skipped(reason) => Err(ObjectOutcome::Skipped(reason.reason())),
        }
    }

    fn scan<'d>(&self, kind: LogKind, session: &Session<'d>) -> FileScan<'d> {
        match self.settings.findings.which {
            WhichFindings::None => session.detectors.scan(kind, self.settings.limits),
            which => session.detectors.scan_keeping_findings(kind, self.settings.limits, which),
        }
    }

    /// Adds what a file holds to the message, and gives each match that counts to `each`.
    pub(super) fn add_matches<'m>(
        &self,
        file: &'m FileMatches,
        session: &mut Session<'_>,
        message: &mut Handled,
        mut each: impl FnMut(Counted<'m>),
    ) {
        let detectors = session.detectors.detectors();
        let mut datapoints = Datapoints {
            detectors,
            timestamps: self.settings.timestamps,
            covers_loaded: self.settings.covers_loaded,
            limiter: &mut session.limiter,
            aggregate: &mut message.aggregate,
            matches: &mut message.matches,
            now: session.moment.now,
        };
        let mut alike = Alike::new(self.settings.timestamps);
        let counts = count(file, &mut session.memory, |counted| {
            alike.add(counted);
            each(counted);
        });
        datapoints.add_all(alike);
        datapoints.add_defaults(file);
        message.totals.records += &counts.records;
        for (&(detector, exclusion), &excluded) in &counts.excluded {
            let detector = &detectors[detector];
            let dimensions = [
                ("Detector", detector.name.as_str()),
                ("Exclusion", detector.exclusions[exclusion].name.as_str()),
            ];
            pipeline_metrics::add(
                &mut message.aggregate,
                session.moment.now,
                "MatchesExcluded",
                &[],
                excluded,
            );
            pipeline_metrics::add(
                &mut message.aggregate,
                session.moment.now,
                "MatchesExcluded",
                &dimensions,
                excluded,
            );
        }
        if let Some(newest) = file.newest_event {
            pipeline_metrics::add_lag(&mut message.aggregate, session.moment.now, newest);
        }
    }
}
