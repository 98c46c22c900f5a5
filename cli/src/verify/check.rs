//! One chain, checked and told.

use std::io;

use jiff::{SignedDuration, Timestamp};
use trailmeter_integrity::{
    Chain, Event, KeyService, Listing, NamedLogFiles, Objects, Tally, Unavailable, Verifier, Walk,
};

use super::report::{Report, Subject};

/// How long after its hour a digest may come. They come within minutes; an outage takes longer.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// Public keys are asked for so long beyond the end: the last digest is signed after it.
const KEYS_BEYOND: SignedDuration = SignedDuration::from_hours(2);

/// Why a check did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum CheckError {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// Checks a chain and that of its backfill digests. Returns what all adds up to.
pub(super) async fn check<O: Objects, K: KeyService>(
    verifier: &mut Verifier<O, K>,
    subject: &Subject,
    now: Timestamp,
    report: &mut dyn Report,
) -> Result<Tally, CheckError> {
    let Subject { bucket, chain, period, .. } = subject;
    report.start(subject)?;
    let beyond = period.to.checked_add(KEYS_BEYOND).unwrap_or(period.to);
    let keys = verifier.keys().fetch(&chain.region, period.from, beyond).await;
    keys.map_err(Unavailable::from)?;
    let listing = Listing::read(verifier.objects(), bucket, chain, *period).await;
    let listing = listing.map_err(Unavailable::from)?;
    let mut named = NamedLogFiles::new();
    let mut tallies = [Tally::default(), Tally::default()];
    let mut told = Ok(());
    for (is_backfill, tally) in [false, true].into_iter().zip(&mut tallies) {
        let walk = Walk {
            bucket: bucket.clone(),
            chain: Chain { is_backfill, ..chain.clone() },
            period: *period,
            now,
            grace: GRACE,
        };
        let mut tell = |event: Event<'_>| {
            tally.add(&event);
            if let Event::Digest(digest) = event {
                named.add(digest);
            }
            // After a line that could not be written there is no use in the next.
            if told.is_ok() {
                told = report.event(&event, is_backfill);
            }
        };
        verifier.walk(&walk, &listing, &mut tell).await?;
    }
    told?;
    let [digests, backfills] = &tallies;
    report.walked(subject, digests, backfills)?;
    let mut all = Tally {
        valid_digests: digests.valid_digests + backfills.valid_digests,
        invalid_digests: digests.invalid_digests + backfills.invalid_digests,
        valid_log_files: digests.valid_log_files + backfills.valid_log_files,
        invalid_log_files: digests.invalid_log_files + backfills.invalid_log_files,
        findings: digests.findings + backfills.findings,
        gap_minutes: digests.gap_minutes + backfills.gap_minutes,
        found: subject.found(digests, backfills),
    };
    let is_alone = listing.others.is_empty();
    if is_alone {
        let mut told = Ok(());
        let mut tell = |event: Event<'_>| {
            all.add(&event);
            if told.is_ok() {
                told = report.event(&event, false);
            }
        };
        verifier.unnamed(bucket, chain, &named, &mut tell).await.map_err(Unavailable::from)?;
        told?;
    }
    report.end(subject, &all, is_alone)?;
    Ok(all)
}
