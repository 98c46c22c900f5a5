//! What findings show, of every kind of principal and of records that are meant to do harm.

use proptest::prelude::*;
use serde_json::{Value, json};
use trailmeter_logs::{Limits, LogKind};

use super::*;
use crate::count::{Memory, Repeats, count};
use crate::detector::DetectorSet;
use crate::detector_file::{DetectorFile, load};

fn found_in(which: WhichFindings) -> FoundIn<'static> {
    FoundIn {
        which,
        namespace: "Trailmeter/prod",
        arrival: 1_795_000_000,
        object: "s3://logs/AWSLogs/a.json.gz",
        backfill: None,
    }
}

fn detectors(findings: &[&str]) -> DetectorSet {
    let file = |(at, findings): (usize, &&str)| DetectorFile {
        path: format!("{at}.yaml"),
        pack: None,
        text: format!(
            "name: D{at}\ntitle: t\nwhat: w\nwhy: y\nsources: [s]\nlogs: cloudtrail\npattern: '{{ $.eventName = * }}'\n\
             {findings}\ntests:\n  - {{ name: a, match: true, record: {{ eventName: x }} }}\n  \
             - {{ name: b, match: false, record: {{}} }}\n"
        ),
    };
    load(&findings.iter().enumerate().map(file).collect::<Vec<_>>()).unwrap()
}

/// The findings of some records, as JSON.
fn findings(detectors: &DetectorSet, which: WhichFindings, records: &[Value]) -> Vec<Value> {
    let text = json!({ "Records": records }).to_string();
    let scan = detectors.scan_keeping_findings(LogKind::Events, Limits::default(), which);
    let file = scan.read_whole(text.as_bytes()).unwrap();
    let mut found = Vec::new();
    count(&file, &mut Memory::new(Repeats::Once, 1000), |counted| {
        let detector = &detectors.detectors()[counted.hit.detector];
        found.extend(Finding::new(detector, counted, found_in(which)).map(|finding| {
            let text = serde_json::to_string(&finding).unwrap();
            // What is written is what is read.
            assert_eq!(serde_json::from_str::<Finding<'_>>(&text).unwrap(), finding, "{text}");
            serde_json::from_str::<Value>(&text).unwrap()
        }));
    });
    found
}

fn finding(record: &Value) -> Value {
    findings(&detectors(&[""]), WhichFindings::Usual, std::slice::from_ref(record)).remove(0)
}

#[test]
fn a_finding_says_who_what_where_and_when() {
    let record = json!({
        "eventVersion": "1.11", "eventTime": "2026-11-21T20:00:00Z", "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject", "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.1", "userAgent": "[aws-cli/2]",
        "errorCode": "AccessDenied", "errorMessage": "no", "eventID": "e-1", "readOnly": true,
        "recipientAccountId": "111122223333", "requestParameters": { "password": "swordfish" },
        "resources": [{ "ARN": "arn:aws:s3:::b/k" }, { "ARNPrefix": "arn:aws:s3:::b/" }, { "type": "x" }],
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROA1:alice", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/alice",
            "accountId": "111122223333", "accessKeyId": "ASIA1",
            "sessionContext": {
                "attributes": { "mfaAuthenticated": "false" },
                "sessionIssuer": { "arn": "arn:aws:iam::111122223333:role/deploy", "userName": "deploy" },
            },
        },
    });
    assert_eq!(
        finding(&record),
        json!({
            "type": "trailmeter.finding", "version": 1, "detector": "D0", "title": "t", "severity": "medium",
            "namespace": "Trailmeter/prod", "metric": "D0", "value": 1.0, "arrival_time": "2026-11-18T11:06:40Z",
            "event_time": "2026-11-21T20:00:00Z", "event_id": "e-1", "account": "111122223333", "region": "eu-west-1",
            "actor": {
                "kind": "role-session", "name": "deploy/alice",
                "arn": "arn:aws:sts::111122223333:assumed-role/deploy/alice", "account": "111122223333",
                "principal_id": "AROA1:alice", "issuer": "arn:aws:iam::111122223333:role/deploy",
                "access_key": "ASIA1", "mfa": false,
            },
            "source_ip": "192.0.2.1", "user_agent": "[aws-cli/2]", "event_source": "s3.amazonaws.com",
            "event_name": "GetObject", "read_only": true, "resources": ["arn:aws:s3:::b/k", "arn:aws:s3:::b/"],
            "error_code": "AccessDenied", "error_message": "no", "object": "s3://logs/AWSLogs/a.json.gz",
        })
    );
}

