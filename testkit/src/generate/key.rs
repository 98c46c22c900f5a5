//! Keys as CloudTrail lays them out.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>

use jiff::{Timestamp, tz::TimeZone};

use super::plan::Plan;
use crate::rng::{ALPHANUMERIC, Rng};

/// The folders below an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    Events,
    Insight,
    NetworkActivity,
    Aggregated,
    Digest,
}

impl Folder {
    const fn name(self) -> &'static str {
        match self {
            Self::Events => "CloudTrail",
            Self::Insight => "CloudTrail-Insight",
            Self::NetworkActivity => "CloudTrail-NetworkActivity",
            Self::Aggregated => "CloudTrail-Aggregated",
            Self::Digest => "CloudTrail-Digest",
        }
    }
}

/// Whose file it is and when it is delivered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Index into the plan's accounts.
    pub(super) account: usize,
    /// Index into the plan's regions.
    pub(super) region: usize,
    /// Time of delivery.
    pub(super) delivered: Timestamp,
}

/// The key of a file in one of CloudTrail's folders.
pub(super) fn of_log(plan: &Plan, folder: Folder, place: Place, rng: &mut Rng) -> String {
    let (account, region) = (&plan.accounts[place.account], &plan.regions[place.region]);
    let time = place.delivered.to_zoned(TimeZone::UTC);
    let name = folder.name();
    let unique = unique(rng);
    let file = match folder {
        // A digest's name carries the trail and its home region, and seconds.
        Folder::Digest => {
            format!(
                "{account}_{name}_{region}_management-events_{region}_{}.json.gz",
                time.strftime("%Y%m%dT%H%M%SZ")
            )
        }
        _ => format!("{account}_{name}_{region}_{}_{unique}.json.gz", time.strftime("%Y%m%dT%H%MZ")),
    };
    let day = time.strftime("%Y/%m/%d");
    format!("{}{account}/{name}/{region}/{day}/{file}", above_account(plan))
}

/// The key of an object of another service in the same bucket: load balancers share the layout.
/// The name ends as no CloudTrail file's does, so a copy on a disk is none either.
pub(super) fn of_other(plan: &Plan, place: Place, rng: &mut Rng) -> String {
    let (account, region) = (&plan.accounts[place.account], &plan.regions[place.region]);
    let time = place.delivered.to_zoned(TimeZone::UTC);
    let (day, minute) = (time.strftime("%Y/%m/%d"), time.strftime("%Y%m%dT%H%MZ"));
    let (service, unique) = ("elasticloadbalancing", unique(rng));
    format!(
        "{}{account}/{service}/{region}/{day}/{account}_{service}_{region}_app.CloudTrail.0a1b2c3d_{minute}_192.0.2.7_{unique}.log.gz",
        above_account(plan),
    )
}

fn above_account(plan: &Plan) -> String {
    let prefix = plan.prefix.as_ref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let organization = plan.organization.as_ref().map(|id| format!("{id}/")).unwrap_or_default();
    format!("{prefix}AWSLogs/{organization}")
}

fn unique(rng: &mut Rng) -> String {
    let mut unique = Vec::with_capacity(16);
    rng.text(ALPHANUMERIC, 16, &mut unique);
    String::from_utf8_lossy(&unique).into_owned()
}
