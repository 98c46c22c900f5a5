//! `trailmeter dlq show`.

use std::io::{Write, stderr, stdout};

use serde_json::{Value, json};
use trailmeter_aws::Clients;
use trailmeter_aws::operator::{Letter, QueueFacts};
use trailmeter_pipeline::Content;

use super::args::ShowArgs;
use super::errors::{self, Logs};
use super::letter::{Described, Origin};
use super::list::{message, time};
use super::place::Place;
use super::{advice, facts, free};
use crate::args::Format;
use crate::printable::{Printable, json as json_line};
use crate::{DONE, WRONG};

pub(super) async fn run(args: &ShowArgs, clients: &Clients) -> anyhow::Result<u8> {
    let place = Place::find(&args.place, clients).await?;
    let queue = clients.dead_letters(place.queue.clone());
    let facts = facts(&queue, queue.url()).await?;
    let held = queue.hold(usize::MAX, |letter| letter.id == args.id).await?;
    let freed = free(&queue, &held.letters).await?;
    let Some(letter) = held.letters.iter().find(|letter| letter.id == args.id) else {
        let note = format!("no message {} is in the queue, or somebody else has it in hand", args.id);
        writeln!(stderr().lock(), "trailmeter: {}", Printable(&note))?;
        return Ok(WRONG);
    };
    let mut described = [Described::of(letter)];
    let logs = errors::add(&mut described, clients, place.log_group.as_deref(), args.no_logs).await;
    let [described] = described;
    match args.format {
        Format::Table => print(letter, &described, &facts, &logs)?,
        Format::Json => writeln!(stdout().lock(), "{}", json_line(&json(letter, &described, &facts, &logs)))?,
    }
    Ok(if freed { DONE } else { WRONG })
}

fn print(letter: &Letter, described: &Described, facts: &QueueFacts, logs: &Logs) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    let mut line = |name: &str, text: &str| writeln!(out, "{name:<9} {}", Printable(text));
    line("message", &letter.id)?;
    line("since", &time(described.since))?;
    line("expires", &time(described.expires(facts.retention_seconds)))?;
    line("receives", &described.receives.map_or_else(|| "?".to_owned(), |receives| receives.to_string()))?;
    line(
        "from",
        match described.origin {
            Origin::Queue => "the queue of deliveries, after its last receive",
            Origin::Invocation => "Lambda, after the last try of a direct invocation",
            Origin::Rule => "EventBridge, which could not hand it to the queue",
        },
    )?;
    if let Content::Notice(notice) = &described.content {
        line("notice", notice.reason())?;
    }
    for object in described.objects() {
        line("object", &object.to_string())?;
    }
    for failure in &described.failures {
        let at = failure.at.map(|_| format!("{} ", time(failure.at))).unwrap_or_default();
        line("error", &format!("{at}{}: {}", failure.reason, failure.error))?;
    }
    for (name, value) in letter.attributes.iter().chain(&letter.sender_attributes) {
        line("attribute", &format!("{name} = {value}"))?;
    }
    line("to do", advice_on(described))?;
    writeln!(out, "body")?;
    // Line by line: its own line breaks are the only ones that stand.
    for line in body(&letter.body).lines() {
        writeln!(out, "  {}", Printable(line))?;
    }
    if let Some(note) = logs.note() {
        writeln!(stderr().lock(), "trailmeter: {}", Printable(&note))?;
    }
    Ok(())
}

fn json(letter: &Letter, described: &Described, facts: &QueueFacts, logs: &Logs) -> Value {
    let mut whole = message(described, facts);
    let failures = described.failures.iter().map(|failure| {
        json!({
            "at": failure.at.map(|at| at.to_string()),
            "reason": failure.reason,
            "error": failure.error,
        })
    });
    whole["errors"] = failures.collect();
    whole["logs"] = logs.word().into();
    whole["attributes"] = json!(letter.attributes);
    whole["sender_attributes"] = json!(letter.sender_attributes);
    whole["to_do"] = advice_on(described).into();
    whole["body"] = serde_json::from_str(&letter.body).unwrap_or_else(|_| letter.body.as_str().into());
    whole
}

fn advice_on(described: &Described) -> &'static str {
    match (&described.content, described.failure()) {
        (_, Some(failure)) => advice::on(failure),
        (Content::Notice(_), None) => {
            "nothing is to be read in it: send it back, and the function acknowledges it"
        }
        (_, None) => advice::UNKNOWN,
    }
}

/// A body for people: JSON with its parts on lines of their own, also where it stands in a string as
/// the envelopes of SNS and Lambda have it.
fn body(text: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    serde_json::to_string_pretty(&value).unwrap_or_else(|_| text.to_owned())
}
