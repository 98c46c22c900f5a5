//! The stack, and the trail it reads.

use super::State::{Problem, Unknown, Warning};
use super::*;

const OWN_TRAIL: &[Case] = &[
    ("rolled back", |f| f.stack.status = "UPDATE_ROLLBACK_COMPLETE".into(), "stack", Warning, "ROLLBACK"),
    ("going on", |f| f.stack.status = "UPDATE_IN_PROGRESS".into(), "stack", Warning, "IN_PROGRESS"),
    ("failed", |f| f.stack.status = "ROLLBACK_COMPLETE".into(), "stack", Problem, "ROLLBACK_COMPLETE"),
    ("half deleted", |f| f.stack.status = "DELETE_FAILED".into(), "stack", Problem, "DELETE_FAILED"),
    (
        "resources are denied",
        |f| f.stack.resources_unknown = Some(denied("cloudformation:ListStackResources")),
        "stack",
        Unknown,
        "cloudformation:ListStackResources is denied",
    ),
    (
        "no trail",
        |f| (f.trail, f.trail_status, f.recorded) = (Ok(None), None, None),
        "trail",
        Problem,
        "is not there",
    ),
    ("another bucket", |f| trail(f).bucket = "other".into(), "trail", Problem, "writes to other"),
    ("a prefix", |f| trail(f).prefix = Some("audit".into()), "trail", Problem, "below \"audit\""),
    ("another key", |f| trail(f).key = Some("arn:other".into()), "trail", Problem, "arn:other"),
    ("one region", |f| trail(f).is_multi_region = false, "trail", Warning, "one region only"),
    ("without IAM", |f| trail(f).has_global_events = false, "trail", Warning, "no region"),
    ("no digests", |f| trail(f).validates = false, "trail", Warning, "no digests"),
    ("stopped", |f| status(f).is_logging = false, "trail-logging", Problem, "does not log"),
    (
        "cannot write",
        |f| status(f).delivery_error = Some("AccessDenied".into()),
        "trail-logging",
        Problem,
        "the last delivery failed: AccessDenied",
    ),
    (
        "no digest",
        |f| status(f).digest_error = Some("x".into()),
        "trail-logging",
        Problem,
        "digest failed: x",
    ),
    (
        "a topic that is not ours",
        |f| status(f).notification_error = Some("x".into()),
        "trail-logging",
        Warning,
        "notification failed: x",
    ),
    ("long ago", |f| status(f).delivered = Some(NOW - 5 * 3600), "trail-logging", Warning, "5 hours ago"),
    ("never", |f| status(f).delivered = None, "trail-logging", Warning, "no file was ever"),
    (
        "status is denied",
        |f| f.trail_status = Some(Err(denied("cloudtrail:GetTrailStatus"))),
        "trail-logging",
        Unknown,
        "cloudtrail:GetTrailStatus",
    ),
    (
        "data events only",
        |f| (recorded(f).management_reads, recorded(f).management_writes) = (false, false),
        "management-events",
        Problem,
        "no management events",
    ),
    ("writes only", |f| recorded(f).management_reads = false, "management-events", Warning, "that only read"),
    (
        "reads only",
        |f| recorded(f).management_writes = false,
        "management-events",
        Warning,
        "change something",
    ),
    (
        "without KMS",
        |f| recorded(f).excluded_sources = vec!["kms.amazonaws.com".into()],
        "management-events",
        Warning,
        "leaves out kms.amazonaws.com",
    ),
    ("no data events", |f| recorded(f).data_types.clear(), "data-events", Warning, "SigV2 see nothing"),
    (
        "data events of others",
        |f| recorded(f).data_types = vec!["AWS::Lambda::Function".into()],
        "data-events",
        Warning,
        "SigV2",
    ),
    (
        "selectors are denied",
        |f| f.recorded = Some(Err(denied("cloudtrail:GetEventSelectors"))),
        "data-events",
        Unknown,
        "cloudtrail:GetEventSelectors",
    ),
];

const TRAIL_OF_A_TOPIC: &[Case] = &[
    ("another topic", |f| trail(f).topic = Some("arn:x".into()), "trail", Problem, "notifies arn:x"),
    (
        "cannot notify",
        |f| status(f).notification_error = Some("x".into()),
        "trail-logging",
        Problem,
        "notification failed",
    ),
    (
        "a trail of another account",
        |f| (f.trail, f.trail_status, f.recorded) = (Ok(None), None, None),
        "trail",
        Unknown,
        "no trail of this account",
    ),
];

const TRAIL_TO_COME: &[Case] = &[
    (
        "not made yet",
        |f| (f.trail, f.trail_status, f.recorded) = (Ok(None), None, None),
        "trail",
        Problem,
        "there is no trail arn:aws:cloudtrail",
    ),
    (
        "another account's",
        |f| {
            (f.trail, f.trail_status, f.recorded) = (Ok(None), None, None);
            let arn = "arn:aws:cloudtrail:eu-west-1:444455556666:trail/all";
            f.stack.parameters.insert("TrailArn".to_owned(), arn.to_owned());
            f.bucket_policy = Ok(Some(policy("s3:PutObject", arn)));
            f.key_policy = Some(Ok(policy("kms:GenerateDataKey*", arn)));
        },
        "trail",
        Unknown,
        "another account's",
    ),
];

#[test]
fn the_stack_and_its_trail() {
    holds(healthy, OWN_TRAIL);
    holds(create_bucket, TRAIL_TO_COME);
    holds(existing_topic, TRAIL_OF_A_TOPIC);
}
