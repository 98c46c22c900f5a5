//! Every bad input, through the function and through the command: the same outcome from both, no
//! panic, no neighbour lost, no memory beyond the bound and no log content in a log line.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use trailmeter_testkit::bad_input::{self, GOOD_RECORD, good_record, gzip};

use crate::command::Scan;
use crate::counts::Counts;
use crate::messages::{back, batch, s3};
use crate::support::{World, key, log_since};

/// The function's memory in the smallest deployment that the template allows.
const MEMORY_BYTES: u64 = 256 * 1024 * 1024;

/// Words of the files; none may stand in a log line or on standard error.
const CONTENT: [&str; 9] = [
    "alice",
    "AIDAEXAMPLE",
    "DescribeSnapshots",
    "UnauthorizedOperation",
    "198.51.100.7",
    "aws-cli",
    "403 Forbidden",
    "5a2d3b0e",
    "nine o'clock",
];

/// What a file comes to.
enum Outcome {
    /// It fails: the reason, and how the error ends. Nothing of it counts.
    Fails(&'static str, At),
    /// It is read: records that count, and the reason of the one that is malformed, if there is.
    Reads(u64, Option<&'static str>),
}
use Outcome::{Fails, Reads};

/// Where a file's error is.
enum At {
    /// At this byte of what was stored.
    Stored(u64),
    /// At the end of what was stored.
    StoredEnd,
    /// At this byte of what the file inflates to.
    Inflated(u64),
    /// Somewhere in it that no arithmetic here tells.
    Somewhere,
}
use At::{Inflated, Somewhere, Stored, StoredEnd};

const ROWS: &[(&str, Outcome)] = &[
    ("not-gzip", Fails("not-json", Inflated(0))),
    ("truncated-gzip", Fails("truncated-gzip", StoredEnd)),
    ("trailing-garbage", Fails("trailing-data", Somewhere)),
    ("multi-member", Reads(2, None)),
    ("empty-object", Fails("empty", Stored(0))),
    // The first zero already is no JSON: a bomb has to look like a log file to go off.
    ("gzip-bomb", Fails("not-json", Inflated(0))),
    ("json-cut-off", Fails("truncated-json", Somewhere)),
    ("lone-array", Fails("not-cloudtrail", Inflated(0))),
    ("ndjson", Fails("not-cloudtrail", Somewhere)),
    ("byte-order-mark", Reads(1, None)),
    ("invalid-utf-8", Reads(3, None)),
    ("nested-100000-deep", Reads(2, Some("too-deep"))),
    ("string-of-200-mb", Reads(2, Some("too-large"))),
    // `Records` twice; a key twice in a record is a row of its own below.
    ("duplicate-keys", Fails("not-cloudtrail", Somewhere)),
    ("records-null", Fails("not-cloudtrail", Somewhere)),
    ("records-missing", Fails("not-cloudtrail", Somewhere)),
    ("records-not-an-array", Fails("not-cloudtrail", Somewhere)),
    ("records-empty", Reads(0, None)),
    ("record-null", Reads(2, Some("not-an-object"))),
    ("record-number", Reads(2, Some("not-an-object"))),
    ("record-array", Reads(2, Some("not-an-object"))),
    ("record-string", Reads(2, Some("not-an-object"))),
    ("user-identity-a-string", Reads(2, Some("wrong-type"))),
    ("event-time-absent", Reads(3, None)),
    ("event-time-odd", Reads(3, None)),
    ("event-time-a-number", Reads(3, None)),
    ("event-time-beyond-the-calendar", Reads(3, None)),
    // The last of two keys counts: a denied call.
    ("key-twice-in-a-record", Reads(3, None)),
    // A bomb that does look like a log file goes off at the cap of 512 MiB.
    ("string-of-1-gib", Fails("too-large", Somewhere)),
];

struct Case {
    name: &'static str,
    body: Vec<u8>,
    outcome: &'static Outcome,
}

/// The rows with their bytes; an input without a row, or a row without an input, is an error.
fn cases() -> Result<Vec<Case>> {
    let mut inputs = bad_input::all()?;
    let twice = good_record(1).replace(r#""errorCode""#, r#""errorCode":"ThrottlingException","errorCode""#);
    for (name, body) in [
        ("key-twice-in-a-record", bad_input::with_record(&twice)?),
        ("string-of-1-gib", bad_input::long_string(1 << 30)?),
    ] {
        inputs.push(bad_input::BadInput { name, body });
    }
    let names: BTreeSet<_> = inputs.iter().map(|input| input.name).collect();
    ensure!(names == ROWS.iter().map(|row| row.0).collect(), "rows and inputs differ: {names:?}");
    let case = |input: bad_input::BadInput| {
        let row = ROWS.iter().find(|row| row.0 == input.name).context("a row for each input")?;
        Ok(Case { name: input.name, body: input.body, outcome: &row.1 })
    };
    inputs.into_iter().map(case).collect()
}

/// How the error of a file ends.
fn place(at: &At, body: &[u8]) -> String {
    match at {
        Stored(byte) => format!("(at byte {byte} of the object as stored)"),
        StoredEnd => format!("(at byte {} of the object as stored)", body.len()),
        Inflated(byte) => format!("(at byte {byte} of the inflated file)"),
        Somewhere => "(at byte ".to_owned(),
    }
}

/// Three denied calls that are none of the bad files' own.
fn neighbour() -> Result<Vec<u8>> {
    let records: Vec<String> = (100..103).map(good_record).collect();
    gzip(format!(r#"{{"Records":[{}]}}"#, records.join(",")).as_bytes())
}

fn expected(outcome: &Outcome) -> Counts {
    let mut counts = Counts::default();
    counts.add("ObjectsIn", 2);
    let (matched, malformed) = match outcome {
        Fails(reason, _) => {
            counts.add_reason("ObjectsFailed", reason, 1);
            (0, None)
        }
        Reads(matched, malformed) => {
            counts.add("ObjectsRead", 1);
            (*matched, *malformed)
        }
    };
    counts.add("ObjectsRead", 1);
    counts.add("RecordsRead", 3 + matched + u64::from(malformed.is_some()));
    counts.add("RecordsMatched", 3 + matched);
    counts.add("AccessDenied", 3 + matched);
    if let Some(reason) = malformed {
        counts.add_reason("RecordsMalformed", reason, 1);
    }
    counts
}

/// The one line about an object names bucket, key, reason and place.
fn line_about(lines: &[String], parts: &[&str]) -> Result<()> {
    let about: Vec<&String> = lines.iter().filter(|line| line.contains("object failed")).collect();
    ensure!(about.len() == 1, "one line about the object, not {about:?}");
    for part in parts {
        ensure!(about[0].contains(part), "{part} is not in {}", about[0]);
    }
    Ok(())
}

#[tokio::test]
async fn each_has_its_outcome_and_leaves_its_neighbour_alone() -> Result<()> {
    let world = World::new("bad").await?;
    let good = key("good");
    world.put(&good, &neighbour()?).await?;
    // One process for all of them: what one leaves behind, the next one meets.
    let function = world.start(&[])?;
    for case in cases()? {
        world.cloudwatch.clear();
        let seen = function.logs().len();
        let bad = key(case.name);
        world.put(&bad, &case.body).await?;
        let event = batch(&[("bad", s3(&world.bucket, &bad)), ("good", s3(&world.bucket, &good))]);
        let answer = function.invoke(&event)?.response().context(case.name)?;
        let lines = log_since(&function, seen).await?;
        assert_eq!(Counts::of(&world.cloudwatch)?, expected(case.outcome), "{}", case.name);
        if let Fails(reason, at) = case.outcome {
            assert_eq!(answer, back(&["bad"]), "{}", case.name);
            let place = place(at, &case.body);
            line_about(&lines, &[&world.bucket, &bad, reason, &place]).context(case.name)?;
        } else {
            assert_eq!(answer, back(&[]), "{}", case.name);
        }
        // Findings are what quotes the log, and only those of the good neighbour.
        let mut others = lines.iter().filter(|line| !line.starts_with("{\"type\":\"trailmeter.finding\""));
        let content = others.find(|line| CONTENT.iter().any(|word| line.contains(word)));
        assert_eq!(content, None, "{}", case.name);
        let peak = function.peak_resident_bytes()?;
        assert!(peak < MEMORY_BYTES, "{} took {peak} bytes", case.name);
    }
    Ok(())
}

#[test]
fn the_command_says_the_same_of_each() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for case in cases()? {
        let path = folder.path().join(format!("111122223333_CloudTrail_us-east-1_{}.json.gz", case.name));
        std::fs::write(&path, &case.body)?;
        let run = Scan::of(&[&path]).run()?;
        let found = run.json().context(case.name)?;
        let (status, failed, matched, malformed) = match case.outcome {
            Fails(reason, _) => (3, json!({ *reason: 1 }), 0, json!({})),
            Reads(matched, None) => (0, json!({}), *matched, json!({})),
            Reads(matched, Some(reason)) => (0, json!({}), *matched, json!({ *reason: 1 })),
        };
        assert_eq!(run.status, Some(status), "{}: {}", case.name, run.stderr);
        assert_eq!(found["objects"]["failed"], failed, "{}", case.name);
        assert_eq!(found["objects"]["read"], u64::from(status == 0), "{}", case.name);
        assert_eq!(found["malformed"], malformed, "{}", case.name);
        assert_eq!(found["records"]["matched"], matched, "{}", case.name);
        assert_eq!(found["detectors"]["AccessDenied"]["matches"], matched, "{}", case.name);
        if let Fails(reason, at) = case.outcome {
            let line = &run.stderr;
            assert!(line.contains(&path.display().to_string()) && line.contains(reason), "{line}");
            assert!(line.contains(&place(at, &case.body)), "{line}");
        }
        assert!(!CONTENT.iter().any(|word| run.stderr.contains(word)), "{}: {}", case.name, run.stderr);
    }
    Ok(())
}

/// Words that are no longer in the files could not be found in a log line either.
#[test]
fn the_words_looked_for_are_in_the_files() {
    let files = [GOOD_RECORD.to_owned(), String::from_utf8_lossy(&bad_input::not_gzip()).into_owned()];
    for word in CONTENT.iter().filter(|word| **word != "nine o'clock") {
        assert!(files.iter().any(|text| text.contains(word)), "{word}");
    }
}
