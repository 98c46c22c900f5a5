//! A table of shapes; the whole payloads in `events/` have one of their own.

mod samples;

use serde_json::{Value, json};

use super::*;

fn created(bucket: &str, key: &str) -> Announced {
    Announced::Created(ObjectRef { bucket: bucket.to_owned(), key: key.to_owned() })
}

fn s3(key: &str) -> Value {
    json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": { "bucket": { "name": "b" }, "object": { "key": key } } }] })
}

fn cloudtrail(keys: &[&str]) -> Value {
    json!({ "s3Bucket": "b", "s3ObjectKey": keys })
}

fn event_bridge(detail_type: &str) -> Value {
    json!({ "source": "aws.s3", "detail-type": detail_type, "detail": { "bucket": { "name": "b" }, "object": { "key": "a+b%20c" } } })
}

/// An event of CloudTrail, as EventBridge brings it.
fn trail_event(detail_type: &str, source: &str, detail: &Value) -> Value {
    json!({ "source": source, "detail-type": detail_type, "account": "111122223333", "detail": detail })
}

fn sns_envelope(message: &Value) -> Value {
    let text = if let Value::String(text) = message { text.clone() } else { message.to_string() };
    json!({ "Type": "Notification", "Message": text })
}

fn sns_records(messages: &[Value]) -> Value {
    let record = |message: &Value| json!({ "EventSource": "aws:sns", "Sns": sns_envelope(message) });
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() })
}

fn sqs(body: &Value) -> Value {
    let text = if let Value::String(text) = body { text.clone() } else { body.to_string() };
    json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": "m", "body": text }] })
}

#[test]
fn every_shape_says_the_same_through_every_envelope() {
    let objects = |objects: &[Announced]| Content::Objects(objects.to_vec());
    let validation = Value::from("CloudTrail validation message.");
    for (message, expected) in [
        (s3("a+b%20c%2Bd%C3%A4"), objects(&[created("b", "a b c+dä")])),
        (cloudtrail(&["a+b%20c", "d"]), objects(&[created("b", "a+b%20c"), created("b", "d")])),
        (json!({ "s3Bucket": "b", "s3ObjectKey": "k" }), objects(&[created("b", "k")])),
        (event_bridge("Object Created"), objects(&[created("b", "a+b%20c")])),
        (
            event_bridge("Object Deleted"),
            objects(&[Announced::Otherwise(ObjectRef { bucket: "b".to_owned(), key: "a+b%20c".to_owned() })]),
        ),
        (json!({ "Event": "s3:TestEvent", "Bucket": "b" }), Content::Notice(Notice::TestEvent)),
        (validation, Content::Notice(Notice::ValidationMessage)),
        (json!({ "Records": [] }), Content::Notice(Notice::NoObjects)),
        (cloudtrail(&[]), Content::Notice(Notice::NoObjects)),
        (json!({}), Content::Undecodable(DecodeError::UnknownShape)),
        (json!([1]), Content::Undecodable(DecodeError::UnknownShape)),
        (json!({ "s3Bucket": "b" }), Content::Undecodable(DecodeError::NoName)),
        (json!({ "s3Bucket": "", "s3ObjectKey": "k" }), Content::Undecodable(DecodeError::NoName)),
        (s3("%FF"), Content::Undecodable(DecodeError::BadKey)),
        (s3(""), Content::Undecodable(DecodeError::NoName)),
        (json!("no json"), Content::Undecodable(DecodeError::NotJson)),
        (
            trail_event(
                "AWS API Call via CloudTrail",
                "aws.s3",
                &json!({ "eventID": "e", "b": 1, "a": [2] }),
            ),
            Content::Event(SingleEvent {
                object: ObjectRef { bucket: "aws:events".to_owned(), key: "e".to_owned() },
                record: r#"{"eventID":"e","b":1,"a":[2]}"#.to_owned(),
            }),
        ),
        (
            json!({ "Type": "SubscriptionConfirmation", "Message": "You have chosen …" }),
            Content::Undecodable(DecodeError::UnconfirmedSubscription),
        ),
    ] {
        let direct = decode(&message);
        assert!(!direct.answers_by_message);
        assert_eq!(
            direct.messages,
            [Message {
                id: None,
                receipt: None,
                receives: 1,
                occasion: Occasion::Live,
                content: expected.clone()
            }],
            "direct: {message}"
        );
        for (envelope, payload) in [
            ("SNS", sns_records(std::slice::from_ref(&message))),
            ("SQS", sqs(&message)),
            ("SQS of a failed invocation", sqs(&json!({ "requestContext": {}, "requestPayload": message }))),
            ("SQS of SNS", sqs(&sns_envelope(&message))),
        ] {
            assert_eq!(decode(&payload).messages[0].content, expected, "{envelope}: {message}");
        }
    }
}

