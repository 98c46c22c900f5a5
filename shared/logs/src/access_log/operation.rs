//! What the API of an operation is called in CloudTrail.

/// Operations that are CloudTrail's calls by another name, in order. Any other keeps its own: a wrong name would be
/// worse than a strange one.
///
/// `REST.COPY.OBJECT_GET` is none of them. It is the other half of a `REST.COPY.OBJECT`, and the call is counted by that.
const NAMES: &[(&str, &str)] = &[
    ("BATCH.DELETE.OBJECT", "DeleteObject"),
    ("REST.COPY.OBJECT", "CopyObject"),
    ("REST.COPY.PART", "UploadPartCopy"),
    ("REST.DELETE.BUCKET", "DeleteBucket"),
    ("REST.DELETE.BUCKETPOLICY", "DeleteBucketPolicy"),
    ("REST.DELETE.CORS", "DeleteBucketCors"),
    ("REST.DELETE.ENCRYPTION", "DeleteBucketEncryption"),
    ("REST.DELETE.LIFECYCLE", "DeleteBucketLifecycle"),
    ("REST.DELETE.OBJECT", "DeleteObject"),
    ("REST.DELETE.OBJECT_TAGGING", "DeleteObjectTagging"),
    ("REST.DELETE.PUBLIC_ACCESS_BLOCK", "DeleteBucketPublicAccessBlock"),
    ("REST.DELETE.REPLICATION", "DeleteBucketReplication"),
    ("REST.DELETE.TAGGING", "DeleteBucketTagging"),
    ("REST.DELETE.UPLOAD", "AbortMultipartUpload"),
    ("REST.DELETE.WEBSITE", "DeleteBucketWebsite"),
    ("REST.GET.ACCELERATE", "GetBucketAccelerateConfiguration"),
    ("REST.GET.BUCKET", "ListObjects"),
    ("REST.GET.BUCKETPOLICY", "GetBucketPolicy"),
    ("REST.GET.BUCKETVERSIONS", "ListObjectVersions"),
    ("REST.GET.CORS", "GetBucketCors"),
    ("REST.GET.ENCRYPTION", "GetBucketEncryption"),
    ("REST.GET.LIFECYCLE", "GetBucketLifecycle"),
    ("REST.GET.LOCATION", "GetBucketLocation"),
    ("REST.GET.LOGGING_STATUS", "GetBucketLogging"),
    ("REST.GET.NOTIFICATION", "GetBucketNotification"),
    ("REST.GET.OBJECT", "GetObject"),
    ("REST.GET.OBJECT_LOCK_CONFIGURATION", "GetBucketObjectLockConfiguration"),
    ("REST.GET.OBJECT_TAGGING", "GetObjectTagging"),
    ("REST.GET.POLICY_STATUS", "GetBucketPolicyStatus"),
    ("REST.GET.PUBLIC_ACCESS_BLOCK", "GetBucketPublicAccessBlock"),
    ("REST.GET.REPLICATION", "GetBucketReplication"),
    ("REST.GET.REQUEST_PAYMENT", "GetBucketRequestPayment"),
    ("REST.GET.TAGGING", "GetBucketTagging"),
    ("REST.GET.UPLOAD", "ListParts"),
    ("REST.GET.UPLOADS", "ListMultipartUploads"),
    ("REST.GET.VERSIONING", "GetBucketVersioning"),
    ("REST.GET.WEBSITE", "GetBucketWebsite"),
    ("REST.HEAD.BUCKET", "HeadBucket"),
    ("REST.HEAD.OBJECT", "HeadObject"),
    ("REST.OPTIONS.PREFLIGHT", "PreflightRequest"),
    ("REST.POST.MULTI_OBJECT_DELETE", "DeleteObjects"),
    ("REST.POST.RESTORE", "RestoreObject"),
    ("REST.POST.UPLOAD", "CompleteMultipartUpload"),
    ("REST.POST.UPLOADS", "CreateMultipartUpload"),
    ("REST.PUT.ACCELERATE", "PutBucketAccelerateConfiguration"),
    ("REST.PUT.BUCKET", "CreateBucket"),
    ("REST.PUT.BUCKETPOLICY", "PutBucketPolicy"),
    ("REST.PUT.CORS", "PutBucketCors"),
    ("REST.PUT.ENCRYPTION", "PutBucketEncryption"),
    ("REST.PUT.LIFECYCLE", "PutBucketLifecycle"),
    ("REST.PUT.LOGGING_STATUS", "PutBucketLogging"),
    ("REST.PUT.NOTIFICATION", "PutBucketNotification"),
    ("REST.PUT.OBJECT", "PutObject"),
    ("REST.PUT.OBJECT_LOCK_CONFIGURATION", "PutBucketObjectLockConfiguration"),
    ("REST.PUT.OBJECT_TAGGING", "PutObjectTagging"),
    ("REST.PUT.PART", "UploadPart"),
    ("REST.PUT.PUBLIC_ACCESS_BLOCK", "PutBucketPublicAccessBlock"),
    ("REST.PUT.REPLICATION", "PutBucketReplication"),
    ("REST.PUT.REQUEST_PAYMENT", "PutBucketRequestPayment"),
    ("REST.PUT.TAGGING", "PutBucketTagging"),
    ("REST.PUT.VERSIONING", "PutBucketVersioning"),
    ("REST.PUT.WEBSITE", "PutBucketWebsite"),
    ("WEBSITE.GET.OBJECT", "GetObject"),
    ("WEBSITE.HEAD.OBJECT", "HeadObject"),
];