#[test]
fn every_kind_of_principal_has_a_name() {
    for (identity, kind, name) in [
        (json!({ "type": "Root", "arn": "arn:aws:iam::1:root", "userName": "alias" }), "root", "root"),
        (
            json!({ "type": "IAMUser", "userName": "bob", "arn": "arn:aws:iam::1:user/ops/bob" }),
            "user",
            "bob",
        ),
        (json!({ "type": "IAMUser", "arn": "arn:aws:iam::1:user/ops/bob" }), "user", "bob"),
        (
            // A failed sign-in with a name that does not exist: what was hidden stays hidden.
            json!({ "type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS", "principalId": "" }),
            "user",
            "HIDDEN_DUE_TO_SECURITY_REASONS",
        ),
        (json!({ "type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/r/s" }), "role-session", "r/s"),
        (
            json!({ "type": "AssumedRole", "principalId": "AROA:s", "sessionContext": { "sessionIssuer": { "userName": "r" } } }),
            "role-session",
            "r/s",
        ),
        (
            json!({ "type": "AssumedRole", "sessionContext": { "sessionIssuer": { "userName": "r" } } }),
            "role-session",
            "r",
        ),
        (json!({ "type": "AssumedRole", "principalId": "AROA:s" }), "role-session", "AROA:s"),
        (
            json!({ "type": "FederatedUser", "arn": "arn:aws:sts::1:federated-user/eve" }),
            "federated-user",
            "eve",
        ),
        (json!({ "type": "SAMLUser", "userName": "carol@x" }), "saml-user", "carol@x"),
        (json!({ "type": "WebIdentityUser", "userName": "sub" }), "web-identity-user", "sub"),
        (
            json!({ "type": "IdentityCenterUser", "onBehalfOf": { "userId": "u-1", "identityStoreArn": "a" } }),
            "identity-center-user",
            "u-1",
        ),
        (
            json!({ "type": "AWSAccount", "accountId": "999", "principalId": "AIDA" }),
            "aws-account",
            "account 999",
        ),
        (
            json!({ "type": "AWSService", "invokedBy": "ec2.amazonaws.com" }),
            "aws-service",
            "ec2.amazonaws.com",
        ),
        (json!({ "accountId": "1", "invokedBy": "AWS Internal" }), "aws-service", "AWS Internal"),
        (
            json!({ "type": "AWSAccount", "principalId": "", "accountId": "anonymous" }),
            "anonymous",
            "anonymous",
        ),
        (json!({ "type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL" }), "anonymous", "anonymous"),
        (json!({ "type": "Unknown", "userName": "Anonymous", "accountId": "1" }), "anonymous", "anonymous"),
        (json!({ "type": "SomethingNew", "userName": "x" }), "unknown", "x"),
        (json!({ "type": 7, "arn": ["x"], "sessionContext": "x" }), "unknown", "unknown"),
        (json!({}), "unknown", "unknown"),
        (json!(null), "unknown", "unknown"),
    ] {
        let finding = finding(&json!({ "eventName": "x", "userIdentity": identity }));
        assert_eq!(
            (&finding["actor"]["kind"], &finding["actor"]["name"]),
            (&json!(kind), &json!(name)),
            "{identity}"
        );
    }
    let of_a_service = finding(
        &json!({ "eventName": "x", "eventType": "AwsServiceEvent", "userIdentity": { "accountId": "1" } }),
    );
    assert_eq!(of_a_service["actor"]["kind"], "aws-service");
}

