//! The log files that a digest names: whether they are what was delivered, and whether they were counted.

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use jiff::{SignedDuration, Timestamp};

use super::look::AT_A_TIME;
use super::{Deliveries, Looked, Memory, Moment, Postponed, StoredFile, Watch};
use crate::{Digest, KeyService, LogBody, NamedLogFile, Objects, Reason, Stored};

/// What a log file turned out to be.
enum Read {
    Judged { reason: Option<Reason>, file: StoredFile, written: Option<Timestamp> },
    Gone(Reason),
    Elsewhere,
}

impl<O, K, D, M> Watch<O, K, D, M>
where
    O: Objects + Sync,
    K: KeyService + Sync,
    D: Deliveries + Sync,
    M: Memory + Sync,
{
    pub(super) async fn log_files(
        &self,
        digest: &Digest,
        moment: Moment<'_>,
        looked: &mut Looked,
    ) -> Result<(), Postponed> {
        let mut named = digest.log_files.iter();
        let read = |named| async move { (named, self.log_file(named, moment).await) };
        let mut running: FuturesOrdered<_> = named.by_ref().take(AT_A_TIME).map(read).collect();
        let mut stored = Vec::new();
        while let Some((log, outcome)) = running.next().await {
            match outcome? {
                Read::Elsewhere => looked.elsewhere.push(log.location.clone()),
                Read::Gone(reason) => {
                    looked.find(self.why_gone(reason, digest.end, moment), &log.location);
                }
                Read::Judged { reason: Some(reason), .. } => looked.find(reason, &log.location),
                Read::Judged { reason: None, file, written } => {
                    looked.log_files_valid += 1;
                    stored.push((file, written));
                }
            }
            running.extend(named.next().map(read));
        }
        if moment.since(digest.end) < days(self.settings.ledger_days) {
            self.catch_up(stored, moment, looked).await?;
        }
        Ok(())
    }

    async fn log_file(&self, named: &NamedLogFile, moment: Moment<'_>) -> Result<Read, Postponed> {
        if moment.is_late() {
            return Err(Postponed::OutOfTime);
        }
        let at = &named.location;
        if !self.is_within(at) {
            return Ok(Read::Elsewhere);
        }
        let mut body = match self.objects.log_file(at).await {
            Ok(body) => body,
            Err(error) => return error.problem.gone().map(Read::Gone).ok_or_else(|| error.into()),
        };
        let Stored { version, written } = body.stored();
        let file = StoredFile { location: at.clone(), version };
        let judged = named.judge_body(&mut body).await?;
        Ok(Read::Judged { reason: judged.err(), file, written })
    }

    /// Whether a file that is gone was to go.
    fn why_gone(&self, reason: Reason, delivered_by: Timestamp, moment: Moment<'_>) -> Reason {
        let is_past = self.settings.expires_days.is_some_and(|kept| moment.since(delivered_by) >= days(kept));
        match reason {
            Reason::NotFound | Reason::Deleted if is_past => Reason::Expired,
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
        let is_young =
            |&at: &usize| written[at].is_some_and(|time| moment.since(time) < self.settings.under_way);
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

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days.saturating_mul(24))
}
