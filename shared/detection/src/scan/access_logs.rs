//! Lines of access logs through the engine: what it finds is what each detector that is asked says of the record alone.

use std::collections::{BTreeMap, BTreeSet};

use trailmeter_logs::{Cause, Limits, LogKind, Malformed, Record, access_log};

use crate::finding::WhichFindings;
use crate::{Detector, DetectorSet, FileMatches, Verdict, load, pack_names, packaged_files};

fn packs() -> DetectorSet {
    load(&packaged_files(&pack_names()).unwrap()).unwrap()
}

/// Every combination of what detectors look at.
fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for requester in
        ["-", "arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:root", "AmazonS3"]
    {
        for operation in [
            "REST.GET.OBJECT",
            "REST.DELETE.OBJECT",
            "REST.OPTIONS.PREFLIGHT",
            "S3.EXPIRE.OBJECT",
            "REST.X.Y",
        ] {
            for answer in ["200 -", "403 AccessDenied", "403 -", "404 NoSuchKey"] {
                for tail in
                    ["-", "- h SigV2 C AuthHeader b.s3 TLSv1.1 - Yes us-east-1", "- h - - - b.s3 - - -"]
                {
                    let id = lines.len();
                    lines.push(format!(
                        "79a5 b [21/Nov/2026:05:00:00 +0000] 192.0.2.3 {requester} {id} {operation} k\u{e9} \"GET /k HTTP/1.1\" \
                         {answer} 113 - 7 - \"-\" \"a \\\"b\\\" c\" {tail}"
                    ));
                }
            }
        }
    }
    lines
}

fn scan(detectors: &DetectorSet, lines: &[String]) -> FileMatches {
    let scan = detectors.scan_keeping_ids(LogKind::AccessLog, Limits::default());
    scan.read_whole(lines.join("\n").as_bytes()).unwrap()
}

#[test]
fn the_engine_says_of_a_line_what_its_detectors_say() {
    let detectors = packs();
    let lines = lines();
    let found = scan(&detectors, &lines);
    let (mut by_id, mut excluded, mut unmatched) = (BTreeMap::new(), BTreeMap::new(), 0);
    let mut seen = BTreeSet::new();
    for line in &lines {
        let record = Record::from_value(access_log::record(line.as_bytes()).unwrap()).unwrap();
        let mut hits = Vec::new();
        let asked = detectors.detectors().iter().enumerate();
        for (at, detector) in asked.filter(|(_, detector)| detector.source.takes(LogKind::AccessLog)) {
            match detector.verdict((&record).into()) {
                Verdict::Match => hits.push(at),
                Verdict::NoMatch => {}
                Verdict::Excluded(exclusion) => *excluded.entry((at, exclusion)).or_insert(0_u64) += 1,
            }
        }
        seen.extend(hits.iter().map(|&at| detectors.detectors()[at].name.as_str()));
        if hits.is_empty() {
            unmatched += 1;
        } else {
            by_id.insert(record.event_id().unwrap().to_owned(), hits);
        }
    }
    let of_engine: BTreeMap<String, Vec<usize>> = found
        .ids
        .iter()
        .zip(found.matched())
        .map(|(id, (_, hits))| (id.clone(), hits.iter().map(|hit| hit.detector).collect()))
        .collect();
    assert_eq!(of_engine, by_id);
    assert_eq!((found.excluded, found.unmatched), (excluded, unmatched));
    assert_eq!(
        (found.read, found.bytes),
        (lines.len() as u64, lines.iter().map(|line| line.len() as u64).sum())
    );
    let expected = [
        "AccessDenied",
        "AccessLogAclRequired",
        "AccessLogDenied",
        "AccessLogOldTls",
        "AnonymousPrincipal",
        "SigV2",
    ];
    assert!(expected.iter().all(|name| seen.contains(name)), "{seen:?}");
    assert!(!seen.contains("RootUsage"), "it is asked of CloudTrail alone");
}

#[test]
fn no_detector_of_lines_is_asked_of_cloudtrail() {
    let detectors = packs();
    let lines = lines();
    let records: Vec<String> =
        lines.iter().map(|line| access_log::record(line.as_bytes()).unwrap().to_string()).collect();
    // Minified and not: the engine, and the slow way.
    for text in [records.join(","), records.join(" ,\n").replacen('{', "{ ", 1)] {
        let file = format!("{{\"Records\":[{text}]}}");
        let found = detectors.scan(LogKind::Events, Limits::default()).read_whole(file.as_bytes()).unwrap();
        let is_of_lines = |detector: &Detector| !detector.source.takes(LogKind::Events);
        assert!(!found.hits().is_empty());
        assert!(found.hits().iter().all(|hit| !is_of_lines(&detectors.detectors()[hit.detector])));
    }
}

#[test]
fn a_finding_tells_who_did_what_to_what() {
    let detectors = packs();
    let line = "79a5 b [21/Nov/2026:05:00:00 +0000] 192.0.2.3 - 1 BATCH.DELETE.OBJECT a%20b - 204 - - - - - - - - h - - - - - - - eu-west-1\n";
    let scan = detectors.scan_keeping_findings(LogKind::AccessLog, Limits::default(), WhichFindings::Usual);
    let found = scan.read_whole(line.as_bytes()).unwrap();
    let (record, _) = found.matched().next().unwrap();
    let event = record.details.as_ref().unwrap();
    assert_eq!(event.actor.name, "anonymous");
    assert_eq!(event.api().as_deref(), Some("s3:DeleteObject"));
    assert_eq!(event.source_ip.as_deref(), Some("192.0.2.3"));
    assert_eq!(event.resources, ["arn:aws:s3:::b/a b", "arn:aws:s3:::b"]);
    assert_eq!((event.region.as_deref(), event.account.as_deref()), (Some("eu-west-1"), None));
    assert_eq!(event.event_time.as_deref(), Some("2026-11-21T05:00:00Z"));
    assert!(event.parameters.values().any(|key| key == "a b"), "{:?}", event.parameters);
}

#[test]
fn bad_lines_are_counted_with_the_place_of_the_first() {
    let good = lines().swap_remove(0);
    let file = format!("{good}\nx\n\n{good}\nx y\n79a5 b c d\n");
    let found = packs().scan(LogKind::AccessLog, Limits::default()).read_whole(file.as_bytes()).unwrap();
    let first = good.len() as u64 + 1;
    assert_eq!(found.malformed, BTreeMap::from([(Malformed::TooFewFields, 2), (Malformed::BadTime, 1)]));
    let bad_time = 2 * first + 3 + 4;
    assert_eq!(
        found.malformed_at,
        BTreeMap::from([(Malformed::TooFewFields, first), (Malformed::BadTime, bad_time)])
    );
    assert_eq!((found.read, found.kind), (5, LogKind::AccessLog));
    let refused =
        packs().scan(LogKind::AccessLog, Limits::default()).refusing("b").read_whole(file.as_bytes());
    assert_eq!(refused.unwrap_err().cause, Cause::LogsItself);
}
