//! How fast Trailmeter is beside inflating the files, how its cost grows, and others on the same work.

mod access_logs;
mod args;
mod chart;
mod comparison;
mod contest;
mod corpora;
mod corpus;
mod cost;
mod detectors;
mod growth;
mod guard;
mod machine;
mod markdown;
mod measure;
mod page;
mod peers;
mod ratios;
mod results;
mod statistics;
mod targets;
mod three;
mod work;

use std::io::Write;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use jiff::Zoned;
use jiff::tz::TimeZone;

use args::{Args, Command, CommonArgs, RunArgs, Section};
use contest::progress;
use corpora::Recipe;
use results::Part;
use work::Bench;

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Run(args) => run(&args),
        Command::Guard(args) => say(&guard::run(&Bench::new(&args.common)?)?),
        Command::Corpora(args) => corpora(&args),
        Command::Measure { report, command } => measure::launch(&report, &command),
    }
}

fn run(args: &RunArgs) -> Result<()> {
    let start = Instant::now();
    let bench = Bench::new(&args.common)?;
    let (mut parts, mut broken) = (Vec::new(), Vec::new());
    for section in Section::ALL {
        let name = section.name();
        if !args.only.is_empty() && !args.only.contains(&section) {
            if args.docs.is_some() {
                parts.push(Part::kept(&bench, name)?);
            }
            continue;
        }
        let mut charts = Vec::new();
        let sections = match section {
            Section::Ratios => page::ratios(&ratios::measure(&bench)?),
            Section::Peers => {
                vec![page::peers(&comparison::measure(&bench, &args.peers_without)?, &mut charts)]
            }
            Section::Growth => {
                let growths = growth::measure(&bench)?;
                let sections = page::growth(&growths, &mut charts);
                broken.extend(growths.into_iter().filter(|growth| !growth.verdict.holds));
                sections
            }
        };
        for section in &sections {
            say(&section.text())?;
        }
        let part = Part::new(&bench, sections, charts)?;
        part.keep(&bench, name)?;
        parts.push(part);
    }
    if let Some(docs) = &args.docs {
        let date = args.date.unwrap_or_else(|| Zoned::now().with_time_zone(TimeZone::UTC).date());
        let machine = machine::description(&bench.trailmeter)?;
        page::write(docs, date, &machine, bench.rounds, &parts)?;
    }
    progress(&format!("{} seconds in all", start.elapsed().as_secs()))?;
    let texts: Vec<&str> = broken.iter().map(|growth| growth.verdict.text.as_str()).collect();
    // A part of a corpus is over in a few milliseconds, of which noise is too large a share.
    ensure!(texts.is_empty() || bench.part > 1, "the cost grows as it must not:\n{}", texts.join("\n"));
    Ok(())
}

fn corpora(args: &CommonArgs) -> Result<()> {
    let bench = Bench::new(args)?;
    let part = bench.part;
    for recipe in
        [Recipe::main(part), Recipe::large(), Recipe::small(part), Recipe::hostile(part), Recipe::peers(part)]
    {
        let facts = bench.corpus(&recipe)?.facts;
        say(&format!("{facts:?}\n"))?;
    }
    Ok(())
}

fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("cannot print")
}
