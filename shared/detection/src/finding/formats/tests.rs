//! What findings come to in other formats, and that none of them is one that a reader would refuse.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::detector::Severity;
use crate::finding::{Actor, ActorKind, Event, FindingTag};

const PRODUCT: &str = "arn:aws:securityhub:eu-west-1:999988887777:product/999988887777/default";

static OCSF: LazyLock<Validator> =
    LazyLock::new(|| validator(include_str!("../../../testdata/ocsf-1.6.0-detection-finding.schema.json")));
static ASFF: LazyLock<Validator> =
    LazyLock::new(|| validator(include_str!("../../../testdata/asff.schema.json")));

fn validator(schema: &str) -> Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

fn product() -> Product {
    Product::parse(PRODUCT).unwrap()
}

fn asff(finding: &Finding<'_>) -> Value {
    FindingFormat::Asff(product()).document(finding).unwrap()
}

fn ocsf(finding: &Finding<'_>) -> Value {
    FindingFormat::Ocsf.document(finding).unwrap()
}

/// Why a document would be refused; nothing if it would not.
fn mistakes(validator: &Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// A finding of this event, as the log has it.
fn finding(event: &Value) -> Finding<'static> {
    let mut finding = json!({
        "type": "trailmeter.finding", "version": 1, "detector": "TrailStopped", "title": "A trail was stopped",
        "severity": "high", "namespace": "Trailmeter/prod", "metric": "TrailStopped",
        "arrival_time": "2026-11-21T20:05:12Z", "actor": { "kind": "unknown", "name": "unknown" }, "object": "s3://logs/k",
    });
    for (name, value) in event.as_object().unwrap() {
        finding[name] = value.clone();
    }
    serde_json::from_value(finding).unwrap()
}

fn whole() -> Finding<'static> {
    finding(&json!({
        "pack": "threats", "attack": ["T1562.008", "T1485"], "value": 1.0,
        "event_time": "2026-11-21T20:00:00Z", "event_id": "0a1b-2c", "account": "111122223333", "region": "eu-west-1",
        "actor": {
            "kind": "role-session", "name": "deploy/alice", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/alice",
            "account": "111122223333", "principal_id": "AROA1:alice", "issuer": "arn:aws:iam::111122223333:role/deploy",
            "access_key": "ASIA1", "mfa": false,
        },
        "source_ip": "192.0.2.1", "user_agent": "aws-cli/2", "event_source": "cloudtrail.amazonaws.com",
        "event_name": "StopLogging", "read_only": false,
        "resources": ["arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"], "error_code": "AccessDenied",
        "error_message": "no", "parameters": { "requestParameters.name": "main" },
    }))
}

const SENTENCE: &str = "deploy/alice called cloudtrail:StopLogging from 192.0.2.1 in account 111122223333 in eu-west-1, \
                        which failed with AccessDenied";
const LINK: &str =
    "https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events/0a1b-2c";

#[test]
fn a_finding_stays_as_it_is_unless_another_format_is_asked_for() {
    let document = FindingFormat::default().document(&whole()).unwrap();
    assert_eq!(document, serde_json::to_value(whole()).unwrap());
}

