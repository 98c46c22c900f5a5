//! What an object key says about the object, element by element.
//!
//! `[prefix/]AWSLogs/[o-…/]<account>/<folder>/<region>/YYYY/MM/DD/<file>`: the folder alone tells
//! the kinds of file apart. A substring test would take `CloudTrail-Digest` for `CloudTrail`, and
//! a bucket called `cloudtrail-logs` for a match.
//!
//! S3's server access logs have no folder of their own: `[prefix]YYYY-MM-DD-hh-mm-ss-UNIQUE`, with or without
//! `<account>/<region>/<bucket>/YYYY/MM/DD/` in between. Their name tells them (`access_log_key.rs`).
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>

use crate::access_log_key::is_access_log_name;

/// The kinds of log file that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum LogKind {
    /// Management and data events.
    #[default]
    Events,
    /// Start and end of unusual activity; records without `eventName`.
    Insight,
    /// Requests through VPC endpoints.
    NetworkActivity,
    /// Five-minute summaries of data events; records with `eventId` and `summary`.
    Aggregated,
    /// Requests to a bucket, as S3 itself logs them: lines of text.
    AccessLog,
}

/// Why a key is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// A digest file: it proves log files and holds no events.
    Digest,
    /// No key of a log file.
    UnknownKey,
}

impl SkipReason {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::UnknownKey => "unknown-key",
        }
    }
}

/// What to do with an object, judged by its key alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyClass {
    /// Read it.
    Log(LogKind),
    /// Count it as skipped.
    Skipped(SkipReason),
}

/// Classifies the key of an object in a log bucket.
///
/// ```
/// use trailmeter_logs::{KeyClass, LogKind, classify_key};
/// let key = "audit/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/us-gov-east-1/2026/11/21/x.json.gz";
/// assert_eq!(classify_key(key), KeyClass::Log(LogKind::Events));
/// ```
pub fn classify_key(key: &str) -> KeyClass {
    let elements: Vec<&str> = key.split('/').collect();
    // A prefix may itself hold an element `AWSLogs`, so every occurrence is tried.
    (0..elements.len())
        .filter(|&at| elements[at] == "AWSLogs")
        .find_map(|at| class_below(&elements[at + 1..]))
        .or_else(|| class_of_name(elements.last()?))
        .unwrap_or(KeyClass::Skipped(SkipReason::UnknownKey))
}

/// What may stand below a folder of a log bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderClass<'f> {
    /// Log files of one account, kind and region, in folders of days. This is the folder of the region, with the
    /// slash behind it; the folder asked about is the same or stands in it.
    Region(&'f str),
    /// Folders, some of which may lead to a region's.
    Above,
    /// No log files: digests, other services' logs.
    Other,
}

/// Classifies a folder of a log bucket, which has a slash at its end.
///
/// ```
/// use trailmeter_logs::{FolderClass, classify_folder};
/// let region = "AWSLogs/111122223333/CloudTrail/eu-west-1/";
/// assert_eq!(classify_folder(&format!("{region}2026/11/")), FolderClass::Region(region));
/// ```
pub fn classify_folder(folder: &str) -> FolderClass<'_> {
    let mut end = 0;
    let mut ends = Vec::new();
    for element in folder.split_inclusive('/').filter(|element| element.ends_with('/')) {
        end += element.len();
        ends.push((element.trim_end_matches('/'), end));
    }
    let elements: Vec<&str> = ends.iter().map(|(element, _)| *element).collect();
    (0..elements.len())
        .filter(|&at| elements[at] == "AWSLogs")
        .map(|at| match lead(&elements[at + 1..]) {
            Lead::ToRegion(distance) => FolderClass::Region(&folder[..ends[at + distance].1]),
            Lead::On => FolderClass::Above,
            Lead::Nowhere => FolderClass::Other,
        })
        .find(|class| *class != FolderClass::Other)
        .unwrap_or(FolderClass::Other)
}

/// Where the elements behind `AWSLogs` lead.
enum Lead {
    /// To a region, which is the one of this number.
    ToRegion(usize),
    On,
    Nowhere,
}

fn lead(elements: &[&str]) -> Lead {
    let (above, rest) = match elements {
        [organization, rest @ ..] if is_organization(organization) => (1, rest),
        rest => (0, rest),
    };
    let fits = |at: usize, is_fit: fn(&str) -> bool| rest.get(at).is_none_or(|element| is_fit(element));
    if !(fits(0, is_account) && fits(1, is_log_folder) && fits(2, is_region)) {
        Lead::Nowhere
    } else if rest.len() < 3 {
        Lead::On
    } else {
        Lead::ToRegion(above + 3)
    }
}

