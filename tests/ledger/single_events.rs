//! Events that EventBridge brings alone, within seconds, and whose file follows: the two count once.

use anyhow::Result;
use serde_json::{Value, json};
use trailmeter_testkit::bad_input::good_record;

use super::{Remembering, invoke};
use crate::messages::{back, batch, sns};

/// EventBridge's event of one record, which has this number in the files of these tests.
fn brings(number: usize) -> Result<String> {
    let detail: Value = serde_json::from_str(&good_record(number))?;
    Ok(event("AWS API Call via CloudTrail", "aws.s3", &detail))
}

fn event(detail_type: &str, source: &str, detail: &Value) -> String {
    json!({ "source": source, "detail-type": detail_type, "account": "111122223333", "detail": detail })
        .to_string()
}

const SERIES: [&str; 5] = ["AccessDenied", "ObjectsIn", "RecordsRead", "RecordsMatched", "RecordsDuplicate"];

/// Each in a process of its own, that knows nothing but what the ledger says.
#[tokio::test]
async fn an_event_and_its_file_count_once_in_either_order() -> Result<()> {
    for (name, is_first) in [("single-first", true), ("single-last", false)] {
        let here = Remembering::new(name).await?;
        here.put("it", 0..7).await?;
        let mut bodies = vec![here.s3("it")];
        // As the rule sends it, and by a topic.
        let singles = [brings(3)?, sns(&brings(4)?)];
        drop(bodies.splice(if is_first { 0..0 } else { 1..1 }, singles));
        for body in bodies {
            assert_eq!(invoke(&here.start("event", &[])?, "m", body)?, back(&[]), "{name}");
        }
        assert_eq!(here.sums(&SERIES)?, [7, 1, 9, 7, 2], "{name}");
        assert_eq!(
            here.sums(&["RecordsUnmatched", "MessagesFailed", "CountedMaybeTwice"])?,
            [0; 3],
            "{name}"
        );
    }
    Ok(())
}

/// EventBridge delivers at least once, and a queue does so too.
#[tokio::test]
async fn an_event_that_comes_again_and_again_counts_once() -> Result<()> {
    let here = Remembering::new("single-again").await?;
    let function = here.start("event", &[])?;
    let twice = batch(&[("one", brings(0)?), ("two", brings(0)?)]);
    assert_eq!(function.invoke(&twice)?.response()?, back(&[]));
    assert_eq!(invoke(&here.start("event", &[])?, "m", brings(0)?)?, back(&[]));
    // To the function itself, without a queue.
    here.start("event", &[])?.invoke(&serde_json::from_str(&brings(0)?)?)?.response()?;
    assert_eq!(here.sums(&SERIES)?, [1, 0, 4, 1, 3]);
    // Nothing is asked of the ledger about an event that nothing matches.
    let before = here.table.items().await?;
    let other =
        json!({ "eventID": "other", "eventName": "DescribeRegions", "eventSource": "ec2.amazonaws.com" });
    assert_eq!(invoke(&function, "m", event("AWS API Call via CloudTrail", "aws.ec2", &other))?, back(&[]));
    assert_eq!(here.sums(&["RecordsUnmatched"])?, [1]);
    assert_eq!(here.table.items().await?, before);
    Ok(())
}

/// It would count twice, and its file is on the way.
#[tokio::test]
async fn without_a_ledger_of_events_an_event_is_left_to_its_file() -> Result<()> {
    let here = Remembering::new("single-left").await?;
    here.put("it", 0..7).await?;
    for body in [brings(3)?, here.s3("it")] {
        assert_eq!(invoke(&here.start("object", &[])?, "m", body)?, back(&[]));
    }
    assert_eq!(here.sums(&SERIES)?, [7, 1, 7, 7, 0]);
    assert_eq!(here.sums(&["MessagesSkipped{Reason=single-event-without-ledger}"])?, [1]);
    Ok(())
}

#[tokio::test]
async fn what_is_no_event_comes_back_with_its_reason() -> Result<()> {
    let here = Remembering::new("single-bad").await?;
    let function = here.start("event", &[])?;
    let (call, good) = ("AWS API Call via CloudTrail", json!({ "eventID": "e" }));
    let bad = [
        ("no-record", event(call, "aws.s3", &json!("e"))),
        ("no-event-id", event(call, "aws.s3", &json!({ "eventName": "GetObject" }))),
        ("foreign-event", event(call, "com.example", &good)),
        ("unknown-shape", event("AWS Insight via CloudTrail", "aws.cloudtrail", &good)),
    ];
    assert_eq!(function.invoke(&batch(&bad))?.response()?, back(&bad.each_ref().map(|(id, _)| *id)));
    for (reason, _) in &bad {
        assert_eq!(here.sums(&[&format!("MessagesFailed{{Reason={reason}}}")])?, [1], "{reason}");
    }
    assert_eq!(here.sums(&SERIES)?, [0; 5]);
    Ok(())
}
