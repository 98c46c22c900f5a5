//! A line in CloudTrail's terms.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::json::Object;
use super::line::Line;
use super::{identity, key, operation, time};

/// Writes the record of a line, which was split from `text`.
///
/// What is absent in the line is absent in the record, as in CloudTrail's own, so that `EXISTS` and `NOT EXISTS` mean
/// the same in both. docs/access-logs.md has the table of fields.
pub(super) fn write(line: &Line<'_>, text: &str, out: &mut Vec<u8>) {
    let mut record = Object::begin(out);
    let name = line.operation.map(|operation| operation::event_name(operation, line.key));
    record.text("eventSource", "s3.amazonaws.com");
    record.some_text("eventName", name);
    record.text("eventID", &event_id(line, text));
    record.text("eventType", event_type(line));
    if let Some((iso, length)) = time::iso(line.time) {
        record.some_text("eventTime", std::str::from_utf8(&iso[..length]).ok());
    }
    record.some_text("awsRegion", line.source_region);
    identity::write(&mut record, line);
    record.some_text("sourceIPAddress", line.remote_ip);
    record.some_text("userAgent", line.user_agent);
    record.some_text("errorCode", error_code(line).as_deref());
    record.some_text("requestID", line.request_id);
    if let Some(is_read_only) = line.operation.and_then(operation::is_read_only) {
        record.flag("readOnly", is_read_only);
    }
    let key = line.key.map(|key| key::decoded(key, line.request_uri));
    let mut parameters = record.object("requestParameters");
    parameters.some_text("bucketName", line.bucket);
    parameters.some_text("key", key.as_deref());
    parameters.some_text("versionId", line.version_id);
    parameters.end();
    resources(&mut record, line, key.as_deref());
    additional(&mut record, line);
    if line.tls_version.is_some() || line.cipher_suite.is_some() {
        let mut tls = record.object("tlsDetails");
        tls.some_text("tlsVersion", line.tls_version.map(tls_version).as_deref());
        tls.some_text("cipherSuite", line.cipher_suite);
        tls.some_text("clientProvidedHostHeader", line.host_header);
        tls.end();
    }
    access_log(&mut record, line);
    record.end();
}

/// What the line says, field by field.
fn access_log(record: &mut Object<'_>, line: &Line<'_>) {
    let mut raw = record.object("accessLog");
    raw.some_text("bucketOwner", line.bucket_owner);
    raw.some_text("bucket", line.bucket);
    raw.text("time", line.time);
    raw.some_text("remoteIp", line.remote_ip);
    raw.some_text("requester", line.requester);
    raw.some_text("requestId", line.request_id);
    raw.some_text("operation", line.operation);
    raw.some_text("key", line.key);
    raw.some_text("requestUri", line.request_uri);
    raw.some_number("httpStatus", line.http_status);
    raw.some_text("errorCode", line.error_code);
    raw.some_number("bytesSent", line.bytes_sent);
    raw.some_number("objectSize", line.object_size);
    raw.some_number("totalTime", line.total_time);
    raw.some_number("turnAroundTime", line.turn_around_time);
    raw.some_text("referer", line.referer);
    raw.some_text("userAgent", line.user_agent);
    raw.some_text("versionId", line.version_id);
    raw.some_text("hostId", line.host_id);
    raw.some_text("signatureVersion", line.signature_version);
    raw.some_text("cipherSuite", line.cipher_suite);
    raw.some_text("authenticationType", line.authentication_type);
    raw.some_text("hostHeader", line.host_header);
    raw.some_text("tlsVersion", line.tls_version);
    raw.some_text("accessPointArn", line.access_point_arn);
    raw.some_text("aclRequired", line.acl_required);
    raw.some_text("sourceRegion", line.source_region);
    raw.some_text("unknown", line.unknown);
    raw.end();
}

fn additional(record: &mut Object<'_>, line: &Line<'_>) {
    let mut data = record.object("additionalEventData");
    data.some_text("SignatureVersion", line.signature_version);
    data.some_text("AuthenticationMethod", line.authentication_type);
    data.some_text("CipherSuite", line.cipher_suite);
    data.some_number("bytesTransferredOut", line.bytes_sent);
    data.some_text("aclRequired", line.acl_required);
    data.some_text("x-amz-id-2", line.host_id);
    data.end();
}

