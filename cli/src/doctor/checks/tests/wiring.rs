//! Who may write, and who hears of it.

use super::State::{Problem, Unknown, Warning};
use super::*;

const OTHER: &str = "arn:aws:cloudtrail:eu-west-1:444455556666:trail/other";

const OWN_BUCKET: &[Case] = &[
    ("no policy", |f| f.bucket_policy = Ok(None), "bucket-policy", Problem, "no policy"),
    (
        "no bucket",
        |f| f.bucket_policy = Err(missing("s3:GetBucketPolicy")),
        "bucket-policy",
        Problem,
        "not there",
    ),
    (
        "not asked",
        |f| f.bucket_policy = Err(denied("s3:GetBucketPolicy")),
        "bucket-policy",
        Unknown,
        "s3:GetBucketPolicy",
    ),
    (
        "another trail's bucket",
        |f| f.bucket_policy = Ok(Some(policy("s3:PutObject", OTHER))),
        "bucket-policy",
        Problem,
        "444455556666",
    ),
    (
        "anyone's bucket",
        |f| f.bucket_policy = Ok(Some(policy("s3:PutObject", "*").replace("aws:SourceArn", "s3:x"))),
        "bucket-policy",
        Warning,
        "any account's trail",
    ),
    (
        "nobody's bucket",
        |f| f.bucket_policy = Ok(Some(policy("s3:GetBucketAcl", TRAIL))),
        "bucket-policy",
        Problem,
        "does not let CloudTrail write",
    ),
    (
        "a key that ends",
        |f| f.key_state = Some(Ok("PendingDeletion".into())),
        "key",
        Problem,
        "PendingDeletion",
    ),
    ("no key", |f| f.key_state = Some(Err(missing("kms:DescribeKey"))), "key", Problem, "kms:DescribeKey"),
    (
        "another trail's key",
        |f| f.key_policy = Some(Ok(policy("kms:GenerateDataKey*", OTHER))),
        "key-policy",
        Problem,
        "444455556666",
    ),
    ("a closed key", |f| f.key_policy = Some(Ok("{}".into())), "key-policy", Warning, "cannot write"),
    (
        "no notification",
        |f| f.notifications = Some(Ok(BucketNotifications::default())),
        "notification",
        Problem,
        "does not tell the queue",
    ),
    (
        "some keys only",
        |f| f.notifications.as_mut().unwrap().as_mut().unwrap().queues[0].is_filtered = true,
        "notification",
        Warning,
        "some keys only",
    ),
    (
        "other events",
        |f| {
            f.notifications.as_mut().unwrap().as_mut().unwrap().queues[0].events =
                vec!["s3:ObjectRemoved:*".into()];
        },
        "notification",
        Problem,
        "does not tell the queue",
    ),
];

const BUCKET_OF_OTHERS: &[Case] = &[
    (
        "EventBridge is off",
        |f| f.notifications = Some(Ok(BucketNotifications::default())),
        "notification",
        Problem,
        "EventBridge",
    ),
    (
        "the rule is off",
        |f| f.rule = Some(Ok(RuleFacts { state: "DISABLED".into(), ..RuleFacts::default() })),
        "rule",
        Problem,
        "DISABLED",
    ),
    (
        "the target is gone",
        |f| f.rule = Some(Ok(RuleFacts { state: "ENABLED".into(), ..RuleFacts::default() })),
        "rule",
        Problem,
        "does not send",
    ),
    (
        "the rule is gone",
        |f| f.rule = Some(Err(missing("events:DescribeRule"))),
        "rule",
        Problem,
        "DescribeRule",
    ),
    (
        "another region",
        |f| {
            f.stack.parameters.insert("LogBucketRegion".into(), "us-east-1".into());
        },
        "rule",
        Unknown,
        "us-east-1",
    ),
];

const TOPIC_OF_OTHERS: &[Case] = &[
    (
        "not confirmed",
        |f| f.trail_subscription = Some(Ok(subscription("sqs", QUEUE, true))),
        "trail-subscription",
        Problem,
        "not confirmed",
    ),
    (
        "another queue",
        |f| f.trail_subscription = Some(Ok(subscription("sqs", "arn:x", false))),
        "trail-subscription",
        Problem,
        "sends to arn:x",
    ),
    (
        "unsubscribed",
        |f| f.trail_subscription = Some(Err(missing("sns:GetSubscriptionAttributes"))),
        "trail-subscription",
        Problem,
        "no such thing",
    ),
];

#[test]
fn policies_and_wiring() {
    holds(healthy, OWN_BUCKET);
    holds(existing_bucket, BUCKET_OF_OTHERS);
    holds(existing_topic, TOPIC_OF_OTHERS);
}
