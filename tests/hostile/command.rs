//! Through the real command: what it prints for people, for CI and for programs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::words::{Word, all, is_unfit};
use crate::command::{Run, trailmeter};

/// A detector with the text wherever a detector's author may write, in double quotes.
fn detector(name: &str, quoted: &str) -> String {
    format!(
        "name: {name}
title: {quoted}
what: {quoted}
why: {quoted}
sources: [{quoted}]
false-positives: [{quoted}]
logs: cloudtrail
alarm: none
sigma:
  detection:
    s: {{ userAgent|startswith: mallory }}
    t: {{ eventName: A }}
    condition: s or t
exclude:
  - {{ name: E, owner: {quoted}, reason: {quoted}, expires: 2020-01-01, pattern: '{{ $.x IS TRUE }}' }}
dimensions:
  - Agent: $.userAgent
tests:
  - {{ name: {quoted}, match: true, record: {{ eventName: A }} }}
  - {{ name: fails, match: true, record: {{ eventName: B, userAgent: {quoted} }} }}
  - {{ name: another, match: false, record: {{ eventName: B }} }}
"
    )
}

/// Nothing on either stream moves a cursor, hides or turns text, or begins a line that is not ours.
fn fit_for_a_terminal(run: &Run, about: &str) -> Result<()> {
    for (stream, text) in [("standard output", &run.stdout), ("standard error", &run.stderr)] {
        let bad = text.chars().find(|&character| is_unfit(character) && character != '\n');
        ensure!(bad.is_none(), "{about}: {bad:?} on {stream}: {text:?}");
        let forged = text
            .lines()
            .find(|line| line.trim_start().starts_with("ERROR forged") || line.starts_with("START"));
        ensure!(forged.is_none(), "{about}: a line of its own on {stream}: {forged:?}");
    }
    Ok(())
}

/// It is one JSON value, and as fit for a terminal: it is what people see who leave out a pager.
fn sound_json(run: &Run, about: &str) -> Result<Value> {
    fit_for_a_terminal(run, about)?;
    serde_json::from_str(&run.stdout).with_context(|| format!("{about}: {}{}", run.stdout, run.stderr))
}

/// The elements nest, and every name of an element is one of JUnit's.
fn sound_xml(run: &Run, about: &str) -> Result<()> {
    fit_for_a_terminal(run, about)?;
    let mut open = Vec::new();
    let body = run.stdout.split_once("?>").map_or("", |(_, body)| body);
    for tag in body.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').with_context(|| format!("{about}: {tag:?} never ends"))?;
        ensure!(!text.contains('>'), "{about}: a bare sign in {text:?}");
        let name = tag.trim_matches('/').split([' ', '\n']).next().unwrap_or_default();
        let known = ["testsuites", "testsuite", "testcase", "failure", "error", "skipped"];
        ensure!(known.contains(&name), "{about}: an element {name:?}");
        if tag.starts_with('/') {
            ensure!(open.pop() == Some(name.to_owned()), "{about}: {name} closes something else");
        } else if !tag.ends_with('/') {
            open.push(name.to_owned());
        }
        // Whatever stands in an attribute is in quotes.
        ensure!(tag.matches('"').count() % 2 == 0, "{about}: quotes of {tag:?}");
    }
    ensure!(open.is_empty(), "{about}: {open:?} never close");
    Ok(())
}

/// A folder with the text in a log, in a detector and in the names of both.
struct Bench {
    folder: tempfile::TempDir,
    log: String,
    record: String,
    detector: String,
    other: String,
}

