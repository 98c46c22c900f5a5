//! One object: from its name to its matches.

use trailmeter_detection::finding::WhichFindings;
use trailmeter_detection::{Counted, FileMatches, FileScan, count};
use trailmeter_logs::{Cause, KeyClass, LogFileError, LogKind, SkipReason, classify_key, logged_bucket};

use super::claims::{Claimed, Right, failed_before};
use super::datapoints::{Alike, Datapoints};
use super::read_ahead::{Ahead, ReadAhead};
use super::{Handled, Pipeline, Session};
use crate::delivery::{Announced, ObjectRef};
use crate::ledger::{Ledger, ObjectVersion};
use crate::pipeline_metrics::{self, COUNTED_MAYBE_TWICE};
use crate::ports::{FindingSink, ObjectBody, ObjectStore, Queue, ReadProblem};
use crate::read_object::read_body;
use crate::report::{LOGS_ITSELF, NOT_CREATED, ObjectError, ObjectOutcome, Problem, Repeat};
use crate::settings::Timestamps;

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
        let recount = message.occasion.recount();
        let Matches { file, version, right } = match self.find(object, kind, recount, ahead, session).await {
            Ok(Found::Matches(matches)) => *matches,
            Ok(Found::Repeat(repeat)) => return ObjectOutcome::Duplicate(repeat),
            Err(ObjectError::File(LogFileError { cause: Cause::LogsItself, .. })) => {
                return ObjectOutcome::Skipped(LOGS_ITSELF);
            }
            Err(error) => return ObjectOutcome::Failed(error),
        };
        add_malformed(&file, &version, session);
        let matches = self.count_matches(&file, &version, session, message).await;
        self.add_of_file(&file, session, message);
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
        recount: Option<&str>,
        ahead: &ReadAhead<'_, S>,
        session: &mut Session<'_>,
    ) -> Result<Found, ObjectError> {
        let mut attempts = 1;
        let mut opened = ahead.open(object).await;
        loop {
            let read = match opened {
                Ok(body) => self.read(object, body, kind, recount, session).await,
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
        recount: Option<&str>,
        session: &mut Session<'_>,
    ) -> Result<Found, ObjectError> {
        let version = ObjectVersion { object: object.clone(), version: apart(body.version(), recount) };
        let right = match self.claim(version.clone(), session).await? {
            Right::Repeat(repeat) => return Ok(Found::Repeat(repeat)),
            right => right,
        };
        let scan = self.scan(kind, session).refusing(&object.bucket);
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
        let taken = self.take_events(&claimed.object, &file, recount, session).await;
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

impl<S, M, Q, L, F: FindingSink + Sync> Pipeline<S, M, Q, L, F> {
    /// Adds what counts of some records to the message, and tells its findings. Returns how many matches that is.
    pub(super) async fn count_matches(
        &self,
        file: &FileMatches,
        version: &ObjectVersion,
        session: &mut Session<'_>,
        message: &mut Handled,
    ) -> u64 {
        let before: u64 = message.matches.iter().sum();
        let mut counted = Vec::new();
        let has_findings = self.settings.findings.which != WhichFindings::None;
        self.add_matches(file, session, message, |match_| {
            if has_findings {
                counted.push(match_);
            }
        });
        if !counted.is_empty() {
            self.findings_of(version, &counted, session, message).await;
        }
        message.matches.iter().sum::<u64>() - before
    }
}

/// Names the lines that cannot be read: where the first of them is, and how many there are.
fn add_malformed(file: &FileMatches, version: &ObjectVersion, session: &mut Session<'_>) {
    for (why, &offset) in &file.malformed_at {
        session.report.problems.push(Problem::Malformed {
            object: version.object.clone(),
            reason: why.reason(),
            offset,
            lines: file.malformed.get(why).copied().unwrap_or_default(),
        });
    }
}

/// What the ledger knows a version by. A recount has entries of its own there, apart from all others: so it counts
/// what was counted before, and counts it once, however often its messages come.
pub(super) fn apart(version: &str, recount: Option<&str>) -> String {
    recount.map_or_else(|| version.to_owned(), |name| format!("{version}#recount#{name}"))
}

/// Takes a claim into the message that bears its counts, and says what an earlier attempt may have
/// counted of it.
pub(super) fn take_over(claimed: Claimed, session: &mut Session<'_>, message: &mut Handled) {
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
            // Its key tells it already, and what is not read is not logged.
            KeyClass::Log(LogKind::AccessLog)
                if logged_bucket(&object.key) == Some(object.bucket.as_str()) =>
            {
                Err(ObjectOutcome::Skipped(LOGS_ITSELF))
            }
            KeyClass::Log(kind) => Ok(kind),
            KeyClass::Skipped(reason) => Err(ObjectOutcome::Skipped(reason.reason())),
        }
    }

    pub(super) fn scan<'d>(&self, kind: LogKind, session: &Session<'d>) -> FileScan<'d> {
        match self.settings.findings.which {
            WhichFindings::None => session.detectors.scan(kind, self.settings.limits),
            which => session.detectors.scan_keeping_findings(kind, self.settings.limits, which),
        }
    }

    /// Adds what some records come to to the message, and gives each match that counts to `each`.
    pub(super) fn add_matches<'m>(
        &self,
        file: &'m FileMatches,
        session: &mut Session<'_>,
        message: &mut Handled,
        mut each: impl FnMut(Counted<'m>),
    ) {
        let detectors = session.detectors.detectors();
        let mut alike = Alike::new(self.timestamps(message));
        let counts = count(file, &mut session.memory, |counted| {
            alike.add(counted);
            each(counted);
        });
        self.datapoints(session, message).add_all(alike);
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
    }

    /// Adds what only a whole file brings about: the default values of detectors that find nothing in it, and how
    /// late it came. Neither is anything that the past has to say.
    pub(super) fn add_of_file(&self, file: &FileMatches, session: &mut Session<'_>, message: &mut Handled) {
        if self.settings.counts_apart(&message.occasion) {
            return;
        }
        self.datapoints(session, message).add_defaults(file);
        // Access logs come when they come, within hours: what CloudTrail takes would not be seen beside it.
        if let Some(newest) = file.newest_event.filter(|_| file.kind != LogKind::AccessLog) {
            pipeline_metrics::add_lag(&mut message.aggregate, session.moment.now, newest);
        }
    }

    /// What is counted long after it was delivered says nothing of the time at which it is counted.
    fn timestamps(&self, message: &Handled) -> Timestamps {
        if self.settings.counts_apart(&message.occasion) {
            Timestamps::Event
        } else {
            self.settings.timestamps
        }
    }

    fn datapoints<'a>(&self, session: &'a mut Session<'_>, message: &'a mut Handled) -> Datapoints<'a> {
        Datapoints {
            detectors: session.detectors.detectors(),
            timestamps: self.timestamps(message),
            covers_loaded: self.settings.covers_loaded,
            is_apart: self.settings.counts_apart(&message.occasion),
            limiter: &mut session.limiter,
            aggregate: &mut message.aggregate,
            matches: &mut message.matches,
            now: session.moment.now,
        }
    }
}
