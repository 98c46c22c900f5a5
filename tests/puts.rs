//! Metrics that CloudWatch takes, refuses or loses. What was taken for sure counts once; what may
//! have been taken comes back and is reported; what was not taken comes back and is not.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use trailmeter_testkit::bad_input::{good_file, good_record, gzip};
use trailmeter_testkit::runtime_api::Function;
use trailmeter_testkit::strict_cloudwatch::Act::{self, Accept, HangUp, StoreAndHangUp, StoreAndSilence};

use crate::counts::Counts;
use crate::messages::{back, batch, s3};
use crate::support::{World, key};

/// Records in the file of the small tests, and so matches at stake.
const SMALL: u64 = 7;
/// Records a minute apart: with event times each has a datum, too many for one request.
const LARGE: u64 = 1500;

fn answered(status: u16, code: &str) -> Act {
    Act::Answer { status, code: code.to_owned() }
}

/// How the requests of one invocation fare, and what comes of it.
struct Row {
    about: &'static str,
    acts: Vec<Act>,
    /// Requests that CloudWatch sees in this invocation.
    requests: usize,
    /// Whether the message comes back.
    back: bool,
    /// Matches that CloudWatch has afterwards.
    stored: u64,
    /// What the next invocation reports as counted maybe twice.
    maybe_twice: u64,
}

const fn row(
    about: &'static str,
    acts: Vec<Act>,
    requests: usize,
    back: bool,
    stored: u64,
    maybe_twice: u64,
) -> Row {
    Row { about, acts, requests, back, stored, maybe_twice }
}

fn small_rows() -> Vec<Row> {
    let (throttle, n) = (Act::throttle, SMALL);
    let all_throttled = vec![throttle(), throttle(), throttle(), throttle(), throttle()];
    vec![
        row("accepted", vec![Accept], 1, false, n, 0),
        // Known not to be applied: sent again, and counted once.
        row("throttled twice", vec![throttle(), throttle()], 3, false, n, 0),
        row("too many requests", vec![answered(429, "TooManyRequestsException")], 2, false, n, 0),
        // Given up: back, and nothing is in doubt.
        row("throttled to the end", all_throttled, 5, true, 0, 0),
        row("refused", vec![answered(400, "InvalidParameterValue")], 1, true, 0, 0),
        row("denied", vec![answered(403, "AccessDenied")], 1, true, 0, 0),
        // Uncertain: never sent again, back, and all of it in doubt, stored or not.
        row("failed", vec![Act::error(500)], 1, true, 0, n),
        row("unavailable", vec![Act::error(503)], 1, true, 0, n),
        row("hung up on", vec![HangUp], 1, true, 0, n),
        row("answer lost", vec![StoreAndHangUp], 1, true, n, n),
        row("no answer", vec![StoreAndSilence], 1, true, n, n),
    ]
}

fn large_rows() -> Vec<Row> {
    let refused = || answered(400, "InvalidParameterValue");
    vec![
        row("both taken", vec![Accept, Accept], 2, false, LARGE, 0),
        // The first request bears the matches, and they count again when the message returns.
        row("the second refused", vec![Accept, refused()], 2, true, LARGE, LARGE),
        row("the second failed", vec![Accept, Act::error(500)], 2, true, LARGE, LARGE),
        // After a failure the rest of the message is not sent: it would count twice for nothing.
        row("the first refused", vec![refused()], 1, true, 0, 0),
        row("the first failed", vec![Act::error(500)], 1, true, 0, LARGE),
    ]
}

/// A row's invocation, then the message again if it came back, then once more for what must not
/// be reported again.
fn play(world: &World, function: &Function, event: &Value, row: &Row, matches: u64) -> Result<()> {
    let counted = || -> Result<(u64, u64)> {
        let counts = Counts::of(&world.cloudwatch)?;
        Ok((counts.get("AccessDenied"), counts.get("CountedMaybeTwice")))
    };
    world.cloudwatch.clear();
    world.cloudwatch.script(row.acts.clone());
    let answer = function.invoke(event)?.response()?;
    let returned: &[&str] = if row.back { &["it"] } else { &[] };
    assert_eq!(answer, back(returned), "{}", row.about);
    assert_eq!(world.cloudwatch.requests().len(), row.requests, "{}", row.about);
    assert_eq!(counted()?, (row.stored, 0), "{}", row.about);

    let again = function.invoke(event)?.response()?;
    assert_eq!(again, back(&[]), "{}, again", row.about);
    assert_eq!(counted()?, (row.stored + matches, row.maybe_twice), "{}, again", row.about);

    world.cloudwatch.clear();
    function.invoke(event)?.response()?;
    assert_eq!(counted()?, (matches, 0), "{}, once more", row.about);
    Ok(())
}

