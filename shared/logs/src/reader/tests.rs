//! Tables of files, each read whole and in chunks of every size.

mod both_ways;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::splitter::Element;

#[derive(Default)]
struct Collect(Vec<Option<String>>);

impl RecordSink for Collect {
    fn element(&mut self, element: Element<'_>) {
        self.0.push(match element {
            Element::Plain { bytes, .. } | Element::Bytes { bytes, .. } => {
                Some(String::from_utf8_lossy(bytes).into_owned())
            }
            Element::Line { json, .. } => Some(String::from_utf8_lossy(json).into_owned()),
            Element::TooLarge | Element::BadLine { .. } => None,
        });
    }
}

type Outcome = Result<Vec<Option<String>>, (Cause, u64)>;

fn read(stored: &[u8], chunk: usize, limits: Limits, layout: Layout) -> Outcome {
    let mut reader = LogFileReader::new(limits, layout, Collect::default());
    stored
        .chunks(chunk)
        .try_for_each(|part| reader.push(part))
        .and_then(|()| reader.finish())
        .map(|sink| sink.0)
        .map_err(|error| (error.cause, error.offset))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// Reads `stored` in chunks of many sizes; all must agree with `expected`.
fn check(name: &str, stored: &[u8], expected: &Outcome) {
    for chunk in [1, 2, 3, 7, 64, 4096, usize::MAX] {
        assert_eq!(
            &read(stored, chunk, Limits::default(), Layout::Delivery),
            expected,
            "{name}, chunks of {chunk}"
        );
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it builds an expected outcome")]
fn records(elements: &[&str]) -> Outcome {
    Ok(elements.iter().map(|element| Some((*element).to_owned())).collect())
}

#[test]
fn plain_json_gives_its_elements_as_delivered() {
    for (text, elements) in [
        (r#"{"Records":[]}"#, &[][..]),
        (" {\n\t\"Records\" : [ ] } \r\n", &[]),
        (r#"{"Records":[{"a":1},{"b":[{}]}]}"#, &[r#"{"a":1}"#, r#"{"b":[{}]}"#]),
        (
            r#"{"Records":[ {"a":"}]\"{\\"} , null ,7,"x",[1] ]}"#,
            &[r#"{"a":"}]\"{\\"}"#, "null", "7", "\"x\"", "[1]"],
        ),
        (r#"{"x":{"Records":[1]},"Records":[{}],"y":"]}","z":[[],null],"n":-1e3}"#, &["{}"]),
        (r#"{"\u0052ecords":[{}]}"#, &["{}"]),
        ("\u{FEFF}{\"Records\":[{}]}", &["{}"]),
        (r#"{"Records":[{"a":}]}"#, &[r#"{"a":}"#]),
    ] {
        check(text, text.as_bytes(), &records(elements));
        check(text, &gzip(text.as_bytes()), &records(elements));
    }
}

#[test]
fn what_is_no_log_file_is_refused_at_its_place() {
    for (text, cause, offset) in [
        ("hello", Cause::NotJson, 0),
        ("   ", Cause::NotJson, 3),
        ("\0\0\0", Cause::NotJson, 0),
        ("[{}]", Cause::TopLevelNotAnObject, 0),
        ("null", Cause::NotJson, 0),
        ("{}", Cause::NoRecords, 1),
        ("{\"eventName\":\"a\"}\n{\"eventName\":\"b\"}\n", Cause::NoRecords, 16),
        (r#"{"Records":null}"#, Cause::RecordsNotAnArray, 11),
        (r#"{"Records":{}}"#, Cause::RecordsNotAnArray, 11),
        (r#"{"Records":"[]"}"#, Cause::RecordsNotAnArray, 11),
        (r#"{"Records":[],"Records":[]}"#, Cause::RecordsTwice, 22),
        (r#"{"Records":[{"a":1}"#, Cause::TruncatedJson, 19),
        (r#"{"Records":[{"a":"x"#, Cause::TruncatedJson, 19),
        (r#"{"Records":[{}]"#, Cause::TruncatedJson, 15),
        (r#"{"Records":[{}]}{"#, Cause::TrailingData, 16),
        (r#"{"Records":[{},]}"#, Cause::BrokenJson, 15),
        (r#"{"Records":[,{}]}"#, Cause::BrokenJson, 12),
        (r#"{"Records":[{}{}]}"#, Cause::BrokenJson, 14),
        (r#"{"Records" [{}]}"#, Cause::BrokenJson, 11),
        (r"{Records:[{}]}", Cause::BrokenJson, 1),
        (r#"{"a":,"Records":[]}"#, Cause::BrokenJson, 5),
        (r#"{"Records":[],}"#, Cause::BrokenJson, 14),
    ] {
        check(text, text.as_bytes(), &Err((cause, offset)));
        check(text, &gzip(text.as_bytes()), &Err((cause, offset)));
    }
}

#[test]
fn gzip_is_read_member_by_member_to_its_last_byte() {
    let text = br#"{"Records":[{"a":1},{"b":2}]}"#;
    let both = records(&[r#"{"a":1}"#, r#"{"b":2}"#]);
    let whole = gzip(text);
    let members = [gzip(&text[..14]), gzip(&text[14..])].concat();
    check("two members", &members, &both);
    check("an empty member", &[gzip(b""), whole.clone()].concat(), &both);
    check("zero padding", &[&whole[..], &[0; 512]].concat(), &both);
    check(
        "garbage behind",
        &[&whole[..], b"tail"].concat(),
        &Err((Cause::TrailingGarbage, whole.len() as u64)),
    );
    check(
        "garbage behind padding",
        &[&whole[..], b"\0\0tail"].concat(),
        &Err((Cause::TrailingGarbage, whole.len() as u64 + 2)),
    );
    check("empty", b"", &Err((Cause::Empty, 0)));
    for cut in 1..whole.len() {
        let outcome = read(&whole[..cut], 64, Limits::default(), Layout::Delivery);
        assert!(matches!(outcome, Err((Cause::TruncatedGzip, _))), "cut at {cut}: {outcome:?}");
    }
    let mut bad_checksum = whole.clone();
    let crc = bad_checksum.len() - 8;
    bad_checksum[crc] ^= 1;
    let outcome = read(&bad_checksum, 64, Limits::default(), Layout::Delivery);
    assert!(matches!(outcome, Err((Cause::CorruptGzip, _))), "{outcome:?}");
}

#[test]
fn every_flipped_byte_of_a_gzip_file_is_noticed_or_harmless() {
    let text = br#"{"Records":[{"a":1},{"b":2}]}"#;
    let whole = gzip(text);
    // Bytes 4 to 9 of the header are time, flags and system: they are not checked by anything.
    for at in (0..whole.len()).filter(|at| !(4..10).contains(at)) {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            let outcome = read(&flipped, usize::MAX, Limits::default(), Layout::Delivery);
            assert!(
                outcome.is_err() || outcome == records(&[r#"{"a":1}"#, r#"{"b":2}"#]),
                "byte {at}, bit {bit}"
            );
        }
    }
}

#[test]
fn limits_hold_whatever_the_chunks() {
    let limits = Limits { inflated: 64, record: 16, records: 2, ..Limits::default() };
    let small = r#"{"Records":[{"a":"0123456789"},{"b":2}]}"#;
    let large = format!(r#"{{"Records":[{{"a":"{}"}}]}}"#, "x".repeat(64));
    for chunk in [1, 5, 4096] {
        assert_eq!(
            read(small.as_bytes(), chunk, limits, Layout::Delivery),
            Ok(vec![None, Some(r#"{"b":2}"#.to_owned())])
        );
        let many = br#"{"Records":[1,2,3]}"#;
        assert_eq!(read(many, chunk, limits, Layout::Delivery), Err((Cause::TooManyRecords(2), 16)));
        let outcome = read(&gzip(large.as_bytes()), chunk, limits, Layout::Delivery);
        assert!(matches!(outcome, Err((Cause::TooLarge(64), _))), "{outcome:?}");
    }
}

#[test]
fn a_bare_array_is_read_only_where_the_layout_allows_it() {
    let text = br#" [{"a":1},{"b":2}] "#;
    assert_eq!(
        read(text, 3, Limits::default(), Layout::DeliveryOrArray),
        records(&[r#"{"a":1}"#, r#"{"b":2}"#])
    );
    assert_eq!(read(text, 3, Limits::default(), Layout::Delivery), Err((Cause::TopLevelNotAnObject, 1)));
}
