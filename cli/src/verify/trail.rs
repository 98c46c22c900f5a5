//! A trail's bucket in AWS.

use anyhow::{Context, ensure};
use jiff::Timestamp;
use trailmeter_aws::Clients;
use trailmeter_integrity::{Chain, FetchError, Objects, Period, Tally, Trail, Unavailable, Verifier};

use super::LOG_FILES_AT_ONCE;
use super::args::VerifyArgs;
use super::check::{CheckError, check};
use super::keys::Keys;
use super::report::{Report, Subject};

/// So many organisations are looked through in a bucket that is said to be an organisation's.
const MOST_ORGANIZATIONS: usize = 100;

pub(super) async fn verify(
    args: &VerifyArgs,
    now: Timestamp,
    report: &mut dyn Report,
) -> anyhow::Result<Result<Tally, CheckError>> {
    let arn = args.trail_arn.as_deref().unwrap_or_default();
    let trail = Trail::of_arn(arn).context("--trail-arn")?;
    let from = args.start_time.context("--start-time is needed")?.0;
    let to = args.end_time.map_or(now, |end| end.0);
    ensure!(from <= to, "the time range is reversed: --start-time is in the future");
    let clients = Clients::load().await;
    let keys = match &args.public_keys {
        Some(file) => Keys::from_file(file)?,
        None => Keys::CloudTrail(Box::new(clients.public_keys())),
    };
    let (bucket, prefix, is_of_organization) = if let Some(bucket) = &args.s3_bucket {
        (bucket.clone(), String::new(), false)
    } else {
        let place = clients.trail_place(arn).await?;
        (place.bucket, place.prefix, place.is_of_organization)
    };
    ensure!(
        !is_of_organization || args.account_id.is_some(),
        "the trail records an organization: say with --account-id whose log files to check"
    );
    let prefix = args.s3_prefix.clone().unwrap_or(prefix);
    let region = args.region.as_deref().or(clients.region()).unwrap_or(&trail.home_region);
    let chain = Chain {
        prefix: prefix.trim_end_matches('/').to_owned(),
        organization: None,
        account: args.account_id.clone().unwrap_or(trail.account),
        region: region.to_owned(),
        trail: trail.name,
        home_region: trail.home_region.clone(),
        is_backfill: false,
    };
    let objects = clients.digest_buckets();
    let chain = match placed(&objects, &bucket, chain).await {
        Ok(chain) => chain,
        Err(error) => return Ok(Err(Unavailable::from(error).into())),
    };
    let subject = Subject { title: format!("for trail {arn}"), bucket, chain, period: Period { from, to } };
    let mut verifier = Verifier::new(objects, keys, LOG_FILES_AT_ONCE);
    Ok(check(&mut verifier, &subject, now, report).await)
}

/// Where the chain lies: below the account, or below the organisation that the account is a member of.
///
/// The bucket is asked, and not Organizations: only the management account and delegated administrators may ask that
/// one, and a member that has left is none any more.
async fn placed(objects: &impl Objects, bucket: &str, chain: Chain) -> Result<Chain, FetchError> {
    if !objects.keys(bucket, &chain.folder(), "").await?.is_empty() {
        return Ok(chain);
    }
    let below = if chain.prefix.is_empty() { String::new() } else { format!("{}/", chain.prefix) };
    let organizations = format!("{below}AWSLogs/o-");
    let mut after = String::new();
    for _ in 0..MOST_ORGANIZATIONS {
        let page = objects.keys(bucket, &organizations, &after).await?;
        let next =
            page.first().and_then(|key| key.strip_prefix(&format!("{below}AWSLogs/"))?.split('/').next());
        let Some(organization) = next else { break };
        let member = Chain { organization: Some(organization.to_owned()), ..chain.clone() };
        if !objects.keys(bucket, &member.folder(), "").await?.is_empty() {
            return Ok(member);
        }
        // Behind all keys of this organisation: a zero comes right after a slash.
        after = format!("{below}AWSLogs/{organization}0");
    }
    Ok(chain)
}
