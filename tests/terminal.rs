//! What `trailmeter scan` shows on a terminal, and that a pipe gets none of it.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use nix::pty::{Winsize, openpty};
use tempfile::TempDir;
use trailmeter_testkit::generate::{Corpus, Plan};

use crate::command::trailmeter_command;

const ESCAPE: char = '\u{1b}';

/// Logs that most detectors match.
fn logs() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for file in Corpus::generate(&Plan::with_everything(7))?.files {
        let path = folder.path().join(&file.key);
        fs::create_dir_all(path.parent().context("keys have folders")?)?;
        fs::write(path, &file.body)?;
    }
    Ok(folder)
}

/// A scan in an environment that says nothing of colours but this.
fn scan(logs: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Command> {
    let mut command = trailmeter_command()?;
    // Where `CI` is set a terminal that knows no colours gets them all the same.
    for name in ["CI", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_CTYPE"] {
        command.env_remove(name);
    }
    command.env("LANG", "C.UTF-8").env("TERM", "xterm-256color").envs(environment.iter().copied());
    command.arg("scan").args(arguments).arg(logs);
    Ok(command)
}

/// What the command prints on a terminal of this width.
fn on_terminal(mut command: Command, columns: u16) -> Result<String> {
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(&size, None)?;
    command.stdout(terminal.slave);
    let mut child = command.spawn()?;
    // It holds the other end of the terminal, which would never be closed.
    drop(command);
    let mut printed = Vec::new();
    let mut buffer = [0; 4096];
    let mut screen = File::from(terminal.master);
    // Linux ends it with an error when nobody has the other end any more.
    while let Ok(count @ 1..) = screen.read(&mut buffer) {
        printed.extend_from_slice(&buffer[..count]);
    }
    assert_eq!(child.wait()?.code(), Some(0));
    Ok(String::from_utf8(printed)?.replace("\r\n", "\n"))
}

fn in_a_pipe(mut command: Command) -> Result<String> {
    let output = command.output()?;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Without colours and other commands to the terminal, which all end in a letter.
fn plain(text: &str) -> String {
    let mut parts = text.split(ESCAPE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(
            part.split_once(|character: char| character.is_ascii_alphabetic()).map_or("", |(_, rest)| rest),
        );
    }
    out
}

#[test]
fn the_table_fits_and_shows_when() -> Result<()> {
    let logs = logs()?;
    let packs = ["--pack", "default", "--pack", "sources"];
    for columns in [38, 60, 80, 120, 200] {
        let shown = on_terminal(scan(logs.path(), &packs, &[])?, columns)?;
        assert!(shown.contains(ESCAPE), "{columns} columns, in colour: {shown}");
        let shown = plain(&shown);
        for line in shown.lines() {
            assert!(line.chars().count() <= usize::from(columns), "{columns}: {line:?}");
        }
        let total = shown.lines().find(|line| line.starts_with(" total ")).context("there is a total")?;
        // The narrowest has no room for it.
        assert_eq!(total.contains('█'), columns > 38, "{columns}: {shown}");
        assert_eq!(shown.contains("\ntime     "), columns > 38, "{columns}: {shown}");
    }
    // As whoever sets it wants it.
    let shown = plain(&on_terminal(scan(logs.path(), &packs, &[("COLUMNS", "60")])?, 200)?);
    assert!(shown.lines().all(|line| line.chars().count() <= 60), "{shown}");
    Ok(())
}

#[test]
fn colour_is_for_terminals_and_for_those_who_want_it() -> Result<()> {
    let logs = logs()?;
    for (environment, expected) in [
        (&[][..], true),
        (&[("NO_COLOR", "1")], false),
        (&[("TERM", "dumb")], false),
        (&[("CLICOLOR", "0")], false),
        (&[("NO_COLOR", "")], true),
    ] {
        let shown = on_terminal(scan(logs.path(), &[], environment)?, 100)?;
        assert_eq!(shown.contains(ESCAPE), expected, "{environment:?}: {shown}");
        assert!(plain(&shown).contains(" total "), "{environment:?}: {shown}");
    }
    let piped = in_a_pipe(scan(logs.path(), &[], &[])?)?;
    assert!(!piped.contains(ESCAPE), "{piped}");
    let forced = in_a_pipe(scan(logs.path(), &[], &[("CLICOLOR_FORCE", "1")])?)?;
    assert!(forced.contains(ESCAPE), "{forced}");
    assert_eq!(plain(&forced), piped);
    // What programs read is the same wherever it goes.
    let json = in_a_pipe(scan(logs.path(), &["--format", "json"], &[("CLICOLOR_FORCE", "1")])?)?;
    assert_eq!(on_terminal(scan(logs.path(), &["--format", "json"], &[])?, 80)?, json);
    Ok(())
}

#[test]
fn a_pipe_has_four_columns_as_wide_as_they_are() -> Result<()> {
    let logs = logs()?;
    let piped = in_a_pipe(scan(logs.path(), &[], &[("COLUMNS", "40")])?)?;
    let head = " DETECTOR             MATCHES  EXCLUDED  WHAT\n";
    assert!(piped.starts_with(head), "{piped}");
    assert!(!piped.contains(['…', '█', '▁', '·']) && !piped.contains("total"), "{piped}");
    assert!(!piped.contains("\ntime "), "{piped}");
    Ok(())
}

#[test]
fn without_utf_8_there_is_ascii() -> Result<()> {
    let logs = logs()?;
    let shown = plain(&on_terminal(scan(logs.path(), &[], &[("LC_ALL", "C")])?, 80)?);
    assert!(shown.is_ascii(), "{shown}");
    let total = shown.lines().find(|line| line.starts_with(" total ")).context("there is a total")?;
    assert!(total.contains('#'), "{shown}");
    Ok(())
}

#[test]
fn the_same_is_shown_whatever_the_number_of_threads() -> Result<()> {
    let logs = logs()?;
    let one = on_terminal(scan(logs.path(), &["--threads", "1"], &[])?, 120)?;
    for threads in ["2", "7"] {
        assert_eq!(on_terminal(scan(logs.path(), &["--threads", threads], &[])?, 120)?, one);
    }
    Ok(())
}
