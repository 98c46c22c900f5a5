//! `trailmeter dlq redrive`.

use std::collections::BTreeSet;
use std::io::{Write, stderr, stdout};

use anyhow::Context;
use serde_json::{Value, json};
use trailmeter_aws::Clients;
use trailmeter_aws::operator::{DeadLetters, Letter};

use super::args::RedriveArgs;
use super::check::Checker;
use super::letter::Described;
use super::place::Place;
use super::{facts, free};
use crate::args::Format;
use crate::printable::{Printable, json as json_line};
use crate::{DONE, WRONG};

pub(super) async fn run(args: &RedriveArgs, clients: &Clients) -> anyhow::Result<u8> {
    let place = Place::find(&args.place, clients).await?;
    let source = place.source.clone().context("with --queue, --source says which queue it goes back to")?;
    let queue = clients.dead_letters(place.queue.clone());
    // A queue that cannot be used is found out before anything is touched.
    let (facts, source_facts) = (facts(&queue, queue.url()).await?, facts(&queue, &source).await?);
    let mut redrive = Redrive {
        checker: args.check.then(|| Checker::new(&place, clients)),
        is_dry: args.dry_run,
        queue: &queue,
        source: &source,
        outcomes: Vec::new(),
        broke_off: None,
        sent: BTreeSet::new(),
    };
    let mut moved = None;
    if args.all && !args.check && !args.dry_run && facts.waiting > 0 {
        match queue.move_all(&facts.arn, &source_facts.arn).await {
            Ok(()) => moved = Some(facts.waiting),
            Err(error) => {
                let note = format!("SQS does not move them by itself, so they are sent one by one: {error}");
                writeln!(stderr().lock(), "trailmeter: {}", Printable(&note))?;
            }
        }
    }
    if moved.is_none() {
        if args.all { redrive.all().await? } else { redrive.named(&args.ids).await? }
    }
    let report = Report { moved, outcomes: &redrive.outcomes, has_ledger: place.has_ledger };
    match args.format {
        Format::Table => report.print()?,
        Format::Json => writeln!(stdout().lock(), "{}", json_line(&report.json()))?,
    }
    if let Some(problem) = &redrive.broke_off {
        writeln!(stderr().lock(), "trailmeter: not gone through to the end: {}", Printable(problem))?;
        return Ok(WRONG);
    }
    Ok(if redrive.outcomes.iter().all(|outcome| outcome.result.is_good()) { DONE } else { WRONG })
}

/// What became of a message.
struct Outcome {
    id: String,
    subject: String,
    result: Fate,
}

#[derive(Debug)]
enum Fate {
    Sent,
    WouldSend,
    /// It stays, and why.
    Kept(String),
    /// It was sent, and stays as well, and why.
    InBoth(String),
}

impl Fate {
    fn is_good(&self) -> bool {
        matches!(self, Self::Sent | Self::WouldSend)
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::WouldSend => "would-send",
            Self::Kept(_) => "kept",
            Self::InBoth(_) => "sent-and-kept",
        }
    }

    fn problem(&self) -> Option<&str> {
        match self {
            Self::Sent | Self::WouldSend => None,
            Self::Kept(problem) | Self::InBoth(problem) => Some(problem),
        }
    }
}

struct Redrive<'a> {
    queue: &'a DeadLetters,
    source: &'a str,
    checker: Option<Checker>,
    is_dry: bool,
    outcomes: Vec<Outcome>,
    /// Why the queue was not gone through to its end.
    broke_off: Option<String>,
    /// Ids of messages that were sent here: one that is back already has failed again.
    sent: BTreeSet<String>,
}

