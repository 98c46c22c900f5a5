//! Lines that nobody wrote.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::reference;
use super::{FULL, OLD};
use crate::access_log::{Line, write_record};
use crate::scanner::{RecordScanner, Scanned};

/// The fields of the parser in the reference's form.
fn texts(line: &Line<'_>) -> reference::Fields {
    let text = |field: Option<&str>| field.map(str::to_owned);
    let number = |field: Option<u64>| field.map(|number| number.to_string());
    vec![
        text(line.bucket_owner),
        text(line.bucket),
        text(Some(line.time)),
        text(line.remote_ip),
        text(line.requester),
        text(line.request_id),
        text(line.operation),
        text(line.key),
        text(line.request_uri),
        number(line.http_status),
        text(line.error_code),
        number(line.bytes_sent),
        number(line.object_size),
        number(line.total_time),
        number(line.turn_around_time),
        text(line.referer),
        text(line.user_agent),
        text(line.version_id),
        text(line.host_id),
        text(line.signature_version),
        text(line.cipher_suite),
        text(line.authentication_type),
        text(line.host_header),
        text(line.tls_version),
        text(line.access_point_arn),
        text(line.acl_required),
        text(line.source_region),
        text(line.unknown),
    ]
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let found = Line::parse(text).map(|line| texts(&line));
    prop_assert_eq!(&found, &reference::parse(text), "{}", text);
    let mut json = Vec::new();
    let written = write_record(text.as_bytes(), &mut json);
    prop_assert_eq!(written.is_ok(), found.is_ok());
    if written.is_ok() {
        let whole = matches!(
            RecordScanner::new().scan(&json),
            Scanned::Plain { length, depth } if length == json.len() && depth <= 4
        );
        prop_assert!(whole, "{}", String::from_utf8_lossy(&json));
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&json).is_ok());
    }
    Ok(())
}

/// A piece of a line, or what may get in between.
fn piece() -> impl Strategy<Value = String> {
    let known = FULL.split(' ').chain(OLD.split(' ')).map(str::to_owned).collect::<Vec<_>>();
    prop_oneof![
        8 => prop::sample::select(known),
        4 => prop::sample::select(vec!["-", "\"", "\"-\"", "", "200", "\"a", "b\"", "[", "]", "é", "\\", "%2", "SigV2",
            "REST.X", "\t", "\u{7}", "99999999999999999999", "00", "[06/Feb/2026:00:00:38 +0000]"])
            .prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ]
}

/// A line in which some words were taken out, put in or replaced.
fn edited() -> impl Strategy<Value = String> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, piece()), 0..6);
    (prop::sample::select(vec![FULL, OLD]), edits).prop_map(|(line, edits)| {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for (at, how, piece) in edits {
            let at = at.index(words.len());
            match how {
                0 => words[at] = piece,
                1 => words.insert(at, piece),
                _ if words.len() > 1 => drop(words.remove(at)),
                _ => {}
            }
        }
        words.join(" ")
    })
}

/// What a client may send of itself: anything that is one line.
fn said() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![piece(), Just(" ".to_owned()), Just("\" \"".to_owned())], 0..6)
        .prop_map(|pieces| pieces.concat().replace(['\n', '\r'], ""))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn lines_are_split_as_the_slow_way_splits_them(line in edited()) {
        holds(&line)?;
    }

    #[test]
    fn any_text_is_a_line_or_none(line in "\\PC{0,200}") {
        holds(&line)?;
    }

    /// Whoever writes what into the names of page and program: all that S3 says of the request stays.
    #[test]
    fn no_client_changes_what_s3_says(referer in said(), agent in said()) {
        let client = FULL.split_once("\"-\" ").unwrap();
        let behind = client.1.split_once("\" 3HL4").unwrap().1;
        let line = format!("{}\"{referer}\" \"{agent}\" 3HL4{behind}", client.0);
        holds(&line)?;
        let found = Line::parse(&line).unwrap();
        let expected = Line::parse(FULL).unwrap();
        prop_assert_eq!(Line { referer: None, user_agent: None, ..found }, Line { referer: None, user_agent: None, ..expected });
        let both = format!("{referer}\" \"{agent}");
        let known = |text: Option<&str>| text.unwrap_or("-").to_owned();
        prop_assert_eq!(format!("{}\" \"{}", known(found.referer), known(found.user_agent)), both);
    }
}
