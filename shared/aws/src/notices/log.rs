//! Findings in the log of detect.

use aws_sdk_cloudwatchlogs::Client;
use trailmeter_notices::{FindingLines, FindingLog, PortError, Window};

use super::failed;

/// What is read of one window. A message tells of ten events; the rest is counting.
const MOST_LINES: usize = 20_000;
/// Each page is a search over some megabytes.
const MOST_PAGES: usize = 60;
/// A line is written when its file was read, which may be as long as an invocation after its arrival.
const WRITTEN_LATER: i64 = 300;
/// Findings and their summaries, and no other line.
const PATTERN: &str = "{ $.type = \"trailmeter.finding*\" }";

/// Finds the lines of findings in a log group.
#[derive(Debug, Clone)]
pub struct FindingsInLog {
    client: Client,
    group: String,
}

impl FindingsInLog {
    pub(super) fn new(client: Client, group: String) -> Self {
        Self { client, group }
    }
}

impl FindingLog for FindingsInLog {
    async fn lines(&self, window: Window) -> Result<FindingLines, PortError> {
        let millis = |seconds: i64| seconds.saturating_mul(1000).max(0);
        let request = self
            .client
            .filter_log_events()
            .log_group_name(&self.group)
            .filter_pattern(PATTERN)
            .start_time(millis(window.from))
            .end_time(millis(window.to + WRITTEN_LATER));
        let mut pages = request.into_paginator().send();
        let mut found = FindingLines::default();
        for _ in 0..MOST_PAGES {
            let Some(page) = pages.next().await else { return Ok(found) };
            let page = page.map_err(|error| failed(&error))?;
            found.lines.extend(page.events().iter().filter_map(|event| event.message().map(str::to_owned)));
            if found.lines.len() >= MOST_LINES {
                found.lines.truncate(MOST_LINES);
                break;
            }
        }
        found.is_cut = true;
        Ok(found)
    }
}
