//! Maintenance commands: `cargo xtask boundaries`, `cargo xtask alarms [--check]`,
//! `cargo xtask queries [--check]`, `cargo xtask docs [--check]`.

mod alarms;
mod boundaries;
mod docs;
mod queries;

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let result = match arguments.as_slice() {
        ["boundaries"] => boundaries::check(root),
        ["alarms"] => alarms::write(root),
        ["alarms", "--check"] => alarms::check(root),
        ["queries"] => queries::write(root),
        ["queries", "--check"] => queries::check(root),
        ["docs"] => docs::write(root),
        ["docs", "--check"] => docs::check(root),
        _ => usage(),
    };
    match result {
        Ok(message) => {
            say(&message);
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn usage() -> anyhow::Result<String> {
    bail!("usage: cargo xtask boundaries | alarms [--check] | queries [--check] | docs [--check]")
}

#[expect(clippy::print_stderr, reason = "a maintenance command talks to whoever runs it")]
fn say(message: &str) {
    eprintln!("{message}");
}
