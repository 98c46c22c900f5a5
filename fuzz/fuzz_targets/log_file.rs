//! Any bytes as a log file: no panic, every element has an outcome, and the chunks in which the
//! bytes arrive change nothing.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use trailmeter_detection::{DetectorSet, FileMatches, Memory, Repeats, count, load, packaged_files};
use trailmeter_logs::{Limits, LogFileError, LogKind};

static DETECTORS: LazyLock<DetectorSet> =
    LazyLock::new(|| load(&packaged_files(&["default"]).expect("there is a default pack")).expect("the packaged detectors load"));

const LIMITS: Limits = Limits { inflated: 1 << 20, record: 1 << 12, records: 1 << 10 };

fn scan(bytes: &[u8], chunk: usize) -> Result<FileMatches, LogFileError> {
    let mut scan = DETECTORS.scan(LogKind::Aggregated, LIMITS);
    bytes.chunks(chunk).try_for_each(|chunk| scan.push(chunk))?;
    scan.finish()
}

fuzz_target!(|input: (u8, &[u8])| {
    let (chunk, bytes) = input;
    let whole = scan(bytes, usize::MAX);
    let parts = scan(bytes, usize::from(chunk) + 1);
    match (&whole, &parts) {
        (Ok(whole), Ok(parts)) => {
            assert_eq!(whole, parts);
            let counts = count(whole, &mut Memory::new(Repeats::Once, 8), |_| {});
            assert!(counts.records.balance());
        }
        (Err(whole), Err(parts)) => assert_eq!(whole.cause.reason(), parts.cause.reason()),
        _ => panic!("whole: {whole:?}, in chunks: {parts:?}"),
    }
});
