//! `trailmeter test`: do detectors do what their own tests say?

mod args;
mod json;
mod junit;
mod table;

use anyhow::bail;
use trailmeter_detection::model::{Document, Explanation, explain};
use trailmeter_detection::{
    Detector, Expected, InlineTest, LoadError, Loaded, TestFailure, Verdict, load_each,
};
use trailmeter_logs::Record;

pub(crate) use args::{TestArgs, TestFormat};

use crate::detectors::{files_named, options};
use crate::explain::{no_such_detector, words};
use crate::{DONE, WRONG};

pub(crate) fn run(args: &TestArgs) -> anyhow::Result<u8> {
    let files = files_named(&args.packs, &args.paths)?;
    let loaded = load_each(&files, &options(&args.lists)?);
    let report = Report(named(loaded, &args.detectors)?.into_iter().map(Tested::of).collect());
    match args.format {
        TestFormat::Table => table::print(&report)?,
        TestFormat::Junit => junit::print(&report)?,
        TestFormat::Json => json::print(&report)?,
    }
    Ok(if report.is_good() { DONE } else { WRONG })
}

/// The detectors of these names; all that was loaded, if there are none.
fn named(loaded: Vec<Loaded>, names: &[String]) -> anyhow::Result<Vec<Loaded>> {
    if names.is_empty() {
        return Ok(loaded);
    }
    let name_of = |one: &Loaded| one.result.as_ref().ok().map(|detector| detector.name.clone());
    let known: Vec<String> = loaded.iter().filter_map(name_of).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        bail!("{}", no_such_detector(unknown, &known, loaded.len() - known.len()));
    }
    Ok(loaded.into_iter().filter(|one| name_of(one).is_some_and(|name| names.contains(&name))).collect())
}

/// What became of all that was tested.
struct Report(Vec<Tested>);

impl Report {
    fn is_good(&self) -> bool {
        self.0.iter().all(|one| one.errors.is_empty() && one.failed() == 0)
    }

    fn tests(&self) -> usize {
        self.0.iter().map(|one| one.tests.len()).sum()
    }

    fn failed(&self) -> usize {
        self.0.iter().map(Tested::failed).sum()
    }

    /// Detectors that cannot be used.
    fn errors(&self) -> usize {
        self.0.iter().filter(|one| !one.errors.is_empty()).count()
    }

    /// Detectors that carry no tests.
    fn untested(&self) -> usize {
        self.0.iter().filter(|one| one.is_untested()).count()
    }
}

/// A detector and its tests.
struct Tested {
    file: String,
    /// `None` if it could not be loaded.
    name: Option<String>,
    errors: Vec<LoadError>,
    tests: Vec<Ran>,
}

/// A test that was run.
struct Ran {
    test: InlineTest,
    failure: Option<Failure>,
}

/// A test that failed.
struct Failure {
    what: TestFailure,
    /// The tests of the tree that decided, in words.
    decided_by: Vec<String>,
}

/// What decided is named up to here; whoever wants all of it asks `explain`.
const MOST_DECIDING: usize = 10;

impl Tested {
    fn of(loaded: Loaded) -> Self {
        let Loaded { file, result, .. } = loaded;
        match result {
            Err(errors) => Self { file, name: None, errors, tests: Vec::new() },
            Ok(detector) => Self {
                file,
                tests: detector.tests.iter().map(|test| Ran::of(&detector, test)).collect(),
                name: Some(detector.name),
                errors: Vec::new(),
            },
        }
    }

    fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.tests.iter().filter_map(|test| test.failure.as_ref())
    }

    fn failed(&self) -> usize {
        self.failures().count()
    }

    fn is_untested(&self) -> bool {
        self.name.is_some() && self.tests.is_empty()
    }
}

impl Ran {
    fn of(detector: &Detector, test: &InlineTest) -> Self {
        let failure = detector.run_test(test).map(|what| {
            let decided_by = decided_by(detector, test, &what);
            Failure { what, decided_by }
        });
        Self { test: test.clone(), failure }
    }
}

/// Why the record came out as it did.
fn decided_by(detector: &Detector, test: &InlineTest, failure: &TestFailure) -> Vec<String> {
    let Ok(record) = Record::from_value(test.record.clone()) else { return Vec::new() };
    let document = Document::from(&record);
    let rule = explain(detector.rule.expr(), document);
    let exclusion = |at: usize| {
        let exclusion = &detector.exclusions[at];
        in_words(&explain(exclusion.rule.expr(), document), &format!("exclusion {}: ", exclusion.name))
    };
    match (failure.found, test.expected) {
        (None, _) => Vec::new(),
        // The rule decided that there is anything to exclude; an exclusion, that it was not, or was.
        (Some(Verdict::Match), Expected::Excluded) => {
            (0..detector.exclusions.len()).flat_map(exclusion).collect()
        }
        (Some(Verdict::Excluded(at)), Expected::Match) => exclusion(at),
        (Some(_), _) => in_words(&rule, ""),
    }
}

fn in_words(explanation: &Explanation<'_>, prefix: &str) -> Vec<String> {
    let deciding = explanation.deciding();
    let mut lines: Vec<String> = deciding
        .iter()
        .take(MOST_DECIDING)
        .map(|test| format!("{prefix}{}   {}", words::cut(&test.text), words::finding(test)))
        .collect();
    if deciding.len() > MOST_DECIDING {
        lines.push(format!("{prefix}and {} more", deciding.len() - MOST_DECIDING));
    }
    lines
}

/// The word for what a test expects.
fn word(expected: Expected) -> &'static str {
    match expected {
        Expected::Match => "match",
        Expected::NoMatch => "no-match",
        Expected::Excluded => "excluded",
    }
}

/// The word for what came out.
fn found_word(found: Option<Verdict>) -> &'static str {
    found.map_or("malformed", words::verdict)
}
