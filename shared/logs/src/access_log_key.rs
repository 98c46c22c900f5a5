//! Keys of S3 server access logs, in either layout.
//!
//! `[prefix]YYYY-MM-DD-hh-mm-ss-UNIQUE`, and
//! `[prefix][account]/[region]/[bucket]/YYYY/MM/DD/YYYY-MM-DD-hh-mm-ss-UNIQUE`. No slash divides a prefix from what
//! follows unless it ends in one, so only the end of a name says what it is.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html>

use crate::object_key::{is_digits, is_region};

/// `2026-11-21-00-00-00-`, where `d` is a digit.
const TIME: &[u8] = b"dddd-dd-dd-dd-dd-dd-";
/// The unique string has had sixteen characters for as long as there are access logs.
const UNIQUE: usize = 16;

/// Whether the last element of a key is the name of an access log, behind whatever prefix.
pub(crate) fn is_access_log_name(name: &str) -> bool {
    let Some((rest, unique)) = name.len().checked_sub(UNIQUE).and_then(|at| name.split_at_checked(at)) else {
        return false;
    };
    let Some(time) = rest.len().checked_sub(TIME.len()).and_then(|at| rest.get(at..)) else { return false };
    unique.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && time.bytes().zip(TIME).all(|(byte, &form)| match form {
            b'd' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}

/// The bucket that an access log is about, if its key says so: that of the layout with folders does.
///
/// ```
/// use trailmeter_logs::logged_bucket;
/// let folders = "111122223333/eu-west-1/amzn-s3-demo-bucket/2026/11/21/";
/// let name = "2026-11-21-00-00-00-ABCDEF0123456789";
/// assert_eq!(logged_bucket(&format!("{folders}{name}")), Some("amzn-s3-demo-bucket"));
/// assert_eq!(logged_bucket(name), None);
/// ```
pub fn logged_bucket(key: &str) -> Option<&str> {
    let mut elements = key.rsplit('/');
    let mut next = || elements.next();
    let (name, day, month, year, bucket, region, account) =
        (next()?, next()?, next()?, next()?, next()?, next()?, next()?);
    let is_layout = is_access_log_name(name)
        && is_digits(day, 2)
        && is_digits(month, 2)
        && is_digits(year, 4)
        && is_region(region)
        && account.len() >= 12
        && account.bytes().rev().take(12).all(|byte| byte.is_ascii_digit());
    is_layout.then_some(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyClass, LogKind, classify_key};

    #[test]
    fn access_logs_are_told_by_the_end_of_their_name() {
        let unique = "2026-11-21-00-00-00-ABCDEF0123456789";
        let folders = "111122223333/us-gov-west-1/source/2026/11/21/";
        for (key, is_log, bucket) in [
            (unique.to_owned(), true, None),
            (format!("logs/{unique}"), true, None),
            (format!("a/b c/logs{unique}"), true, None),
            (format!("ä{unique}"), true, None),
            (format!("1{unique}"), true, None),
            (format!("{folders}{unique}"), true, Some("source")),
            (format!("logs/{folders}{unique}"), true, Some("source")),
            (format!("logs-{folders}{unique}"), true, Some("source")),
            (format!("AWSLogs/{folders}{unique}"), true, Some("source")),
            (format!("logs/{}{unique}", folders.replace("us-gov-west-1", "nowhere")), true, None),
            (format!("{unique}.gz"), false, None),
            (format!("{unique}/"), false, None),
            (unique.to_lowercase(), false, None),
            (unique[1..].to_owned(), false, None),
            (unique[..35].to_owned(), false, None),
            (unique.replace('-', "_"), false, None),
            ("é".repeat(18), false, None),
            ("é".repeat(8), false, None),
            (String::new(), false, None),
        ] {
            let expected = if is_log { Some(LogKind::AccessLog) } else { None };
            let found = match classify_key(&key) {
                KeyClass::Log(kind) => Some(kind),
                KeyClass::Skipped(_) => None,
            };
            assert_eq!(found, expected, "{key}");
            assert_eq!(logged_bucket(&key), bucket, "{key}");
        }
    }
}
