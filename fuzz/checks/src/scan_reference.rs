//! The scanner against the obvious slow way: a file in chunks of any size on one side, on the other
//! the whole file inflated, parsed as one document, and each record asked by the reference evaluator.
//!
//! Input: a byte of flags, a byte that says how many bytes follow which are the sizes of the chunks
//! in turn (less one), and which detectors are asked, and then the file. What the flags mean stands at [`Form`].
//!
//! The file is scanned a few times over, so that in the end the shapes of its records are known.
//!
//! The two ways differ on purpose in one thing: outside the records the scanner follows quotes and
//! brackets only, and a record that is no JSON costs itself alone. So a document that the slow way
//! refuses may be read. Then the good records, set into a document of their own, have to come to the
//! same there.

mod differences;
mod fast;
mod slow;

use std::sync::LazyLock;

use trailmeter_detection::{DetectorFile, DetectorSet, Options, load_with, pack_names, packaged_files};
use trailmeter_logs::{Limits, LogKind};

/// Few detectors, of which many inputs a second can be asked.
static FEW: LazyLock<DetectorSet> = LazyLock::new(|| detectors(&["default"]));

/// All there are.
static ALL: LazyLock<DetectorSet> = LazyLock::new(|| detectors(&pack_names()));

/// Packaged detectors, and one that does whatever a detector can do beyond them.
fn detectors(packs: &[&str]) -> DetectorSet {
    let mut files = packaged_files(packs).unwrap_or_default();
    let text = include_str!("scan_reference/detector.yaml").to_owned();
    files.push(DetectorFile { path: "detector.yaml".to_owned(), pack: None, text });
    let loaded = load_with(&files, &Options::default());
    assert!(files.len() > 1 && loaded.is_ok(), "the detectors load: {:?}", loaded.err());
    loaded.unwrap_or_default()
}

/// So often the engine meets a shape before it works out what follows from it, and once more.
const OFTEN: usize = 6;

/// Small, so that inputs of a few kilobytes meet each of them.
const LIMITS: Limits = Limits { inflated: 1 << 15, record: 1 << 11, records: 64, in_memory: 1 << 14 };

/// How the file of an input is delivered.
struct Form<'i> {
    kind: LogKind,
    /// It is packed before it is read, in one member of gzip or two, and zeros may follow.
    packed: Option<(usize, bool)>,
    /// It is inflated piece by piece, small as it is.
    is_streamed: bool,
    /// All detectors are asked.
    asks_all: bool,
    chunks: Vec<usize>,
    file: &'i [u8],
}

impl<'i> Form<'i> {
    fn of(input: &'i [u8]) -> Option<Self> {
        let (&[flags, sizes], rest) = input.split_first_chunk()?;
        let asks_all = sizes & 0x80 != 0;
        let sizes = usize::from(sizes % 8).min(rest.len());
        let (sizes, file) = rest.split_at(sizes);
        let mut chunks: Vec<usize> = sizes.iter().map(|&size| usize::from(size) + 1).collect();
        if chunks.is_empty() {
            chunks.push(usize::MAX);
        }
        Some(Self {
            kind: if flags & 1 == 0 { LogKind::Events } else { LogKind::Aggregated },
            packed: (flags & 2 != 0).then_some((usize::from(flags >> 4), flags & 4 != 0)),
            is_streamed: flags & 8 != 0,
            asks_all,
            chunks,
            file,
        })
    }
}

pub(crate) fn check(input: &[u8]) {
    let Some(form) = Form::of(input) else { return };
    let stored = match form.packed {
        Some((sixteenths, is_padded)) => fast::pack(form.file, sixteenths, is_padded),
        None => form.file.to_vec(),
    };
    let limits = if form.is_streamed { Limits { in_memory: 0, ..LIMITS } } else { LIMITS };
    let detectors = if form.asks_all { &*ALL } else { &*FEW };
    let scan = || fast::scan(detectors, form.kind, limits, &stored, &form.chunks);
    let fast = scan();
    if fast.as_ref().is_ok_and(|found| found.read > 0) {
        for _ in 0..OFTEN {
            assert_eq!(scan(), fast, "the same file once more");
        }
    }
    let slow = slow::scan(detectors, form.kind, LIMITS, &stored);
    differences::judge(detectors, form.kind, LIMITS, &stored, fast, slow);
}
