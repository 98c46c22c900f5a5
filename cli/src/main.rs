//! The `trailmeter` command: the function's own scanner, on one machine.

mod args;
mod backfill;
mod check;
mod completions;
mod cost;
mod detectors;
mod diff;
mod dlq;
mod doctor;
mod explain;
mod import;
mod inline_tests;
mod man;
mod new;
mod printable;
mod report;
mod scan;
mod schema;
mod stack;
mod table;
mod terminal;
mod verify;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser;

/// Everything that was asked for was done.
const DONE: u8 = 0;
/// What was asked about is not so: something is wrong, does not match, or changes.
const WRONG: u8 = 1;
/// The command line, or a detector that it names, cannot be used, or there is nowhere to print.
const USAGE: u8 = 2;
/// Some objects could not be read.
const FAILED: u8 = 3;

fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Scan(args) => scan::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Cost(args) => cost::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Test(args) => inline_tests::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Backfill(args) => backfill::run(&args),
        Command::Dlq(args) => dlq::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::New(args) => new::run(&args),
        Command::Schema(_) => schema::run(),
    };
    ExitCode::from(result.unwrap_or_else(|error| printable::report(&error)))
}