fn resources(record: &mut Object<'_>, line: &Line<'_>, key: Option<&str>) {
    let Some(bucket) = line.bucket else { return };
    let arn = match partition(line) {
        Partition::Aws => "arn:aws:s3:::",
        Partition::China => "arn:aws-cn:s3:::",
        Partition::UsGov => "arn:aws-us-gov:s3:::",
    };
    record.name("resources");
    record.out.push(b'[');
    if let Some(key) = key {
        let mut object = Object::begin(record.out);
        object.text("type", "AWS::S3::Object");
        object.joined("ARN", &[arn, bucket, "/", key]);
        object.end();
        record.out.push(b',');
    }
    let mut whole = Object::begin(record.out);
    whole.text("type", "AWS::S3::Bucket");
    whole.joined("ARN", &[arn, bucket]);
    whole.end();
    record.out.push(b']');
}

enum Partition {
    Aws,
    China,
    UsGov,
}

/// The partition that the bucket is in, by its region or by whoever asks: there is no asking across partitions.
fn partition(line: &Line<'_>) -> Partition {
    let region = line.source_region.unwrap_or_default();
    let requester = line.requester.unwrap_or_default();
    if region.starts_with("cn-") || requester.starts_with("arn:aws-cn:") {
        Partition::China
    } else if region.starts_with("us-gov-") || requester.starts_with("arn:aws-us-gov:") {
        Partition::UsGov
    } else {
        Partition::Aws
    }
}

fn event_type(line: &Line<'_>) -> &'static str {
    let is_of_s3 = line.operation.is_some_and(operation::is_of_s3_itself);
    if is_of_s3 { "AwsServiceEvent" } else { "AwsApiCall" }
}

/// The error, which no line of a failed request is to lack: `errorCode NOT EXISTS` means that a call succeeded.
///
/// Answers without a body (to HEAD) may come without a code. A 403 then is what CloudTrail calls `AccessDenied`, any
/// other has a name that no code of S3 has.
fn error_code<'l>(line: &Line<'l>) -> Option<Cow<'l, str>> {
    match (line.error_code, line.http_status) {
        (Some(code), _) => Some(Cow::Borrowed(code)),
        (None, Some(403)) => Some(Cow::Borrowed("AccessDenied")),
        (None, Some(status @ 400..)) => Some(Cow::Owned(format!("Http{status}"))),
        _ => None,
    }
}

/// AWS writes `TLSV1.2` in some lines and `TLSv1.2` in others; CloudTrail has the latter.
fn tls_version(version: &str) -> Cow<'_, str> {
    match version.strip_prefix("TLSV") {
        Some(number) => Cow::Owned(format!("TLSv{number}")),
        None => Cow::Borrowed(version),
    }
}

/// An id for the line, since access logs have none: one UUID of its own making for each request, operation and object.
///
/// S3 may deliver a line twice, and then it has to count once. So the id is made of what says which request it was
/// (request id, host id) and of what differs between the lines of one request: a copy has two operations, a batch of
/// deletes has a line for each key and version. Times, sizes and names of clients are not part of it. It is a digest
/// because keys are others' text of any length, and of a kind that nobody can make two of: whoever deletes a thousand
/// objects must not be able to name them so that they count as one. A line without a request id is its own id.
fn event_id(line: &Line<'_>, text: &str) -> String {
    let mut digest = Sha256::new();
    match line.request_id {
        None => digest.update(text),
        Some(request_id) => {
            let parts =
                [Some(request_id), line.host_id, line.operation, line.bucket, line.key, line.version_id];
            for part in parts {
                // No field has a line break in it.
                digest.update(part.unwrap_or_default());
                digest.update("\n");
            }
        }
    }
    uuid(&digest.finalize())
}

/// The first half of a digest as a UUID of version 8, which is for ids of one's own making (RFC 9562).
fn uuid(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut uuid = String::with_capacity(36);
    for (at, &byte) in digest.iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            uuid.push('-');
        }
        let byte = match at {
            6 => 0x80 | (byte & 0x0F),
            8 => 0x80 | (byte & 0x3F),
            _ => byte,
        };
        uuid.push(char::from(DIGITS[usize::from(byte >> 4)]));
        uuid.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    uuid
}
