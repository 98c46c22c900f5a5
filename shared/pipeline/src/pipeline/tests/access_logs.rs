//! Access logs beside CloudTrail's files.

use super::fixtures::{BUCKET, batch, created, denied, detector, file, key, message_of};
use super::world::{Attempt, World};
use crate::{DatumValues, Problem};

const NAME: &str = "2026-11-21-06-00-00-ABCDEF0123456789";

/// A line about a bucket, refused or not.
fn line(bucket: &str, id: &str, status: &str) -> String {
    format!(
        "79a5 {bucket} [21/Nov/2026:05:00:00 +0000] 192.0.2.3 - {id} REST.GET.OBJECT a \"GET /a HTTP/1.1\" {status} 113 - 7 - \
         \"-\" \"curl\" - h - - - a.s3.amazonaws.com - - -\n"
    )
}

fn folders(bucket: &str) -> String {
    format!("111122223333/eu-west-1/{bucket}/2026/11/21/{NAME}")
}

/// `Trail` is asked of CloudTrail's files, `Lines` of access logs, `Both` of either.
fn world() -> World {
    let of = |name: &str, source: &str| {
        let mut file = detector(name, "{ $.errorCode = \"AccessDenied\" }", "default-value: 0\n");
        file.text = file.text.replace("logs: cloudtrail", &format!("source: {source}"));
        if source == "s3-access-log" {
            let line = line("b", "R", "403 AccessDenied").trim_end().replace('\'', "''");
            file.text = file.text.replace("record: {}", &format!("line: '{line}'"));
        }
        file
    };
    World::with(&[of("Trail", "cloudtrail"), of("Lines", "s3-access-log"), of("Both", "any")])
}

#[test]
fn each_detector_is_asked_of_the_logs_it_names() {
    let lines =
        [line("b", "1", "403 AccessDenied"), line("b", "2", "200 -"), line("b", "1", "403 AccessDenied")];
    let log = key("a");
    let world = world()
        .at(NAME, &[Attempt::Body(lines.concat())])
        .at(&log, &[Attempt::Body(file(&[denied("\"eventID\":\"x\"")]))]);
    let ran = world.run(batch([message_of("m", vec![created(BUCKET, NAME), created(BUCKET, &log)])]));
    assert_eq!(ran.report.matches, [1, 1, 2]);
    let records = &ran.report.totals.records;
    assert_eq!((records.read, records.matched, records.unmatched, records.duplicate), (4, 2, 1, 1));
    // A default value is for files that a detector is asked of and finds nothing in.
    let put = |name: &str| ran.sent.iter().find(|datum| datum.name == name).map(|datum| datum.values.clone());
    assert_eq!(put("Trail"), Some(DatumValues::Distribution(vec![(1.0, 1.0)])));
    assert_eq!(put("Lines"), Some(DatumValues::Distribution(vec![(1.0, 1.0)])));
}

#[test]
fn lines_that_cannot_be_read_are_named_with_where_and_how_many() {
    let good = line("b", "1", "403 AccessDenied");
    let body = format!("{good}bad\n{good}worse still\n79a5 b [yesterday] x\n");
    let ran =
        world().at(NAME, &[Attempt::Body(body)]).run(batch([message_of("m", vec![created(BUCKET, NAME)])]));
    let named: Vec<(&str, u64, u64)> = ran
        .report
        .problems
        .iter()
        .filter_map(|problem| match problem {
            Problem::Malformed { object, reason, offset, lines } if object.key == NAME => {
                Some((*reason, *offset, *lines))
            }
            _ => None,
        })
        .collect();
    let (first, third) = (good.len() as u64, (2 * good.len() + 4 + 12) as u64);
    assert_eq!(named, [("too-few-fields", first, 2), ("bad-time", third, 1)]);
    assert_eq!(ran.report.totals.records.malformed_total(), 3);
    assert_eq!(ran.report.matches, [0, 1, 1]);
    assert!(ran.report.totals.balance());
}

#[test]
fn a_bucket_that_logs_to_itself_is_skipped_and_named() {
    let own = line(BUCKET, "1", "403 AccessDenied");
    let others = line("other", "1", "403 AccessDenied");
    for (name, body, is_skipped) in [
        (NAME.to_owned(), own.clone(), true),
        (format!("prefix{NAME}"), format!("{others}{own}"), true),
        // It is not even opened.
        (folders(BUCKET), "never read".to_owned(), true),
        (folders("other"), others.clone(), false),
        (NAME.to_owned(), others.clone(), false),
    ] {
        let ran = world()
            .at(&name, &[Attempt::Body(body)])
            .run(batch([message_of("m", vec![created(BUCKET, &name)])]));
        let totals = &ran.report.totals;
        assert_eq!(
            totals.objects_skipped.get("logs-itself").copied().unwrap_or(0),
            u64::from(is_skipped),
            "{name}"
        );
        assert_eq!(totals.objects_read, u64::from(!is_skipped), "{name}");
        assert_eq!(ran.report.matches, if is_skipped { [0, 0, 0] } else { [0, 1, 1] }, "{name}");
        let is_named = ran
            .report
            .problems
            .iter()
            .any(|problem| matches!(problem, Problem::LogsItself(object) if object.key == name));
        assert_eq!(is_named, is_skipped, "{name}");
        // It is done with: to read it again would make it no better.
        assert!(ran.report.returned.is_empty() && !ran.report.failed, "{name}");
    }
}

#[test]
fn each_of_several_buckets_has_its_own_sign_of_life() {
    let mut world = World::new().object("a", &[denied("")]).object("b", &[]);
    world.settings.buckets.push("access".to_owned());
    let (a, b) = (key("a"), key("b"));
    let announced =
        vec![created(BUCKET, &a), created(BUCKET, &b), created("access", "odd"), created("else", &a)];
    let ran = world.run(batch([message_of("m", announced)]));
    let counts = "ObjectsIn=4 ObjectsIn{Bucket=access}=1 ObjectsIn{Bucket=logs}=2 ObjectsIn{Bucket=other}=1";
    assert!(ran.account().contains(counts), "{}", ran.account());
}
