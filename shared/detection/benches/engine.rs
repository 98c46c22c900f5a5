//! How fast the engine goes through records, by the detectors that are asked, beside the reference evaluator on the
//! same records: `cargo bench --package trailmeter-detection`. The file is not packed, so inflating is no part of it;
//! what that takes `make bench` sets beside the whole.

#![expect(clippy::expect_used, reason = "a bench that cannot begin has nobody to tell")]

use std::sync::LazyLock;

use divan::{Bencher, counter::ItemsCount};
use libdeflater::Decompressor;
use trailmeter_detection::{
    DetectorSet, FileMatches, Memory, Repeats, count, load, pack_names, packaged_files,
};
use trailmeter_logs::{Limits, LogKind};
use trailmeter_testkit::generate::{Corpus, Plan};

const RECORDS: usize = 1000;

/// A file, and the same with a space in each record, which makes it one for the reference evaluator.
static FILES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let plan =
        Plan { files: 1, records_per_file: RECORDS, burst: 8, malformed_per_mille: 0, ..Plan::default() };
    let corpus = Corpus::generate(&plan).expect("the plan can be carried out");
    let packed = &corpus.files.first().expect("a file").body;
    let length = packed.last_chunk().map(|length| u32::from_le_bytes(*length)).expect("a gzip trailer");
    let mut plain = vec![0; length as usize];
    Decompressor::new().gzip_decompress(packed, &mut plain).expect("the file is well-formed");
    let odd = String::from_utf8(plain.clone()).expect("it is text");
    [plain, odd.replace(r#"{"eventVersion""#, r#"{ "eventVersion""#).into_bytes()]
});

fn main() {
    divan::main();
}

fn detectors(packs: &str) -> DetectorSet {
    let packs = if packs == "all" { pack_names() } else { vec![packs] };
    load(&packaged_files(&packs).expect("the packs are there")).expect("they load")
}

fn scan(detectors: &DetectorSet, file: &[u8]) -> FileMatches {
    detectors.scan(LogKind::Events, Limits::default()).read_whole(file).expect("the file is whole")
}

#[divan::bench(args = ["default", "cis", "all"])]
fn engine(bencher: Bencher<'_, '_>, packs: &str) {
    let detectors = detectors(packs);
    bencher.counter(ItemsCount::new(RECORDS)).bench_local(|| scan(&detectors, &FILES[0]));
}

#[divan::bench(args = ["default", "cis", "all"], sample_count = 10)]
fn reference_evaluator(bencher: Bencher<'_, '_>, packs: &str) {
    let detectors = detectors(packs);
    bencher.counter(ItemsCount::new(RECORDS)).bench_local(|| scan(&detectors, &FILES[1]));
}

/// Counting each match once, on a memory that knows none of them.
#[divan::bench(args = ["default", "all"])]
fn counting(bencher: Bencher<'_, '_>, packs: &str) {
    let found = scan(&detectors(packs), &FILES[0]);
    bencher
        .counter(ItemsCount::new(found.hits().len()))
        .with_inputs(|| Memory::new(Repeats::Once, 100_000))
        .bench_local_refs(|memory| count(&found, memory, |_| ()));
}
