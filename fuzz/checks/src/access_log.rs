//! Any bytes as an access log: no panic, neither the chunks nor gzip change anything, and the file comes to what its lines
//! come to one by one, each asked by the reference evaluator.
//!
//! Input: a byte that is the size of the chunks less one, then the file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;
use trailmeter_detection::{DetectorSet, FileMatches, Verdict, load, packaged_files};
use trailmeter_logs::{Limits, LogFileError, LogKind, Malformed, Record, access_log};

static DETECTORS: LazyLock<DetectorSet> = LazyLock::new(|| {
    let files = packaged_files(&["default", "s3-access"]).unwrap_or_default();
    let loaded = load(&files);
    assert!(!files.is_empty() && loaded.is_ok(), "the packaged detectors load");
    loaded.unwrap_or_default()
});

const LIMITS: Limits = Limits { inflated: 1 << 15, record: 1 << 10, records: 64, in_memory: 1 << 14 };

pub(crate) fn check(input: &[u8]) {
    let Some((&chunk, bytes)) = input.split_first() else { return };
    let whole = DETECTORS.scan(LogKind::AccessLog, LIMITS).read_whole(bytes);
    let parts = scan(bytes, usize::from(chunk) + 1);
    match (&whole, &parts) {
        (Ok(whole), Ok(parts)) => assert_eq!(whole, parts),
        (Err(_), Err(_)) => {}
        _ => panic!("whole: {whole:?}, in chunks: {parts:?}"),
    }
    let is_plain = bytes.first().is_some_and(|&first| first != 0x1f);
    if let Ok(found) = &whole
        && is_plain
    {
        assert_eq!(sums(found), line_by_line(bytes));
    }
}

fn scan(bytes: &[u8], chunk: usize) -> Result<FileMatches, LogFileError> {
    let mut scan = DETECTORS.scan(LogKind::AccessLog, LIMITS);
    bytes.chunks(chunk).try_for_each(|chunk| scan.push(chunk))?;
    scan.finish()
}

/// What a file comes to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    read: u64,
    unmatched: u64,
    malformed: BTreeMap<Malformed, u64>,
    /// By detector.
    matches: BTreeMap<usize, u64>,
}

fn sums(found: &FileMatches) -> Sums {
    let mut matches = BTreeMap::new();
    for hit in found.hits() {
        *matches.entry(hit.detector).or_default() += 1;
    }
    Sums { read: found.read, unmatched: found.unmatched, malformed: found.malformed.clone(), matches }
}

/// The slow way, which is the judge.
fn line_by_line(file: &[u8]) -> Sums {
    let mut sums = Sums::default();
    for line in file.split(|&byte| byte == b'\n') {
        let record = match () {
            () if line.len() > LIMITS.record => Err(Malformed::TooLarge),
            () if line.is_empty() || line == b"\r" => continue,
            () => access_log::record(line.strip_suffix(b"\r").unwrap_or(line)),
        };
        sums.read += 1;
        match record {
            Ok(record) => sums.ask(record),
            Err(why) => *sums.malformed.entry(why).or_default() += 1,
        }
    }
    sums
}

impl Sums {
    fn ask(&mut self, record: Value) {
        let record = match Record::from_value(record) {
            Ok(record) => record,
            Err(why) => panic!("the record of a line is none: {}", why.reason()),
        };
        let before = self.matches.clone();
        for (at, detector) in DETECTORS.detectors().iter().enumerate() {
            let is_asked = detector.source.takes(LogKind::AccessLog);
            if is_asked && detector.verdict((&record).into()) == Verdict::Match {
                *self.matches.entry(at).or_default() += 1;
            }
        }
        self.unmatched += u64::from(self.matches == before);
    }
}
