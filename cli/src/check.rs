//! `trailmeter check`: are these detectors fit to run?

use std::io::Write;

use serde_json::{Value, json};
use trailmeter_detection::{Detector, LoadError, Loaded, load_each};

use crate::args::{CheckArgs, Format};
use crate::detectors::{files_below, options, packaged};
use crate::printable::Printable;
use crate::{DONE, WRONG};

pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<u8> {
    let files = if args.paths.is_empty() { packaged()? } else { files_below(&args.paths)? };
    let checked: Vec<Checked> =
        load_each(&files, &options(&args.lists)?).into_iter().map(Checked::of).collect();
    match args.format {
        Format::Table => print(&checked)?,
        Format::Json => print_json(&checked)?,
    }
    Ok(if checked.iter().all(Checked::is_good) { DONE } else { WRONG })
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
}

impl Checked {
    fn of(loaded: Loaded) -> Self {
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
        Self { file, is_sigma, detector, errors, failures }
    }

    fn is_good(&self) -> bool {
        self.errors.is_empty() && self.failures.is_empty()
    }

    fn tests(&self) -> usize {
        self.detector.as_ref().map_or(0, |detector| detector.tests.len())
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
            writeln!(out, "runs     {}: {}", Printable(&one.file), detector.name)?;
        }
    }
    let (rules, detectors): (Vec<_>, Vec<_>) = checked.iter().partition(|one| one.is_sigma);
    if !rules.is_empty() {
        let run = rules.iter().filter(|one| one.is_good()).count();
        writeln!(out, "{} Sigma rule(s): {run} run, {} refused", rules.len(), rules.len() - run)?;
    }
    if !detectors.is_empty() || rules.is_empty() {
        let tests: usize = detectors.iter().map(|one| one.tests()).sum();
        let mistakes: usize = detectors.iter().map(|one| one.errors.len() + one.failures.len()).sum();
        let verdict = if mistakes == 0 { "all is well".to_owned() } else { format!("{mistakes} mistake(s)") };
        writeln!(out, "{} detector(s), {tests} inline test(s): {verdict}", detectors.len())?;
    }
    Ok(())
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
                "tests": one.tests(),
                "errors": errors,
                "failed_tests": one.failures,
            })
        })
        .collect();
    writeln!(std::io::stdout().lock(), "{:#}", json!({ "detectors": entries }))?;
    Ok(())
}