#[test]
fn a_detection_finding_says_what_the_finding_says() {
    let document = ocsf(&whole());
    assert_eq!(mistakes(&OCSF, &document), [""; 0]);
    let account = json!({ "uid": "111122223333", "type_id": 10, "type": "AWS Account" });
    let api = json!({
        "operation": "StopLogging", "service": { "name": "cloudtrail.amazonaws.com" },
        "response": { "error": "AccessDenied", "error_message": "no" },
    });
    let trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
    assert_eq!(
        document,
        json!({
            "metadata": {
                "version": "1.6.0",
                "product": { "name": "Trailmeter", "vendor_name": "Trailmeter", "version": env!("CARGO_PKG_VERSION") },
                "profiles": ["cloud"], "uid": "TrailStopped/0a1b-2c", "event_code": "TrailStopped",
                "log_provider": "CloudTrail", "log_name": "s3://logs/k",
            },
            "category_uid": 2, "category_name": "Findings", "class_uid": 2004, "class_name": "Detection Finding",
            "activity_id": 1, "activity_name": "Create", "type_uid": 200_401, "type_name": "Detection Finding: Create",
            "time": 1_795_291_512_000_u64, "start_time": 1_795_291_200_000_u64,
            "severity_id": 4, "severity": "High", "status_id": 1, "status": "New",
            "message": format!("A trail was stopped: {SENTENCE}"),
            "finding_info": {
                "uid": "TrailStopped/0a1b-2c", "title": "A trail was stopped", "desc": SENTENCE,
                "analytic": { "name": "TrailStopped", "type_id": 1, "type": "Rule", "category": "threats" },
                "attacks": [
                    { "technique": { "uid": "T1562" }, "sub_technique": { "uid": "T1562.008" } },
                    { "technique": { "uid": "T1485" } },
                ],
                "data_sources": ["AWS CloudTrail"], "related_events": [{ "uid": "0a1b-2c" }], "created_time": 1_795_291_512_000_u64,
                "first_seen_time": 1_795_291_200_000_u64, "last_seen_time": 1_795_291_200_000_u64, "src_url": LINK,
            },
            "cloud": { "provider": "AWS", "account": account, "region": "eu-west-1" },
            "api": api,
            "resources": [{ "uid": trail, "cloud_partition": "aws", "type": "cloudtrail" }],
            "evidences": [{
                "actor": {
                    "user": {
                        "name": "deploy/alice", "uid": "arn:aws:sts::111122223333:assumed-role/deploy/alice",
                        "uid_alt": "AROA1:alice", "type_id": 1, "type": "User", "account": account,
                    },
                    "session": {
                        "issuer": "arn:aws:iam::111122223333:role/deploy", "credential_uid": "ASIA1", "is_mfa": false,
                    },
                },
                "src_endpoint": { "ip": "192.0.2.1" },
                "http_request": { "user_agent": "aws-cli/2" },
                "api": api,
            }],
            "observables": [
                { "name": "evidences[].src_endpoint.ip", "type_id": 2, "type": "IP Address", "value": "192.0.2.1" },
                { "name": "evidences[].actor.user.name", "type_id": 4, "type": "User Name", "value": "deploy/alice" },
                {
                    "name": "evidences[].http_request.user_agent", "type_id": 16, "type": "HTTP User-Agent",
                    "value": "aws-cli/2",
                },
                { "name": "resources[].uid", "type_id": 10, "type": "Resource UID", "value": trail },
            ],
            "unmapped": {
                "namespace": "Trailmeter/prod", "metric": "TrailStopped", "value": 1.0, "actor_kind": "role-session",
                "read_only": false, "parameters": { "requestParameters.name": "main" },
            },
        })
    );
}