impl Redrive<'_> {
    /// Everything, batch by batch: what is sent is gone from the queue before the next is asked for.
    async fn all(&mut self) -> anyhow::Result<()> {
        let mut kept = Vec::new();
        let mut seen = BTreeSet::new();
        loop {
            let batch = match self.queue.receive(usize::MAX).await {
                Ok(batch) => batch,
                // What was done so far is told all the same.
                Err(error) => {
                    self.broke_off = Some(error.to_string());
                    break;
                }
            };
            let news: Vec<&Letter> = batch
                .iter()
                .filter(|letter| !self.sent.contains(&letter.id) && !seen.contains(&letter.id))
                .collect();
            if news.is_empty() {
                if !batch.is_empty() {
                    // What stays has come round again, and what else there is hides behind it.
                    self.broke_off = Some(
                        "messages that stay came round again before the end of the queue was seen: \
                         run it again for the rest"
                            .to_owned(),
                    );
                }
                kept.extend(batch);
                break;
            }
            for letter in news {
                seen.insert(letter.id.clone());
                self.one(letter).await;
            }
            let is_gone = |letter: &Letter| {
                self.outcomes
                    .iter()
                    .any(|outcome| outcome.id == letter.id && matches!(outcome.result, Fate::Sent))
            };
            kept.extend(batch.iter().filter(|letter| !is_gone(letter)).cloned());
        }
        free(self.queue, &kept).await?;
        Ok(())
    }

    /// Those that were named, which are sought in the whole queue.
    async fn named(&mut self, ids: &[String]) -> anyhow::Result<()> {
        let mut missing: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let held = self
            .queue
            .hold(usize::MAX, |letter| {
                missing.remove(letter.id.as_str());
                missing.is_empty()
            })
            .await?;
        let (named, others): (Vec<Letter>, Vec<Letter>) =
            held.letters.into_iter().partition(|letter| ids.contains(&letter.id));
        // Others first: sending and checking may take longer than one wants to wait for them.
        free(self.queue, &others).await?;
        for letter in &named {
            self.one(letter).await;
        }
        let is_sent = |outcome: &&Outcome| matches!(outcome.result, Fate::Sent);
        let sent: BTreeSet<&str> =
            self.outcomes.iter().filter(is_sent).map(|outcome| outcome.id.as_str()).collect();
        let kept: Vec<Letter> =
            named.iter().filter(|letter| !sent.contains(letter.id.as_str())).cloned().collect();
        free(self.queue, &kept).await?;
        let missing = missing.into_iter().map(|id| Outcome {
            id: id.to_owned(),
            subject: String::new(),
            result: Fate::Kept("no such message is in the queue, or somebody else has it in hand".to_owned()),
        });
        self.outcomes.extend(missing);
        Ok(())
    }

    async fn one(&mut self, letter: &Letter) {
        let described = Described::of(letter);
        let result = self.send(letter, &described).await;
        self.outcomes.push(Outcome { id: letter.id.clone(), subject: described.subject(), result });
    }

    async fn send(&mut self, letter: &Letter, described: &Described) -> Fate {
        let Some(payload) = &described.payload else {
            return Fate::Kept("Lambda's record does not hold what the function was invoked with".to_owned());
        };
        if let Some(checker) = &self.checker
            && let Some(problem) = checker.problem(described).await
        {
            return Fate::Kept(problem);
        }
        if self.is_dry {
            return Fate::WouldSend;
        }
        // This order: between the two it is there twice, in the other it would be nowhere.
        match self.queue.send(self.source, payload).await {
            Ok(id) => self.sent.insert(id),
            Err(error) => return Fate::Kept(error.to_string()),
        };
        match self.queue.delete(letter).await {
            Ok(()) => Fate::Sent,
            Err(error) => Fate::InBoth(format!("sent, but not deleted here: {error}")),
        }
    }
}

struct Report<'a> {
    /// About how many SQS moves by itself.
    moved: Option<u64>,
    outcomes: &'a [Outcome],
    has_ledger: Option<bool>,
}

impl Report<'_> {
    fn print(&self) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        for outcome in self.outcomes {
            let Outcome { id, subject, result } = outcome;
            let why = result.problem().map(|problem| format!("  {problem}")).unwrap_or_default();
            let line = format!("{:<13} {id}  {subject}{why}", result.word());
            writeln!(out, "{}", Printable(line.trim_end()))?;
        }
        writeln!(out, "{}", self.sum())?;
        if let Some(note) = self.note() {
            writeln!(out, "note     {note}")?;
        }
        Ok(())
    }

    fn sum(&self) -> String {
        if let Some(moved) = self.moved {
            return format!(
                "SQS moves about {moved} message(s) by itself; `trailmeter dlq list` shows what is left"
            );
        }
        let count = |word: &str| self.outcomes.iter().filter(|outcome| outcome.result.word() == word).count();
        match (count("would-send"), count("sent") + count("sent-and-kept"), count("kept")) {
            (0, 0, 0) => "no message is left over".to_owned(),
            (0, sent, kept) => format!("{sent} message(s) sent back, {kept} kept"),
            (would, _, kept) => {
                format!("{would} message(s) would be sent back, {kept} kept; nothing was sent")
            }
        }
    }

    /// What a repeat means for the counts.
    fn note(&self) -> Option<&'static str> {
        let sends = self.moved.is_some()
            || self.outcomes.iter().any(|outcome| matches!(outcome.result, Fate::Sent | Fate::InBoth(_)));
        if !sends {
            return None;
        }
        Some(match self.has_ledger {
            Some(true) => "the ledger counts each object once: what was counted before is not counted again",
            Some(false) => {
                "the stack has no ledger: an object that was counted before it came here is counted again"
            }
            None => "a stack with a ledger counts each object once, however often it comes",
        })
    }

    fn json(&self) -> Value {
        let messages = self.outcomes.iter().map(|outcome| {
            json!({
                "id": outcome.id,
                "about": outcome.subject,
                "result": outcome.result.word(),
                "problem": outcome.result.problem(),
            })
        });
        json!({ "moved_by_sqs": self.moved, "messages": messages.collect::<Vec<_>>() })
    }
}
