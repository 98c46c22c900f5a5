//! Which messages are handled together.
//!
//! A message that was received before failed before, and it may be the one that ended the whole
//! process. So it is tried alone, when everything else of the batch is counted and acknowledged.
//! Its neighbours of then come back with it, suspects as well: of several those go first that were
//! never tried alone, as one that was and is back has most likely ended a process.

use std::collections::BTreeMap;

use super::{Pipeline, Session};
use crate::delivery::Message;
use crate::ledger::Ledger;
use crate::ports::Queue;
use crate::report::Problem;

/// Messages that are handled together.
pub(super) struct Round {
    pub(super) messages: Vec<Message>,
    /// The id of the one message of the round, if it is a suspect.
    suspect: Option<String>,
}

impl<S, M, Q: Queue + Sync, L: Ledger + Sync, F> Pipeline<S, M, Q, L, F> {
    /// Those of each recount come together and last: they count what others count as well.
    pub(super) async fn rounds(&self, messages: Vec<Message>, session: &mut Session<'_>) -> Vec<Round> {
        let mut parts: BTreeMap<Option<String>, Vec<Message>> = BTreeMap::new();
        for message in messages {
            parts.entry(message.occasion.recount().map(str::to_owned)).or_default().push(message);
        }
        let mut rounds = Vec::new();
        for messages in parts.into_values() {
            rounds.extend(self.rounds_of_part(messages, session).await);
        }
        rounds
    }

    async fn rounds_of_part(&self, messages: Vec<Message>, session: &mut Session<'_>) -> Vec<Round> {
        let (mut fresh, suspects): (Vec<_>, Vec<_>) =
            messages.into_iter().partition(|message| !message.is_suspect());
        // Of an event that stands in two files the delivery counts, and sets off its alarm; not the past.
        fresh.sort_by_key(|message| self.settings.counts_apart(&message.occasion));
        let tries = self.tries(&suspects, session).await;
        let mut suspects: Vec<_> = tries.into_iter().zip(suspects).collect();
        suspects.sort_by_key(|(tries, _)| *tries);
        let alone =
            |(_, message): (u64, Message)| Round { suspect: message.id.clone(), messages: vec![message] };
        let together = (!fresh.is_empty()).then_some(Round { messages: fresh, suspect: None });
        together.into_iter().chain(suspects.into_iter().map(alone)).collect()
    }

    /// How often each suspect was tried alone, or what orders them where nobody knows.
    async fn tries(&self, suspects: &[Message], session: &mut Session<'_>) -> Vec<u64> {
        let ids: Option<Vec<&str>> = suspects.iter().map(|message| message.id.as_deref()).collect();
        let (Some(ledger), Some(ids), 2..) = (&self.ledger, ids, suspects.len()) else {
            return alternating(suspects);
        };
        match ledger.tries(&ids, session.moment.now).await {
            Ok(tries) => tries,
            Err(error) => {
                self.ledger_failed("say which messages were tried alone", None, error, session);
                alternating(suspects)
            }
        }
    }

    pub(super) async fn begin_round(&self, round: &Round, session: &mut Session<'_>) {
        session.begin_recount(round.messages.first().and_then(|message| message.occasion.recount()));
        let (Some(ledger), Some(id)) = (&self.ledger, &round.suspect) else { return };
        // One for which no time is left is not tried.
        if session.ledger_failed || session.is_late() {
            return;
        }
        if let Err(error) = ledger.begin_try(id, session.moment.now).await {
            self.ledger_failed("take down that a message is tried alone", None, error, session);
        }
    }

    /// Acknowledges messages before a suspect is tried: if that ends the process, nobody answers
    /// for them. One that cannot be acknowledged is answered for at the end.
    pub(super) async fn acknowledge(&self, receipts: &[String], session: &mut Session<'_>) {
        let receipts: Vec<&str> = receipts.iter().map(String::as_str).collect();
        if receipts.is_empty() {
            return;
        }
        if let Err(error) = self.queue.acknowledge(&receipts).await {
            session.report.problems.push(Problem::Acknowledge(error));
        }
    }
}

/// The order without a ledger: that of the batch, and with every other receive its reverse. So one
/// message that ends the process is in the way of those on one side of it only, each time.
fn alternating(suspects: &[Message]) -> Vec<u64> {
    let is_reversed = suspects.first().is_some_and(|message| message.receives % 2 == 1);
    let places = 0..suspects.len() as u64;
    if is_reversed { places.rev().collect() } else { places.collect() }
}
