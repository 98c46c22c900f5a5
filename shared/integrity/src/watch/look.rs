//! One digest, from its name to everything that is wrong with it and its log files.

use super::looked::is_of_the_link;
use super::{Deliveries, Entry, GRACE, Link, Looked, Memory, Moment, Postponed, State, Watch};
use crate::{Arrival, Chain, DigestKey, KeyService, Location, Met, Objects, Predecessor, Reason, Verifier};

/// Log files that are read at the same time. Each takes some 32 KiB and a connection.
pub(super) const AT_A_TIME: usize = 32;

impl<O, K, D, M> Watch<O, K, D, M>
where
    O: Objects + Sync,
    K: KeyService + Sync,
    D: Deliveries + Sync,
    M: Memory + Sync,
{
    /// Looks at a digest. What it finds is to be told first and [remembered](Self::remember) then: who dies in
    /// between tells it twice and not never.
    pub async fn look(&self, at: &Location, moment: Moment<'_>) -> Looked {
        let mut looked = Looked::new(at.clone());
        match self.look_through(at, moment, &mut looked).await {
            Ok(state) => looked.state = state,
            Err(postponed) => {
                // All of it is found again, and told then.
                looked = Looked::new(looked.digest);
                looked.state = State::Postponed(postponed);
            }
        }
        looked
    }

    /// Remembers what came of a digest, so that it is not told again.
    pub async fn remember(&self, looked: &Looked) -> Result<(), Postponed> {
        let Some((name, entry)) = &looked.entry else { return Ok(()) };
        if let Some(behind) = &looked.gap_behind {
            self.memory.write(&Entry::of_gap(behind), entry).await.map_err(Postponed::Memory)?;
        }
        self.memory.write(name, entry).await.map_err(Postponed::Memory)
    }

    /// Under which name it is remembered what came of the digest of a chain.
    pub(super) fn entry_name(&self, chain: &Chain, at: &Location) -> String {
        if self.settings.is_ours(chain) { Entry::of_digest(at) } else { Entry::of_foreign(at) }
    }

    /// Whether an object is where the trail's files are, which is all that may be read.
    pub(super) fn is_within(&self, at: &Location) -> bool {
        at.bucket == self.settings.bucket && at.key.starts_with(&self.settings.root())
    }

    async fn look_through(
        &self,
        at: &Location,
        moment: Moment<'_>,
        looked: &mut Looked,
    ) -> Result<State, Postponed> {
        let Some(DigestKey { chain, .. }) = DigestKey::parse(&at.key).filter(|_| self.is_within(at)) else {
            return Ok(State::NotADigest);
        };
        let name = self.entry_name(&chain, at);
        let known = self.memory.read(std::slice::from_ref(&name)).await.map_err(Postponed::Memory)?;
        let known = known.into_iter().next().flatten();
        if known.as_ref().is_some_and(|entry| entry.link == Link::Settled) {
            return Ok(State::Known);
        }
        // Signed it may be: anybody's trail is. Nothing that it names is looked at, least of all queued.
        if !self.settings.is_ours(&chain) {
            looked.find(Reason::Foreign, at);
            looked.entry = Some((name, Entry { at: moment.now, findings: 1, link: Link::Settled }));
            return Ok(State::Done);
        }
        let mut verifier = Verifier::new(&self.objects, &self.keys, AT_A_TIME);
        let may_ask = |at: &Location| self.is_within(at);
        let Arrival { met, predecessor, findings } =
            verifier.arrived(at, &chain, moment.now, GRACE, may_ask).await?;
        let link = if predecessor == Predecessor::Pending { Link::Pending } else { Link::Settled };
        if known.is_some() && link == Link::Pending {
            return Ok(State::Known);
        }
        let is_first_look = known.is_none();
        looked.is_first_look = is_first_look;
        for finding in findings.into_iter().filter(|finding| is_first_look || is_of_the_link(finding.reason))
        {
            looked.add(finding);
        }
        match met {
            Met::Missing => looked.find(Reason::NotFound, at),
            Met::Invalid(error) => looked.find(error.reason(), at),
            Met::Valid(digest) => {
                if let (Predecessor::Elsewhere, Some(previous)) = (predecessor, &digest.digest().previous) {
                    looked.elsewhere.push(previous.location.clone());
                }
                if let (Predecessor::Missing, Some(previous)) = (predecessor, &digest.digest().previous) {
                    looked.find(Reason::PreviousMissing, &previous.location);
                }
                if looked.gap_minutes > 0 {
                    looked.gap_behind =
                        digest.digest().previous.as_ref().map(|previous| previous.location.clone());
                }
                if predecessor == Predecessor::There {
                    self.unnamed(&chain, digest.digest(), &mut verifier, looked).await?;
                }
                // What has waited for its predecessor was looked through the first time.
                if is_first_look {
                    self.log_files(digest.digest(), moment, looked).await?;
                }
            }
        }
        let findings = looked.found.len() as u64;
        looked.entry = Some((name, Entry { at: moment.now, findings, link }));
        Ok(State::Done)
    }
}
