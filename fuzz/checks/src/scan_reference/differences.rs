//! What the two ways may differ in, and nothing else.

use trailmeter_detection::{DetectorSet, FileMatches};
use trailmeter_logs::{Limits, LogFileError, LogKind, Malformed};

use super::slow::Refused;
use super::{fast, slow};

/// Panics if the two ways came to different ends.
pub(super) fn judge(
    detectors: &DetectorSet,
    kind: LogKind,
    limits: Limits,
    stored: &[u8],
    fast: Result<FileMatches, LogFileError>,
    slow: Result<FileMatches, Refused>,
) {
    match (fast, slow) {
        (Ok(fast), Ok(slow)) => assert_eq!(fast, slow),
        (Err(error), Err(Refused::For(reason))) => assert_eq!(error.cause.reason(), reason, "{error}"),
        (Err(_), Err(Refused::Anyhow | Refused::NoDocument)) => {}
        (Ok(fast), Err(Refused::NoDocument)) => good_ones(detectors, kind, limits, stored, fast),
        (fast, slow) => panic!("scanned: {fast:?}, slowly: {slow:?}"),
    }
}

/// Of a file that is no document as a whole, the records that are some come to what the file came to.
fn good_ones(detectors: &DetectorSet, kind: LogKind, limits: Limits, stored: &[u8], mut whole: FileMatches) {
    let Ok(mut elements) = fast::elements(kind, limits, stored) else { panic!("it was read before") };
    elements.retain(|element| {
        // What is too deep is not looked at, and may be broken as well.
        let is_good = !matches!(slow::parse(element), Err(Malformed::InvalidJson | Malformed::TooDeep));
        if !is_good {
            whole.read -= 1;
            whole.bytes -= element.len() as u64;
        }
        is_good
    });
    whole.malformed.remove(&Malformed::InvalidJson);
    whole.malformed.remove(&Malformed::TooDeep);
    whole.read -= whole.malformed.remove(&Malformed::TooLarge).unwrap_or_default();
    let document = [&b"{\"Records\":["[..], &elements.join(&b','), b"]}"].concat();
    // It may be larger than what it was made of, by the brackets around it.
    let limits = Limits { inflated: limits.inflated + 16, ..limits };
    assert_eq!(slow::scan(detectors, kind, limits, &document), Ok(whole));
}
