//! Whether the queue hears of new files.

use trailmeter_aws::operator::{BucketNotifications, QueueNotification, RuleFacts, SubscriptionFacts};

use super::super::facts::{Facts, Mode};
use super::super::finding::Finding;

pub(super) fn check(facts: &Facts, mode: Mode) -> Vec<Finding> {
    let queue = facts.stack.output("DeliveryQueueArn").unwrap_or_default();
    let mut found = Vec::new();
    match &facts.notifications {
        Some(Ok(notifications)) if mode == Mode::ExistingBucket => found.push(event_bridge(notifications)),
        Some(Ok(notifications)) => found.push(bucket(notifications, queue)),
        Some(Err(error)) => found.push(Finding::unanswered("notification", error)),
        None => {}
    }
    match &facts.rule {
        Some(Ok(one)) => found.push(rule(one, queue)),
        Some(Err(error)) => found.push(Finding::unanswered("rule", error)),
        None => {}
    }
    match &facts.trail_subscription {
        Some(Ok(one)) => found.push(subscription(one, queue)),
        Some(Err(error)) => found.push(Finding::unanswered("trail-subscription", error)),
        None => {}
    }
    if let Some(region) = facts.stack.parameter("LogBucketRegion").filter(|_| mode == Mode::ExistingBucket) {
        found.push(Finding::unknown(
            "rule",
            format!("the bucket is in {region}, where a rule has to forward its events to this region"),
            "see that there is such a rule there, with the default event bus of this region as its target",
        ));
    }
    found
}

fn bucket(notifications: &BucketNotifications, queue: &str) -> Finding {
    let check = "notification";
    let hears = |one: &&QueueNotification| {
        let is_created = |event: &String| event == "s3:ObjectCreated:*" || event == "s3:ObjectCreated:Put";
        one.queue == queue && one.events.iter().any(is_created)
    };
    match notifications.queues.iter().find(hears) {
        Some(one) if one.is_filtered => Finding::warning(
            check,
            "the bucket tells the queue of some keys only, so digests may be missing and `silence` may ring",
            "deploy the stack again: its notification has no filter",
        ),
        Some(_) => Finding::ok(check, "the bucket tells the queue of new objects"),
        None => Finding::problem(
            check,
            "the bucket does not tell the queue of new objects",
            "somebody replaced its notifications: add s3:ObjectCreated:* to the queue, beside what is there now",
        ),
    }
}

fn event_bridge(notifications: &BucketNotifications) -> Finding {
    let check = "notification";
    if notifications.event_bridge {
        return Finding::ok(check, "the bucket sends its events to EventBridge");
    }
    Finding::problem(
        check,
        "the bucket does not send its events to EventBridge",
        "turn on EventBridge in the bucket's properties (it leaves other notifications as they are)",
    )
}

fn rule(rule: &RuleFacts, queue: &str) -> Finding {
    let check = "rule";
    if !rule.state.starts_with("ENABLED") {
        let mend =
            "aws events enable-rule; find out who disabled it. Files of the meantime have to be sent by hand";
        return Finding::problem(check, format!("the rule is {}", rule.state), mend);
    }
    if !rule.targets.iter().any(|target| target == queue) {
        let mend = "deploy the stack again: the target delivery-queue is missing";
        return Finding::problem(check, "the rule does not send to the queue", mend);
    }
    Finding::ok(check, "it is enabled and sends to the queue")
}

fn subscription(subscription: &SubscriptionFacts, queue: &str) -> Finding {
    let check = "trail-subscription";
    if subscription.is_pending {
        let mend = "the owner of the topic has to confirm it, or to let this account sns:Subscribe and have the stack \
                    deployed again";
        return Finding::problem(
            check,
            "the queue's subscription to the trail's topic is not confirmed",
            mend,
        );
    }
    if subscription.endpoint != queue {
        let mend = "deploy the stack again";
        return Finding::problem(check, format!("it sends to {}", subscription.endpoint), mend);
    }
    Finding::ok(check, "it is confirmed and sends to the queue")
}
