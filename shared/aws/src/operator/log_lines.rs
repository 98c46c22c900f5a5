//! Lines of a log group that hold a phrase.

use aws_sdk_cloudwatchlogs::Client;

use super::ask::{Asked, failed};

/// Each page is a search over some megabytes; more would take minutes and cost whoever looks.
const MOST_PAGES: usize = 100;

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When, in milliseconds of the epoch.
    pub at: i64,
    /// What it says.
    pub text: String,
}

/// Lines that were found, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogLines {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// Whether the search ended before the log did: newer lines may be missing.
    pub is_cut: bool,
}

/// Finds the lines with `phrase` since a time in milliseconds of the epoch.
pub(super) async fn find(client: &Client, group: &str, phrase: &str, since: i64) -> Asked<LogLines> {
    let request = client
        .filter_log_events()
        .log_group_name(group)
        .filter_pattern(format!("\"{phrase}\""))
        .start_time(since);
    let mut pages = request.into_paginator().send();
    let mut found = LogLines::default();
    for _ in 0..MOST_PAGES {
        let Some(page) = pages.next().await else { return Ok(found) };
        let page = page.map_err(failed("logs:FilterLogEvents"))?;
        found.lines.extend(
            page.events().iter().filter_map(|event| {
                Some(LogLine { at: event.timestamp()?, text: event.message()?.to_owned() })
            }),
        );
    }
    found.is_cut = true;
    Ok(found)
}
