//! An invocation's claims on the objects it reads.

use super::{Pipeline, Session};
use crate::carry::News;
use crate::delivery::ObjectRef;
use crate::ledger::{Entry, Ledger, LedgerError, LedgerProblem, Met, ObjectVersion};
use crate::report::{ObjectError, Problem, Repeat};
use crate::settings::Unavailable;

/// An object that is this invocation's to count.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub(super) object: ObjectVersion,
    pub(super) entry: Entry,
    /// Matches that count.
    pub(super) matches: u64,
    /// Those of them that what stood under the same name before may have counted.
    pub(super) in_doubt: u64,
}

/// What the ledger makes of an object that was opened.
#[derive(Debug)]
pub(super) enum Right {
    /// It is this invocation's.
    Claimed(Claimed),
    /// It is counted elsewhere.
    Repeat(Repeat),
    /// There is no ledger.
    NoLedger,
    /// The ledger does not answer, and the settings say to go on.
    Unknown,
}

/// What the ledger is told at the end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    /// The counts were taken.
    Done,
    /// They were not, for sure.
    Released,
    /// So many matches of the request may have been.
    InDoubt(u64),
}

impl<S, M, Q, L: Ledger + Sync, F> Pipeline<S, M, Q, L, F> {
    /// Claims an object as it was opened.
    pub(super) async fn claim(
        &self,
        object: ObjectVersion,
        session: &mut Session<'_>,
    ) -> Result<Right, ObjectError> {
        let Some(ledger) = &self.ledger else { return Ok(Right::NoLedger) };
        // Its message is settled with that of the first: if that comes back, so does the object.
        if session.claimed.contains(&object) {
            return Ok(Right::Repeat(Repeat::SameInvocation));
        }
        if session.ledger_failed {
            return self.without_ledger(failed_before());
        }
        let claim = Entry::claim(session.next_claim(), session.moment.now, session.moment.lease);
        match claim_as(ledger, &object, claim, session.moment.now).await {
            Ok(Right::Claimed(claimed)) => {
                session.claimed.insert(object);
                Ok(Right::Claimed(claimed))
            }
            Ok(other) => Ok(other),
            Err(error) => {
                self.count_ledger_failure(&error, session);
                self.without_ledger(error)
            }
        }
    }

    /// Decides about an object that the ledger does not answer for.
    pub(super) fn without_ledger(&self, error: LedgerError) -> Result<Right, ObjectError> {
        match self.settings.ledger.unavailable {
            Unavailable::Hold => Err(ObjectError::Ledger(error)),
            Unavailable::Count => Ok(Right::Unknown),
        }
    }

    /// Lets go of a claim: whoever reads the object next need not wait.
    pub(super) async fn release(&self, claimed: &Claimed, session: &mut Session<'_>) {
        session.claimed.remove(&claimed.object);
        self.end(claimed, Ending::Released, session).await;
    }

    /// Tells the ledger what became of an object. Where it cannot be told the claim ends by itself.
    pub(super) async fn end(&self, claimed: &Claimed, ending: Ending, session: &mut Session<'_>) {
        let Some(ledger) = self.ledger.as_ref().filter(|_| !session.ledger_failed) else { return };
        let to = match ending {
            Ending::Done => claimed.entry.done(),
            Ending::Released => claimed.entry.released(),
            Ending::InDoubt(matches) => claimed.entry.in_doubt(matches.min(claimed.matches)),
        };
        let doing = match ending {
            Ending::Done => {
                "take down that an object is counted: should it be announced again it counts twice"
            }
            Ending::Released => "let go of an object: it is counted when the lease has expired",
            Ending::InDoubt(_) => "take down that an object may have been counted: it waits for its lease",
        };
        match ledger.replace(&claimed.object, &claimed.entry, &to).await {
            // Whoever took it over decides about it.
            Ok(_) => {}
            Err(error) => self.ledger_failed(doing, Some(claimed.object.object.clone()), error, session),
        }
    }

    /// Takes down a failure that costs no object.
    pub(super) fn ledger_failed(
        &self,
        doing: &'static str,
        object: Option<ObjectRef>,
        error: LedgerError,
        session: &mut Session<'_>,
    ) {
        self.count_ledger_failure(&error, session);
        session.report.problems.push(Problem::Ledger { doing, object, error });
    }

    /// Counts a failure of the ledger, with the next request that is taken.
    pub(super) fn count_ledger_failure(&self, error: &LedgerError, session: &mut Session<'_>) {
        session.ledger_failed = true;
        if error.problem == LedgerProblem::FailedBefore {
            // It was not asked.
            return;
        }
        let reason = error.problem.reason();
        for dimensions in [Vec::new(), vec![("Reason", reason.to_owned())]] {
            self.carry.announce([News { name: "LedgerFailures", dimensions, value: 1 }]);
        }
    }
}

/// Claims an object, or says whose it is.
async fn claim_as<L: Ledger>(
    ledger: &L,
    object: &ObjectVersion,
    claim: Entry,
    now: i64,
) -> Result<Right, LedgerError> {
    let claimed =
        |entry| Ok(Right::Claimed(Claimed { object: object.clone(), entry, matches: 0, in_doubt: 0 }));
    let Some(met) = ledger.insert(object, &claim).await? else { return claimed(claim) };
    match met.met(now) {
        Met::Counted => Ok(Right::Repeat(Repeat::Counted)),
        Met::InOtherHands => Ok(Right::Repeat(Repeat::InOtherHands)),
        Met::Abandoned => {
            let taken = met.taken_over(claim);
            if ledger.replace(object, &met, &taken).await? {
                claimed(taken)
            } else {
                // Another was faster.
                Ok(Right::Repeat(Repeat::InOtherHands))
            }
        }
    }
}

pub(super) fn failed_before() -> LedgerError {
    LedgerError { problem: LedgerProblem::FailedBefore, source: "see the line on it".into() }
}
