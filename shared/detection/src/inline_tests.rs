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
    /// What was expected and what came out.
    pub reason: String,
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.place.line, self.place.column, self.reason)
    }
}

impl Detector {
    /// Runs the inline tests and returns those that fail.
    pub fn run_tests(&self) -> Vec<TestFailure> {
        self.tests.iter().filter_map(|test| self.failure(test)).collect()
    }

    fn failure(&self, test: &InlineTest) -> Option<TestFailure> {
        let fail = |what: String| {
            Some(TestFailure {
                file: self.file.clone(),
                place: test.place,
                reason: format!("test {:?} of {}: {what}", test.name, self.name),
            })
        };
        let record = match Record::from_value(test.record.clone()) {
            Ok(record) => record,
            // No detector sees it, which may be just what the test is about.
            Err(_) if test.expected == Expected::NoMatch => return None,
            Err(malformed) => return fail(format!("the record is malformed ({})", malformed.reason())),
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
        fail(format!("expected {}, found {}{by}", words(test.expected), words(found)))
    }
}

fn words(outcome: Expected) -> &'static str {
    match outcome {
        Expected::Match => "a match",
        Expected::NoMatch => "no match",
        Expected::Excluded => "an excluded match",
    }
}
