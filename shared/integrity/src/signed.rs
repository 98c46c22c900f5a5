//! What CloudTrail signs.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>

/// What goes into the text that is signed.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'d> {
    /// `digestEndTime`, as it stands in the digest.
    pub end_time: &'d str,
    /// `digestS3Bucket`.
    pub bucket: &'d str,
    /// `digestS3Object`.
    pub key: &'d str,
    /// The SHA-256 of the digest's inflated bytes, in lower-case hexadecimal.
    pub sha256: &'d str,
    /// `previousDigestSignature`, if it is not null.
    pub previous_signature: Option<&'d str>,
}

impl Signed<'_> {
    /// The text whose UTF-8 bytes are signed.
    pub fn text(&self) -> String {
        let Self { end_time, bucket, key, sha256, previous_signature } = self;
        // The word `null`, not an empty line: it is a null reference as Java prints it.
        let previous = previous_signature.unwrap_or("null");
        format!("{end_time}\n{bucket}/{key}\n{sha256}\n{previous}")
    }
}
