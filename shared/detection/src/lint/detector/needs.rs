//! Whether `needs` fits the events that a rule names.

use super::super::events;
use super::super::scope::Scope;
use super::super::tree::Tree;
use crate::detector::{Detector, Needs, Source};
use crate::model::{Path, Step};

/// Data events by their source, where all of one name are.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>
const DATA: [(&str, &str); 6] = [
    (
        "dynamodb",
        "BatchExecuteStatement BatchGetItem BatchWriteItem DeleteItem ExecuteStatement ExecuteTransaction GetItem \
         PutItem Query Scan TransactGetItems TransactWriteItems UpdateItem",
    ),
    ("ebs", "GetSnapshotBlock ListChangedBlocks ListSnapshotBlocks PutSnapshotBlock"),
    ("lambda", "Invoke"),
    (
        "s3",
        "AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload DeleteObject DeleteObjectTagging \
         DeleteObjects GetObject GetObjectAcl GetObjectAttributes GetObjectTagging GetObjectTorrent HeadObject \
         ListMultipartUploads ListObjectVersions ListObjects ListParts PutObject PutObjectAcl PutObjectTagging \
         RestoreObject SelectObjectContent UploadPart UploadPartCopy",
    ),
    ("sns", "Publish PublishBatch"),
    ("sqs", "DeleteMessage DeleteMessageBatch ReceiveMessage SendMessage SendMessageBatch"),
];

/// Services that have management events alone.
const MANAGEMENT_ONLY: [&str; 8] =
    ["cloudtrail", "config", "ec2", "guardduty", "iam", "kms", "organizations", "signin"];

/// What is wrong with what the detector says it needs, if it surely is.
pub(super) fn problem(detector: &Detector) -> Option<String> {
    // No trail has anything to do with access logs; sums bear the names of the data events that they sum up.
    if detector.source == Source::S3AccessLog || detector.needs == Needs::Aggregated {
        return None;
    }
    let tree = Tree::of(detector.rule.expr());
    let scope = Scope::of(&tree);
    let sources = events::sources(&scope);
    let names = named(&scope, "eventName");
    let categories = named(&scope, "eventCategory");
    let has_category = |category: &str| categories.iter().any(|found| found.eq_ignore_ascii_case(category));
    let are_data =
        !names.is_empty() && !sources.is_empty() && names.iter().all(|name| is_data(&sources, name));
    let needed = match categories.as_slice() {
        [_] if has_category("Data") => Needs::Data,
        [_] if has_category("NetworkActivity") => Needs::Network,
        [_] if has_category("Insight") => Needs::Insight,
        // Of these the loader says it.
        [_] if has_category("Aggregated") => Needs::Aggregated,
        [_] if has_category("Management") => Needs::Management,
        _ if are_data => Needs::Data,
        _ if !sources.is_empty()
            && sources.iter().all(|source| MANAGEMENT_ONLY.contains(&source.as_str())) =>
        {
            // A service's calls through a VPC endpoint are network activity.
            if detector.needs == Needs::Network {
                return None;
            }
            Needs::Management
        }
        _ => return None,
    };
    (needed != detector.needs).then(|| {
        let (needed, said) = (word(needed), word(detector.needs));
        format!("what it looks for are {needed} events, and `needs` says {said}: write `needs: {needed}`")
    })
}

fn is_data(sources: &[String], name: &str) -> bool {
    sources.iter().all(|source| {
        DATA.iter()
            .any(|(of, names)| of == source && names.split(' ').any(|data| data.eq_ignore_ascii_case(name)))
    })
}

/// The strings of which a field of the record is one.
fn named(scope: &Scope<'_>, field: &str) -> Vec<String> {
    let path = Path::new(vec![Step::Field(field.to_owned())]);
    let named = scope.known(&path).filter_map(|(_, known)| {
        let names = known.claim.wanted()?.strings().named()?;
        Some(names.into_iter().map(str::to_owned).collect::<Vec<String>>())
    });
    named.min_by_key(Vec::len).unwrap_or_default()
}

fn word(needs: Needs) -> &'static str {
    match needs {
        Needs::Management => "management",
        Needs::Data => "data",
        Needs::Network => "network",
        Needs::Insight => "insight",
        Needs::Aggregated => "aggregated",
    }
}
