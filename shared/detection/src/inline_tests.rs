//! Runs the tests that a detector carries.

use std::fmt;

use trailmeter_logs::Record;

use crate::detector::{Detector, Expected, InlineTest, Verdict};
use crate::load_error::Place;

/// A test of a detector that does not come out as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFailure {
    /// The detector's file.
    pub file: String,
    /// Where the test stands in it.
    pub place: Place,
    /// The detector's name.
    pub detector: String,
    /// The test's name.
    pub test: String,
    /// What was expected and what came out.
    pub outcome: String,
    /// What came out; `None` if the record is malformed, so that no detector sees it.
    pub found: Option<Verdict>,
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, detector, test, outcome, .. } = self;
        write!(f, "{file}:{}:{}: test {test:?} of {detector}: {outcome}", place.line, place.column)
    }
}

impl Detector {
    /// Runs the inline tests and returns those that fail.
    pub fn run_tests(&self) -> Vec<TestFailure> {
        self.tests.iter().filter_map(|test| self.run_test(test)).collect()
    }

    /// Runs one of its inline tests. Exclusions hold whatever their last day: a file that passed its
    /// tests passes them on any other day.
    pub fn run_test(&self, test: &InlineTest) -> Option<TestFailure> {
        let fail = |outcome: String, found: Option<Verdict>| {
            Some(TestFailure {
                file: self.file.clone(),
                place: test.place,
                detector: self.name.clone(),
                test: test.name.clone(),
                outcome,
                found,
            })
        };
        let record = match Record::from_value(test.record.clone()) {
            Ok(record) => record,
            // No detector sees it, which may be just what the test is about.
            Err(_) if test.expected == Expected::NoMatch => return None,
            Err(malformed) => {
                return fail(format!("the record is malformed ({})", malformed.reason()), None);
            }
        };
        let verdict = self.verdict((&record).into());
        let found = match verdict {
            Verdict::Match => Expected::Match,
            Verdict::NoMatch => Expected::NoMatch,
            Verdict::Excluded(_) => Expected::Excluded,
        };
        if found == test.expected {
            return None;
        }
        let by = match verdict {
            Verdict::Excluded(at) => format!(" by {}", self.exclusions[at].name),
            Verdict::Match | Verdict::NoMatch => String::new(),
        };
        fail(format!("expected {}, found {}{by}", words(test.expected), words(found)), Some(verdict))
    }
}

fn words(outcome: Expected) -> &'static str {
    match outcome {
        Expected::Match => "a match",
        Expected::NoMatch => "no match",
        Expected::Excluded => "an excluded match",
    }
}
