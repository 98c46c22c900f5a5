//! What is written to the log: a line for everything that is wrong, which names the object and the reason, and one for
//! what became of each digest.

use lambda_runtime::tracing::{error, info, warn};
use trailmeter_integrity::Class;
use trailmeter_integrity::watch::{Looked, Postponed, Round, State};
use trailmeter_pipeline::{DecodeError, PutError};

use crate::settings::SettingsError;

/// A digest can name thousands of files that are gone. The metrics have them all.
const MOST_LINES: usize = 100;

/// Why the function does not start.
pub fn start_failed(problem: &SettingsError) {
    error!(error = %problem, "the function does not start");
}

pub(crate) fn message_failed(id: Option<&str>, error: DecodeError) {
    let id = id.unwrap_or("none");
    warn!(message_id = ?id, reason = error.reason(), %error, "message failed");
}

pub(crate) fn looked(looked: &Looked) {
    let digest = &looked.digest;
    // Keys are written by others: `?` quotes them, so that no line break forges a log line.
    for found in looked.found.iter().take(MOST_LINES) {
        let (bucket, key, reason) = (&found.object.bucket, &found.object.key, found.reason.reason());
        match found.reason.class() {
            Class::Changed => {
                error!(?bucket, ?key, reason, digest = ?digest.key, "not what CloudTrail delivered");
            }
            Class::Missing => error!(?bucket, ?key, reason, digest = ?digest.key, "missing from the logs"),
            Class::Expected => info!(?bucket, ?key, reason, digest = ?digest.key, "deleted by the lifecycle"),
        }
    }
    for at in looked.elsewhere.iter().take(MOST_LINES) {
        let (bucket, key) = (&at.bucket, &at.key);
        warn!(?bucket, ?key, digest = ?digest.key, "not looked at: it is not where the trail delivers to");
    }
    for missed in looked.caught_up.iter().take(MOST_LINES) {
        warn!(bucket = ?missed.bucket, key = ?missed.key, "delivery was missed: it is queued now and counts late");
    }
    let lines = looked.found.len().max(looked.caught_up.len()).max(looked.elsewhere.len());
    if lines > MOST_LINES {
        warn!(digest = ?digest.key, more = lines - MOST_LINES, "more of the same, which the metrics count");
    }
    match &looked.state {
        State::Done => info!(
            digest = ?digest.key,
            is_valid = looked.is_valid(),
            found = looked.found.len(),
            log_files_valid = looked.log_files_valid,
            caught_up = looked.caught_up.len(),
            "digest verified"
        ),
        State::Known => info!(digest = ?digest.key, "digest was verified before"),
        State::NotADigest => {
            warn!(bucket = ?digest.bucket, key = ?digest.key, "object skipped: it is no digest of the log bucket");
        }
        State::Postponed(postponed) => {
            warn!(digest = ?digest.key, reason = postponed.reason(), error = %postponed, "digest comes back");
        }
    }
}

pub(crate) fn round(round: &Round) {
    for missed in &round.missed {
        let (bucket, key, minutes) = (&missed.last.bucket, &missed.last.key, missed.minutes);
        error!(?bucket, ?key, reason = missed.reason.reason(), minutes, "no digest behind this one");
    }
    match &round.broke_off {
        None => {}
        Some(why @ Postponed::OutOfTime) => {
            warn!(
                reason = why.reason(),
                "round did not come through all folders: the next one begins with others"
            );
        }
        Some(why) => error!(reason = why.reason(), error = %why, "round broke off"),
    }
    let Round { chains, unverified, stopped_minutes, .. } = round;
    info!(chains, unverified, stopped_minutes, looked = round.looked.len(), "round done");
}

pub(crate) fn not_put(error: &PutError) {
    error!(%error, "metrics not put: the digest comes back");
}

pub(crate) fn not_remembered(postponed: &Postponed) {
    warn!(error = %postponed, "not remembered: it is told again");
}
