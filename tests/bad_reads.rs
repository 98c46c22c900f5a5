//! Objects that S3 does not give, and messages that name none: each fails alone and says why.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use trailmeter_testkit::bad_input::{good_file, not_gzip};
use trailmeter_testkit::eventually::eventually;

use crate::counts::Counts;
use crate::messages::{back, batch, cloudtrail, event_bridge, s3, sns};
use crate::scripted_s3::Act::{self, Give, GiveHalf, Refuse, Stall};
use crate::scripted_s3::ScriptedS3;
use crate::support::{World, key, log_since};

const NO_KMS: &str = "User: arn:aws:sts::111122223333:assumed-role/detect/detect is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/example because no identity-based policy allows the kms:Decrypt action";
const SLOW_DOWN: Act = Refuse(503, "SlowDown", "Please reduce your request rate.");

/// How S3 answers, the last answer for good; the reason that comes of it, `None` for a file that is
/// read; and how often S3 was asked.
const ROWS: &[(&str, &[Act], Option<&str>, u64)] = &[
    ("the key is denied", &[Refuse(403, "AccessDenied", NO_KMS)], Some("key-denied"), 1),
    (
        "the key is disabled",
        &[Refuse(400, "KMS.DisabledException", "arn:aws:kms:… is disabled.")],
        Some("key-denied"),
        1,
    ),
    ("the object is denied", &[Refuse(403, "AccessDenied", "Access Denied")], Some("access-denied"), 1),
    (
        "no such object",
        &[Refuse(404, "NoSuchKey", "The specified key does not exist.")],
        Some("not-found"),
        1,
    ),
    ("no such bucket", &[Refuse(404, "NoSuchBucket", "…")], Some("not-found"), 1),
    ("in cold storage", &[Refuse(403, "InvalidObjectState", "…")], Some("unreadable"), 1),
    ("a bucket of another region", &[Refuse(301, "PermanentRedirect", "…")], Some("unreadable"), 1),
    // Three attempts are the SDK's.
    ("throttled", &[SLOW_DOWN], Some("throttled"), 3),
    ("throttled once", &[SLOW_DOWN, Give], None, 2),
    ("failing once", &[Refuse(500, "InternalError", "…"), Give], None, 2),
    // A body that breaks off is for the pipeline to read again, once and from its start.
    ("cut short", &[GiveHalf], Some("interrupted"), 2),
    ("cut short once", &[GiveHalf, Give], None, 2),
    ("stalled once", &[Stall, Give], None, 2),
];

