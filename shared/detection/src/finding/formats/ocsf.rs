//! The Open Cybersecurity Schema Framework: a Detection Finding, class 2004, with the profile `cloud`.
//!
//! Actor, endpoint and request are no attributes of a finding there but of its evidence. Amazon Security Lake puts the
//! fields of `userIdentity` into the same places, so that findings and the events behind them can be joined.
//!
//! Source: <https://schema.ocsf.io/1.6.0/classes/detection_finding?profiles=cloud>

use core::net::IpAddr;

use serde_json::{Value, json};

use super::attack::technique;
use super::object;
use super::words::{arrival_time, console, event_time, is_blank, sentence};
use crate::detector::Severity;
use crate::finding::{Actor, ActorKind, Event, Finding};

/// The version of the schema that it is held to.
const VERSION: &str = "1.6.0";
const CLASS: u32 = 2004;
const CREATE: u32 = 1;

pub(super) fn document(finding: &Finding<'_>) -> Value {
    let event = &*finding.event;
    let (severity_id, severity) = severity(finding.severity);
    object([
        ("metadata", metadata(finding)),
        ("category_uid", json!(2)),
        ("category_name", json!("Findings")),
        ("class_uid", json!(CLASS)),
        ("class_name", json!("Detection Finding")),
        ("activity_id", json!(CREATE)),
        ("activity_name", json!("Create")),
        ("type_uid", json!(CLASS * 100 + CREATE)),
        ("type_name", json!("Detection Finding: Create")),
        ("time", json!(arrival_time(finding).as_millisecond())),
        ("start_time", json!(event_time(finding).as_millisecond())),
        ("severity_id", json!(severity_id)),
        ("severity", json!(severity)),
        ("status_id", json!(1)),
        ("status", json!("New")),
        ("message", json!(format!("{}: {}", finding.title, sentence(finding)))),
        ("finding_info", finding_info(finding)),
        ("cloud", cloud(event)),
        ("api", api(event)),
        ("resources", resources(event)),
        ("evidences", evidences(event)),
        ("observables", observables(event)),
        ("unmapped", unmapped(finding)),
    ])
}

