//! The trail: whether it records, delivers, and records what the detectors look for.

use trailmeter_aws::operator::{Recorded, TrailFacts, TrailStatus};

use super::super::facts::{Facts, Mode};
use super::super::finding::Finding;
use super::ago;

pub(super) fn check(facts: &Facts, mode: Mode) -> Vec<Finding> {
    let trail = match &facts.trail {
        Ok(Some(trail)) => trail,
        Ok(None) => return vec![none(facts, mode)],
        Err(error) => return vec![Finding::unanswered("trail", error)],
    };
    let mut found = fits(facts, mode, trail);
    match &facts.trail_status {
        Some(Ok(status)) => found.extend(fares(facts, mode, trail, status)),
        Some(Err(error)) => found.push(Finding::unanswered("trail-logging", error)),
        None => {}
    }
    match &facts.recorded {
        Some(Ok(recorded)) => found.extend(records(facts, mode, recorded)),
        Some(Err(error)) => found.push(Finding::unanswered("data-events", error)),
        None => {}
    }
    found
}

fn none(facts: &Facts, mode: Mode) -> Finding {
    let bucket = facts.stack.output("LogBucketName").unwrap_or("?");
    let named = facts.stack.output("TrailArn").or(facts.stack.parameter("TrailArn"));
    match (mode, named) {
        (Mode::CreateTrail, _) => Finding::problem(
            "trail",
            "the stack's trail is not there",
            "somebody deleted it (DeleteTrail): create one of the same name with the stack's bucket and key",
        ),
        (_, Some(arn)) if account_of(arn) != account_of(&facts.stack.id) => Finding::unknown(
            "trail",
            format!("{arn} is another account's, which does not tell of it here"),
            "look at it there: whether it logs, its last delivery error, and what it records",
        ),
        (_, Some(arn)) => Finding::problem(
            "trail",
            format!("there is no trail {arn}"),
            "create it with the stack's bucket and key",
        ),
        (_, None) => Finding::unknown(
            "trail",
            format!("no trail of this account and region writes to {bucket}"),
            "if it is another account's or region's, name it with --trail, with permissions there",
        ),
    }
}

fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

/// Whether the trail and the stack mean the same bucket, key and topic.
fn fits(facts: &Facts, mode: Mode, trail: &TrailFacts) -> Vec<Finding> {
    let stack = &facts.stack;
    let update = format!("aws cloudtrail update-trail --name {}", trail.arn);
    let mut found = Vec::new();
    let bucket = stack.output("LogBucketName").unwrap_or_default();
    if trail.bucket != bucket {
        let what = format!("{} writes to {} and the stack reads {bucket}", trail.arn, trail.bucket);
        found.push(Finding::problem("trail", what, format!("{update} --s3-bucket-name {bucket}")));
    }
    let (prefix, expected) = (trail.prefix.as_deref().unwrap_or_default(), stack.parameter("LogKeyPrefix"));
    if prefix.trim_end_matches('/') != expected.unwrap_or_default() {
        found.push(Finding::problem(
            "trail",
            format!(
                "it writes below {prefix:?} and the stack reads below {:?}",
                expected.unwrap_or_default()
            ),
            format!("deploy with LogKeyPrefix={prefix}"),
        ));
    }
    if mode == Mode::ExistingTopic && trail.topic.as_deref() != stack.parameter("TrailTopicArn") {
        found.push(Finding::problem(
            "trail",
            format!(
                "it notifies {} and the stack listens to another topic",
                trail.topic.as_deref().unwrap_or("none")
            ),
            format!("{update} --sns-topic-name {}", stack.parameter("TrailTopicArn").unwrap_or_default()),
        ));
    }
    if let Some(key) = &trail.key
        && stack.output("LogKmsKeyArn") != Some(key)
    {
        found.push(Finding::problem(
            "trail",
            format!("it encrypts with {key}, which the function may not use"),
            if mode.creates_bucket() {
                format!("{update} --kms-key-id {}", stack.output("LogKmsKeyArn").unwrap_or_default())
            } else {
                format!("deploy with LogKmsKeyArn={key}")
            },
        ));
    }
    if !trail.is_multi_region || !trail.has_global_events {
        found.push(Finding::warning(
            "trail",
            "it records one region only, or nothing of what belongs to no region (IAM, sign-ins)",
            format!("{update} --is-multi-region-trail --include-global-service-events"),
        ));
    }
    if !trail.validates {
        found.push(Finding::warning(
            "trail",
            "it writes no digests: nothing proves that its files are as written, and silence is not told from idleness",
            format!("{update} --enable-log-file-validation"),
        ));
    }
    if found.is_empty() {
        found.push(Finding::ok("trail", format!("{} writes where the stack reads", trail.arn)));
    }
    found
}