impl Bench {
    fn of(word: &Word) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let name = file_name(word.text.as_deref().unwrap_or("raw"));
        let quoted = word.quoted();
        let head: &[u8] = br#"{"eventName":"A","userAgent":"#;
        let record = [
            head,
            &quoted,
            b",\"eventID\":",
            &quoted,
            b",\"eventTime\":",
            &quoted,
            b",\"eventSource\":",
            &quoted,
            b",",
            &quoted,
            b":",
            &quoted,
            b"}",
        ]
        .concat();
        let log = at(&format!("{name}.json"));
        fs::write(&log, [b"{\"Records\":[", record.as_slice(), b"]}"].concat())?;
        fs::write(at("record.json"), &record)?;
        // What is no text stays out of a detector's file, which has to be one.
        let in_yaml = word.text.as_ref().map_or("\"raw\"".to_owned(), |text| in_yaml(text));
        fs::write(at(&format!("{name}.yaml")), detector("Hostile", &in_yaml))?;
        fs::write(at("other.yaml"), detector("Hostile", "plain").replace("eventName: A", "eventName: C"))?;
        let shown = |path: &Path| path.display().to_string();
        Ok(Self {
            log: shown(&log),
            record: shown(&at("record.json")),
            detector: shown(&at(&format!("{name}.yaml"))),
            other: shown(&at("other.yaml")),
            folder,
        })
    }

    fn run(&self, arguments: &[&str]) -> Result<Run> {
        trailmeter(arguments).with_context(|| format!("in {}", self.folder.path().display()))
    }
}

/// The text as a file may be called. A comma would part a list.
fn file_name(text: &str) -> String {
    text.chars().filter(|character| !['/', '\0', ','].contains(character)).take(40).collect()
}

/// The text in double quotes of YAML, by its numbers: so it passes the parser, and comes out as it was.
fn in_yaml(text: &str) -> String {
    let escape = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => character.to_string(),
        other => format!("\\U{:08x}", u32::from(other)),
    };
    format!("\"{}\"", text.chars().take(300).map(escape).collect::<String>())
}

#[test]
fn what_is_printed_is_fit_for_its_readers() -> Result<()> {
    let mut seen = 0;
    for word in all() {
        let bench = Bench::of(&word)?;
        let (log, detector, record) = (bench.log.as_str(), bench.detector.as_str(), bench.record.as_str());
        for (command, may_end) in [
            (&["scan", "--detectors", detector, log][..], &[0][..]),
            (&["cost", "--detectors", detector, log], &[0]),
            (&["explain", detector, log], &[0, 1]),
            (&["diff", &bench.other, detector, log], &[0, 1]),
            (&["check", detector], &[0, 1]),
            (&["test", detector], &[0, 1]),
        ] {
            let about = format!("{}, {command:?}", word.name);
            let run = bench.run(command)?;
            let ended = run.status.unwrap_or(-1);
            ensure!(may_end.contains(&ended), "{about} ended with {ended}: {}{}", run.stdout, run.stderr);
            fit_for_a_terminal(&run, &about)?;
            sound_json(&bench.run(&[command, &["--format", "json"]].concat())?, &about)?;
            seen += 1;
        }
        let about = format!("{}, test --format junit", word.name);
        sound_xml(&bench.run(&["test", "--format", "junit", detector])?, &about)?;
        // What is no log, no detector and no place is named on standard error.
        fs::write(&bench.log, "no log")?;
        fs::write(&bench.detector, [b"name: ".as_slice(), &word.quoted(), b"\n"].concat())?;
        for command in [
            &["scan", log][..],
            &["check", detector],
            &["scan", "--detectors", detector, log],
            &["test", detector],
            &["explain", detector, record],
        ] {
            let about = format!("{}, bad: {command:?}", word.name);
            let run = bench.run(command)?;
            ensure!(run.status != Some(0) && run.status.is_some(), "{about}: {}", run.stdout);
            fit_for_a_terminal(&run, &about)?;
        }
        let nowhere = file_name(word.text.as_deref().unwrap_or("nowhere"));
        for command in [&["scan", &nowhere][..], &["check", &nowhere], &["scan", "--pack", &nowhere, log]] {
            fit_for_a_terminal(&bench.run(command)?, &format!("{}, nowhere: {command:?}", word.name))?;
        }
    }
    assert_eq!(seen, all().len() * 6);
    Ok(())
}

/// No output is a table of comma-separated values, which a spreadsheet would run formulas of. Who
/// adds one has to escape what begins with `=`, `+`, `-`, `@`, a tab or a carriage return.
#[test]
fn no_command_prints_comma_separated_values() -> Result<()> {
    for command in ["scan", "cost", "explain", "diff", "check", "test"] {
        let run = trailmeter(&[command, "--format", "csv", "x"])?;
        assert_eq!(run.status, Some(2), "{command}");
        assert!(run.stderr.contains("csv"), "{command}: {}", run.stderr);
    }
    Ok(())
}