#[tokio::test]
async fn what_s3_refuses_or_breaks_off_fails_by_its_reason() -> Result<()> {
    let world = World::new("refused").await?;
    for (about, acts, reason, requests) in ROWS {
        world.cloudwatch.clear();
        let store = ScriptedS3::start(good_file(40)?, acts)?;
        let function = world.start(&[("AWS_ENDPOINT_URL_S3", store.endpoint())])?;
        let event = batch(&[("it", s3(&world.bucket, &key("it")))]);
        let answer = function.invoke(&event)?.response().context(*about)?;
        let mut expected = Counts::default();
        expected.add("ObjectsIn", 1);
        if let Some(reason) = reason {
            expected.add_reason("ObjectsFailed", reason, 1);
            let log = log_since(&function, 0).await?.join("\n");
            assert!(log.contains(&key("it")) && log.contains(reason), "{about}: {log}");
        } else {
            // Once, although some of it had come before.
            expected.add("ObjectsRead", 1);
            for series in ["RecordsRead", "RecordsMatched", "AccessDenied"] {
                expected.add(series, 40);
            }
        }
        assert_eq!(Counts::of(&world.cloudwatch)?, expected, "{about}");
        let returned: &[&str] = if reason.is_some() { &["it"] } else { &[] };
        assert_eq!(answer, back(returned), "{about}");
        assert_eq!(store.requests(), *requests, "{about}");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_read_leaves_the_batch_alone() -> Result<()> {
    let world = World::new("gone").await?;
    world.put(&key("good"), &good_file(5)?).await?;
    let bucket = &world.bucket;
    let event = batch(&[
        ("deleted", s3(bucket, &key("deleted"))),
        ("elsewhere", s3("somebody-elses-bucket", &key("good"))),
        ("no-json", "not JSON at all".to_owned()),
        ("no-key", r#"{"s3Bucket":"b","s3ObjectKey":[""]}"#.to_owned()),
        // Form-urlencoded, as S3's records are, and no UTF-8 once it is decoded.
        ("no-text", s3(bucket, "bytes").replace("bytes", "AWSLogs/%FF")),
        ("good", s3(bucket, &key("good"))),
    ]);
    let function = world.start(&[])?;
    let answer = function.invoke(&event)?.response()?;
    assert_eq!(answer, back(&["deleted", "elsewhere", "no-json", "no-key", "no-text"]));
    let mut expected = Counts::default();
    expected.add("ObjectsIn", 3);
    expected.add("ObjectsRead", 1);
    expected.add_reason("ObjectsFailed", "not-found", 1);
    expected.add_reason("ObjectsFailed", "other-bucket", 1);
    expected.add_reason("MessagesFailed", "not-json", 1);
    expected.add_reason("MessagesFailed", "no-object-name", 1);
    expected.add_reason("MessagesFailed", "bad-key", 1);
    for series in ["RecordsRead", "RecordsMatched", "AccessDenied"] {
        expected.add(series, 5);
    }
    assert_eq!(Counts::of(&world.cloudwatch)?, expected);
    let log = log_since(&function, 0).await?.join("\n");
    for part in ["deleted", "somebody-elses-bucket", "TRAILMETER_BUCKETS", "no-json", "no-text"] {
        assert!(log.contains(part), "{part} is not in {log}");
    }
    assert!(!log.contains("not JSON at all"), "{log}");
    Ok(())
}

/// A space, a plus sign, a percent sign that encodes nothing, and characters beyond ASCII.
#[tokio::test]
async fn odd_keys_are_found_through_every_envelope() -> Result<()> {
    let world = World::new("odd-keys").await?;
    let odd = format!("audit logs/a+b/100%25/Prüfung/監査/{}", key("odd key+1"));
    world.put(&odd, &good_file(1)?).await?;
    let bucket = &world.bucket;
    let bodies = [
        s3(bucket, &odd),
        sns(&s3(bucket, &odd)),
        event_bridge(bucket, &odd),
        sns(&event_bridge(bucket, &odd)),
        cloudtrail(bucket, &[&odd]),
        sns(&cloudtrail(bucket, &[&odd])),
    ];
    let function = world.start(&[])?;
    for body in bodies {
        world.cloudwatch.clear();
        let through_queue = function.invoke(&batch(&[("it", body.clone())]))?.response()?;
        assert_eq!(through_queue, back(&[]), "{body}");
        let direct: Value = serde_json::from_str(&body)?;
        function.invoke(&direct)?.response().with_context(|| body.clone())?;
        assert_eq!(Counts::of(&world.cloudwatch)?.get("AccessDenied"), 2, "{body}");
    }
    Ok(())
}

/// With a queue, a message of several objects is done when some of them fail: those go back to the
/// queue, each in a message of its own. Without one, nothing of it counts and all of it comes back.
#[tokio::test]
async fn failed_objects_of_a_message_go_back_alone() -> Result<()> {
    let world = World::new("hand-back").await?;
    world.put(&key("good"), &good_file(5)?).await?;
    world.put(&key("bad"), &not_gzip()).await?;
    let sqs = aws_sdk_sqs::Client::new(&world.cloud.config().await);
    let queue = sqs.create_queue().queue_name("hand-back").send().await?;
    let url = queue.queue_url().context("a queue has a URL")?;
    let several = cloudtrail(&world.bucket, &[&key("bad"), &key("good"), &key("gone")]);
    let event = batch(&[("several", several)]);

    let mut done = Counts::default();
    done.add("ObjectsIn", 3);
    done.add("ObjectsRead", 1);
    done.add_reason("ObjectsFailed", "not-json", 1);
    done.add_reason("ObjectsFailed", "not-found", 1);
    for series in ["RecordsRead", "RecordsMatched", "AccessDenied"] {
        done.add(series, 5);
    }
    let mut held_back = Counts::default();
    held_back.add("ObjectsIn", 3);
    for reason in ["not-json", "not-found", "held-back"] {
        held_back.add_reason("ObjectsFailed", reason, 1);
    }
    for (queue, returned, expected) in [(url, &[][..], &done), ("", &["several"][..], &held_back)] {
        world.cloudwatch.clear();
        let function = world.start(&[("TRAILMETER_QUEUE_URL", queue)])?;
        assert_eq!(function.invoke(&event)?.response()?, back(returned), "queue {queue:?}");
        assert_eq!(&Counts::of(&world.cloudwatch)?, expected, "queue {queue:?}");
    }

    let mut handed_back = Vec::new();
    eventually("two messages", async || {
        let received = sqs.receive_message().queue_url(url).max_number_of_messages(10).send().await?;
        handed_back.extend(received.messages().iter().filter_map(|m| m.body().map(str::to_owned)));
        Ok((handed_back.len() >= 2).then_some(()))
    })
    .await?;
    handed_back.sort();
    let alone = |name| cloudtrail(&world.bucket, &[&key(name)]);
    let as_values = |texts: &[String]| texts.iter().map(|text| serde_json::from_str(text)).collect();
    let (found, expected): (Result<Vec<Value>, _>, Result<Vec<Value>, _>) =
        (as_values(&handed_back), as_values(&[alone("bad"), alone("gone")]));
    ensure!(found? == expected?, "{handed_back:?}");
    Ok(())
}
