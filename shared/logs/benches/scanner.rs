//! How fast records are scanned, by backend, beside what inflating the same bytes takes: `cargo bench
//! --package trailmeter-logs`. The files are inflated once more before each scan, outside of what is measured,
//! so that the bytes are where they would be.

#![expect(clippy::expect_used, reason = "a bench that cannot begin has nobody to tell")]

use std::hint::black_box;
use std::sync::LazyLock;

use divan::{Bencher, counter::BytesCount};
use libdeflater::Decompressor;
use trailmeter_logs::{Backend, RecordScanner, Scanned};
use trailmeter_testkit::generate::{Corpus, Plan};

/// A file as it is stored, and its length when inflated.
static FILE: LazyLock<(Vec<u8>, usize)> = LazyLock::new(|| {
    let plan = Plan { files: 1, records_per_file: 1000, burst: 8, malformed_per_mille: 0, ..Plan::default() };
    let corpus = Corpus::generate(&plan).expect("the plan can be carried out");
    let stored = corpus.files.into_iter().next().expect("a file").body;
    let length = stored.last_chunk().map(|length| u32::from_le_bytes(*length)).expect("a gzip trailer");
    (stored, length as usize)
});

fn main() {
    divan::main();
}

fn inflate(inflated: &mut [u8]) {
    let length = Decompressor::new().gzip_decompress(&FILE.0, inflated).expect("the file is well-formed");
    assert_eq!(length, inflated.len());
}

#[divan::bench]
fn inflate_only(bencher: Bencher<'_, '_>) {
    let mut inflated = vec![0; FILE.1];
    bencher.counter(BytesCount::new(FILE.1)).bench_local(|| inflate(black_box(&mut inflated)));
}

#[divan::bench]
fn look_at_each_byte(bencher: Bencher<'_, '_>) {
    let mut inflated = vec![0; FILE.1];
    inflate(&mut inflated);
    // No byte is that, so that all are looked at.
    bencher.counter(BytesCount::new(FILE.1)).bench_local(|| memchr::memchr(0, black_box(&inflated)));
}

#[divan::bench(args = [Backend::Avx512, Backend::Avx2, Backend::Sse2, Backend::Neon, Backend::Bytewise])]
fn scan(bencher: Bencher<'_, '_>, backend: Backend) {
    let Some(mut scanner) = RecordScanner::with_backend(backend) else { return };
    bencher
        .counter(BytesCount::new(FILE.1))
        .with_inputs(|| {
            let mut inflated = vec![0; FILE.1];
            inflate(&mut inflated);
            inflated
        })
        .bench_local_refs(|inflated| {
            let mut at = br#"{"Records":["#.len();
            let mut members = 0;
            while let Scanned::Plain { length, .. } = scanner.scan(&inflated[at..]) {
                members += scanner.members().len();
                at += length + 1;
            }
            assert_eq!(inflated.get(at - 1..), Some(&b"]}"[..]));
            members
        });
}