#[test]
fn a_kind_that_is_not_known_yet_can_be_read() {
    let actor: Actor = serde_json::from_str(r#"{"kind":"robot","name":"r"}"#).unwrap();
    assert_eq!((actor.kind, actor.name.as_str()), (ActorKind::Unknown, "r"));
}

#[test]
fn parameters_are_shown_only_to_the_detector_that_asks() {
    let detectors = detectors(&[
        "findings: { fields: ['$.requestParameters.groupId', '$.requestParameters.ids[*].id'] }",
        "findings: { fields: ['$.requestParameters.n'] }",
        "",
        "findings: { keep: on-request }",
        "findings: { keep: never }",
    ]);
    let record = json!({
        "eventName": "x",
        "requestParameters": { "groupId": "sg-1", "ids": [{ "id": "i-1" }, { "id": "i-2" }], "n": 7, "secret": "s" },
    });
    let shown = |which| -> Vec<(String, Value)> {
        let found = findings(&detectors, which, std::slice::from_ref(&record));
        found.iter().map(|one| (one["detector"].to_string(), one["parameters"].clone())).collect()
    };
    let of = |name: &str, parameters| (format!("\"{name}\""), parameters);
    let usual = vec![
        of("D0", json!({ "requestParameters.groupId": "sg-1", "requestParameters.ids[*].id": "i-1, i-2" })),
        of("D1", json!({ "requestParameters.n": "7" })),
        of("D2", Value::Null),
    ];
    assert_eq!(shown(WhichFindings::Usual), usual);
    assert_eq!(shown(WhichFindings::All), [usual, vec![of("D3", Value::Null)]].concat());
    assert_eq!(shown(WhichFindings::None), []);
}

#[test]
fn long_texts_and_lists_are_cut_and_say_so() {
    let long = "ä".repeat(5000);
    let resources: Vec<Value> = (0..25).map(|at| json!({ "ARN": format!("arn:{at}") })).collect();
    let finding = finding(&json!({
        "eventName": "x", "userAgent": long, "resources": resources,
        "userIdentity": { "type": "IAMUser", "userName": long, "arn": long },
    }));
    for cut in [&finding["user_agent"], &finding["actor"]["name"], &finding["actor"]["arn"]] {
        assert_eq!(cut.as_str().unwrap(), format!("{}…", "ä".repeat(512)));
    }
    assert_eq!(finding["resources"].as_array().unwrap().len(), 10);
    assert_eq!(finding["resources_left_out"], 15);
}

#[test]
fn what_has_no_room_is_counted() {
    let detectors = detectors(&[""]);
    // Each takes at least a kilobyte, so they do not all find room.
    let agent = "x".repeat(1024);
    let records: Vec<Value> = (0..40_000)
        .map(|at| json!({ "eventName": "x", "eventID": at.to_string(), "userAgent": agent }))
        .collect();
    let text = json!({ "Records": records }).to_string();
    let scan = detectors.scan_keeping_findings(LogKind::Events, Limits::default(), WhichFindings::Usual);
    let file = scan.read_whole(text.as_bytes()).unwrap();
    let kept = file.matched().filter(|(record, _)| record.details.is_some()).count() as u64;
    assert!(kept > 10_000 && file.details_left_out > 0, "{kept}");
    assert_eq!(kept + file.details_left_out, 40_000);
}

/// JSON of all shapes where a record has objects, arrays and texts.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("anonymous")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop_oneof![
            Just("type".to_owned()),
            Just("arn".to_owned()),
            Just("userName".to_owned()),
            Just("ARN".to_owned()),
            Just("sessionIssuer".to_owned()),
            Just("sessionContext".to_owned()),
            Just("onBehalfOf".to_owned()),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    /// Whatever stands in a record, its finding is one line of JSON that reads back as it was written.
    #[test]
    fn any_record_makes_a_line(
        identity in prop::collection::btree_map("type|arn|userName|accountId|sessionContext|onBehalfOf", any_json(), 0..6),
        agent in any_json(), resources in any_json(), time in any_json(),
    ) {
        let identity: Value = identity.into_iter().collect();
        let finding = finding(&json!({
            "eventName": "x", "userIdentity": identity, "userAgent": agent, "resources": resources, "eventTime": time,
        }));
        prop_assert!(!finding.to_string().contains('\n'));
        prop_assert!(!finding["actor"]["name"].as_str().unwrap_or_default().is_empty());
    }
}