/// CloudTrail's name, or the operation itself.
pub(super) fn event_name<'l>(operation: &'l str, key: Option<&str>) -> &'l str {
    match (operation, key) {
        ("REST.GET.ACL", Some(_)) => "GetObjectAcl",
        ("REST.GET.ACL", None) => "GetBucketAcl",
        ("REST.PUT.ACL", Some(_)) => "PutObjectAcl",
        ("REST.PUT.ACL", None) => "PutBucketAcl",
        _ => match NAMES.binary_search_by_key(&operation, |(operation, _)| operation) {
            Ok(at) => NAMES[at].1,
            Err(_) => operation,
        },
    }
}

/// S3 does it itself, by a rule of the bucket: `S3.EXPIRE.OBJECT`.
pub(super) fn is_of_s3_itself(operation: &str) -> bool {
    operation.starts_with("S3.")
}

/// Whether it only reads, by the method of the request. None if there is no request.
pub(super) fn is_read_only(operation: &str) -> Option<bool> {
    if is_of_s3_itself(operation) {
        return None;
    }
    let (_, rest) = operation.split_once('.')?;
    let (method, of) = rest.split_once('.')?;
    Some(matches!(method, "GET" | "HEAD" | "OPTIONS") || of.ends_with("_GET"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_calls_or_themselves() {
        assert!(NAMES.is_sorted_by(|one, next| one.0 < next.0), "they are looked up by halves");
        for (operation, key, name, is_read) in [
            ("REST.GET.OBJECT", Some("a"), "GetObject", Some(true)),
            ("REST.GET.ACL", Some("a"), "GetObjectAcl", Some(true)),
            ("REST.GET.ACL", None, "GetBucketAcl", Some(true)),
            ("REST.PUT.ACL", None, "PutBucketAcl", Some(false)),
            ("REST.COPY.OBJECT", Some("a"), "CopyObject", Some(false)),
            ("REST.COPY.OBJECT_GET", Some("a"), "REST.COPY.OBJECT_GET", Some(true)),
            ("BATCH.DELETE.OBJECT", Some("a"), "DeleteObject", Some(false)),
            ("REST.POST.MULTI_OBJECT_DELETE", None, "DeleteObjects", Some(false)),
            ("S3.EXPIRE.OBJECT", Some("a"), "S3.EXPIRE.OBJECT", None),
            ("REST.NEW.THING", None, "REST.NEW.THING", Some(false)),
            ("odd", None, "odd", None),
        ] {
            assert_eq!(event_name(operation, key), name);
            assert_eq!(is_read_only(operation), is_read, "{operation}");
        }
    }
}
