//! One message: what its key or its text comes to.

use super::fixtures::{BUCKET, batch, created, denied, file, message, message_of, with};
use super::world::{Attempt, World};
use crate::delivery::{Announced, Content, DecodeError, Message, Notice, ObjectRef};

fn check(name: &str, message: Message, world: &World, account: &str, comes_back: bool) {
    let id = message.id.clone().unwrap_or_default();
    let ran = world.run(batch([message]));
    assert_eq!(ran.account(), account, "{name}");
    assert_eq!(ran.report.returned, Vec::from_iter(comes_back.then_some(id)), "{name}");
    assert!(!ran.report.failed, "{name}");
}

const READ: &str = "Denied=1 ObjectsIn=1 ObjectsRead=1 RecordsMatched=1 RecordsRead=1";

#[test]
fn every_kind_of_key_is_read_skipped_or_refused() {
    let below = |folder: &str| format!("AWSLogs/111122223333/{folder}/us-east-1/2026/11/21/a.json.gz");
    let events = below("CloudTrail");
    let log = file(&[denied(r#""eventID":"1""#)]);
    let aggregated = format!("[{}]", denied(r#""eventId":"1""#));
    let insight = file(&[r#"{"eventType":"AwsCloudTrailInsight","eventID":"1"}"#.to_owned()]);
    let unmatched = "ObjectsIn=1 ObjectsRead=1 RecordsRead=1 RecordsUnmatched=1";
    for (key, body, account, comes_back) in [
        (events.clone(), &log, READ, false),
        (format!("deep/er/{events}"), &log, READ, false),
        (events.replace("AWSLogs", "AWSLogs/o-a1b2c3d4e5"), &log, READ, false),
        (format!("a b+c/{events}").replace("a.json", "ä.json"), &log, READ, false),
        (below("CloudTrail-NetworkActivity"), &log, READ, false),
        (below("CloudTrail-Insight"), &insight, unmatched, false),
        // No detector asks for these.
        (below("CloudTrail-Aggregated"), &log, unmatched, false),
        (below("CloudTrail-Aggregated"), &aggregated, unmatched, false),
        (
            events.clone(),
            &aggregated,
            "ObjectsFailed=1 ObjectsFailed{Reason=not-cloudtrail}=1 ObjectsIn=1",
            true,
        ),
        (
            below("CloudTrail-Digest"),
            &log,
            "ObjectsIn=1 ObjectsSkipped=1 ObjectsSkipped{Reason=digest}=1",
            false,
        ),
        (below("Config"), &log, "ObjectsIn=1 ObjectsSkipped=1 ObjectsSkipped{Reason=unknown-key}=1", false),
    ] {
        let world = World::new().at(&key, &[Attempt::Body(body.clone())]);
        check(&key, message_of("m", vec![created(BUCKET, &key)]), &world, account, comes_back);
    }
    let object = ObjectRef { bucket: BUCKET.to_owned(), key: events.clone() };
    let world = World::new().at(&events, &[Attempt::Body(log)]);
    for (name, announced, account, comes_back) in [
        (
            "deleted",
            Announced::Otherwise(object),
            "ObjectsIn=1 ObjectsSkipped=1 ObjectsSkipped{Reason=not-created}=1",
            false,
        ),
        (
            "another bucket",
            created("elsewhere", &events),
            "ObjectsFailed=1 ObjectsFailed{Reason=other-bucket}=1 ObjectsIn=1",
            true,
        ),
    ] {
        check(name, message_of("m", vec![announced]), &world, account, comes_back);
    }
}

#[test]
fn a_digest_is_passed_on_and_comes_back_if_it_cannot_be() {
    let digest = "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/21/a.json.gz";
    let invocation = || batch([message_of("m", vec![created(BUCKET, digest)])]);
    let skipped = "ObjectsIn=1 ObjectsSkipped=1 ObjectsSkipped{Reason=digest}=1";
    let world = World::new();
    assert_eq!(world.run(invocation()).account(), skipped);
    let object = ObjectRef { bucket: BUCKET.to_owned(), key: digest.to_owned() };
    assert_eq!(world.take_passed_on(), [object]);

    world.set_hand_backs(Some(0));
    let ran = world.run(invocation());
    assert_eq!(ran.account(), "ObjectsFailed=1 ObjectsFailed{Reason=not-passed-on}=1 ObjectsIn=1");
    assert_eq!((ran.report.returned, world.take_passed_on()), (vec!["m".to_owned()], vec![]));

    // Nor is one of another bucket, which nobody here has anything to say about.
    let foreign = batch([message_of("m", vec![created("elsewhere", digest)])]);
    world.set_hand_backs(None);
    assert_eq!(world.run(foreign).report.returned, ["m"]);
    assert_eq!(world.take_passed_on(), []);
    assert_eq!(world.run_without_queue(invocation()).account(), skipped);
}

#[test]
fn a_message_without_objects_is_skipped_or_comes_back() {
    for (content, account, comes_back) in [
        (Content::Notice(Notice::TestEvent), "MessagesSkipped=1 MessagesSkipped{Reason=test-event}=1", false),
        (
            Content::Notice(Notice::ValidationMessage),
            "MessagesSkipped=1 MessagesSkipped{Reason=validation-message}=1",
            false,
        ),
        (Content::Notice(Notice::NoObjects), "MessagesSkipped=1 MessagesSkipped{Reason=no-objects}=1", false),
        (
            Content::Undecodable(DecodeError::NotJson),
            "MessagesFailed=1 MessagesFailed{Reason=not-json}=1",
            true,
        ),
        (
            Content::Undecodable(DecodeError::BadKey),
            "MessagesFailed=1 MessagesFailed{Reason=bad-key}=1",
            true,
        ),
    ] {
        let name = format!("{content:?}");
        check(&name, with("m", content), &World::new(), account, comes_back);
    }
}

#[test]
fn a_batch_of_nothing_puts_nothing() {
    let ran = World::new().run(batch([]));
    assert_eq!(ran.account(), "");
    assert_eq!((ran.report.requests, ran.report.messages, ran.report.failed), (0, 0, false));
}

#[test]
fn a_bad_message_takes_no_other_down() {
    let world = World::new().object("good", &[denied(r#""eventID":"1""#)]);
    let bad = with("garbage", Content::Undecodable(DecodeError::NotJson));
    let ran = world.run(batch([
        bad,
        message("gone", &["not there"]),
        message("good", &["good"]),
        message_of("elsewhere", vec![created("elsewhere", "k")]),
    ]));
    assert_eq!(
        ran.account(),
        "Denied=1 MessagesFailed=1 MessagesFailed{Reason=not-json}=1 ObjectsFailed=2 \
         ObjectsFailed{Reason=not-found}=1 ObjectsFailed{Reason=other-bucket}=1 ObjectsIn=3 ObjectsRead=1 \
         RecordsMatched=1 RecordsRead=1"
    );
    assert_eq!(ran.report.returned, ["garbage", "gone", "elsewhere"]);
    assert_eq!(ran.report.matches, [1, 0]);
}

/// Without an id the answer cannot name the message, so all of them come back, and what was
/// counted of the others is reported as counted twice.
#[test]
fn a_failed_message_without_an_id_fails_the_whole_batch() {
    let world = World::new().object("good", &[denied(r#""eventID":"1""#)]);
    let nameless = Message { id: None, ..message("", &["not there"]) };
    let ran =
        world.run_all([batch([message("good", &["good"]), nameless]), batch([message("good", &["good"])])]);
    assert!(ran[0].report.failed);
    assert_eq!(ran[1].account(), format!("CountedMaybeTwice=1 {READ}"));
    assert!(!ran[1].report.failed);
}
