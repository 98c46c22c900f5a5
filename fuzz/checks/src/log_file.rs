//! Any bytes as a log file: no panic, every element has an outcome, and the chunks in which the
//! bytes arrive change nothing.
//!
//! Input: a byte that is the size of the chunks less one, then the file.

use std::sync::LazyLock;

use trailmeter_detection::{DetectorSet, FileMatches, Memory, Repeats, count, load, packaged_files};
use trailmeter_logs::{Cause, Limits, LogFileError, LogKind};

static DETECTORS: LazyLock<DetectorSet> = LazyLock::new(|| {
    let files = packaged_files(&["default"]).unwrap_or_default();
    let loaded = load(&files);
    assert!(!files.is_empty() && loaded.is_ok(), "the packaged detectors load");
    loaded.unwrap_or_default()
});

const LIMITS: Limits = Limits { inflated: 1 << 20, record: 1 << 12, records: 1 << 10 };

fn scan(bytes: &[u8], chunk: usize) -> Result<FileMatches, LogFileError> {
    let mut scan = DETECTORS.scan(LogKind::Aggregated, LIMITS);
    bytes.chunks(chunk).try_for_each(|chunk| scan.push(chunk))?;
    scan.finish()
}

pub(crate) fn check(input: &[u8]) {
    let Some((&chunk, bytes)) = input.split_first() else { return };
    let whole = scan(bytes, usize::MAX);
    let parts = scan(bytes, usize::from(chunk) + 1);
    match (&whole, &parts) {
        (Ok(whole), Ok(parts)) => {
            assert_eq!(whole, parts);
            let counts = count(whole, &mut Memory::new(Repeats::Once, 8), |_| {});
            assert!(counts.records.balance());
        }
        // Where both the gzip and what is in it are broken, the chunks decide which of them is met first.
        (Err(whole), Err(parts)) if is_of_gzip(whole.cause) || is_of_gzip(parts.cause) => {}
        (Err(whole), Err(parts)) => assert_eq!(whole.cause.reason(), parts.cause.reason()),
        _ => panic!("whole: {whole:?}, in chunks: {parts:?}"),
    }
}

fn is_of_gzip(cause: Cause) -> bool {
    matches!(cause, Cause::CorruptGzip | Cause::TruncatedGzip)
}
