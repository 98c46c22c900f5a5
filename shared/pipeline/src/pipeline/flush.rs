//! Sends the requests, tells the ledger before and after, and keeps account of what may have been
//! counted.

use super::claims::{Claimed, Ending, failed_before};
use super::{Handled, Pipeline, Session};
use crate::aggregate::Datum;
use crate::carry::News;
use crate::ledger::{Ledger, LedgerProblem, State};
use crate::packing::{Group, requests};
use crate::ports::{Effect, MetricSink};
use crate::report::Problem;
use crate::settings::Unavailable;

/// What became of the requests of a group.
enum Put {
    Taken,
    Failed {
        /// How many of its matches may have been counted.
        maybe_counted: u64,
    },
}

impl<S, M: MetricSink + Sync, Q, L: Ledger + Sync, F> Pipeline<S, M, Q, L, F> {
    /// Puts every group. Returns for each of `messages` whether its counts were taken for sure.
    ///
    /// The uncertain case is decided here and nowhere else: the messages come back, so that
    /// nothing is lost, and their matches are reported as perhaps counted twice; by whoever takes
    /// the objects over where the ledger knows of them, with the next request where it does not.
    pub(super) async fn flush(
        &self,
        groups: Vec<Group>,
        messages: &[Handled],
        session: &mut Session<'_>,
    ) -> Vec<bool> {
        let mut taken = vec![true; messages.len()];
        if messages.iter().any(|message| !message.claims.is_empty()) {
            // It answered since, and what is at stake now is a put.
            session.ledger_failed = false;
        }
        for group in groups.into_iter().filter(|group| !group.aggregate.is_empty()) {
            let of_group = || group.messages.iter().map(|&at| &messages[at]);
            let mut claims: Vec<Claimed> = of_group().flat_map(|message| &message.claims).cloned().collect();
            let ends = if self.begin_flush(&mut claims, session).await {
                match self.put(requests(group.aggregate.data()), session).await {
                    Put::Taken => {
                        self.end_all(&claims, Ending::Done, session).await;
                        continue;
                    }
                    Put::Failed { maybe_counted: 0 } => Ending::Released,
                    Put::Failed { maybe_counted } => {
                        // Whoever takes over what the ledger knows to be on its way says so.
                        let flushing =
                            claims.iter().filter(|claimed| claimed.entry.state == State::Flushing).count();
                        let read: u64 = of_group().map(|message| message.totals.objects_read).sum();
                        // Single events are claimed and are no objects.
                        if (flushing as u64) < read.max(claims.len() as u64) {
                            self.carry.add(maybe_counted);
                        }
                        Ending::InDoubt(maybe_counted)
                    }
                }
            } else {
                Ending::Released
            };
            self.end_all(&claims, ends, session).await;
            group.messages.iter().for_each(|&message| taken[message] = false);
        }
        taken
    }

    /// Tells the ledger which objects the next request bears. Returns whether it may be sent.
    async fn begin_flush(&self, claims: &mut [Claimed], session: &mut Session<'_>) -> bool {
        let Some(ledger) = &self.ledger else { return true };
        for claimed in claims {
            let object = || claimed.object.object.clone();
            let flushing = claimed.entry.flushing(claimed.matches);
            let answer = if session.ledger_failed {
                Err(failed_before())
            } else {
                ledger.replace(&claimed.object, &claimed.entry, &flushing).await
            };
            match answer {
                Ok(true) => claimed.entry = flushing,
                // The lease ran out: a clock is wrong, or the process stood still.
                Ok(false) => {
                    session.report.problems.push(Problem::ClaimLost(object()));
                    return false;
                }
                Err(error) => {
                    if error.problem != LedgerProblem::FailedBefore {
                        let doing = "take down that an object is about to be counted";
                        self.ledger_failed(doing, Some(object()), error, session);
                    }
                    if self.settings.ledger.unavailable == Unavailable::Hold {
                        return false;
                    }
                    let name = "CountedWithoutLedger";
                    self.carry.announce([News { name, dimensions: Vec::new(), value: 1 }]);
                }
            }
        }
        true
    }

    async fn put(&self, requests: Vec<Vec<Datum>>, session: &mut Session<'_>) -> Put {
        let mut matches_taken = 0;
        for request in requests {
            let matches: u64 = request.iter().map(|datum: &Datum| datum.matches).sum();
            session.report.requests += 1;
            let Err(error) = self.sink.put(&request).await else {
                matches_taken += matches;
                continue;
            };
            // What earlier requests of the group took is counted again when it comes back.
            let uncertain = if error.effect == Effect::Uncertain { matches } else { 0 };
            let maybe_twice = matches_taken + uncertain;
            session.report.problems.push(Problem::Put { error, maybe_twice });
            return Put::Failed { maybe_counted: maybe_twice };
        }
        Put::Taken
    }

    async fn end_all(&self, claims: &[Claimed], ending: Ending, session: &mut Session<'_>) {
        for claimed in claims {
            self.end(claimed, ending, session).await;
            if !matches!(ending, Ending::Done) {
                session.claimed.remove(&claimed.object);
            }
        }
    }
}
