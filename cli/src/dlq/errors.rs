//! Puts what the function's log says to the messages that it is about.

use std::collections::BTreeSet;

use trailmeter_aws::Clients;
use trailmeter_aws::operator::AskProblem;

use super::failure::{Log, PHRASE};
use super::letter::Described;

/// What became of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Logs {
    Read,
    /// Only a part of it: newer lines may be missing.
    ReadInPart,
    LeftOut,
    /// Not read, and why.
    Unread(String),
}

impl Logs {
    /// A sentence, unless all is as one expects.
    pub(super) fn note(&self) -> Option<String> {
        match self {
            Self::Read => None,
            Self::ReadInPart => Some(
                "the function's log is long and was read in part: the errors of the newest messages may be missing"
                    .to_owned(),
            ),
            Self::LeftOut => {
                Some("the function's log was left out: the errors of objects are not shown".to_owned())
            }
            Self::Unread(problem) => {
                Some(format!("the function's log was not read, so errors of objects are not shown: {problem}"))
            }
        }
    }

    /// A stable word.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadInPart => "read-in-part",
            Self::LeftOut => "left-out",
            Self::Unread(_) => "unread",
        }
    }
}

/// Adds the failures that the log has of the objects of these messages.
pub(super) async fn add(
    letters: &mut [Described],
    clients: &Clients,
    group: Option<&str>,
    is_left_out: bool,
) -> Logs {
    if is_left_out {
        return Logs::LeftOut;
    }
    // Nothing is logged of an object before its message was sent.
    let with_objects = letters.iter().filter(|letter| !letter.objects().is_empty());
    let Some(since) = with_objects.filter_map(|letter| letter.since).min() else { return Logs::Read };
    let Some(group) = group else {
        return Logs::Unread("with --queue, --log-group names it".to_owned());
    };
    let found = match clients.log_lines(group, PHRASE, since.as_millisecond()).await {
        Ok(found) => found,
        Err(error) if error.problem == AskProblem::Missing => {
            return Logs::Unread(format!("there is no log group {group}"));
        }
        Err(error) => return Logs::Unread(error.to_string()),
    };
    let log = Log::of(&found.lines);
    for letter in letters {
        let objects: BTreeSet<_> = letter.objects().into_iter().cloned().collect();
        let mut failures: Vec<_> = objects.iter().flat_map(|object| log.about(object)).collect();
        failures.sort_by_key(|failure| failure.at);
        letter.failures.extend(failures);
    }
    if found.is_cut { Logs::ReadInPart } else { Logs::Read }
}
