//! A JSON object in each line, for programs.

use std::io::{self, Write, stdout};

use serde_json::{Value, json};
use trailmeter_integrity::{Event, Period, Reason, Tally};

use super::report::{Report, Subject};
use super::words;
use crate::printable::json as json_line;

/// Writes objects. Those of what is valid are left out if it is not verbose.
pub(super) struct Json {
    pub(super) is_verbose: bool,
}

fn line(value: &Value) -> io::Result<()> {
    writeln!(stdout(), "{}", json_line(value))
}

fn of(period: Option<Period>) -> Value {
    period.map_or(Value::Null, |period| {
        json!({ "from": words::time(period.from), "to": words::time(period.to), "minutes": period.minutes() })
    })
}

impl Report for Json {
    fn start(&mut self, _: &Subject) -> io::Result<()> {
        Ok(())
    }

    fn event(&mut self, event: &Event<'_>, is_backfill: bool) -> io::Result<()> {
        let object = |kind: &str, place: &dyn ToString, reason: Option<&str>| {
            json!({
                "kind": kind,
                "object": place.to_string(),
                "backfill": is_backfill,
                "valid": reason.is_none(),
                "reason": reason,
            })
        };
        match event {
            Event::Digest(_) | Event::LogFile(_, Ok(())) if !self.is_verbose => Ok(()),
            Event::Digest(digest) => line(&object("digest", &digest.digest().location, None)),
            Event::InvalidDigest(error) => {
                let mut value = object("digest", &error.location, Some(error.reason().reason()));
                value["what"] = json!(error.cause.to_string());
                line(&value)
            }
            Event::MissingDigest(place) => line(&object("digest", place, Some("not-found"))),
            Event::LogFile(place, outcome) => {
                line(&object("log-file", place, outcome.err().map(Reason::reason)))
            }
            Event::NothingDelivered(period) => line(
                &json!({ "kind": "nothing-delivered", "backfill": is_backfill, "period": of(Some(*period)) }),
            ),
            Event::Finding(finding) => line(&json!({
                "kind": "finding",
                "object": finding.location.to_string(),
                "backfill": is_backfill,
                "reason": finding.reason.reason(),
                "what": words::finding(finding),
                "period": of(finding.period),
            })),
        }
    }

    fn walked(&mut self, subject: &Subject, digests: &Tally, backfills: &Tally) -> io::Result<()> {
        let count = |tally: &Tally| json!({ "valid": tally.valid_digests, "invalid": tally.invalid_digests });
        line(&json!({
            "kind": "walked",
            "account": subject.chain.account,
            "region": subject.chain.region,
            "trail": subject.chain.trail,
            "asked": of(Some(subject.period)),
            "found": of(subject.found(digests, backfills)),
            "digests": count(digests),
            "backfill_digests": count(backfills),
            "log_files": {
                "valid": digests.valid_log_files + backfills.valid_log_files,
                "invalid": digests.invalid_log_files + backfills.invalid_log_files,
            },
        }))
    }

    fn end(&mut self, _: &Subject, all: &Tally, is_unnamed_known: bool) -> io::Result<()> {
        line(&json!({
            "kind": "end",
            "findings": all.findings,
            "gap_minutes": all.gap_minutes,
            "unnamed_looked_for": is_unnamed_known,
        }))
    }
}