#[test]
fn a_record_of_sums_says_who_and_what_most_of_it_was() {
    let insight = |attributions: Value| {
        json!({
            "eventVersion": "1.09", "eventTime": "2026-11-21T20:00:00Z", "awsRegion": "eu-west-1", "eventID": "i",
            "eventType": "AwsCloudTrailInsight", "recipientAccountId": "111122223333", "sharedEventID": "s",
            "eventCategory": "Insight",
            "insightDetails": {
                "state": "Start", "eventSource": "ec2.amazonaws.com", "eventName": "TerminateInstances",
                "insightType": "ApiErrorRateInsight", "insightContext": { "attributions": attributions },
            },
        })
    };
    let of =
        |attribute: &str, values: Value| json!({ "attribute": attribute, "insight": values, "baseline": [] });
    let arn = "arn:aws:sts::111122223333:assumed-role/deploy/ci";
    let who = of(
        "userIdentityArn",
        json!([
            { "value": "arn:aws:iam::111122223333:user/alice", "average": 1.5 }, { "value": arn, "average": 6.25 },
        ]),
    );
    let with = of("userAgent", json!([{ "value": "aws-cli/2", "average": 7 }]));
    let code = of("errorCode", json!([{ "value": "Client.UnauthorizedOperation", "average": 7 }]));
    let told = |record: &Value| {
        let event = Event::of(record, std::iter::empty());
        let actor = &event.actor;
        (
            event.api().unwrap_or_default(),
            actor.kind,
            actor.name.clone(),
            actor.arn.clone(),
            event.user_agent.clone(),
            event.error_code.clone(),
        )
    };
    let (api, text) = ("ec2:TerminateInstances".to_owned(), |text: &str| Some(text.to_owned()));
    let all = told(&insight(json!([with, who, code])));
    assert_eq!(
        all,
        (
            api.clone(),
            ActorKind::RoleSession,
            "deploy/ci".to_owned(),
            text(arn),
            text("aws-cli/2"),
            text("Client.UnauthorizedOperation")
        )
    );
    let nobody = |kind: ActorKind, name: &str| (api.clone(), kind, name.to_owned(), None, None, None);
    let anyone = |name: &str| json!([of("userIdentityArn", json!([{ "value": name, "average": 1 }]))]);
    assert_eq!(
        told(&insight(anyone("config.amazonaws.com"))),
        nobody(ActorKind::AwsService, "config.amazonaws.com")
    );
    assert_eq!(told(&insight(anyone("AROAEXAMPLE"))), nobody(ActorKind::Unknown, "AROAEXAMPLE"));
    // Nobody is named, or in a way that is not known.
    for attributions in [json!([]), json!(null), json!([of("userIdentityArn", json!([]))]), anyone("")] {
        assert_eq!(told(&insight(attributions)), nobody(ActorKind::Unknown, "unknown"));
    }

    let sums = |dimension: &str, names: &[&str]| {
        let statistics: Vec<Value> = names.iter().map(|name| json!({ "name": name, "value": 5 })).collect();
        json!({
            "accountId": "111122223333", "eventId": "a", "eventCategory": "Aggregated", "awsRegion": "eu-west-1",
            "eventSource": "s3.amazonaws.com", "timeWindow": { "windowStart": "2026-11-21T20:00:00Z" },
            "summary": { "primaryDimension": { "dimension": dimension, "statistics": statistics } },
        })
    };
    let event = Event::of(&sums("eventName", &["GetObject"]), std::iter::empty());
    assert_eq!(event.api().as_deref(), Some("s3:GetObject"));
    assert_eq!(event.event_time.as_deref(), Some("2026-11-21T20:00:00Z"));
    assert_eq!((event.account.as_deref(), event.event_id.as_deref()), (Some("111122223333"), Some("a")));
    let event = Event::of(&sums("eventName", &["GetObject", "PutObject"]), std::iter::empty());
    assert_eq!(event.api(), None, "several are no one call");
    let event = Event::of(&sums("resourceARN", &["arn:aws:s3:::b"]), std::iter::empty());
    assert_eq!(event.resources, ["arn:aws:s3:::b"]);
    let event = Event::of(&sums("userIdentity", &["arn:aws:iam::111122223333:root"]), std::iter::empty());
    assert_eq!((event.actor.kind, event.actor.name.as_str()), (ActorKind::Root, "root"));
}