fn is_log_folder(element: &str) -> bool {
    matches!(class_of_folder(element), Some(KeyClass::Log(_)))
}

/// Classifies a file on a local disk, where the folders above it may have been lost.
///
/// Below an `AWSLogs` folder a file is judged as in a bucket. Elsewhere the second part of a
/// delivered file name (`<account>_<folder>_<region>_…`) tells, and a file of any other name is
/// taken for a log if it ends as one.
pub fn classify_path(path: &str) -> KeyClass {
    if path.split('/').any(|element| element == "AWSLogs") {
        return classify_key(path);
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut parts = name.split('_');
    let class = match (parts.next(), parts.next()) {
        (Some(account), Some(folder)) if is_account(account) => class_of_folder(folder),
        _ if is_log_name(name) => Some(KeyClass::Log(LogKind::Events)),
        _ => class_of_name(name.strip_suffix(".gz").unwrap_or(name)),
    };
    class.unwrap_or(KeyClass::Skipped(SkipReason::UnknownKey))
}

/// The class of a file whose name alone tells it.
fn class_of_name(name: &str) -> Option<KeyClass> {
    is_access_log_name(name).then_some(KeyClass::Log(LogKind::AccessLog))
}

/// The class of what follows `AWSLogs/`, if it is CloudTrail's layout.
fn class_below(elements: &[&str]) -> Option<KeyClass> {
    let rest = match elements {
        [organization, rest @ ..] if is_organization(organization) => rest,
        rest => rest,
    };
    let [account, folder, region, year, month, day, name] = rest else { return None };
    let is_layout = is_account(account)
        && is_region(region)
        && is_digits(year, 4)
        && is_digits(month, 2)
        && is_digits(day, 2)
        && is_log_name(name);
    if is_layout { class_of_folder(folder) } else { None }
}

fn class_of_folder(folder: &str) -> Option<KeyClass> {
    Some(match folder {
        "CloudTrail" => KeyClass::Log(LogKind::Events),
        "CloudTrail-Insight" => KeyClass::Log(LogKind::Insight),
        "CloudTrail-NetworkActivity" => KeyClass::Log(LogKind::NetworkActivity),
        "CloudTrail-Aggregated" => KeyClass::Log(LogKind::Aggregated),
        "CloudTrail-Digest" => KeyClass::Skipped(SkipReason::Digest),
        _ => return None,
    })
}

/// Twelve digits.
pub fn is_account(element: &str) -> bool {
    is_digits(element, 12)
}

/// `o-` and 10 to 32 lower-case letters or digits, as the Organizations API defines it.
pub fn is_organization(element: &str) -> bool {
    element.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

/// `eu-west-1`, `us-gov-east-1`, `us-isob-east-1`, `eusc-de-east-1`: words and a number.
pub fn is_region(element: &str) -> bool {
    let Some((words, number)) = element.rsplit_once('-') else { return false };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    words.contains('-')
        && words.split('-').all(is_word)
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

pub(crate) fn is_digits(element: &str, length: usize) -> bool {
    element.len() == length && element.bytes().all(|b| b.is_ascii_digit())
}

fn is_log_name(name: &str) -> bool {
    [".json.gz", ".json"].iter().any(|ending| name.len() > ending.len() && name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_lead_to_a_region_or_to_no_logs() {
        let region = "AWSLogs/111122223333/CloudTrail/eu-west-1/";
        let organization = "AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail-Insight/us-gov-east-1/";
        for (folder, expected) in [
            ("AWSLogs/", FolderClass::Above),
            ("AWSLogs/111122223333/", FolderClass::Above),
            ("AWSLogs/o-a1b2c3d4e5/", FolderClass::Above),
            ("AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/", FolderClass::Above),
            (region, FolderClass::Region(region)),
            ("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/21/", FolderClass::Region(region)),
            // What is no whole element says nothing.
            ("AWSLogs/111122223333/CloudTrail/eu-we", FolderClass::Above),
            (organization, FolderClass::Region(organization)),
            // A prefix that holds the word itself.
            ("AWSLogs/of/AWSLogs/", FolderClass::Above),
            ("AWSLogs/111122223333/CloudTrail-Digest/", FolderClass::Other),
            ("AWSLogs/111122223333/vpcflowlogs/", FolderClass::Other),
            ("AWSLogs/111122223333/CloudTrail/everywhere/", FolderClass::Other),
            ("AWSLogs/readme/", FolderClass::Other),
            ("audit/", FolderClass::Other),
            ("", FolderClass::Other),
        ] {
            assert_eq!(classify_folder(folder), expected, "{folder}");
        }
        let prefixed = format!("audit/{region}");
        assert_eq!(classify_folder(&format!("{prefixed}2026/")), FolderClass::Region(&prefixed));
    }

    const DIGEST: KeyClass = KeyClass::Skipped(SkipReason::Digest);
    const UNKNOWN: KeyClass = KeyClass::Skipped(SkipReason::UnknownKey);

    #[test]
    fn keys_are_told_apart_by_their_elements() {
        let events = KeyClass::Log(LogKind::Events);
        for (key, class) in [
            ("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/a.json.gz", events),
            ("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/a.json", events),
            ("deep/er/AWSLogs/111122223333/CloudTrail/eu-central-2/2026/11/21/a.json.gz", events),
            ("AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/cn-north-1/2026/11/21/a.json.gz", events),
            (
                "o-a1b2c3d4e5/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/us-iso-east-1/2026/11/21/a.json.gz",
                events,
            ),
            ("AWSLogs/AWSLogs/111122223333/CloudTrail/us-gov-west-1/2026/11/21/a.json.gz", events),
            ("a b+c/AWSLogs/111122223333/CloudTrail/us-isob-east-1/2026/11/21/ä.json.gz", events),
            (
                "AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2026/11/21/a.json.gz",
                KeyClass::Log(LogKind::Insight),
            ),
            (
                "AWSLogs/111122223333/CloudTrail-NetworkActivity/us-east-1/2026/11/21/a.json.gz",
                KeyClass::Log(LogKind::NetworkActivity),
            ),
            (
                "AWSLogs/111122223333/CloudTrail-Aggregated/us-east-1/2026/11/21/a.json.gz",
                KeyClass::Log(LogKind::Aggregated),
            ),
            ("AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/21/a.json.gz", DIGEST),
            ("AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail-Digest/us-east-1/2026/11/21/a.json.gz", DIGEST),
            ("AWSLogs/111122223333/CloudTrail-Future/us-east-1/2026/11/21/a.json.gz", UNKNOWN),
            ("AWSLogs/111122223333/Config/us-east-1/2026/11/21/a.json.gz", UNKNOWN),
            ("AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/11/21/a.log.gz", UNKNOWN),
            ("AWSLogs/111122223333/CloudTrail/", UNKNOWN),
            ("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/", UNKNOWN),
            ("AWSLogs/11112222333/CloudTrail/us-east-1/2026/11/21/a.json.gz", UNKNOWN),
            ("AWSLogs/111122223333/CloudTrail/useast1/2026/11/21/a.json.gz", UNKNOWN),
            ("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/a.json.gz", UNKNOWN),
            ("myAWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/a.json.gz", UNKNOWN),
            ("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/a.csv", UNKNOWN),
            ("CloudTrail/us-east-1/a.json.gz", UNKNOWN),
            ("2026-11-21-00-00-00-ABCDEF0123456789", KeyClass::Log(LogKind::AccessLog)),
            ("logs/2026-11-21-00-00-00-ABCDEF0123456789.json.gz", UNKNOWN),
            ("", UNKNOWN),
            ("/", UNKNOWN),
        ] {
            assert_eq!(classify_key(key), class, "{key}");
        }
    }

    #[test]
    fn local_files_are_told_apart_by_layout_then_by_name() {
        for (path, class) in [
            ("x/AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/21/a.json.gz", DIGEST),
            (
                "logs/111122223333_CloudTrail_us-east-1_20261121T0000Z_abc.json.gz",
                KeyClass::Log(LogKind::Events),
            ),
            (
                "logs/111122223333_CloudTrail-Digest_us-east-1_trail_us-east-1_20261121T000000Z.json.gz",
                DIGEST,
            ),
            ("logs/111122223333_CloudTrail-Insight_us-east-1_x.json.gz", KeyClass::Log(LogKind::Insight)),
            ("logs/111122223333_Config_us-east-1_ConfigHistory.json.gz", UNKNOWN),
            ("x/AWSLogs/111122223333/Config/us-east-1/2026/11/21/a.json.gz", UNKNOWN),
            ("logs/event.json", KeyClass::Log(LogKind::Events)),
            ("logs/2026-11-21-00-00-00-ABCDEF0123456789", KeyClass::Log(LogKind::AccessLog)),
            ("logs/2026-11-21-00-00-00-ABCDEF0123456789.gz", KeyClass::Log(LogKind::AccessLog)),
            ("logs/LICENSE", UNKNOWN),
            ("logs/notes.txt", UNKNOWN),
            ("logs/records.ndjson", UNKNOWN),
        ] {
            assert_eq!(classify_path(path), class, "{path}");
        }
    }
}
