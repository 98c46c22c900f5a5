//! What waits, and what is left over.

use super::super::facts::Facts;
use super::super::finding::Finding;
use super::ago;

/// From when on a delivery is late: the threshold of the alarm `oldest-delivery`.
const LATE_SECONDS: f64 = 1800.0;

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut found = vec![waiting(facts)];
    match &facts.dead_letters {
        Ok(queue) if queue.waiting + queue.in_flight == 0 => {
            found.push(Finding::ok("dead-letters", "none"));
        }
        Ok(queue) => found.push(Finding::problem(
            "dead-letters",
            format!(
                "about {} deliveries failed for good and are not counted",
                queue.waiting + queue.in_flight
            ),
            format!("trailmeter dlq list --stack {}", facts.stack.name),
        )),
        Err(error) => found.push(Finding::unanswered("dead-letters", error)),
    }
    found
}

fn waiting(facts: &Facts) -> Finding {
    let queue = match &facts.queue {
        Ok(queue) => queue,
        Err(error) => return Finding::unanswered("queue", error),
    };
    let dead_letters = facts.dead_letters.as_ref().ok().map(|queue| queue.arn.as_str());
    if dead_letters.is_some() && queue.dead_letter_queue.as_deref() != dead_letters {
        let what = "what fails is not moved to the dead-letter queue, so it comes back until it expires";
        return Finding::problem(
            "queue",
            what,
            "deploy the stack again: the queue's RedrivePolicy was changed",
        );
    }
    let load = format!("{} waiting, {} in hand", queue.waiting, queue.in_flight);
    match &facts.oldest_delivery {
        Ok(Some(seconds)) if *seconds >= LATE_SECONDS => {
            #[expect(clippy::cast_possible_truncation, reason = "an age in seconds")]
            let age = ago(*seconds as i64);
            let mend = "see the function's errors and throttles here; if it only has too much to do, raise \
                        MaximumConcurrency or FunctionMemory. A file that fails again and again waits too";
            Finding::problem("queue", format!("a delivery waited {age} within the last hour; {load}"), mend)
        }
        Ok(_) => Finding::ok("queue", load),
        // The age is the metrics' word; what waits is known without.
        Err(error) => Finding::unanswered("queue", error),
    }
}
