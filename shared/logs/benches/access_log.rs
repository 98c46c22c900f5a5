//! Access logs: lines to records, against doing no more than to look for the ends of lines.

#![expect(clippy::expect_used, reason = "a benchmark that cannot run has nothing to say")]

use divan::Bencher;
use divan::counter::BytesCount;
use trailmeter_logs::{Element, Layout, Limits, LogFileReader, RecordSink};

const LINES: usize = 20_000;

fn main() {
    divan::main();
}

struct Count(u64);

impl RecordSink for Count {
    fn element(&mut self, _: Element<'_>) {
        self.0 += 1;
    }
}

/// A file as a busy bucket makes it: most of a line is the same, ids, keys and sizes are not.
fn file() -> String {
    let owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    let line = |at| {
        format!(
            "{owner} amzn-s3-demo-bucket [06/Feb/2026:00:{:02}:{:02} +0000] 192.0.2.{} \
                 arn:aws:sts::111122223333:assumed-role/deploy/ci-{} {at:016X} REST.GET.OBJECT reports/{at}.csv \
                 \"GET /reports/{at}.csv HTTP/1.1\" 200 - {at} {at} 70 10 \"-\" \"aws-cli/2.0 Python/3.12\" - \
                 s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 \
                 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket.s3.us-west-1.amazonaws.com TLSv1.2 - - \
                 us-west-1\n",
            at / 60 % 60,
            at % 60,
            at % 250,
            at % 7,
        )
    };
    (0..LINES).map(line).collect::<Vec<String>>().concat()
}

#[divan::bench]
fn ends_of_lines(bencher: Bencher<'_, '_>) {
    let file = file();
    let count = || memchr::memchr_iter(b'\n', divan::black_box(file.as_bytes())).count();
    bencher.counter(BytesCount::of_str(&file)).bench(count);
}

#[divan::bench]
fn records(bencher: Bencher<'_, '_>) {
    let file = file();
    bencher.counter(BytesCount::of_str(&file)).bench(|| {
        let reader = LogFileReader::new(Limits::default(), Layout::AccessLog, Count(0));
        let (read, _) = reader.read_whole(divan::black_box(file.as_bytes()));
        assert_eq!(read.expect("every line is one").0, LINES as u64);
    });
}
