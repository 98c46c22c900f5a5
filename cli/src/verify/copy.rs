//! Each chain of a copy of a bucket.

use std::collections::BTreeMap;
use std::io::{Write, stderr};
use std::path::Path;

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use trailmeter_integrity::{Chain, DigestKey, Location, Period, Tally, Trail, Unavailable, Verifier};

use super::LOG_FILES_AT_ONCE;
use super::args::VerifyArgs;
use super::check::{CheckError, check};
use super::directory::Directory;
use super::keys::Keys;
use super::report::{Report, Subject};

/// How long the period of a digest is, if none can be read that says it.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

pub(super) async fn verify(
    args: &VerifyArgs,
    root: &Path,
    now: Timestamp,
    report: &mut dyn Report,
) -> anyhow::Result<Result<Tally, CheckError>> {
    let file = args
        .public_keys
        .as_ref()
        .context("a copy is checked with public keys from a file: name it with --public-keys")?;
    // Read before anything is checked, so that a mistake in it is told first.
    Keys::from_file(file)?;
    let directory = Directory::open(root)?;
    let chains = chains(args, &directory)?;
    ensure!(
        !chains.is_empty(),
        "no digests of what was asked for below {}: it has to hold the keys of a bucket, [PREFIX/]AWSLogs/…/CloudTrail-Digest/…",
        root.display()
    );
    let mut all = Tally::default();
    for (chain, times) in &chains {
        let subject = match subject(args, &directory, chain, times) {
            Ok(subject) => subject,
            Err(error) => return Ok(Err(error.into())),
        };
        let objects = directory.as_bucket(&subject.bucket);
        let mut verifier = Verifier::new(objects, Keys::from_file(file)?, LOG_FILES_AT_ONCE);
        match check(&mut verifier, &subject, now, report).await {
            Ok(tally) => {
                all.invalid_digests += tally.invalid_digests;
                all.invalid_log_files += tally.invalid_log_files;
                all.findings += tally.findings;
            }
            Err(error) => return Ok(Err(error)),
        }
    }
    let bare = directory.without_metadata();
    if bare > 0 {
        writeln!(
            stderr(),
            "trailmeter: {bare} digest(s) have no KEY.metadata.json beside them, and without their signature they prove nothing: `aws s3api get-object` prints it"
        )?;
    }
    Ok(Ok(all))
}

/// The chains of the directory that were asked for, with the times of their first and last digest.
fn chains(args: &VerifyArgs, directory: &Directory) -> anyhow::Result<BTreeMap<Chain, Period>> {
    let trail = args.trail_arn.as_deref().map(Trail::of_arn).transpose().context("--trail-arn")?;
    let is_asked = |asked: &Option<String>, is: &str| asked.as_deref().is_none_or(|asked| asked == is);
    let mut chains: BTreeMap<Chain, Period> = BTreeMap::new();
    for key in directory.all_keys().iter().filter_map(|key| DigestKey::parse(key)) {
        let DigestKey { chain, time } = key;
        let is_of_trail = trail.as_ref().is_none_or(|trail| {
            let is_of_account =
                chain.organization.is_some() || args.account_id.is_some() || chain.account == trail.account;
            trail.names(&chain) && is_of_account
        });
        if is_of_trail
            && is_asked(&args.account_id, &chain.account)
            && is_asked(&args.region, &chain.region)
            && is_asked(&args.s3_prefix, &chain.prefix)
        {
            let chain = Chain { is_backfill: false, ..chain };
            let times = chains.entry(chain).or_insert(Period { from: time, to: time });
            times.from = times.from.min(time);
            times.to = times.to.max(time);
        }
    }
    Ok(chains)
}

/// What is checked of a chain: of a copy all there is, unless something else is asked for.
fn subject(
    args: &VerifyArgs,
    directory: &Directory,
    chain: &Chain,
    times: &Period,
) -> Result<Subject, Unavailable> {
    let mut bucket = args.s3_bucket.clone();
    let mut first_start = None;
    // The oldest digest says when the time begins, any one of them which bucket this is a copy of.
    let own = directory.all_keys().iter().filter(|key| {
        DigestKey::parse(key).is_some_and(|key| Chain { is_backfill: false, ..key.chain } == *chain)
    });
    for key in own {
        if bucket.is_some() && first_start.is_some() {
            break;
        }
        let fetched = directory.read_claims(&Location::new("", key))?;
        if let Some(claims) = fetched.claims() {
            bucket.get_or_insert(claims.location.bucket);
            first_start.get_or_insert(claims.start);
        }
    }
    let before = times.from.checked_sub(HOUR).unwrap_or(times.from);
    let from = args.start_time.map_or(first_start.unwrap_or(before), |start| start.0);
    let to = args.end_time.map_or(times.to, |end| end.0);
    let title = match &args.trail_arn {
        Some(arn) => format!("for trail {arn}"),
        None => format!("for trail {} of {} in {}", chain.trail, chain.account, chain.region),
    };
    let period = Period { from, to: to.max(from) };
    Ok(Subject { title, bucket: bucket.unwrap_or_default(), chain: chain.clone(), period })
}
