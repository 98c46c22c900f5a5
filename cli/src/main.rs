//! The `trailmeter` command: the function's own scanner, on one machine.

mod args;
mod check;
mod detectors;
mod printable;
mod scan;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser;

/// Everything that was asked for was done.
const DONE: u8 = 0;
/// `check` found something wrong.
const WRONG: u8 = 1;
/// The command line, or a detector that it names, cannot be used, or there is nowhere to print.
const USAGE: u8 = 2;
/// Some objects could not be read.
const FAILED: u8 = 3;

fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Scan(args) => scan::run(&args),
        Command::Check(args) => check::run(&args),
    };
    ExitCode::from(result.unwrap_or_else(|error| printable::report(&error)))
}
