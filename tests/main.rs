//! Tests of the real binaries, and of several crates together.
//!
//! `make test` builds what they need and says in the environment where it is. One local cloud
//! serves them all; each test has buckets and namespaces of its own in it.

/// Runs the command.
mod command;
/// What was counted, as a map that can be compared whole: from the truth, from what was sent.
mod counts;
/// A stack in the local cloud, and what is to be seen of it.
mod deployed;
/// Payloads and bodies of notifications, for objects of a test's own.
mod messages;
/// S3 on its bad days: denials, throttling, answers that break off.
mod scripted_s3;
/// Detectors on a shelf that the function loads them from: an object or a parameter.
mod shelf;
/// Binaries, the local cloud, and the world of one test in it.
mod support;

/// S3's server access logs, beside CloudTrail's files.
mod access_logs;
/// The alarms of the template, in a model of CloudWatch.
mod alarms;
/// The past, sent by the command and counted by the function.
mod backfill;
mod backfill_within;
/// Files that are no detectors or rules, or bad ones.
mod bad_detectors;
/// Every bad input, through the function and through the command.
mod bad_files;
/// Objects that S3 does not give, and messages that name none.
mod bad_reads;
/// The command as its users meet it.
mod cli;
/// Completions for shells and manual pages.
mod command_line;
/// Every command has its place in `docs/commands.md`.
mod commands_page;
/// The scanner against an independent oracle, on real records.
mod corpus;
/// What a month costs: worked out by hand, and against `scan`.
mod cost;
/// The pages on detector files and Sigma.
mod detector_page;
/// What another set of detectors would change.
mod diff;
/// Messages that could not be handled, told and sent back.
mod dlq;
/// A deployment, looked at from outside.
mod doctor;
/// Exclusions that have ended, on the command line.
mod expiry;
/// Why a record matches or does not, as people are told.
mod explain;
/// Trouble between the function and its services, and its death at every step.
mod faults;
/// Findings that are sent on: as events, and to Security Hub.
mod finding_places;
/// Who did what: in the log, in a bucket, and in no other place.
mod findings;
/// A bucket that is watched while files are delivered to it.
mod follow;
/// What attackers write: in records, in keys, in rules.
mod hostile;
/// Detectors from metric filters that others wrote.
mod import;
/// The tests that detectors carry, run for people and for CI.
mod inline_tests;
/// Digests and log files, whole and tampered with, and what the AWS CLI says of them.
mod integrity;
/// What was counted is known to every process, and counts once.
mod ledger;
/// What the linter says of rules and patterns that others wrote.
mod lints;
/// Detectors that are loaded while the function runs.
mod loaded;
/// What the settings do to the metrics, and the sums of a whole corpus.
mod metrics;
/// What people are told of an alarm.
mod notify;
/// What deploys without Rust.
mod package;
/// Cases that others published for rules of the same intent.
mod panther;
/// Filter patterns that others wrote.
mod patterns;
/// What the function may do, where it is enforced.
mod permissions;
/// Metrics that CloudWatch takes, refuses or loses.
mod puts;
/// S3 is asked for several objects at once.
mod read_ahead;
/// The proofs that `docs/reliability.md` names.
mod reliability_page;
/// The page of `report`, as far as no browser is needed.
mod report;
/// What a scan takes of memory.
mod scan_memory;
/// The schema of detector files, against the loader.
mod schema;
/// Every shape of event in `events/`.
mod shapes;
/// Sigma rules: the suites, and another engine's opinion.
mod sigma;
/// The template, deployed.
mod stack;
/// Detectors to start from.
mod starters;
/// What a terminal shows.
mod terminal;
/// Lines of the log, and where an invocation's time goes, as X-Ray is told.
mod traces;
mod verify;

/// A file that no line above names is never compiled, and its tests never fail.
#[test]
fn every_file_here_is_a_module() -> anyhow::Result<()> {
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(env!("CARGO_MANIFEST_DIR"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_module = main.lines().any(|line| line == format!("mod {name};"));
        assert!(is_module || name == "main", "main.rs does not name {name}");
    }
    Ok(())
}