fn severity(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::Informational => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn metadata(finding: &Finding<'_>) -> Value {
    let product = object([
        ("name", json!("Trailmeter")),
        ("vendor_name", json!("Trailmeter")),
        ("version", json!(env!("CARGO_PKG_VERSION"))),
    ]);
    object([
        ("version", json!(VERSION)),
        ("product", product),
        ("profiles", json!(["cloud"])),
        ("uid", json!(finding.id().to_string())),
        ("event_code", json!(finding.detector)),
        ("log_provider", json!("CloudTrail")),
        ("log_name", json!(finding.object)),
    ])
}

fn finding_info(finding: &Finding<'_>) -> Value {
    let seen = event_time(finding).as_millisecond();
    let analytic = object([
        ("name", json!(finding.detector)),
        ("type_id", json!(1)),
        ("type", json!("Rule")),
        ("category", json!(finding.pack)),
    ]);
    object([
        ("uid", json!(finding.id().to_string())),
        ("title", json!(finding.title)),
        ("desc", json!(sentence(finding))),
        ("analytic", analytic),
        ("attacks", finding.attack.iter().map(|id| attack(id)).collect()),
        ("data_sources", json!(["AWS CloudTrail"])),
        ("related_events", related_events(&finding.event)),
        ("created_time", json!(arrival_time(finding).as_millisecond())),
        ("first_seen_time", json!(seen)),
        ("last_seen_time", json!(seen)),
        ("src_url", json!(console(finding))),
    ])
}

/// The record, as CloudTrail calls it.
fn related_events(event: &Event) -> Value {
    match event.event_id.as_deref().filter(|id| !is_blank(id)) {
        Some(id) => json!([{ "uid": id }]),
        None => Value::Null,
    }
}

fn attack(id: &str) -> Value {
    let technique = technique(id);
    object([
        ("technique", json!({ "uid": technique })),
        ("sub_technique", if technique == id { Value::Null } else { json!({ "uid": id }) }),
    ])
}

fn cloud(event: &Event) -> Value {
    object([
        ("provider", json!("AWS")),
        ("account", account(event.account.as_deref())),
        ("region", json!(event.region)),
    ])
}

fn account(id: Option<&str>) -> Value {
    match id {
        Some(id) if !is_blank(id) => json!({ "uid": id, "type_id": 10, "type": "AWS Account" }),
        _ => Value::Null,
    }
}

fn api(event: &Event) -> Value {
    let Some(operation) = event.event_name.as_deref().filter(|name| !is_blank(name)) else {
        return Value::Null;
    };
    object([
        ("operation", json!(operation)),
        ("service", object([("name", json!(event.event_source))])),
        (
            "response",
            object([("error", json!(event.error_code)), ("error_message", json!(event.error_message))]),
        ),
    ])
}

fn resources(event: &Event) -> Value {
    let named = event.resources.iter().filter(|arn| !is_blank(arn));
    let resource = |arn: &String| {
        let mut parts = arn.split(':').skip(1);
        let (partition, service) = (parts.next(), parts.next());
        object([("uid", json!(arn)), ("cloud_partition", json!(partition)), ("type", json!(service))])
    };
    named.map(resource).collect()
}

fn evidences(event: &Event) -> Value {
    let evidence = object([
        ("actor", actor(&event.actor)),
        ("src_endpoint", source(event)),
        ("http_request", object([("user_agent", json!(event.user_agent))])),
        ("api", api(event)),
    ]);
    // A request alone is no evidence there.
    let is_evidence = ["actor", "src_endpoint", "api"].iter().any(|name| evidence.get(name).is_some());
    if is_evidence { json!([evidence]) } else { Value::Null }
}

fn actor(actor: &Actor) -> Value {
    let (type_id, kind) = match actor.kind {
        ActorKind::Root => (2, "Admin"),
        ActorKind::AwsService => (3, "System"),
        ActorKind::Anonymous | ActorKind::Unknown => (0, "Unknown"),
        _ => (1, "User"),
    };
    let user = object([
        ("name", json!(actor.name)),
        ("uid", json!(actor.arn)),
        ("uid_alt", json!(actor.principal_id)),
        ("type_id", json!(type_id)),
        ("type", json!(kind)),
        ("account", account(actor.account.as_deref())),
    ]);
    let is_somebody = ["name", "uid", "account"].iter().any(|member| user.get(member).is_some());
    let session = object([
        ("issuer", json!(actor.issuer)),
        ("credential_uid", json!(actor.access_key)),
        ("is_mfa", json!(actor.mfa)),
    ]);
    object([
        ("user", if is_somebody { user } else { Value::Null }),
        ("session", session),
        ("app_name", json!(actor.invoked_by)),
    ])
}

/// An address, or the service that called.
fn source(event: &Event) -> Value {
    let Some(from) = &event.source_ip else { return Value::Null };
    object([(if address(from).is_some() { "ip" } else { "svc_name" }, json!(from))])
}

fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// What one searches for across products.
fn observables(event: &Event) -> Value {
    let mut found = Vec::new();
    if let Some(from) = event.source_ip.as_deref().filter(|from| address(from).is_some()) {
        found.push(observable("evidences[].src_endpoint.ip", 2, "IP Address", from));
    }
    found.push(observable("evidences[].actor.user.name", 4, "User Name", &event.actor.name));
    if let Some(agent) = &event.user_agent {
        found.push(observable("evidences[].http_request.user_agent", 16, "HTTP User-Agent", agent));
    }
    let resources = event.resources.iter().map(|arn| observable("resources[].uid", 10, "Resource UID", arn));
    found.extend(resources);
    found.retain(|observable| observable.get("value").is_some());
    Value::Array(found)
}

fn observable(name: &str, type_id: u32, kind: &str, value: &str) -> Value {
    object([
        ("name", json!(name)),
        ("type_id", json!(type_id)),
        ("type", json!(kind)),
        ("value", json!(value)),
    ])
}

/// What the schema has no place for, by the names it has in a finding.
fn unmapped(finding: &Finding<'_>) -> Value {
    let left_out = finding.event.resources_left_out;
    object([
        ("namespace", json!(finding.namespace)),
        ("metric", json!(finding.metric)),
        ("backfill", json!(finding.backfill)),
        ("value", json!(finding.value)),
        ("actor_kind", json!(finding.event.actor.kind.word())),
        ("read_only", json!(finding.event.read_only)),
        ("resources_left_out", if left_out == 0 { Value::Null } else { json!(left_out) }),
        ("parameters", json!(finding.event.parameters)),
    ])
}