/// A file of denied calls, one in each of so many minutes before now, the first `skip` minutes
/// left out.
fn minute_by_minute(skip: u64, count: u64) -> Result<Vec<u8>> {
    let now = Timestamp::now();
    let mut records = Vec::new();
    for minute in skip..skip + count {
        let time = now - SignedDuration::from_mins(i64::try_from(minute)?);
        let time = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        records.push(good_record(usize::try_from(minute)?).replace("2026-03-14T09:00:00Z", &time));
    }
    gzip(format!(r#"{{"Records":[{}]}}"#, records.join(",")).as_bytes())
}

#[tokio::test]
async fn a_put_counts_once_or_is_reported() -> Result<()> {
    let world = World::new("puts").await?;
    world.put(&key("it"), &good_file(usize::try_from(SMALL)?)?).await?;
    let event = batch(&[("it", s3(&world.bucket, &key("it")))]);
    for row in small_rows() {
        play(&world, &world.start(&[])?, &event, &row, SMALL)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_message_too_large_for_a_request_is_reported_by_what_was_taken() -> Result<()> {
    let world = World::new("chunks").await?;
    world.put(&key("it"), &minute_by_minute(0, LARGE)?).await?;
    let event = batch(&[("it", s3(&world.bucket, &key("it")))]);
    for row in large_rows() {
        let function = world.start(&[("TRAILMETER_TIMESTAMPS", "both")])?;
        play(&world, &function, &event, &row, LARGE)?;
    }
    // What `play` left is a whole delivery: its requests are full, within the limits, and packed.
    let requests = world.cloudwatch.requests();
    assert_eq!(requests.iter().map(|request| request.metrics).max(), Some(1000));
    for request in requests {
        assert_eq!(request.request.header("content-encoding"), Some("gzip"));
        assert!(request.inflated_bytes > 3 * request.request.body.len());
    }
    Ok(())
}

/// Messages that do not fit into one request together have requests of their own, and fail alone.
#[tokio::test]
async fn a_failed_request_takes_its_own_messages_back() -> Result<()> {
    let world = World::new("groups").await?;
    for (at, name) in ["first", "second", "third"].into_iter().enumerate() {
        world.put(&key(name), &minute_by_minute(700 * at as u64, 700)?).await?;
    }
    let message = |name| (name, s3(&world.bucket, &key(name)));
    let function = world.start(&[("TRAILMETER_TIMESTAMPS", "both")])?;
    world.cloudwatch.script([Accept, answered(400, "InvalidParameterValue"), Accept]);
    let answer =
        function.invoke(&batch(&[message("first"), message("second"), message("third")]))?.response()?;
    assert_eq!(answer, back(&["second"]));
    assert_eq!(Counts::of(&world.cloudwatch)?.get("AccessDenied"), 1400);
    assert_eq!(function.invoke(&batch(&[message("second")]))?.response()?, back(&[]));
    let counts = Counts::of(&world.cloudwatch)?;
    assert_eq!(counts.get("AccessDenied"), 2100);
    assert_eq!(counts.get("AccessDenied.EventTime"), 2100);
    assert_eq!(counts.get("CountedMaybeTwice"), 0);
    Ok(())
}

#[tokio::test]
async fn nobody_listening_is_no_loss() -> Result<()> {
    let world = World::new("nobody").await?;
    world.put(&key("it"), &good_file(usize::try_from(SMALL)?)?).await?;
    let event = batch(&[("it", s3(&world.bucket, &key("it")))]);
    let function = world.start(&[])?;
    world.cloudwatch.refuse();
    assert_eq!(function.invoke(&event)?.response()?, back(&["it"]));
    world.cloudwatch.listen()?;
    assert_eq!(function.invoke(&event)?.response()?, back(&[]));
    let counts = Counts::of(&world.cloudwatch)?;
    assert_eq!((counts.get("AccessDenied"), counts.get("CountedMaybeTwice")), (SMALL, 0));
    Ok(())
}

/// The report of a doubt goes out with a request that can fail as well.
#[tokio::test]
async fn a_doubt_is_kept_until_it_is_told() -> Result<()> {
    let world = World::new("doubt").await?;
    world.put(&key("it"), &good_file(usize::try_from(SMALL)?)?).await?;
    let event = batch(&[("it", s3(&world.bucket, &key("it")))]);
    let function = world.start(&[])?;
    world.cloudwatch.script([Act::error(500), answered(400, "InvalidParameterValue"), StoreAndHangUp]);
    for _ in 0..3 {
        assert_eq!(function.invoke(&event)?.response()?, back(&["it"]));
    }
    // The lost answer had the first doubt with it: better told twice than not at all.
    assert_eq!(Counts::of(&world.cloudwatch)?.get("CountedMaybeTwice"), SMALL);
    assert_eq!(function.invoke(&event)?.response()?, back(&[]));
    assert_eq!(Counts::of(&world.cloudwatch)?.get("CountedMaybeTwice"), 3 * SMALL);
    Ok(())
}
