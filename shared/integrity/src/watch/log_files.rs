//! The log files that a digest names: whether they are what was delivered, and whether they were counted.

use futures_util::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};

use super::look::gone;
use super::{
    Deliveries, KeyService, LogBody, LogBucket, Looked, Memory, Moment, Postponed, StoredFile, Watch,
};
use crate::{LogHasher, NamedLogFile, Reason, VerifiedDigest};

/// Log files that are read at the same time. Each takes some 32 KiB and a connection.
const AT_A_TIME: usize = 32;

/// A file that was written later than this before now may still be on its way to who counts it.
const MAY_BE_UNDER_WAY: SignedDuration = SignedDuration::from_mins(30);

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What a log file turned out to be.
enum Read {
    Judged { reason: Option<Reason>, file: StoredFile, written: Option<Timestamp> },
    Gone(Reason),
}

impl<B, K, D, M> Watch<B, K, D, M>
where
    B: LogBucket + Sync,
    K: KeyService + Sync,
    D: Deliveries + Sync,
    M: Memory + Sync,
{
    pub(super) async fn log_files(
        &self,
        verified: &VerifiedDigest,
        moment: Moment<'_>,
        looked: &mut Looked,
    ) -> Result<(), Postponed> {
        let digest = verified.digest();
        let mut reads = stream::iter(&digest.log_files)
            .map(|named| async move { (named, self.log_file(named, moment).await) })
            .buffered(AT_A_TIME);
        let mut stored = Vec::new();
        while let Some((named, read)) = reads.next().await {
            match read? {
                Read::Gone(reason) => {
                    looked.find(self.why_gone(reason, digest.end, moment), &named.location);
                }
                Read::Judged { reason: Some(reason), .. } => looked.find(reason, &named.location),
                Read::Judged { reason: None, file, written } => {
                    looked.log_files_valid += 1;
                    stored.push((file, written));
                }
            }
        }
        drop(reads);
        if moment.since(digest.end)
            < DAY.saturating_mul(self.settings.ledger_days.try_into().unwrap_or(i32::MAX))
        {
            self.catch_up(stored, moment, looked).await?;
        }
        Ok(())
    }

    async fn log_file(&self, named: &NamedLogFile, moment: Moment<'_>) -> Result<Read, Postponed> {
        if moment.is_late() {
            return Err(Postponed::OutOfTime);
        }
        let at = &named.location;
        // Rather than read any bucket that a file may name.
        if at.bucket != self.settings.bucket {
            return Ok(Read::Gone(Reason::Foreign));
        }
        let failed = |error| Postponed::Bucket(at.clone(), error);
        let mut body = match self.bucket.open(at).await {
            Ok(body) => body,
            Err(error) => return gone(&error).map(Read::Gone).ok_or_else(|| failed(error)),
        };
        let file = StoredFile { location: at.clone(), version: body.version().to_owned() };
        let written = body.written();
        let mut hasher = LogHasher::new();
        let mut taken = Ok(());
        while taken.is_ok()
            && let Some(chunk) = body.next_chunk().await.map_err(failed)?
        {
            taken = hasher.push(chunk.as_ref());
        }
        let hash = taken.and_then(|()| hasher.finish());
        let judged = named.judge(hash.as_deref().map_err(|error| *error));
        Ok(Read::Judged { reason: judged.err(), file, written })
    }

    /// A digest names what was delivered, so that a file which is gone was there.
    fn why_gone(&self, reason: Reason, digest_end: Timestamp, moment: Moment<'_>) -> Reason {
        let is_expired = self.settings.expires_days.is_some_and(|days| {
            moment.since(digest_end) >= DAY.saturating_mul(days.try_into().unwrap_or(i32::MAX))
        });
        match reason {
            Reason::NotFound | Reason::Deleted if is_expired => Reason::Expired,
            reason => reason,
        }
    }

    /// Finds files that nobody has begun to count, and has them counted.
    async fn catch_up(
        &self,
        stored: Vec<(StoredFile, Option<Timestamp>)>,
        moment: Moment<'_>,
        looked: &mut Looked,
    ) -> Result<(), Postponed> {
        let (files, written): (Vec<_>, Vec<_>) = stored.into_iter().unzip();
        let unseen = self.deliveries.unseen(&files).await.map_err(Postponed::Deliveries)?;
        let is_young = |&at: &usize| written[at].is_some_and(|time| moment.since(time) < MAY_BE_UNDER_WAY);
        let young = unseen.iter().copied().filter(|at| is_young(at)).count();
        if young > 0 {
            return Err(Postponed::YoungFiles(young as u64));
        }
        let missed: Vec<_> = unseen.into_iter().map(|at| files[at].location.clone()).collect();
        if !missed.is_empty() {
            self.deliveries.queue(&missed).await.map_err(Postponed::Deliveries)?;
        }
        looked.caught_up = missed;
        Ok(())
    }
}
