//! The scanner as the function and the command use it.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use trailmeter_detection::{DetectorSet, FileMatches};
use trailmeter_logs::{Element, Layout, Limits, LogFileError, LogFileReader, LogKind, RecordSink};

/// Scans a file that arrives in chunks of these sizes, in turn.
pub(super) fn scan(
    detectors: &DetectorSet,
    kind: LogKind,
    limits: Limits,
    mut stored: &[u8],
    chunks: &[usize],
) -> Result<FileMatches, LogFileError> {
    let mut scan = detectors.scan_keeping_ids(kind, limits);
    let mut sizes = chunks.iter().cycle();
    while !stored.is_empty() {
        let size = sizes.next().copied().unwrap_or(usize::MAX).min(stored.len());
        let (chunk, rest) = stored.split_at(size);
        scan.push(chunk)?;
        stored = rest;
    }
    scan.finish()
}

/// The elements of a file's `Records` as the splitter finds them; those that are too large are left out.
pub(super) fn elements(kind: LogKind, limits: Limits, stored: &[u8]) -> Result<Vec<Vec<u8>>, LogFileError> {
    let layout = if kind == LogKind::Aggregated { Layout::DeliveryOrArray } else { Layout::Delivery };
    let mut reader = LogFileReader::new(limits, layout, Elements::default());
    reader.push(stored)?;
    Ok(reader.finish()?.0)
}

#[derive(Default)]
struct Elements(Vec<Vec<u8>>);

impl RecordSink for Elements {
    fn element(&mut self, element: Element<'_>) {
        if let Element::Plain { bytes, .. } | Element::Bytes { bytes, .. } = element {
            self.0.push(bytes.to_vec());
        }
    }
}

/// The file as gzip: one member, or two that part after so many sixteenths of it.
pub(super) fn pack(file: &[u8], sixteenths: usize, is_padded: bool) -> Vec<u8> {
    let (front, back) = file.split_at(file.len() / 16 * sixteenths);
    let mut packed = Vec::new();
    for part in [front, back] {
        // An empty member in front is a member as well; none behind the whole file.
        if !part.is_empty() || packed.is_empty() {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            let written = encoder.write_all(part).and_then(|()| encoder.finish());
            packed.extend(written.unwrap_or_default());
        }
    }
    if is_padded {
        packed.extend([0; 7]);
    }
    packed
}
