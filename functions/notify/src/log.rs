//! What is written to the log: a line for each problem, and one for what became of the invocation.

use lambda_runtime::tracing::{error, info, warn};
use trailmeter_notices::{Outcome, Problem, Ran};

use crate::settings::SettingsError;

/// Why the function does not start.
pub fn start_failed(problem: &SettingsError) {
    error!(error = %problem, "the function does not start");
}

pub(crate) fn ran(ran: &Ran) {
    for problem in &ran.problems {
        match problem {
            Problem::Topic(_) => error!(%problem, "nobody was told: this invocation is repeated"),
            Problem::Log(_) | Problem::Alarms(_) => error!(%problem, "told without it"),
            Problem::Book(_) | Problem::Webhook(_) => warn!(%problem, "told all the same"),
        }
    }
    let outcome = ran.outcome.word();
    match &ran.outcome {
        Outcome::Told { alarms, matches } => info!(outcome, alarms, matches, "notice sent"),
        Outcome::PassedOn(why) => info!(outcome, why, "passed on without findings"),
        Outcome::AlreadyTold | Outcome::LeftToDigest | Outcome::Nothing | Outcome::NotSent => {
            info!(outcome, "no notice sent");
        }
    }
}
