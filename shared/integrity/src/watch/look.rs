//! One digest, from its name to everything that is wrong with it and its log files.

use jiff::SignedDuration;

use super::{
    Deliveries, Entry, FetchError, FetchProblem, KeyService, Link, LogBucket, Looked, Memory, Moment,
    Postponed, State, Watch,
};
use crate::{DigestKey, FetchedDigest, Location, Reason, VerifiedDigest};

/// Clocks differ, and nobody forges a digest for the next ten minutes.
const CLOCKS_DIFFER_BY: SignedDuration = SignedDuration::from_mins(10);

impl<B, K, D, M> Watch<B, K, D, M>
where
    B: LogBucket + Sync,
    K: KeyService + Sync,
    D: Deliveries + Sync,
    M: Memory + Sync,
{
    /// Looks at a digest. What it finds is to be told first and [remembered](Self::remember) then: who dies in
    /// between tells it twice and not never.
    pub async fn look(&self, at: &Location, moment: Moment<'_>) -> Looked {
        let mut looked = Looked::new(at.clone());
        looked.state = match self.look_through(at, moment, &mut looked).await {
            Ok(state) => state,
            Err(postponed) => State::Postponed(postponed),
        };
        if looked.comes_back() {
            // All of it is found again, and told then.
            looked = Looked { state: looked.state, ..Looked::new(looked.digest) };
        }
        looked
    }

    /// Remembers what came of a digest, so that it is not told again.
    pub async fn remember(&self, looked: &Looked) -> Result<(), Postponed> {
        let Some(entry) = &looked.entry else { return Ok(()) };
        self.memory.write(&Entry::of_digest(&looked.digest), entry).await.map_err(Postponed::Memory)
    }

    async fn look_through(
        &self,
        at: &Location,
        moment: Moment<'_>,
        looked: &mut Looked,
    ) -> Result<State, Postponed> {
        if at.bucket != self.settings.bucket {
            return Err(Postponed::OtherBucket);
        }
        let Some(key) = DigestKey::parse(&at.key) else { return Ok(State::NotADigest) };
        let known = self.memory.read(&[Entry::of_digest(at)]).await.map_err(Postponed::Memory)?;
        let known = known.into_iter().next().flatten();
        if known.as_ref().is_some_and(|entry| entry.link == Link::Settled) {
            return Ok(State::Known);
        }
        let mut link = Link::Settled;
        if let Some(fetched) = self.fetched(at, looked).await?
            && let Some(verified) = self.verified(&key, &fetched, moment, looked).await?
        {
            link = self.link(&key, &verified, moment, looked).await?;
            // What waits for its predecessor was looked through the first time.
            if known.is_none() {
                self.log_files(&verified, moment, looked).await?;
            }
        }
        if known.is_some() && link == Link::Pending {
            return Ok(State::Known);
        }
        let findings = looked.found.len() as u64;
        looked.entry = Some(Entry { at: moment.now, findings, link });
        Ok(State::Done)
    }

    /// The digest, or `None` if it is gone, which is told.
    async fn fetched(&self, at: &Location, looked: &mut Looked) -> Result<Option<FetchedDigest>, Postponed> {
        match self.bucket.digest(at).await {
            Ok(fetched) => Ok(Some(fetched)),
            Err(error) => match gone(&error) {
                Some(reason) => {
                    looked.find(reason, at);
                    Ok(None)
                }
                None => Err(Postponed::Bucket(at.clone(), error)),
            },
        }
    }

    /// The digest, if CloudTrail signed it and all that it says of itself is so; what is not so is told.
    async fn verified(
        &self,
        key: &DigestKey,
        fetched: &FetchedDigest,
        moment: Moment<'_>,
        looked: &mut Looked,
    ) -> Result<Option<VerifiedDigest>, Postponed> {
        let at = &fetched.location;
        let open = match fetched.open() {
            Ok(open) => open,
            Err(error) => {
                looked.find(error.reason(), at);
                return Ok(None);
            }
        };
        let (from, to) = open.key_period();
        let keys = self.keys.public_keys(&key.chain.region, from, to).await.map_err(Postponed::Keys)?;
        let verified = match open.verify(&keys) {
            Ok(verified) => verified,
            Err(error) => {
                looked.find(error.reason(), at);
                return Ok(None);
            }
        };
        let digest = verified.digest();
        // Members of an organisation have folders of their own, so each digest is of its folder's account.
        for (is_wrong, reason) in [
            (digest.account != key.chain.account, Reason::Foreign),
            (!verified.key_was_valid(), Reason::KeyNotValidThen),
            (digest.end < digest.start, Reason::EndBeforeStart),
            (moment.since(digest.end) < -CLOCKS_DIFFER_BY, Reason::InTheFuture),
        ] {
            if is_wrong {
                looked.find(reason, at);
            }
        }
        Ok(Some(verified))
    }
}

/// What it is if an object is not there; `None` if it may be.
pub(super) fn gone(error: &FetchError) -> Option<Reason> {
    match error.problem {
        FetchProblem::NotFound => Some(Reason::NotFound),
        FetchProblem::Deleted => Some(Reason::Deleted),
        FetchProblem::TooLarge => Some(Reason::TooLarge),
        FetchProblem::AccessDenied
        | FetchProblem::Throttled
        | FetchProblem::Interrupted
        | FetchProblem::Other => None,
    }
}
