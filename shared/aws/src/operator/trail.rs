//! What `CloudTrail` says of a trail.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType, Trail,
};
use aws_smithy_types::DateTime;

use super::ask::{Asked, failed};

/// How a trail is set up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailFacts {
    /// Its ARN.
    pub arn: String,
    /// The bucket that it writes to.
    pub bucket: String,
    /// What it writes before `AWSLogs/`.
    pub prefix: Option<String>,
    /// The topic that it notifies.
    pub topic: Option<String>,
    /// The key that it encrypts with.
    pub key: Option<String>,
    /// Whether it records all regions.
    pub is_multi_region: bool,
    /// Whether it records what belongs to no region, such as IAM.
    pub has_global_events: bool,
    /// Whether it writes digests.
    pub validates: bool,
}

/// How a trail fares. Times are seconds of the epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailStatus {
    /// Whether it records at all.
    pub is_logging: bool,
    /// What S3 answered to the last delivery that failed; gone with the next that does not.
    pub delivery_error: Option<String>,
    /// The last file that was delivered.
    pub delivered: Option<i64>,
    /// The same for digests.
    pub digest_error: Option<String>,
    /// The same for notifications.
    pub notification_error: Option<String>,
}

/// What a trail records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Management events that read.
    pub management_reads: bool,
    /// Management events that change something.
    pub management_writes: bool,
    /// Services whose management events are left out.
    pub excluded_sources: Vec<String>,
    /// Types of resources whose data events are recorded, at least of some resources.
    pub data_types: Vec<String>,
}

/// The trails of a region, shadows of those of others included; or the one with this ARN.
pub(super) async fn trails(client: &Client, arn: Option<&str>) -> Asked<Vec<TrailFacts>> {
    let request = client.describe_trails().set_trail_name_list(arn.map(|arn| vec![arn.to_owned()]));
    let answer = request.send().await.map_err(failed("cloudtrail:DescribeTrails"))?;
    Ok(answer.trail_list().iter().map(facts).collect())
}

fn facts(trail: &Trail) -> TrailFacts {
    let filled = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    TrailFacts {
        arn: trail.trail_arn().unwrap_or_default().to_owned(),
        bucket: trail.s3_bucket_name().unwrap_or_default().to_owned(),
        prefix: filled(trail.s3_key_prefix()),
        topic: filled(trail.sns_topic_arn()),
        key: filled(trail.kms_key_id()),
        is_multi_region: trail.is_multi_region_trail().unwrap_or(false),
        has_global_events: trail.include_global_service_events().unwrap_or(false),
        validates: trail.log_file_validation_enabled().unwrap_or(false),
    }
}

pub(super) async fn status(client: &Client, arn: &str) -> Asked<TrailStatus> {
    let answer = client.get_trail_status().name(arn).send().await;
    let answer = answer.map_err(failed("cloudtrail:GetTrailStatus"))?;
    let filled = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(TrailStatus {
        is_logging: answer.is_logging().unwrap_or(false),
        delivery_error: filled(answer.latest_delivery_error()),
        delivered: answer.latest_delivery_time().map(DateTime::secs),
        digest_error: filled(answer.latest_digest_delivery_error()),
        notification_error: filled(answer.latest_notification_error()),
    })
}

pub(super) async fn recorded(client: &Client, arn: &str) -> Asked<Recorded> {
    let answer = client.get_event_selectors().trail_name(arn).send().await;
    let answer = answer.map_err(failed("cloudtrail:GetEventSelectors"))?;
    let mut found = Recorded::default();
    answer.event_selectors().iter().for_each(|selector| basic(&mut found, selector));
    answer.advanced_event_selectors().iter().for_each(|selector| advanced(&mut found, selector));
    Ok(found)
}

fn basic(found: &mut Recorded, selector: &EventSelector) {
    // What is not said is the default: management events of both kinds.
    if selector.include_management_events().unwrap_or(true) {
        found.management_reads |= selector.read_write_type() != Some(&ReadWriteType::WriteOnly);
        found.management_writes |= selector.read_write_type() != Some(&ReadWriteType::ReadOnly);
        found.excluded_sources.extend(selector.exclude_management_event_sources().iter().cloned());
    }
    let resources = selector.data_resources().iter().filter(|resource| !resource.values().is_empty());
    found.data_types.extend(resources.filter_map(|resource| resource.r#type().map(str::to_owned)));
}

fn advanced(found: &mut Recorded, selector: &AdvancedEventSelector) {
    let field = |name: &str| selector.field_selectors().iter().find(|field| field.field() == name);
    let equals = |name: &str| field(name).map(AdvancedFieldSelector::equals).unwrap_or_default();
    match equals("eventCategory").first().map(String::as_str) {
        Some("Management") => {
            let read_only = equals("readOnly").first().map(String::as_str);
            found.management_reads |= read_only != Some("false");
            found.management_writes |= read_only != Some("true");
            let excluded = field("eventSource").map(AdvancedFieldSelector::not_equals);
            found.excluded_sources.extend(excluded.unwrap_or_default().iter().cloned());
        }
        Some("Data") => found.data_types.extend(equals("resources.type").iter().cloned()),
        _ => {}
    }
}
