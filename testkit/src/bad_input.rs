//! Every bad input that the product promises an outcome for, as the bytes of an object.
//!
//! Large ones are small here: a piece is packed once and its packed bytes repeated, so a gibibyte
//! of zeros is made without a gibibyte anywhere.

use std::io::Write;

use anyhow::Result;
use flate2::{Compress, Compression, Crc, FlushCompress, write::GzEncoder};

/// A record that every good neighbour in these files can be: a denied call.
pub const GOOD_RECORD: &str = r#"{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","userName":"alice"},"eventTime":"2026-03-14T09:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeSnapshots","awsRegion":"eu-central-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.17.44","errorCode":"Client.UnauthorizedOperation","errorMessage":"You are not authorized to perform this operation.","requestParameters":null,"responseElements":null,"requestID":"5a2d3b0e-0000-4000-8000-000000000001","eventID":"5a2d3b0e-0000-4000-8000-000000000002","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}"#;

const MIB: usize = 1024 * 1024;

/// A bad input: its name in tables of tests, and its bytes.
#[derive(Debug, Clone)]
pub struct BadInput {
    /// In kebab-case.
    pub name: &'static str,
    /// The object's bytes.
    pub body: Vec<u8>,
}

type Maker = fn() -> Result<Vec<u8>>;

