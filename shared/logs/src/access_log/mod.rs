//! S3 server access logs: lines of text in, records as CloudTrail would have written them out.
//!
//! A line is split into its fields ([`Line`]), and from them a JSON object is written whose fields have CloudTrail's
//! names and meanings (`record.rs`). From there on a line is a record as any other: the same scanner, the same
//! engine, the same findings. What the line itself said stands unchanged under `accessLog`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html>

mod identity;
mod json;
mod key;
mod line;
mod operation;
mod quoted;
mod record;
mod splitter;
#[cfg(test)]
mod tests;
mod time;

use serde_json::Value;

use crate::record::Malformed;
pub use line::Line;
pub(crate) use splitter::LineSplitter;

/// Reads one line of an access log as a record, as a scan sees it.
///
/// ```
/// let line = r#"79a5 mybucket [06/Feb/2014:00:00:38 +0000] 192.0.2.3 - 3E57427F3EXAMPLE REST.GET.OBJECT a%20b "GET /a%20b HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" -"#;
/// let record = trailmeter_logs::access_log::record(line.as_bytes()).unwrap();
/// assert_eq!(record["eventName"], "GetObject");
/// assert_eq!(record["requestParameters"]["key"], "a b");
/// assert_eq!(record["userIdentity"]["accountId"], "anonymous");
/// ```
pub fn record(line: &[u8]) -> Result<Value, Malformed> {
    let mut json = Vec::new();
    write_record(line, &mut json)?;
    serde_json::from_slice(&json).map_err(|_| Malformed::InvalidJson)
}

/// Whether a file that begins so is an access log: it has an owner, a bucket and a time in brackets. For files whose
/// names say nothing.
pub fn begins_as_one(start: &[u8]) -> bool {
    let line = start.split(|&byte| byte == b'\n').next().unwrap_or(start);
    let mut fields = line.splitn(4, |&byte| byte == b' ').skip(2);
    let day = fields.next().and_then(|day| day.strip_prefix(b"["));
    let rest = fields.next().and_then(|rest| rest.split(|&byte| byte == b']').next());
    let (Some(day), Some(offset)) = (day, rest) else { return false };
    std::str::from_utf8(&[day, b" ", offset].concat()).is_ok_and(time::is_time)
}

/// Writes a line as a record behind what `json` holds.
///
/// Bytes that are no UTF-8 become U+FFFD, as in any record: what a client sends as its name must not hide its request.
pub(crate) fn write_record(line: &[u8], json: &mut Vec<u8>) -> Result<(), Malformed> {
    if let Ok(line) = std::str::from_utf8(line) {
        record::write(&Line::parse(line)?, line, json);
    } else {
        let line = String::from_utf8_lossy(line);
        record::write(&Line::parse(&line)?, &line, json);
    }
    Ok(())
}
