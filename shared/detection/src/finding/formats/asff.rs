//! The AWS Security Finding Format, as `BatchImportFindings` takes it.
//!
//! Security Hub takes findings of the account that sends them and of no other, so `AwsAccountId` is the account of the
//! product; the account that the event happened in is among the resources and the product's fields.
//!
//! Source: <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html>

mod resources;

use core::net::{IpAddr, Ipv4Addr};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::attack::finding_type;
use super::object;
use super::words::{arrival_time, console, event_time, first, is_blank, sentence};
use crate::detector::Severity;
use crate::finding::{Event, Finding};

const LONGEST_ID: usize = 512;
const LONGEST_TITLE: usize = 256;
const LONGEST_DESCRIPTION: usize = 1024;
const LONGEST_FIELD_NAME: usize = 128;
const LONGEST_FIELD: usize = 2048;
const MOST_FIELDS: usize = 50;
const MOST_TYPES: usize = 50;

/// A product of Security Hub, by its ARN: the one that every account has for findings of its own making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    arn: String,
    partition: String,
    account: String,
}

impl Product {
    /// From `arn:PARTITION:securityhub:REGION:ACCOUNT:product/ACCOUNT/default`.
    pub fn parse(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", partition, "securityhub", region, account, product] = parts[..] else { return None };
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_default = product == format!("product/{account}/default");
        let is_whole = !partition.is_empty() && !region.is_empty() && is_account && is_default;
        is_whole.then(|| Self {
            arn: arn.to_owned(),
            partition: partition.to_owned(),
            account: account.to_owned(),
        })
    }
}

pub(super) fn document(finding: &Finding<'_>, product: &Product) -> Value {
    let seen = event_time(finding).to_string();
    let severity = json!({ "Label": label(finding.severity), "Original": finding.severity.word() });
    let types = types(finding);
    object([
        ("SchemaVersion", json!("2018-10-08")),
        ("Id", json!(id(finding))),
        ("ProductArn", json!(product.arn)),
        ("ProductName", json!("Trailmeter")),
        ("CompanyName", json!("Trailmeter")),
        ("GeneratorId", json!(format!("trailmeter/{}", first(&finding.detector, 256)))),
        ("AwsAccountId", json!(product.account)),
        ("Types", json!(types)),
        ("FirstObservedAt", json!(seen)),
        ("LastObservedAt", json!(seen)),
        ("CreatedAt", json!(seen)),
        // An import changes a finding that is there only if it is younger, and each attempt is.
        ("UpdatedAt", json!(arrival_time(finding).to_string())),
        ("Severity", severity.clone()),
        ("Title", json!(or_none(&first(&finding.title, LONGEST_TITLE)))),
        ("Description", json!(or_none(&first(&sentence(finding), LONGEST_DESCRIPTION)))),
        ("SourceUrl", json!(console(finding))),
        ("ProductFields", product_fields(finding)),
        ("Resources", resources::of(finding, product)),
        ("Action", action(&finding.event, &seen)),
        ("FindingProviderFields", json!({ "Severity": severity, "Types": types })),
        ("Workflow", json!({ "Status": "NEW" })),
        ("RecordState", json!("ACTIVE")),
    ])
}

fn label(severity: Severity) -> String {
    severity.word().to_uppercase()
}

/// The finding's own, unless that is longer than Security Hub takes: an object's key can be, and then a digest of it
/// is as much of a name.
fn id(finding: &Finding<'_>) -> String {
    let id = finding.id().to_string();
    if id.chars().count() <= LONGEST_ID {
        return id;
    }
    let digest = Sha256::digest(&id);
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    let digest = format!("{:032x}", u128::from_be_bytes(half));
    format!("{}/{digest}", first(&finding.detector, 256))
}

fn types(finding: &Finding<'_>) -> Vec<String> {
    let mut types: Vec<String> = finding.attack.iter().map(|id| finding_type(id)).collect();
    types.dedup();
    types.truncate(MOST_TYPES);
    if types.is_empty() {
        types.push("Unusual Behaviors/User".to_owned());
    }
    types
}

/// Blank texts are refused with the finding that bears them.
fn or_none(text: &str) -> &str {
    if is_blank(text) { "none" } else { text }
}

fn action(event: &Event, seen: &str) -> Value {
    let Some(api) = event.event_name.as_deref().filter(|name| !is_blank(name)) else {
        return Value::Null;
    };
    let from = event.source_ip.as_deref().filter(|from| !is_blank(from));
    let (caller, ip, domain) = match from.map(|from| (from, from.parse::<IpAddr>())) {
        None => (None, None, None),
        Some((_, Ok(IpAddr::V4(address)))) => (Some("remoteIp"), Some(address), None::<&str>),
        // There is a place for old addresses only; the product's fields have any.
        Some((_, Ok(IpAddr::V6(_)))) => (Some("remoteIp"), None::<Ipv4Addr>, None),
        Some((service, Err(_))) => (Some("domain"), None, Some(service)),
    };
    let call = object([
        ("Api", json!(api)),
        ("ServiceName", json!(event.event_source)),
        ("CallerType", json!(caller)),
        ("RemoteIpDetails", object([("IpAddressV4", json!(ip))])),
        ("DomainDetails", object([("Domain", json!(domain))])),
        ("FirstSeen", json!(seen)),
        ("LastSeen", json!(seen)),
    ]);
    json!({ "ActionType": "AWS_API_CALL", "AwsApiCallAction": call })
}

/// What the format has no place for, and what one would search for by name.
fn product_fields(finding: &Finding<'_>) -> Value {
    let event = &*finding.event;
    let actor = &event.actor;
    let yes = |value: Option<bool>| value.map(|value| value.to_string());
    let known = [
        ("detector", Some(finding.detector.to_string())),
        ("pack", finding.pack.as_deref().map(str::to_owned)),
        ("attack", (!finding.attack.is_empty()).then(|| finding.attack.join(","))),
        ("namespace", Some(finding.namespace.to_string())),
        ("metric", Some(finding.metric.to_string())),
        ("value", finding.value.map(|value| value.to_string())),
        // Before what could be cut: whoever answers to findings has to tell the past from now.
        ("backfill", finding.backfill.as_deref().map(str::to_owned)),
        ("event_id", event.event_id.clone()),
        ("account", event.account.clone()),
        ("region", event.region.clone()),
        ("actor_kind", Some(actor.kind.word().to_owned())),
        ("actor", Some(actor.name.clone())),
        ("actor_arn", actor.arn.clone()),
        ("actor_account", actor.account.clone()),
        ("principal_id", actor.principal_id.clone()),
        ("issuer", actor.issuer.clone()),
        ("access_key", actor.access_key.clone()),
        ("invoked_by", actor.invoked_by.clone()),
        ("mfa", yes(actor.mfa)),
        ("source_ip", event.source_ip.clone()),
        ("user_agent", event.user_agent.clone()),
        ("read_only", yes(event.read_only)),
        ("error_code", event.error_code.clone()),
        ("error_message", event.error_message.clone()),
        ("object", Some(finding.object.to_string())),
    ];
    let known = known.into_iter().filter_map(|(name, value)| Some((format!("trailmeter/{name}"), value?)));
    let asked = event.parameters.iter().map(|(name, value)| (format!("trailmeter/{name}"), value.clone()));
    let all = known.chain(asked).filter(|(_, value)| !is_blank(value));
    let fields: Map<String, Value> = all
        .take(MOST_FIELDS)
        .map(|(name, value)| (first(&name, LONGEST_FIELD_NAME), json!(first(&value, LONGEST_FIELD))))
        .collect();
    Value::Object(fields)
}
