//! The files in `events/`: each has a row here that says what comes out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;

const BUCKET: &str = "trailmeter-logs-example";

fn samples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events"))
}

/// The sample key that ends in `number`.
fn key(number: u8) -> String {
    format!(
        "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/\
         111122223333_CloudTrail_us-east-1_20261121T0600Z_EXAMPLE000000000{number}.json.gz"
    )
}

fn keys(numbers: &[u8]) -> Content {
    Content::Objects(numbers.iter().map(|&number| created(BUCKET, &key(number))).collect())
}

/// An event by its id; what its record says stands in the file.
fn event(id: &str) -> Content {
    let object = ObjectRef { bucket: "aws:events".to_owned(), key: id.to_owned() };
    Content::Event(SingleEvent { object, record: String::new() })
}

fn without_record(content: Content) -> Content {
    match content {
        Content::Event(event) => {
            assert!(event.record.contains(&event.object.key), "the record is not of this event");
            Content::Event(SingleEvent { record: String::new(), ..event })
        }
        other => other,
    }
}

/// By file: whether the answer names messages, and what each message says.
fn expected() -> BTreeMap<&'static str, (bool, Vec<Content>)> {
    let direct = |content| (false, vec![content]);
    let queued = |contents: &[Content]| (true, contents.to_vec());
    let odd = || Content::Objects(vec![created(BUCKET, &format!("audit logs/a+b/Prüfung/{}", key(1)))]);
    let removed =
        Content::Objects(vec![Announced::Otherwise(ObjectRef { bucket: BUCKET.to_owned(), key: key(1) })]);
    let test = || Content::Notice(Notice::TestEvent);
    let validation = || Content::Notice(Notice::ValidationMessage);
    let garbage = Content::Undecodable(DecodeError::NotJson);
    let call = || event("b2d4f6a8-0c1e-4a3b-9d5f-7e9a1c3e5f70");
    let sign_in = event("c3e5a7b9-1d2f-4b4c-8e60-8f0b2d4f6a81");
    BTreeMap::from([
        ("cloudtrail-event.json", direct(call())),
        ("cloudtrail-event-sign-in-sqs.json", queued(&[sign_in])),
        ("cloudtrail-event-sqs.json", queued(&[call()])),
        ("backfill-sqs.json", queued(&[keys(&[1, 2])])),
        ("cloudtrail-sns.json", direct(keys(&[1]))),
        ("cloudtrail-sns-sqs.json", queued(&[keys(&[1, 2])])),
        ("cloudtrail-sns-sqs-raw.json", queued(&[keys(&[1, 2])])),
        ("cloudtrail-validation-message-sqs.json", queued(&[validation()])),
        ("s3-eventbridge.json", direct(keys(&[1]))),
        ("s3-eventbridge-odd-key.json", direct(odd())),
        ("s3-eventbridge-sqs.json", queued(&[keys(&[1])])),
        ("s3-notification.json", direct(keys(&[1]))),
        ("s3-notification-odd-key.json", direct(odd())),
        ("s3-notification-several-records.json", direct(keys(&[1, 2]))),
        ("s3-notification-unknown-fields.json", direct(keys(&[1]))),
        ("s3-object-removed.json", direct(removed)),
        ("s3-sns.json", direct(keys(&[1]))),
        ("s3-sns-sqs.json", queued(&[keys(&[1])])),
        ("s3-sns-sqs-raw.json", queued(&[keys(&[1])])),
        ("s3-sqs.json", queued(&[keys(&[1])])),
        ("s3-test-event.json", direct(test())),
        ("s3-test-event-sqs.json", queued(&[test()])),
        (
            "sqs-mixed-batch.json",
            queued(&[keys(&[1]), garbage, keys(&[2]), keys(&[3]), test(), validation()]),
        ),
    ])
}

#[test]
fn every_sample_has_a_row_and_comes_to_what_it_says() {
    let files: BTreeMap<String, PathBuf> = std::fs::read_dir(samples())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    let expected = expected();
    assert_eq!(
        files.keys().map(String::as_str).collect::<Vec<_>>(),
        expected.keys().copied().collect::<Vec<_>>(),
        "files and rows"
    );
    for (name, (answers_by_message, contents)) in expected {
        let payload = serde_json::from_slice(&std::fs::read(&files[name]).unwrap()).unwrap();
        let invocation = decode(&payload);
        assert_eq!(invocation.answers_by_message, answers_by_message, "{name}");
        assert!(
            invocation.messages.iter().all(|message| message.id.is_some() == answers_by_message),
            "{name}"
        );
        let found = invocation.messages.into_iter().map(|message| without_record(message.content));
        assert_eq!(found.collect::<Vec<_>>(), contents, "{name}");
    }
}

#[test]
fn the_table_for_readers_names_every_sample() {
    let table = std::fs::read_to_string(samples().join("README.md")).unwrap();
    for name in expected().keys() {
        assert!(table.contains(&format!("| `{name}` |")), "{name} has no row in events/README.md");
    }
}
