//! Whether `CloudTrail` may write, and with the key.

use trailmeter_aws::operator::AskProblem;

use super::super::facts::{Facts, Mode};
use super::super::finding::Finding;
use super::super::policy::{Lets, lets};

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

pub(super) fn check(facts: &Facts, mode: Mode) -> Vec<Finding> {
    let trail = match &facts.trail {
        Ok(Some(trail)) => Some(trail.arn.as_str()),
        _ => facts.stack.output("TrailArn").or(facts.stack.parameter("TrailArn")),
    };
    let mut found = vec![bucket(facts, mode, trail)];
    match &facts.key_state {
        Some(Ok(state)) if state == "Enabled" => found.push(Finding::ok("key", "Enabled")),
        Some(Ok(state)) => found.push(Finding::problem(
            "key",
            format!("the key of the log files is {state}: nothing is written or read with it"),
            "aws kms cancel-key-deletion, then aws kms enable-key; find out who did that",
        )),
        Some(Err(error)) => found.push(Finding::unanswered("key", error)),
        None => {}
    }
    match (&facts.key_policy, trail) {
        (Some(Ok(policy)), Some(trail)) => found.push(key(policy, trail)),
        (Some(Err(error)), _) => found.push(Finding::unanswered("key-policy", error)),
        (Some(Ok(_)), None) | (None, _) => {}
    }
    found
}

fn bucket(facts: &Facts, mode: Mode, trail: Option<&str>) -> Finding {
    let check = "bucket-policy";
    let mend = if mode.creates_bucket() {
        "deploy the stack again: its LogBucketPolicy lets the trail in"
    } else {
        "have cloudtrail.amazonaws.com s3:PutObject on AWSLogs/ of the bucket, for the trail by aws:SourceArn"
    };
    let policy = match &facts.bucket_policy {
        Ok(Some(policy)) => policy,
        Ok(None) => {
            return Finding::problem(check, "the bucket has no policy, so CloudTrail cannot write", mend);
        }
        Err(error) if error.problem == AskProblem::Missing => {
            return Finding::problem(
                check,
                "the log bucket is not there",
                "bring it back, or deploy a new stack",
            );
        }
        Err(error) => return Finding::unanswered(check, error),
    };
    match lets(policy, CLOUDTRAIL, "s3:PutObject", trail.unwrap_or_default()) {
        Lets::In => Finding::ok(check, "it lets the trail write"),
        // Which trail it is is not known, so whether it is the right one cannot be said.
        Lets::InForOthers(others) if trail.is_none() => {
            Finding::ok(check, format!("it lets {} write", others.join(", ")))
        }
        Lets::InForAnyone => Finding::warning(
            check,
            "it lets CloudTrail write for any account's trail",
            "add the condition aws:SourceArn with the trail's ARN",
        ),
        Lets::InForOthers(others) => Finding::problem(
            check,
            format!("it lets {} write, and not the trail {}", others.join(", "), trail.unwrap_or_default()),
            match mode {
                Mode::CreateBucket => "deploy with TrailArn set to the trail's ARN",
                _ => mend,
            },
        ),
        Lets::Out => Finding::problem(check, "it does not let CloudTrail write", mend),
        Lets::Unreadable => Finding::unknown(check, "it is no JSON", "try again"),
    }
}

fn key(policy: &str, trail: &str) -> Finding {
    let check = "key-policy";
    match lets(policy, CLOUDTRAIL, "kms:GenerateDataKey*", trail) {
        Lets::In => Finding::ok(check, "it lets the trail encrypt"),
        Lets::InForAnyone => Finding::warning(
            check,
            "it lets CloudTrail encrypt for any account's trail, as far as aws:SourceArn goes",
            "add the condition aws:SourceArn with the trail's ARN",
        ),
        Lets::InForOthers(others) => Finding::problem(
            check,
            format!("it lets {} encrypt, and not the trail {trail}", others.join(", ")),
            "name the trail's ARN in the condition aws:SourceArn",
        ),
        // A trail without encryption of its own writes under the bucket's, which is no concern of this.
        Lets::Out => Finding::warning(
            check,
            "it does not let CloudTrail encrypt, so a trail with this key cannot write",
            "have cloudtrail.amazonaws.com kms:GenerateDataKey* on the key, for the trail by aws:SourceArn",
        ),
        Lets::Unreadable => Finding::unknown(check, "it is no JSON", "try again"),
    }
}
