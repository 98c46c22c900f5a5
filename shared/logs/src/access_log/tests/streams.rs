//! Files of lines, in pieces of any size.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{FULL, OLD};
use crate::error::Cause;
use crate::record::Malformed;
use crate::{Element, Layout, Limits, LogFileError, LogFileReader, RecordSink};

/// Lines by what became of them: the length of a good one, or why a bad one is bad and where it is.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
struct Lines(Vec<Result<u64, (Malformed, u64)>>);

impl RecordSink for Lines {
    fn element(&mut self, element: Element<'_>) {
        self.0.push(match element {
            Element::Line { length, .. } => Ok(length),
            Element::BadLine { why, offset, .. } => Err((why, offset)),
            other => panic!("no line: {other:?}"),
        });
    }
}

fn reader(limits: Limits) -> LogFileReader<Lines> {
    LogFileReader::new(limits, Layout::AccessLog, Lines::default())
}

fn read(file: &[u8], chunk: usize) -> Result<Lines, LogFileError> {
    let mut reader = reader(Limits { record: 2000, ..Limits::default() });
    for chunk in file.chunks(chunk) {
        reader.push(chunk)?;
    }
    reader.finish()
}

fn gzip(file: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(file).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn lines_are_the_same_in_chunks_of_any_size() {
    let long = "x".repeat(2001);
    let file = format!("{FULL}\nbad\n{OLD}\r\n\n{long}\n{FULL}");
    let (full, old) = (FULL.len() as u64, OLD.len() as u64);
    let long_at = full + 1 + 4 + old + 2 + 1;
    let expected = Lines(vec![
        Ok(full),
        Err((Malformed::TooFewFields, full + 1)),
        Ok(old + 1),
        Err((Malformed::TooLarge, long_at)),
        Ok(full),
    ]);
    for chunk in [1, 2, 3, 7, 64, 1000, 1 << 20] {
        assert_eq!(read(file.as_bytes(), chunk).unwrap(), expected, "{chunk}");
        assert_eq!(read(&gzip(file.as_bytes()), chunk).unwrap(), expected, "gzip, {chunk}");
    }
    let (whole, _) = reader(Limits { record: 2000, ..Limits::default() }).read_whole(file.as_bytes());
    assert_eq!(whole.unwrap(), expected);
    let ended = read(format!("{file}\n").as_bytes(), 5).unwrap();
    assert_eq!(ended, expected, "a line break at the end is no line");
}

#[test]
fn a_hundred_megabytes_without_a_line_break_are_one_bad_line() {
    let chunk = vec![b'x'; 1 << 20];
    let mut reader = reader(Limits::default());
    reader.push(FULL.as_bytes()).unwrap();
    reader.push(b"\n").unwrap();
    for _ in 0..100 {
        reader.push(&chunk).unwrap();
        assert!(reader.held() <= 2 * Limits::default().record, "{} bytes are held", reader.held());
    }
    assert_eq!(reader.held(), 0, "nothing of a line that is too large is kept");
    reader.push(b"\n").unwrap();
    reader.push(OLD.as_bytes()).unwrap();
    let (full, old) = (FULL.len() as u64, OLD.len() as u64);
    assert_eq!(reader.finish().unwrap().0, [Ok(full), Err((Malformed::TooLarge, full + 1)), Ok(old)]);
}

#[test]
fn files_are_refused_as_a_whole_for_what_they_take() {
    let file = format!("{OLD}\n{OLD}\n{OLD}\n");
    for (limits, cause) in [
        (Limits { records: 2, ..Limits::default() }, Cause::TooManyRecords(2)),
        (Limits { inflated: 300, ..Limits::default() }, Cause::TooLarge(300)),
    ] {
        let (read, _) = reader(limits).read_whole(file.as_bytes());
        assert_eq!(read.unwrap_err().cause, cause);
    }
    let (empty, _) = reader(Limits::default()).read_whole(b"");
    assert_eq!(empty.unwrap_err().cause, Cause::Empty);
    assert_eq!(reader(Limits::default()).finish().unwrap_err().cause, Cause::Empty);
    let gzipped = gzip(file.as_bytes());
    assert_eq!(read(&gzipped[..gzipped.len() - 3], 10).unwrap_err().cause, Cause::TruncatedGzip);
}

#[test]
fn a_log_about_its_own_bucket_is_refused() {
    let file = format!("{FULL}\n{OLD}\n");
    for (bucket, refused_at) in [
        ("amzn-s3-demo-bucket", Some(0)),
        ("mybucket", Some(FULL.len() as u64 + 1)),
        ("amzn-s3-demo", None),
        ("REST.GET.OBJECT", None),
    ] {
        let (read, _) = reader(Limits::default()).refusing(bucket).read_whole(file.as_bytes());
        let refused = read.err().map(|error| (error.cause, error.offset));
        assert_eq!(refused, refused_at.map(|at| (Cause::LogsItself, at)), "{bucket}");
    }
}
