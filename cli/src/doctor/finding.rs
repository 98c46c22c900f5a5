//! One thing that was looked at, and what it comes down to.

use trailmeter_aws::operator::{AskError, AskProblem};

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// A stable word for what was looked at.
    pub(super) check: &'static str,
    pub(super) state: State,
    pub(super) what: String,
    /// What to do, unless all is well.
    pub(super) mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Ok,
    /// Something is not seen, not told or not proved, and may be meant so.
    Warning,
    /// Events are lost, late or not heard of.
    Problem,
    /// It could not be asked.
    Unknown,
}

impl State {
    /// A stable word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
            Self::Unknown => "unknown",
        }
    }
}

impl Finding {
    pub(super) fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, state: State::Ok, what: what.into(), mend: None }
    }

    pub(super) fn warning(check: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Warning, what: what.into(), mend: Some(mend.into()) }
    }

    pub(super) fn problem(check: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Problem, what: what.into(), mend: Some(mend.into()) }
    }

    pub(super) fn unknown(check: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Unknown, what: what.into(), mend: Some(mend.into()) }
    }

    /// A question that was not answered. What is not there is a problem: the stack names it.
    pub(super) fn unanswered(check: &'static str, error: &AskError) -> Self {
        let what = error.to_string();
        match error.problem {
            AskProblem::Denied => {
                let call = error.call;
                Self::unknown(check, what, format!("have {call} to look at it; the rest was checked without"))
            }
            AskProblem::Missing => Self::problem(
                check,
                what,
                "something that the stack names is not there: deploy the stack again, or bring it back",
            ),
            AskProblem::Other => {
                // S3 answers so too if the bucket is another account's.
                Self::unknown(check, what, "try again; if it stays so, ask with the account that owns it")
            }
        }
    }
}
