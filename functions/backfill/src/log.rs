//! What is written to the log: a line for what became of an invocation.

use lambda_runtime::tracing::{error, info, warn};
use trailmeter_backfill::Ran;
use trailmeter_pipeline::PutError;

use crate::handler::InvocationFailed;
use crate::settings::SettingsError;

/// Why the function does not start.
pub fn start_failed(problem: &SettingsError) {
    error!(error = %problem, "the function does not start");
}

pub(crate) fn ran(name: &str, ran: &Ran) {
    let progress = &ran.progress;
    info!(
        backfill = name,
        state = ?ran.state,
        folder = progress.folder,
        folders = progress.folders,
        folders_before = progress.folders_before,
        queued = progress.queued,
        bytes = progress.bytes,
        skipped = progress.skipped,
        archived = progress.archived,
        recent = progress.recent,
        "objects of the past queued"
    );
}

pub(crate) fn failed(problem: &InvocationFailed) {
    error!(error = %problem, "the backfill stopped; the next invocation goes on");
}

pub(crate) fn metrics_not_put(error: &PutError) {
    warn!(%error, "how far it has come is not in the metrics");
}
