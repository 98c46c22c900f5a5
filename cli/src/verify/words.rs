//! What is wrong, in words: those of the AWS CLI where it has some, so that scripts that look for them go on working.

use jiff::Timestamp;
use trailmeter_integrity::{DigestCause, DigestError, Finding, Reason};

/// A time as the AWS CLI prints it.
pub(super) fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What stands behind `INVALID: ` for a digest.
pub(super) fn digest(error: &DigestError, home_region: &str) -> String {
    match &error.cause {
        DigestCause::UnknownKey { fingerprint } => {
            format!("public key not found in region {home_region} for fingerprint {fingerprint}")
        }
        DigestCause::BadKey { fingerprint } => {
            format!("Unable to load PKCS #1 key with fingerprint {fingerprint}")
        }
        DigestCause::Moved => "has been moved from its original location".to_owned(),
        DigestCause::NoSignature | DigestCause::BadSignature => "signature verification failed".to_owned(),
        DigestCause::OtherAlgorithm => "unknown signature algorithm".to_owned(),
        DigestCause::Inflate(_) if error.reason() == Reason::TrailingData => TRAILING.to_owned(),
        DigestCause::Inflate(_) | DigestCause::Format(_) | DigestCause::NoBackfillTime => {
            "invalid format".to_owned()
        }
    }
}

const TRAILING: &str = "unexpected data after end of compressed stream";

/// What stands behind `INVALID: ` for a log file.
pub(super) fn log_file(reason: Reason) -> &'static str {
    match reason {
        Reason::TrailingData => TRAILING,
        // Of a file that ends early the AWS CLI hashes what there is.
        Reason::HashMismatch | Reason::TruncatedGzip => "hash value doesn't match",
        Reason::NotFound | Reason::Deleted | Reason::Expired => "not found",
        Reason::OtherAlgorithm => "unknown hash algorithm",
        _ => "invalid format",
    }
}

/// A finding beyond `validate-logs`.
pub(super) fn finding(finding: &Finding) -> String {
    let what = match finding.reason {
        Reason::PreviousHash => "its hash is not the one that the next digest names",
        Reason::PreviousSignature => "its signature is not the one that the next digest names",
        Reason::BrokenChain => "it starts a chain, and there are older digests",
        Reason::Spliced => "the chain goes past it, or names another chain's digest as the one before",
        Reason::EndBeforeStart => "its period ends before it starts",
        Reason::InTheFuture => "its period ends after the time at which it was there",
        Reason::KeyNotValidThen => "its public key was not valid when it was signed",
        Reason::Overlap => "its period overlaps with the one before",
        Reason::Gap => "no valid digest covers the time before it",
        Reason::Stopped => "no digest came",
        Reason::Foreign => "it is of another account, region or trail than its place",
        Reason::Unnamed => "no digest names it",
        other => other.reason(),
    };
    let period = finding.period.map_or(String::new(), |period| {
        format!(", between {} and {} ({} min)", time(period.from), time(period.to), period.minutes())
    });
    format!("{}: {what}{period}", finding.reason.reason())
}
