//! `trailmeter check`: are these detectors fit to run, and will they find what they are meant to?

use std::collections::HashMap;
use std::io::Write;

use jiff::civil::Date;
use serde_json::{Value, json};
use trailmeter_detection::lint::{Warning, lint};
use trailmeter_detection::{AlarmChoice, Detector, DetectorFile, LoadError, Loaded, Options, load_each};

use crate::args::{CheckArgs, Format};
use crate::detectors::{asked_for, options, packaged, readable_below, today};
use crate::printable::{Printable, json_lines};
use crate::{DONE, WRONG};

pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<u8> {
    let (files, unreadable) =
        if args.paths.is_empty() { (packaged()?, Vec::new()) } else { readable_below(&args.paths)? };
    let options = options(&args.lists)?;
    asked_for(&options.lists, &files)?;
    let by_path: HashMap<&str, &DetectorFile> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let checked: Vec<Checked> = load_each(&files, &options)
        .into_iter()
        .map(|loaded| Checked::of(loaded, &by_path, &options, today()))
        .chain(unreadable.into_iter().map(Checked::unreadable))
        .collect();
    match args.format {
        Format::Table => print(&checked)?,
        Format::Json => print_json(&checked)?,
    }
    let is_well = checked.iter().all(Checked::is_good)
        && (!args.deny_warnings || checked.iter().all(|one| one.warnings().next().is_none()));
    Ok(if is_well { DONE } else { WRONG })
}

/// A detector or rule, and what is wrong with it.
struct Checked {
    file: String,
    is_sigma: bool,
    detector: Option<Box<Detector>>,
    /// Why it cannot be used.
    errors: Vec<LoadError>,
    /// Its inline tests that fail.
    failures: Vec<String>,
    /// What it silently does or does not, what it allows included.
    findings: Vec<Warning>,
}

impl Checked {
    fn of(loaded: Loaded, files: &HashMap<&str, &DetectorFile>, options: &Options<'_>, today: Date) -> Self {
        let findings =
            files.get(loaded.file.as_str()).map_or_else(Vec::new, |file| lint(file, &loaded, options, today));
        let Loaded { file, is_sigma, result, .. } = loaded;
        let (detector, errors) = match result {
            Ok(detector) => (Some(detector), Vec::new()),
            Err(errors) => (None, errors),
        };
        let failures = detector
            .iter()
            .flat_map(|detector| detector.run_tests())
            .map(|failure| failure.to_string())
            .collect();
        Self { file, is_sigma, detector, errors, failures, findings }
    }

    fn unreadable(error: LoadError) -> Self {
        Self {
            file: error.file.clone(),
            is_sigma: false,
            detector: None,
            errors: vec![error],
            failures: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn is_good(&self) -> bool {
        self.errors.is_empty() && self.failures.is_empty()
    }

    /// What is to be mended or allowed.
    fn warnings(&self) -> impl Iterator<Item = &Warning> {
        self.findings.iter().filter(|warning| warning.allowed.is_none())
    }

    fn tests(&self) -> usize {
        self.detector.as_ref().map_or(0, |detector| detector.tests.len())
    }

    /// A published rule cannot speak of alarms, so that this is no mistake of its authors.
    fn has_no_alarm(&self) -> bool {
        self.detector.as_ref().is_some_and(|detector| detector.alarm == AlarmChoice::Unsaid)
    }
}

/// Detectors of one's own are named if something is wrong with them; published rules always, for
/// whoever points at a folder of them wants to know what became of each.
fn print(checked: &[Checked]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for one in checked {
        let prefix = if one.is_sigma { "refused  " } else { "" };
        for error in &one.errors {
            writeln!(out, "{prefix}{}", Printable(&error.to_string()))?;
        }
        for failure in &one.failures {
            writeln!(out, "{}", Printable(failure))?;
        }
        if let (true, Some(detector)) = (one.is_sigma, &one.detector) {
            let alarm = if one.has_no_alarm() { ", no alarm covers it" } else { "" };
            writeln!(out, "runs     {}: {}{alarm}", Printable(&one.file), detector.name)?;
        }
        for warning in one.warnings() {
            writeln!(out, "{}", Printable(&warning.to_string()))?;
        }
    }
    let (rules, detectors): (Vec<_>, Vec<_>) = checked.iter().partition(|one| one.is_sigma);
    if !rules.is_empty() {
        let run = rules.iter().filter(|one| one.is_good()).count();
        let warned = counted(&rules);
        writeln!(out, "{} Sigma rule(s): {run} run, {} refused{warned}", rules.len(), rules.len() - run)?;
    }
    if !detectors.is_empty() || rules.is_empty() {
        let tests: usize = detectors.iter().map(|one| one.tests()).sum();
        let mistakes: usize = detectors.iter().map(|one| one.errors.len() + one.failures.len()).sum();
        let verdict = if mistakes == 0 { "all is well".to_owned() } else { format!("{mistakes} mistake(s)") };
        let warned = counted(&detectors);
        writeln!(out, "{} detector(s), {tests} inline test(s): {verdict}{warned}", detectors.len())?;
    }
    Ok(())
}

/// How many warnings there are, and how many that are allowed; nothing of none.
fn counted(checked: &[&Checked]) -> String {
    let warnings: usize = checked.iter().map(|one| one.warnings().count()).sum();
    let findings: usize = checked.iter().map(|one| one.findings.len()).sum();
    let said = if warnings > 0 { format!(", {warnings} warning(s)") } else { String::new() };
    if findings > warnings { format!("{said}, {} allowed", findings - warnings) } else { said }
}

fn print_json(checked: &[Checked]) -> anyhow::Result<()> {
    let entries: Vec<Value> = checked
        .iter()
        .map(|one| {
            let errors: Vec<String> = one.errors.iter().map(ToString::to_string).collect();
            json!({
                "file": one.file,
                "kind": if one.is_sigma { "sigma" } else { "detector" },
                "name": one.detector.as_ref().map(|detector| &detector.name),
                "runs": one.is_good(),
                "has_alarm": one.detector.as_ref().map(|detector| detector.alarm.alarm().is_some()),
                "tests": one.tests(),
                "errors": errors,
                "failed_tests": one.failures,
                "warnings": one.findings.iter().map(warning_json).collect::<Vec<_>>(),
            })
        })
        .collect();
    writeln!(std::io::stdout().lock(), "{}", json_lines(&json!({ "detectors": entries })))?;
    Ok(())
}

fn warning_json(warning: &Warning) -> Value {
    json!({
        "code": warning.code.name(),
        "line": warning.place.line,
        "column": warning.place.column,
        "message": warning.message,
        "allowed": warning.allowed,
    })
}
