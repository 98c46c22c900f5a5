//! What a backfill costs, as far as it can be said before.

use trailmeter_backfill::{Estimate, MOST_IN_MESSAGE};

use crate::cost::assumed::{
    GB, INFLATED_PER_SECOND, LAMBDA_GB, LOG_BYTES_PER_INVOCATION, SECONDS_PER_OBJECT,
};
use crate::cost::bill::{Bill, Usage};
use crate::cost::ledger::OBJECT_WRITES;
use crate::cost::number::float;
use crate::cost::prices::Charge;

/// What a stored byte of CloudTrail's inflates to.
const INFLATES_TO: f64 = 10.0;
/// Messages in a request to the queue, and in an invocation of the function.
const SENT_AT_ONCE: f64 = 10.0;
const IN_INVOCATION: f64 = 100.0;

/// What is left out, and what is taken for granted.
pub(super) const ASSUMED: &str = "at list prices; without metrics, findings and what the ledger remembers of matches, \
     which depend on what is found";

/// The bill.
pub(super) fn bill(estimate: &Estimate) -> Bill {
    let objects = float(estimate.objects);
    let messages = float(estimate.objects.div_ceil(MOST_IN_MESSAGE as u64));
    let invocations = (messages / IN_INVOCATION).ceil();
    let seconds = float(estimate.bytes) * INFLATES_TO / INFLATED_PER_SECOND + objects * SECONDS_PER_OBJECT;
    let usage = Usage::default()
        // Once to estimate, once to run.
        .with(Charge::ObjectLists, 2.0 * float(estimate.pages))
        .with(Charge::ObjectReads, objects)
        // Sent, received, deleted.
        .with(Charge::QueueRequests, 3.0 * (messages / SENT_AT_ONCE).ceil())
        .with(Charge::Invocations, invocations)
        .with(Charge::Compute, seconds * LAMBDA_GB)
        .with(Charge::Decryptions, objects)
        .with(Charge::LedgerWrites, objects * OBJECT_WRITES)
        .with(Charge::LogIngestion, invocations * LOG_BYTES_PER_INVOCATION / GB);
    Bill::of(&usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_objects_cost_what_their_requests_cost() {
        let estimate =
            Estimate { objects: 1_000_000, bytes: 5_000_000_000, pages: 10_000, ..Estimate::default() };
        let bill = bill(&estimate);
        let usd = |charge| bill.item(charge).map_or(0.0, |item| item.usd);
        for (charge, expected) in [
            (Charge::ObjectLists, 0.1),
            (Charge::ObjectReads, 0.4),
            (Charge::QueueRequests, 0.012),
            (Charge::Invocations, 0.0002),
            // 2,000 s for the bytes and 100,000 s for the objects.
            (Charge::Compute, 102_000.0 * 0.000_013_333_4),
            (Charge::Decryptions, 3.0),
            (Charge::LedgerWrites, 1.875),
        ] {
            assert!((usd(charge) - expected).abs() < 1e-6, "{charge:?}: {}", usd(charge));
        }
        assert_eq!(super::bill(&Estimate::default()).items.len(), 0);
    }
}
