//! Any bytes as a log file: no panic, every element has an outcome, and neither the chunks in which
//! the bytes arrive change anything, nor whether they are inflated in memory or piece by piece.
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

const LIMITS: Limits = Limits { inflated: 1 << 20, record: 1 << 12, records: 1 << 10, in_memory: 1 << 19 };

fn scan(bytes: &[u8], chunk: usize, limits: Limits) -> Result<FileMatches, LogFileError> {
    let mut scan = DETECTORS.scan(LogKind::Aggregated, limits);
    bytes.chunks(chunk).try_for_each(|chunk| scan.push(chunk))?;
    scan.finish()
}

pub(crate) fn check(input: &[u8]) {
    let Some((&chunk, bytes)) = input.split_first() else { return };
    let whole = DETECTORS.scan(LogKind::Aggregated, LIMITS).read_whole(bytes);
    let parts = scan(bytes, usize::from(chunk) + 1, LIMITS);
    agree(&whole, &parts);
    let pieces = scan(bytes, usize::from(chunk) + 1, Limits { in_memory: 0, ..LIMITS });
    match (&whole, &pieces) {
        // libdeflate takes a few codes that zlib calls incomplete, and that nobody writes.
        (Ok(_), Err(error)) if is_of_gzip(error.cause) => {}
        _ => agree(&whole, &pieces),
    }
}

/// Two readings of one file come to the same.
fn agree(whole: &Result<FileMatches, LogFileError>, parts: &Result<FileMatches, LogFileError>) {
    match (whole, parts) {
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