/// Whether it delivers.
fn fares(facts: &Facts, mode: Mode, trail: &TrailFacts, status: &TrailStatus) -> Vec<Finding> {
    let arn = &trail.arn;
    if !status.is_logging {
        let mend =
            format!("find out who stopped it (StopLogging), then: aws cloudtrail start-logging --name {arn}");
        return vec![Finding::problem("trail-logging", "it does not log", mend)];
    }
    let mut found = Vec::new();
    if let Some(error) = &status.delivery_error {
        let mend = "CloudTrail cannot write: mend the bucket's policy and the key's (see bucket-policy and key-policy \
                    here), and see that the bucket is there. What could not be written is tried again for 30 days";
        found.push(Finding::problem("trail-logging", format!("the last delivery failed: {error}"), mend));
    }
    if let Some(error) = &status.digest_error {
        let mend = "mend the bucket's policy for the folder CloudTrail-Digest";
        found.push(Finding::problem("trail-logging", format!("the last digest failed: {error}"), mend));
    }
    if let Some(error) = &status.notification_error {
        let what = format!("the last notification failed: {error}");
        let mend = "let cloudtrail.amazonaws.com publish to the trail's topic, and use its key if it has one";
        found.push(match mode {
            Mode::ExistingTopic => Finding::problem("trail-logging", what, mend),
            _ => Finding::warning("trail-logging", what, mend),
        });
    }
    let hours = facts.stack.parameter("SilenceHours").and_then(|hours| hours.parse().ok()).unwrap_or(4);
    match status.delivered.map(|at| facts.now - at) {
        Some(age) if age <= hours * 3600 => {
            if found.is_empty() {
                found.push(Finding::ok("trail-logging", format!("it logs, last file {} ago", ago(age))));
            }
        }
        Some(age) => found.push(Finding::warning(
            "trail-logging",
            format!("the last file was delivered {} ago", ago(age)),
            "right for an idle account, and for no other: see whether events are recorded (CloudTrail, Event history)",
        )),
        None => found.push(Finding::warning(
            "trail-logging",
            "no file was ever delivered",
            "a new trail takes some minutes; after an hour look at the bucket's policy and the key's",
        )),
    }
    found
}

/// Whether it records what the detectors look for.
fn records(facts: &Facts, mode: Mode, recorded: &Recorded) -> Vec<Finding> {
    let mut found = Vec::new();
    match (recorded.management_reads, recorded.management_writes) {
        (true, true) => {}
        (false, false) => found.push(Finding::problem(
            "management-events",
            "the trail records no management events, which nearly every detector looks for",
            "aws cloudtrail put-event-selectors with ReadWriteType All and IncludeManagementEvents true",
        )),
        (reads, _) => {
            let missing = if reads { "that change something" } else { "that only read" };
            found.push(Finding::warning(
                "management-events",
                format!(
                    "the trail records no management events {missing}, and detectors of those see nothing"
                ),
                "aws cloudtrail put-event-selectors with ReadWriteType All",
            ));
        }
    }
    if !recorded.excluded_sources.is_empty() {
        found.push(Finding::warning(
            "management-events",
            format!("the trail leaves out {}", recorded.excluded_sources.join(", ")),
            "right if you meant it: detectors of those services see nothing",
        ));
    }
    if found.is_empty() {
        found.push(Finding::ok("management-events", "all are recorded"));
    }
    // Every packaged detector of data events looks for those of S3.
    let has_data = recorded.data_types.iter().any(|kind| kind == "AWS::S3::Object");
    found.push(if facts.need_data.is_empty() {
        Finding::ok("data-events", "no detector of the stack's packs needs them")
    } else if has_data {
        Finding::ok("data-events", format!("recorded of S3 objects, for {}", facts.need_data.join(", ")))
    } else {
        Finding::warning(
            "data-events",
            format!("none are recorded of S3 objects: {} see nothing", facts.need_data.join(", ")),
            match mode {
                Mode::CreateTrail => "deploy with S3DataEvents=listed or all, if they are worth what CloudTrail charges",
                _ => "have the trail record data events of AWS::S3::Object, if they are worth what CloudTrail charges",
            },
        )
    });
    found
}