#[test]
fn a_finding_of_security_hub_says_what_the_finding_says() {
    let document = asff(&whole());
    assert_eq!(mistakes(&ASFF, &document), [""; 0]);
    let severity = json!({ "Label": "HIGH", "Original": "high" });
    let types = json!(["TTPs/Defense Evasion/T1562.008", "Effects/Data Destruction/T1485"]);
    let fields = json!({
        "trailmeter/detector": "TrailStopped", "trailmeter/pack": "threats", "trailmeter/attack": "T1562.008,T1485",
        "trailmeter/namespace": "Trailmeter/prod", "trailmeter/metric": "TrailStopped", "trailmeter/value": "1",
        "trailmeter/event_id": "0a1b-2c", "trailmeter/account": "111122223333", "trailmeter/region": "eu-west-1",
        "trailmeter/actor_kind": "role-session", "trailmeter/actor": "deploy/alice",
        "trailmeter/actor_arn": "arn:aws:sts::111122223333:assumed-role/deploy/alice",
        "trailmeter/actor_account": "111122223333", "trailmeter/principal_id": "AROA1:alice",
        "trailmeter/issuer": "arn:aws:iam::111122223333:role/deploy", "trailmeter/access_key": "ASIA1",
        "trailmeter/mfa": "false", "trailmeter/source_ip": "192.0.2.1", "trailmeter/user_agent": "aws-cli/2",
        "trailmeter/read_only": "false", "trailmeter/error_code": "AccessDenied",
        "trailmeter/error_message": "no", "trailmeter/object": "s3://logs/k",
        "trailmeter/requestParameters.name": "main",
    });
    let resource = |kind: &str, id: &str| {
        let resource = json!({ "Type": kind, "Id": id, "Partition": "aws", "Region": "eu-west-1" });
        resource.as_object().unwrap().clone()
    };
    let with_role = |kind: &str, id: &str, role: &str| {
        let mut resource = resource(kind, id);
        resource.insert("ResourceRole".to_owned(), json!(role));
        resource
    };
    assert_eq!(
        document,
        json!({
            "SchemaVersion": "2018-10-08", "Id": "TrailStopped/0a1b-2c", "ProductArn": PRODUCT,
            "ProductName": "Trailmeter", "CompanyName": "Trailmeter", "GeneratorId": "trailmeter/TrailStopped",
            "AwsAccountId": "999988887777", "Types": types,
            "FirstObservedAt": "2026-11-21T20:00:00Z", "LastObservedAt": "2026-11-21T20:00:00Z",
            "CreatedAt": "2026-11-21T20:00:00Z", "UpdatedAt": "2026-11-21T20:05:12Z",
            "Severity": severity, "Title": "A trail was stopped", "Description": SENTENCE, "SourceUrl": LINK,
            "ProductFields": fields,
            "Resources": [
                with_role("AwsCloudTrailTrail", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", "TARGET"),
                with_role("AwsIamRole", "arn:aws:iam::111122223333:role/deploy", "ACTOR"),
                resource("AwsAccount", "AWS::::Account:111122223333"),
            ],
            "Action": {
                "ActionType": "AWS_API_CALL",
                "AwsApiCallAction": {
                    "Api": "StopLogging", "ServiceName": "cloudtrail.amazonaws.com", "CallerType": "remoteIp",
                    "RemoteIpDetails": { "IpAddressV4": "192.0.2.1" },
                    "FirstSeen": "2026-11-21T20:00:00Z", "LastSeen": "2026-11-21T20:00:00Z",
                },
            },
            "FindingProviderFields": { "Severity": severity, "Types": types },
            "Workflow": { "Status": "NEW" }, "RecordState": "ACTIVE",
        })
    );
}

/// A finding that knows next to nothing is still one of both formats.
#[test]
fn what_a_record_does_not_say_is_left_out() {
    let bare = finding(&json!({}));
    let (ocsf, asff) = (ocsf(&bare), asff(&bare));
    assert_eq!((mistakes(&OCSF, &ocsf), mistakes(&ASFF, &asff)), (vec![], vec![]));
    assert_eq!(ocsf["finding_info"]["uid"], "TrailStopped/s3://logs/k");
    assert_eq!(ocsf["start_time"], ocsf["time"]);
    for absent in ["api", "resources"] {
        assert_eq!(ocsf[absent], Value::Null, "{absent}");
    }
    assert_eq!(ocsf["cloud"], json!({ "provider": "AWS" }));
    assert_eq!(ocsf["finding_info"]["src_url"], Value::Null);
    assert_eq!(
        asff["Resources"],
        json!([
            { "Type": "AwsAccount", "Id": "AWS::::Account:999988887777", "Partition": "aws" },
        ])
    );
    assert_eq!(asff["Types"], json!(["Unusual Behaviors/User"]));
    assert_eq!(asff["CreatedAt"], "2026-11-21T20:05:12Z");
    assert_eq!((&asff["Action"], &asff["SourceUrl"]), (&Value::Null, &Value::Null));
    assert_eq!(asff["Description"], "unknown did what the record does not name");
}

#[test]
fn where_a_call_comes_from_stands_where_such_a_thing_stands() {
    let remote = |details: Value| json!({ "CallerType": "remoteIp", "RemoteIpDetails": details });
    for (from, endpoint, caller) in [
        ("192.0.2.1", json!({ "ip": "192.0.2.1" }), remote(json!({ "IpAddressV4": "192.0.2.1" }))),
        ("2001:db8::1", json!({ "ip": "2001:db8::1" }), json!({ "CallerType": "remoteIp" })),
        (
            "ec2.amazonaws.com",
            json!({ "svc_name": "ec2.amazonaws.com" }),
            json!({ "CallerType": "domain", "DomainDetails": { "Domain": "ec2.amazonaws.com" } }),
        ),
        (
            "AWS Internal",
            json!({ "svc_name": "AWS Internal" }),
            json!({ "CallerType": "domain", "DomainDetails": { "Domain": "AWS Internal" } }),
        ),
        (" ", Value::Null, json!({})),
    ] {
        let finding = finding(&json!({ "event_name": "StopLogging", "source_ip": from }));
        let (ocsf, asff) = (ocsf(&finding), asff(&finding));
        assert_eq!((mistakes(&OCSF, &ocsf), mistakes(&ASFF, &asff)), (vec![], vec![]), "{from}");
        assert_eq!(ocsf["evidences"][0]["src_endpoint"], endpoint, "{from}");
        let mut call = asff["Action"]["AwsApiCallAction"].as_object().unwrap().clone();
        call.retain(|name, _| ["CallerType", "RemoteIpDetails", "DomainDetails"].contains(&name.as_str()));
        assert_eq!(Value::Object(call), caller, "{from}");
    }
}

#[test]
fn each_severity_has_its_words() {
    for (severity, id, caption, label) in [
        ("informational", 1, "Informational", "INFORMATIONAL"),
        ("low", 2, "Low", "LOW"),
        ("medium", 3, "Medium", "MEDIUM"),
        ("high", 4, "High", "HIGH"),
        ("critical", 5, "Critical", "CRITICAL"),
    ] {
        let finding = finding(&json!({ "severity": severity }));
        let (ocsf, asff) = (ocsf(&finding), asff(&finding));
        assert_eq!((&ocsf["severity_id"], &ocsf["severity"]), (&json!(id), &json!(caption)));
        assert_eq!(
            asff["FindingProviderFields"]["Severity"],
            json!({ "Label": label, "Original": severity })
        );
    }
}

#[test]
fn a_link_is_made_of_ids_alone() {
    for (region, id, is_made) in [
        ("eu-west-1", "0a1b-2c", true),
        ("eu-west-1", "0a1b?x=<script>", false),
        ("eu-west-1.evil.example/", "0a1b", false),
        ("cn-north-1", "0a1b", false),
        ("us-gov-west-1", "0a1b", false),
        ("", "0a1b", false),
    ] {
        let document = asff(&finding(&json!({ "region": region, "event_id": id })));
        assert_eq!(document.get("SourceUrl").is_some(), is_made, "{region} {id}");
    }
}

/// What is new among the techniques needs a line in `attack.rs`.
#[test]
fn every_technique_of_the_packs_has_a_category() {
    let packs = crate::pack_names().into_iter().map(str::to_owned).collect::<Vec<_>>();
    let set = crate::load(&crate::packaged_files(&packs).unwrap()).unwrap();
    let ids: Vec<&String> = set.detectors().iter().flat_map(|detector| &detector.attack).collect();
    assert!(ids.len() > 100, "{}", ids.len());
    for id in ids {
        assert_ne!(attack::finding_type(id), "TTPs", "{id}");
    }
}

#[test]
fn a_product_is_the_default_one_of_an_account() {
    for arn in [PRODUCT, "arn:aws-cn:securityhub:cn-north-1:111122223333:product/111122223333/default"] {
        assert!(Product::parse(arn).is_some(), "{arn}");
    }
    for arn in [
        "",
        "arn:aws:securityhub:eu-west-1::product/acme/scanner",
        "arn:aws:securityhub:eu-west-1:999988887777:product/111122223333/default",
        "arn:aws:securityhub::999988887777:product/999988887777/default",
        "arn:aws:securityhub:eu-west-1:99998888777x:product/99998888777x/default",
        "arn:aws:guardduty:eu-west-1:999988887777:product/999988887777/default",
        "arn:aws:securityhub:eu-west-1:999988887777:product/999988887777/default:more",
    ] {
        assert_eq!(Product::parse(arn), None, "{arn}");
    }
}

#[test]
fn a_name_that_is_too_long_becomes_a_digest_that_stays_the_same() {
    let long =
        |key: &str| asff(&finding(&json!({ "object": format!("s3://logs/{}{key}", "k".repeat(900)) })));
    let (one, two) = (long("1"), long("2"));
    assert_eq!(one["Id"], long("1")["Id"]);
    assert_ne!(one["Id"], two["Id"]);
    assert_eq!(one["Id"].as_str().unwrap().len(), "TrailStopped/".len() + 32);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        Just(" \n\t".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("ä".repeat(513)),
        Just("arn:aws:s3:::b/k".to_owned()),
        Just("arn:aws:iam::111122223333:role/r".to_owned()),
        Just("192.0.2.1".to_owned()),
        Just("::ffff:192.0.2.1".to_owned()),
        Just("111122223333".to_owned()),
        Just("2026-11-21T20:00:00Z".to_owned()),
    ]
}

fn any_actor() -> impl Strategy<Value = Actor> {
    let kinds = prop_oneof![
        Just(ActorKind::Root),
        Just(ActorKind::User),
        Just(ActorKind::RoleSession),
        Just(ActorKind::AwsService),
        Just(ActorKind::Anonymous),
        Just(ActorKind::Unknown),
    ];
    let texts = prop::collection::vec(option::of(any_text()), 6);
    (kinds, any_text(), texts, any::<Option<bool>>()).prop_map(|(kind, name, texts, mfa)| {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        let (arn, account, principal_id) = (next(), next(), next());
        let (issuer, access_key, invoked_by) = (next(), next(), next());
        Actor { kind, name, arn, account, principal_id, issuer, access_key, invoked_by, mfa }
    })
}

fn any_event() -> impl Strategy<Value = Event> {
    let texts = prop::collection::vec(option::of(any_text()), 10);
    let parameters = prop::collection::btree_map(any_text(), any_text(), 0..40);
    let resources = prop::collection::vec(any_text(), 0..40);
    (any_actor(), texts, resources, parameters, any::<Option<bool>>(), 0..3_usize).prop_map(
        |(actor, texts, resources, parameters, read_only, resources_left_out)| {
            let mut texts = texts.into_iter();
            let mut next = || texts.next().flatten();
            Event {
                event_time: next(),
                event_id: next(),
                account: next(),
                region: next(),
                actor,
                source_ip: next(),
                user_agent: next(),
                event_source: next(),
                event_name: next(),
                read_only,
                resources,
                resources_left_out,
                error_code: next(),
                error_message: next(),
                parameters: parameters.into_iter().collect::<BTreeMap<_, _>>(),
            }
        },
    )
}

proptest! {
    /// Whatever stands in a record, no reader refuses what becomes of it.
    #[test]
    fn any_finding_is_a_valid_document(
        event in any_event(), title in any_text(), object in any_text(), value in option::of(any::<f64>()),
        attack in prop::collection::vec("T1[0-9]{3}(\\.[0-9]{3})?", 0..60),
        backfill in option::of("[a-z][a-z-]{0,20}"),
    ) {
        let finding = Finding {
            tag: FindingTag::Finding,
            version: Finding::VERSION,
            detector: Cow::Borrowed("TrailStopped"),
            title: Cow::Owned(title),
            severity: Severity::Low,
            pack: None,
            attack: attack.into_iter().map(Cow::Owned).collect(),
            namespace: Cow::Borrowed("Trailmeter"),
            metric: Cow::Borrowed("TrailStopped"),
            value,
            arrival_time: "2026-11-21T20:05:12Z".to_owned(),
            backfill: backfill.clone().map(Cow::Owned),
            event: Cow::Owned(event),
            object: Cow::Owned(object),
        };
        prop_assert_eq!(mistakes(&OCSF, &ocsf(&finding)), Vec::<String>::new());
        prop_assert_eq!(mistakes(&ASFF, &asff(&finding)), Vec::<String>::new());
        let fields = &asff(&finding)["ProductFields"];
        // Nobody is to be woken by the past.
        prop_assert_eq!(fields["trailmeter/backfill"].as_str(), backfill.as_deref());
        let unmapped = &ocsf(&finding)["unmapped"];
        prop_assert_eq!(unmapped["backfill"].as_str(), backfill.as_deref());
        prop_assert_eq!(&fields["trailmeter/object"].is_string(), &!words::is_blank(&finding.object));
    }
}