fn marked(mark: &Value) -> Value {
    json!({ "s3Bucket": "b", "s3ObjectKey": ["k"], "trailmeter": mark })
}

#[test]
fn a_message_of_trailmeters_own_says_why_it_was_sent() {
    let backfill = |name: &str, recount| Occasion::Backfill(Backfill { name: name.to_owned(), recount });
    for occasion in
        [Occasion::Live, Occasion::CaughtUp, backfill("a", false), backfill("November-2026_x.1", true)]
    {
        let body: Value = serde_json::from_str(&message_body("b", &["k", "a+b%20c"], &occasion)).unwrap();
        for payload in [body.clone(), sqs(&body), sns_records(&[body])] {
            let [message] = &decode(&payload).messages[..] else { panic!("{payload}") };
            assert_eq!(message.occasion, occasion, "{payload}");
            let objects = vec![created("b", "k"), created("b", "a+b%20c")];
            assert_eq!(message.content, Content::Objects(objects), "{payload}");
        }
    }
    assert_eq!(
        message_body("b", &["k"], &backfill("a", true)),
        r#"{"s3Bucket":"b","s3ObjectKey":["k"],"trailmeter":{"backfill":"a","recount":true}}"#
    );
}

/// What is not understood is no delivery: it would set off an alarm over the past.
#[test]
fn a_mark_that_is_not_understood_is_not_passed_over() {
    for mark in [
        json!(null),
        json!("backfill"),
        json!({}),
        json!({ "backfill": "" }),
        json!({ "backfill": "a b" }),
        json!({ "backfill": "ä" }),
        json!({ "backfill": "x".repeat(65) }),
        json!({ "backfill": 7 }),
        json!({ "backfill": "a", "recount": "yes" }),
        json!({ "backfill": "a", "alarms": true }),
        json!({ "backfill": "a", "caughtUp": true }),
        json!({ "caughtUp": false }),
        json!({ "replay": "a" }),
    ] {
        let decoded = decode(&sqs(&marked(&mark))).messages.remove(0);
        assert_eq!(decoded.content, Content::Undecodable(DecodeError::UnknownMark), "{mark}");
    }
    let mark = json!({ "backfill": "x".repeat(64) });
    assert!(matches!(decode(&marked(&mark)).messages[0].content, Content::Objects(_)));
}

#[test]
fn objects_of_several_occasions_are_no_message() {
    let (one, other) = (marked(&json!({ "backfill": "a" })), marked(&json!({ "backfill": "b" })));
    for (messages, mixed) in [
        (vec![one.clone(), s3("k")], true),
        (vec![s3("k"), one.clone()], true),
        (vec![one.clone(), other], true),
        (vec![one.clone(), one], false),
    ] {
        let content = &decode(&sns_records(&messages)).messages[0].content;
        let is_mixed = *content == Content::Undecodable(DecodeError::MixedOccasions);
        assert_eq!(is_mixed, mixed, "{content:?}");
    }
}

