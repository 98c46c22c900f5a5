//! `trailmeter dlq list`.

use std::collections::BTreeMap;
use std::io::{Write, stderr, stdout};

use jiff::Timestamp;
use serde_json::{Value, json};
use trailmeter_aws::Clients;
use trailmeter_aws::operator::QueueFacts;
use trailmeter_pipeline::Content;

use super::args::ListArgs;
use super::errors::{self, Logs};
use super::letter::Described;
use super::place::Place;
use super::{advice, facts, free};
use crate::args::Format;
use crate::printable::{Printable, json as json_line};
use crate::table::{align_right, table};
use crate::{DONE, WRONG};

pub(super) async fn run(args: &ListArgs, clients: &Clients) -> anyhow::Result<u8> {
    let place = Place::find(&args.place, clients).await?;
    let queue = clients.dead_letters(place.queue.clone());
    let facts = facts(&queue, queue.url()).await?;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let held = queue.hold(limit, |_| false).await?;
    let mut letters: Vec<Described> = held.letters.iter().map(Described::of).collect();
    let freed = free(&queue, &held.letters).await?;
    // SQS gives them in no order. The oldest expire first.
    letters.sort_by(|one, other| (one.since, &one.id).cmp(&(other.since, &other.id)));
    let logs = errors::add(&mut letters, clients, place.log_group.as_deref(), args.no_logs).await;
    let list = List { queue: &place.queue, facts: &facts, letters: &letters, logs: &logs };
    match args.format {
        Format::Table => list.print()?,
        Format::Json => writeln!(stdout().lock(), "{}", json_line(&list.json()))?,
    }
    Ok(if freed { DONE } else { WRONG })
}

struct List<'a> {
    queue: &'a str,
    facts: &'a QueueFacts,
    letters: &'a [Described],
    logs: &'a Logs,
}

impl List<'_> {
    fn print(&self) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        if !self.letters.is_empty() {
            let mut table = table(["MESSAGE", "SINCE", "RECEIVES", "REASON", "ABOUT"]);
            for letter in self.letters {
                table.add_row(
                    [
                        letter.id.clone(),
                        time(letter.since),
                        letter.receives.map_or_else(|| "?".to_owned(), |receives| receives.to_string()),
                        reason(letter).to_owned(),
                        letter.subject(),
                    ]
                    .map(|cell| Printable(&cell).to_string()),
                );
            }
            align_right(&mut table, [2]);
            writeln!(out, "{}\n", table.trim_fmt())?;
        }
        writeln!(out, "{}", Printable(&self.sum()))?;
        for (reason, (count, advice)) in self.advice() {
            writeln!(out, "\n{} ({count}): {advice}", Printable(reason))?;
        }
        if let Some(note) = self.logs.note() {
            writeln!(stderr().lock(), "trailmeter: {}", Printable(&note))?;
        }
        Ok(())
    }

    fn sum(&self) -> String {
        let listed = self.letters.len() as u64;
        let mut sum = match listed {
            0 => "no message is left over".to_owned(),
            _ => format!("{listed} message(s)"),
        };
        if self.facts.waiting > listed {
            let waiting = self.facts.waiting;
            sum = format!("{listed} of about {waiting} messages: --limit shows more");
        }
        // Their time in somebody's hands is over by itself.
        if self.facts.in_flight > 0 {
            let in_flight = self.facts.in_flight;
            sum = format!(
                "{sum}; about {in_flight} more are in somebody's hands and are to be seen in a few minutes"
            );
        }
        sum
    }

    /// What to do, once for each reason.
    fn advice(&self) -> BTreeMap<&str, (usize, &'static str)> {
        let mut found = BTreeMap::new();
        for letter in self.letters.iter().filter(|letter| !matches!(letter.content, Content::Notice(_))) {
            let advice = match letter.failure() {
                Some(failure) => advice::on(failure),
                // Nothing was asked, so nothing is missing.
                None if *self.logs != Logs::Read => continue,
                None => advice::UNKNOWN,
            };
            found.entry(reason(letter)).or_insert((0, advice)).0 += 1;
        }
        found
    }

    fn json(&self) -> Value {
        json!({
            "queue": self.queue,
            "waiting": self.facts.waiting,
            "in_flight": self.facts.in_flight,
            "logs": self.logs.word(),
            "logs_problem": match self.logs { Logs::Unread(problem) => Some(problem), _ => None },
            "messages": self.letters.iter().map(|letter| message(letter, self.facts)).collect::<Vec<_>>(),
        })
    }
}

/// A message for programs.
pub(super) fn message(letter: &Described, facts: &QueueFacts) -> Value {
    let failure = letter.failure();
    let objects = letter.objects();
    json!({
        "id": letter.id,
        "origin": letter.origin.word(),
        "since": letter.since.map(|since| since.to_string()),
        "expires": letter.expires(facts.retention_seconds).map(|at| at.to_string()),
        "receives": letter.receives,
        "notice": match &letter.content { Content::Notice(notice) => Some(notice.reason()), _ => None },
        "objects": objects.iter().map(|object| json!({ "bucket": object.bucket, "key": object.key })).collect::<Vec<_>>(),
        "reason": failure.map(|failure| failure.reason.as_str()),
        "error": failure.map(|failure| failure.error.as_str()),
    })
}

/// Why a message is here, in a word.
fn reason(letter: &Described) -> &str {
    letter.failure().map_or("unknown", |failure| failure.reason.as_str())
}

/// A time for people: to the second.
pub(super) fn time(time: Option<Timestamp>) -> String {
    time.and_then(|time| Timestamp::from_second(time.as_second()).ok())
        .map_or_else(|| "?".to_owned(), |time| time.to_string())
}
