//! `docs/faults.md`, written from what the tests saw.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::played::Played;
use super::queue::End;
use super::row::{Row, Twice};
use super::services::{Ledger, Service};
use crate::support::root;

/// Set by `make faults`.
const WRITE: &str = "TRAILMETER_WRITE_DOCS";
const HEAD: &str = include_str!("head.md");

/// Compares the page with what was seen, or writes it if that is asked for.
pub(crate) fn compare(played: &[(Row, Played)]) -> Result<()> {
    let page = page(played)?;
    let path = root().join("docs/faults.md");
    #[expect(clippy::disallowed_methods, reason = "the Makefile says whether the page is to be written")]
    if std::env::var_os(WRITE).is_some() {
        return std::fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()));
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().zip(written.lines()).find(|(now, then)| now != then);
    ensure!(
        page == written,
        "docs/faults.md is not what the tests see: run `make faults`. First difference: {differs:?}"
    );
    Ok(())
}

fn page(played: &[(Row, Played)]) -> Result<String> {
    let mut page = HEAD.to_owned();
    let mut section = |title: &str, is_of: &dyn Fn(&Row) -> bool| {
        table(&mut page, title, played.iter().filter(|(row, _)| is_of(row)))
    };
    for service in [Service::S3, Service::DynamoDb, Service::CloudWatch, Service::Sqs] {
        let is_of = |row: &Row| row.service == service && row.ledger == Ledger::Event && !row.is_death;
        section(service.name(), &is_of)?;
    }
    section("The function dies", &|row| {
        row.ledger == Ledger::Event && row.is_death && !row.is_about_neighbours()
    })?;
    section("Time and neighbours", &Row::is_about_neighbours)?;
    section("With `LedgerUnavailable` as `count`", &|row| row.ledger == Ledger::EventOrCount)?;
    section("With a ledger of objects", &|row| row.ledger == Ledger::Object)?;
    section("Without a ledger", &|row| row.ledger == Ledger::Off && !row.is_about_neighbours())?;
    Ok(page)
}

fn table<'a>(page: &mut String, title: &str, rows: impl Iterator<Item = &'a (Row, Played)>) -> Result<()> {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    writeln!(page, "\n## {title}\n")?;
    writeln!(
        page,
        "| service, operation | fault | what the function does | how the message ends | `CountedMaybeTwice` |"
    )?;
    writeln!(page, "|---|---|---|---|---|")?;
    for (row, played) in rows {
        writeln!(
            page,
            "| {}, `{}` | {} | {} | {} | {} |",
            row.service.name(),
            row.operation,
            row.fault,
            row.does(played),
            ends(row, &played.ends),
            twice(row, played),
        )?;
    }
    Ok(())
}

fn twice(row: &Row, played: &Played) -> String {
    let whose = match row.twice {
        Twice::None => return "0".to_owned(),
        Twice::All => "all matches",
        Twice::FirstAgain => "all matches, and those of the first file again",
        Twice::First => "those of the first file",
        Twice::SecondAlone | Twice::Second => "those of the second file",
    };
    if row.is_unreported {
        return format!("**0**, though {whose} count twice ({})", played.excess);
    }
    format!("{whose} ({})", played.maybe_twice)
}

/// The message that was hit, and the others where they fare otherwise.
fn ends(row: &Row, ends: &[End]) -> String {
    let Some(hit) = ends.get(row.hit) else { return String::new() };
    let others: Vec<&End> =
        ends.iter().enumerate().filter(|(at, _)| *at != row.hit).map(|(_, end)| end).collect();
    if others.iter().all(|end| *end == hit) {
        return word(*hit);
    }
    let mut kinds: Vec<&End> = others.clone();
    kinds.sort_unstable();
    kinds.dedup();
    let others: Vec<String> = kinds
        .iter()
        .map(|kind| {
            let count = others.iter().filter(|end| *end == kind).count();
            let many = if count > 1 { format!("{count} others ") } else { "the other ".to_owned() };
            format!("{many}{}", word(**kind))
        })
        .collect();
    format!("{}; {}", word(*hit), others.join(", "))
}

fn word(end: End) -> String {
    match end {
        End::Acknowledged(1) => "acknowledged at once".to_owned(),
        End::Acknowledged(receives) => format!("acknowledged at receive {receives}"),
        End::Parked => "dead-letter queue".to_owned(),
    }
}