#[test]
fn a_batch_mixes_shapes_and_answers_by_message() {
    let record = |id: &str, body: String| json!({ "eventSource": "aws:sqs", "messageId": id, "body": body });
    let payload = json!({ "Records": [
        record("1", s3("k").to_string()),
        record("2", "{".to_owned()),
        record("3", sns_envelope(&cloudtrail(&["l"])).to_string()),
    ] });
    let invocation = decode(&payload);
    assert!(invocation.answers_by_message);
    let contents: Vec<_> =
        invocation.messages.iter().map(|message| (message.id.as_deref(), &message.content)).collect();
    assert_eq!(
        contents,
        [
            (Some("1"), &Content::Objects(vec![created("b", "k")])),
            (Some("2"), &Content::Undecodable(DecodeError::NotJson)),
            (Some("3"), &Content::Objects(vec![created("b", "l")])),
        ]
    );
}

#[test]
fn several_records_of_one_message_are_one_message() {
    let payload =
        sns_records(&[s3("a"), Value::from("CloudTrail validation message."), cloudtrail(&["b", "c"])]);
    assert_eq!(
        decode(&payload).messages,
        [Message {
            id: None,
            receipt: None,
            receives: 1,
            occasion: Occasion::Live,
            content: Content::Objects(vec![created("b", "a"), created("b", "b"), created("b", "c")])
        }]
    );
    let one_bad = sns_records(&[s3("a"), json!("{")]);
    assert_eq!(decode(&one_bad).messages[0].content, Content::Undecodable(DecodeError::NotJson));
}

#[test]
fn envelopes_in_envelopes_come_to_an_end() {
    let mut message = s3("k");
    for _ in 0..9 {
        message = sns_envelope(&message);
    }
    assert_eq!(decode(&message).messages[0].content, Content::Undecodable(DecodeError::TooDeep));
}

#[test]
fn every_type_of_event_that_also_stands_in_a_file_is_taken_and_no_other() {
    let detail = json!({ "eventID": "e" });
    let said = |event: &Value| match decode(event).messages.remove(0).content {
        Content::Event(event) => event.object.to_string(),
        Content::Undecodable(error) => error.reason().to_owned(),
        other => panic!("{other:?}"),
    };
    for (detail_type, source, detail, expected) in [
        ("AWS API Call via CloudTrail", "aws.iam", &detail, "eventbridge://e"),
        ("AWS Console Sign In via CloudTrail", "aws.signin", &detail, "eventbridge://e"),
        ("AWS Console Signin via CloudTrail", "aws.signin", &detail, "eventbridge://e"),
        ("AWS Console Action via CloudTrail", "aws.console", &detail, "eventbridge://e"),
        ("AWS Service Event via CloudTrail", "aws.kms", &detail, "eventbridge://e"),
        ("AWS Insight via CloudTrail", "aws.cloudtrail", &detail, "unknown-shape"),
        ("AWS API Call", "aws.iam", &detail, "unknown-shape"),
        ("EC2 Instance State-change Notification", "aws.ec2", &detail, "unknown-shape"),
        // Whoever may put events to the bus can write all of it but the source.
        ("AWS API Call via CloudTrail", "mine", &detail, "foreign-event"),
        ("AWS API Call via CloudTrail", "awsome", &detail, "foreign-event"),
        ("AWS API Call via CloudTrail", "aws.iam", &json!("e"), "no-record"),
        ("AWS API Call via CloudTrail", "aws.iam", &json!([{ "eventID": "e" }]), "no-record"),
        ("AWS API Call via CloudTrail", "aws.iam", &Value::Null, "no-record"),
        ("AWS API Call via CloudTrail", "aws.iam", &json!({}), "no-event-id"),
        ("AWS API Call via CloudTrail", "aws.iam", &json!({ "eventID": "" }), "no-event-id"),
        ("AWS API Call via CloudTrail", "aws.iam", &json!({ "eventID": 7 }), "no-event-id"),
    ] {
        let event = trail_event(detail_type, source, detail);
        assert_eq!(said(&event), expected, "{event}");
    }
    let event = trail_event("AWS API Call via CloudTrail", "aws.iam", &detail);
    let beside = sns_records(&[event.clone(), s3("k")]);
    assert_eq!(said(&beside), "event-and-more");
    assert_eq!(said(&sns_records(&[event.clone(), event])), "event-and-more");
}
