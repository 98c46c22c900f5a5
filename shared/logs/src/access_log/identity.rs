//! The requester as CloudTrail's `userIdentity`.

use super::json::Object;
use super::line::Line;
use super::operation::is_of_s3_itself;

/// Answers to requests whose signature was not believed. Their requester is `-`, as that of a request without any.
const NOT_AUTHENTICATED: [&str; 8] = [
    "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidSecurity",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// Writes `userIdentity`.
///
/// Nobody in particular is written as CloudTrail does since 2022: type `AWSAccount`, account `anonymous`.
pub(super) fn write(record: &mut Object<'_>, line: &Line<'_>) {
    let mut identity = record.object("userIdentity");
    match line.requester {
        Some(requester) => match requester.strip_prefix("arn:") {
            Some(rest) => of_arn(&mut identity, requester, rest),
            None => of_name(&mut identity, requester),
        },
        None if line.operation.is_some_and(is_of_s3_itself) => of_service(&mut identity, S3),
        None if carries_signature(line) => identity.text("type", "Unknown"),
        None => {
            identity.text("type", "AWSAccount");
            identity.text("principalId", "");
            identity.text("accountId", "anonymous");
        }
    }
    identity.end();
}

const S3: &str = "s3.amazonaws.com";

/// Whether a request without a requester was signed all the same: whose it was could not be established. CloudTrail
/// has no such events, and taking them for anonymous would make each mistyped key somebody without one.
fn carries_signature(line: &Line<'_>) -> bool {
    line.signature_version.is_some()
        || line.authentication_type.is_some()
        || line.error_code.is_some_and(|code| NOT_AUTHENTICATED.contains(&code))
}

/// `arn:PARTITION:SERVICE::ACCOUNT:RESOURCE`; `rest` is behind the first colon.
fn of_arn(identity: &mut Object<'_>, arn: &str, rest: &str) {
    let mut parts = rest.splitn(5, ':').skip(3);
    let (account, resource) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (kind, path) = resource.split_once('/').unwrap_or((resource, ""));
    let last = path.rsplit('/').next().unwrap_or(path);
    let (word, user_name) = match kind {
        "user" => ("IAMUser", Some(last)),
        "assumed-role" => ("AssumedRole", None),
        "federated-user" => ("FederatedUser", None),
        "root" => ("Root", None),
        "role" => ("Role", Some(last)),
        _ => ("Unknown", None),
    };
    identity.text("type", word);
    identity.text("arn", arn);
    if !account.is_empty() {
        identity.text("accountId", account);
    }
    identity.some_text("userName", user_name.filter(|name| !name.is_empty()));
    if kind == "assumed-role" {
        // Its path is not in the ARN of a session, so the role's own cannot be told.
        let role = path.split('/').next().unwrap_or(path);
        let mut context = identity.object("sessionContext");
        let mut issuer = context.object("sessionIssuer");
        issuer.text("type", "Role");
        if !account.is_empty() {
            issuer.text("accountId", account);
        }
        issuer.text("userName", role);
        issuer.end();
        context.end();
    }
}

fn of_name(identity: &mut Object<'_>, requester: &str) {
    if requester == "AmazonS3" {
        return of_service(identity, S3);
    }
    let service = requester.strip_prefix("svc:").unwrap_or(requester);
    if service.ends_with(".amazonaws.com") || service.len() < requester.len() {
        return of_service(identity, service);
    }
    // A canonical id stands for an account: its root, or somebody whom S3 knows no nearer.
    let is_canonical = requester.bytes().all(|byte| byte.is_ascii_hexdigit());
    identity.text("type", if is_canonical { "AWSAccount" } else { "Unknown" });
    identity.text("principalId", requester);
}

fn of_service(identity: &mut Object<'_>, service: &str) {
    identity.text("type", "AWSService");
    identity.text("invokedBy", service);
}
