//! What a finding is about, in Security Hub's kinds of resources: what the call was made on, who made it, and the
//! account.

use serde_json::{Value, json};

use super::super::object;
use super::super::words::{first, is_blank};
use super::Product;
use crate::finding::Finding;

const LONGEST_ID: usize = 512;
const LONGEST_REGION: usize = 16;
const MOST: usize = 32;
/// The partitions that Security Hub knows by name. The field may be left out.
const PARTITIONS: [&str; 5] = ["aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b"];

pub(super) fn of(finding: &Finding<'_>, product: &Product) -> Value {
    let event = &*finding.event;
    let partition = Some(product.partition.as_str()).filter(|partition| PARTITIONS.contains(partition));
    let region = event.region.as_deref().filter(|region| region.chars().count() <= LONGEST_REGION);
    let resource = |kind: &str, id: &str, role: Option<&str>| {
        object([
            ("Type", json!(kind)),
            ("Id", json!(first(id, LONGEST_ID))),
            ("Partition", json!(partition)),
            ("Region", json!(region)),
            ("ResourceRole", json!(role)),
        ])
    };
    // The account is there whatever else is, so that a finding never goes without a resource.
    let account = event.account.as_deref().filter(|account| !is_blank(account));
    let account = format!("AWS::::Account:{}", account.unwrap_or(&product.account));
    let actor = event.actor.issuer.as_deref().or(event.actor.arn.as_deref());
    let actor = actor.filter(|arn| matches!(kind(arn), "AwsIamRole" | "AwsIamUser"));
    let targets = event.resources.iter().filter(|arn| !is_blank(arn));
    let mut found: Vec<Value> = targets.map(|arn| resource(kind(arn), arn, Some("TARGET"))).collect();
    found.truncate(MOST - 2);
    found.extend(actor.map(|arn| resource(kind(arn), arn, Some("ACTOR"))));
    found.push(resource("AwsAccount", &account, None));
    Value::Array(found)
}

/// Security Hub's word for what an ARN names.
fn kind(arn: &str) -> &'static str {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next().unwrap_or_default();
    let name = parts.nth(2).unwrap_or_default();
    let (kind, _) = name.split_once([':', '/']).unwrap_or((name, ""));
    match (service, kind) {
        ("s3", _) if name.contains('/') => "AwsS3Object",
        ("s3", _) if !name.is_empty() => "AwsS3Bucket",
        ("iam", "user") => "AwsIamUser",
        ("iam", "role") => "AwsIamRole",
        ("iam", "group") => "AwsIamGroup",
        ("iam", "policy") => "AwsIamPolicy",
        ("kms", "key") => "AwsKmsKey",
        ("lambda", "function") => "AwsLambdaFunction",
        ("ec2", "instance") => "AwsEc2Instance",
        ("ec2", "security-group") => "AwsEc2SecurityGroup",
        ("ec2", "volume") => "AwsEc2Volume",
        ("ec2", "vpc") => "AwsEc2Vpc",
        ("secretsmanager", "secret") => "AwsSecretsManagerSecret",
        ("dynamodb", "table") => "AwsDynamoDbTable",
        ("sns", _) if !name.is_empty() => "AwsSnsTopic",
        ("sqs", _) if !name.is_empty() => "AwsSqsQueue",
        ("cloudtrail", "trail") => "AwsCloudTrailTrail",
        ("rds", "db") => "AwsRdsDbInstance",
        ("rds", "cluster") => "AwsRdsDbCluster",
        ("ecr", "repository") => "AwsEcrRepository",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_of_the_kind_that_security_hub_calls_it() {
        for (arn, is) in [
            ("arn:aws:s3:::b", "AwsS3Bucket"),
            ("arn:aws:s3:::b/k:with:colons", "AwsS3Object"),
            ("arn:aws:s3:::", "Other"),
            ("arn:aws:iam::111122223333:user/path/alice", "AwsIamUser"),
            ("arn:aws:iam::111122223333:role/deploy", "AwsIamRole"),
            ("arn:aws-cn:kms:cn-north-1:111122223333:key/k", "AwsKmsKey"),
            ("arn:aws:lambda:eu-west-1:111122223333:function:f", "AwsLambdaFunction"),
            ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf", "AwsSecretsManagerSecret"),
            ("arn:aws:sns:eu-west-1:111122223333:topic", "AwsSnsTopic"),
            ("arn:aws:rds:eu-west-1:111122223333:db:d", "AwsRdsDbInstance"),
            ("arn:aws:sts::111122223333:assumed-role/deploy/alice", "Other"),
            ("arn:aws:glue:eu-west-1:111122223333:table/d/t", "Other"),
            ("nonsense", "Other"),
            ("", "Other"),
        ] {
            assert_eq!(kind(arn), is, "{arn}");
        }
    }
}