/// All of them, in the order in which the product's promises name them.
pub fn all() -> Result<Vec<BadInput>> {
    let makers: &[(&'static str, Maker)] = &[
        ("not-gzip", || Ok(not_gzip())),
        ("truncated-gzip", truncated_gzip),
        ("trailing-garbage", trailing_garbage),
        ("multi-member", multi_member),
        ("empty-object", || Ok(Vec::new())),
        ("gzip-bomb", gzip_bomb),
        ("json-cut-off", json_cut_off),
        ("lone-array", lone_array),
        ("ndjson", ndjson),
        ("byte-order-mark", byte_order_mark),
        ("invalid-utf-8", invalid_utf_8),
        ("nested-100000-deep", || nested(100_000)),
        ("string-of-200-mb", || long_string(200 * MIB)),
        ("duplicate-keys", duplicate_keys),
        ("records-null", || gzip(br#"{"Records":null}"#)),
        ("records-missing", || gzip(br#"{"records":[],"Record":[]}"#)),
        ("records-not-an-array", || gzip(br#"{"Records":{"eventName":"ConsoleLogin"}}"#)),
        ("records-empty", || gzip(br#"{"Records":[]}"#)),
        ("record-null", || with_record("null")),
        ("record-number", || with_record("42")),
        ("record-array", || with_record("[{}]")),
        ("record-string", || with_record(r#""ConsoleLogin""#)),
        ("user-identity-a-string", || {
            with_record(&changed(
                r#""userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","userName":"alice"}"#,
                r#""userIdentity":"alice""#,
            ))
        }),
        ("event-time-absent", || with_record(&changed(r#""eventTime":"2026-03-14T09:00:00Z","#, ""))),
        ("event-time-odd", || {
            with_record(&changed(r#""2026-03-14T09:00:00Z""#, r#""14 March, nine o'clock""#))
        }),
        ("event-time-a-number", || with_record(&changed(r#""2026-03-14T09:00:00Z""#, "1773478800"))),
        ("event-time-beyond-the-calendar", || {
            with_record(&changed("2026-03-14T09:00:00Z", "9999-99-99T99:99:99Z"))
        }),
    ];
    makers.iter().map(|(name, make)| Ok(BadInput { name, body: make()? })).collect()
}

/// A good file of so many records that differ only in their `eventID`.
pub fn good_file(records: usize) -> Result<Vec<u8>> {
    let records: Vec<String> = (0..records).map(good_record).collect();
    gzip(format!(r#"{{"Records":[{}]}}"#, records.join(",")).as_bytes())
}

/// [`GOOD_RECORD`] with an `eventID` of its own.
pub fn good_record(number: usize) -> String {
    GOOD_RECORD.replace("-000000000002", &format!("-{:012}", number + 2))
}

/// A page of HTML, as a proxy would put in the place of a file.
pub fn not_gzip() -> Vec<u8> {
    b"<html><body>403 Forbidden</body></html>".to_vec()
}

/// The first half of a file.
pub fn truncated_gzip() -> Result<Vec<u8>> {
    let whole = good_file(50)?;
    Ok(whole[..whole.len() / 2].to_vec())
}

/// A whole member with bytes behind it that begin none.
pub fn trailing_garbage() -> Result<Vec<u8>> {
    let mut body = good_file(2)?;
    body.extend_from_slice(b"\0\0and more");
    Ok(body)
}

/// Two members, cut in the middle of a record: together they are a good file of two records.
pub fn multi_member() -> Result<Vec<u8>> {
    let text = format!(r#"{{"Records":[{},{}]}}"#, good_record(0), good_record(1));
    let (front, back) = text.split_at(text.len() / 3);
    Ok([gzip(front.as_bytes())?, gzip(back.as_bytes())?].concat())
}

/// A gibibyte of zeros in about a megabyte.
pub fn gzip_bomb() -> Result<Vec<u8>> {
    repeated(b"", &vec![0; MIB], 1024, b"")
}

/// A whole record, then the middle of the next, and the file ends; the gzip is whole.
pub fn json_cut_off() -> Result<Vec<u8>> {
    let text = format!(r#"{{"Records":[{},{}"#, good_record(0), good_record(1));
    gzip(&text.as_bytes()[..text.len() - 40])
}

/// The records without the object around them.
pub fn lone_array() -> Result<Vec<u8>> {
    gzip(format!("[{}]", good_record(0)).as_bytes())
}

/// A record on each line.
pub fn ndjson() -> Result<Vec<u8>> {
    gzip(format!("{}\n{}\n", good_record(0), good_record(1)).as_bytes())
}

/// A good file behind a byte order mark.
pub fn byte_order_mark() -> Result<Vec<u8>> {
    let text = format!("\u{feff}{{\"Records\":[{}]}}", good_record(0));
    gzip(text.as_bytes())
}

/// A byte within a string that no UTF-8 has, in the second of three records.
pub fn invalid_utf_8() -> Result<Vec<u8>> {
    let bad = good_record(1).replace("aws-cli", "aws-\u{1}cli");
    let mut text = format!(r#"{{"Records":[{},{bad},{}]}}"#, good_record(0), good_record(2)).into_bytes();
    for byte in &mut text {
        if *byte == 1 {
            *byte = 0xFF;
        }
    }
    gzip(&text)
}

/// Arrays within arrays in a field of the second of three records.
pub fn nested(depth: usize) -> Result<Vec<u8>> {
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let bad =
        good_record(1).replace(r#""requestParameters":null"#, &format!(r#""requestParameters":{deep}"#));
    gzip(format!(r#"{{"Records":[{},{bad},{}]}}"#, good_record(0), good_record(2)).as_bytes())
}

/// A string of so many bytes, in whole MiB, in the second of three records. Packed it is small.
pub fn long_string(bytes: usize) -> Result<Vec<u8>> {
    let head = format!(r#"{{"Records":[{},"#, good_record(0));
    let bad = good_record(1);
    let (before, after) = bad.split_once("aws-cli").unwrap_or((&bad, ""));
    let tail = format!("{after},{}]}}", good_record(2));
    repeated(format!("{head}{before}").as_bytes(), &vec![b'a'; MIB], bytes / MIB, tail.as_bytes())
}

/// The error code twice, denied last, and `Records` twice, the second one empty.
pub fn duplicate_keys() -> Result<Vec<u8>> {
    let twice = GOOD_RECORD.replace(r#""errorCode""#, r#""errorCode":"ThrottlingException","errorCode""#);
    gzip(format!(r#"{{"Records":[{twice}],"Records":[]}}"#).as_bytes())
}

/// A file whose second of three records is this text.
pub fn with_record(record: &str) -> Result<Vec<u8>> {
    gzip(format!(r#"{{"Records":[{},{record},{}]}}"#, good_record(0), good_record(2)).as_bytes())
}

/// Packs bytes as one gzip member.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn changed(from: &str, to: &str) -> String {
    good_record(1).replace(from, to)
}

/// One gzip member that inflates to `head`, `times` times `piece`, and `tail`.
///
/// A full flush ends on a byte and refers to nothing before it, so what a piece packs to can stand
/// there any number of times. Only the checksum has to be taken along.
fn repeated(head: &[u8], piece: &[u8], times: usize, tail: &[u8]) -> Result<Vec<u8>> {
    // Magic, deflate, no flags, no time, no extra flags, no system.
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];
    let packed = deflate(piece, FlushCompress::Full)?;
    out.extend(deflate(head, FlushCompress::Full)?);
    for _ in 0..times {
        out.extend_from_slice(&packed);
    }
    out.extend(deflate(tail, FlushCompress::Finish)?);
    let crc_of = |bytes: &[u8]| {
        let mut crc = Crc::new();
        crc.update(bytes);
        crc
    };
    let (mut crc, of_piece) = (crc_of(head), crc_of(piece));
    for _ in 0..times {
        crc.combine(&of_piece);
    }
    crc.combine(&crc_of(tail));
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&crc.amount().to_le_bytes());
    Ok(out)
}

fn deflate(bytes: &[u8], flush: FlushCompress) -> Result<Vec<u8>> {
    let mut compress = Compress::new(Compression::best(), false);
    // Room for the worst case: deflate never grows by more than a few bytes in a thousand.
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 100 + 1024);
    compress.compress_vec(bytes, &mut out, flush)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{MIB, all, good_file, gzip_bomb, long_string, multi_member};
    use anyhow::Result;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use std::io::Read;

    #[expect(clippy::disallowed_types, reason = "these bytes are ours, and whole files are wanted")]
    fn inflated(bytes: &[u8]) -> impl Read {
        flate2::read::MultiGzDecoder::new(bytes)
    }

    fn inflate(bytes: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        inflated(bytes).read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn names_differ_and_fixtures_stay_small() -> Result<()> {
        let all = all()?;
        let names: BTreeSet<_> = all.iter().map(|input| input.name).collect();
        assert_eq!(names.len(), all.len());
        for input in &all {
            assert!(input.body.len() < 4 * MIB, "{} has {} bytes", input.name, input.body.len());
        }
        Ok(())
    }

    #[test]
    fn large_ones_inflate_to_what_they_promise() -> Result<()> {
        let text = inflate(&long_string(3 * MIB)?)?;
        let whole: Value = serde_json::from_slice(&text)?;
        assert_eq!(whole["Records"][1]["userAgent"].as_str().map(str::len), Some(3 * MIB + "/2.17.44".len()));
        assert_eq!(whole["Records"].as_array().map(Vec::len), Some(3));
        // The checksum and size in the trailer of the bomb hold as well, byte for byte.
        let bomb = gzip_bomb()?;
        let size = std::io::copy(&mut inflated(&bomb), &mut std::io::sink())?;
        assert_eq!(size, 1 << 30);
        Ok(())
    }

    #[test]
    fn good_neighbours_are_good() -> Result<()> {
        let of_file: Value = serde_json::from_slice(&inflate(&good_file(3)?)?)?;
        let of_members: Value = serde_json::from_slice(&inflate(&multi_member()?)?)?;
        let ids: BTreeSet<_> =
            of_file["Records"].as_array().into_iter().flatten().map(|r| r["eventID"].to_string()).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(of_members["Records"].as_array().map(Vec::len), Some(2));
        Ok(())
    }

    #[test]
    fn those_that_are_json_change_what_they_say() -> Result<()> {
        let by_name = |name: &str| -> Result<Value> {
            let all = all()?;
            let found = all.iter().find(|input| input.name == name).map(|input| inflate(&input.body));
            Ok(serde_json::from_slice(&found.unwrap_or_else(|| Ok(Vec::new()))?)?)
        };
        assert!(by_name("user-identity-a-string")?["Records"][1]["userIdentity"].is_string());
        assert!(by_name("event-time-absent")?["Records"][1].get("eventTime").is_none());
        assert!(by_name("event-time-a-number")?["Records"][1]["eventTime"].is_number());
        assert_eq!(by_name("event-time-odd")?["Records"][1]["eventTime"], "14 March, nine o'clock");
        assert!(by_name("record-null")?["Records"][1].is_null());
        Ok(())
    }
}
