//! A digest that has just come.

use jiff::{SignedDuration, Timestamp};

use crate::chain::{Predecessor, absent_predecessor, between, link, oddities};
use crate::digest_key::Chain;
use crate::finding::Finding;
use crate::location::Location;
use crate::ports::{KeyService, Objects, Unavailable};
use crate::walk::{Met, Verifier};

/// What is known of a digest when it comes. Its log files are [`Verifier::log_files`]' matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The digest by itself.
    pub met: Met,
    /// The digest before it. Of one that is not valid nothing is asked, because what it names proves nothing.
    pub predecessor: Predecessor,
    /// What is wrong with it, with its predecessor, and between the two.
    pub findings: Vec<Finding>,
}

impl<O: Objects, K: KeyService> Verifier<O, K> {
    /// Checks the digest at `at`, of `chain`, and how it fits to its predecessor, which is fetched.
    ///
    /// A predecessor that is not there is [`Predecessor::Pending`] until `grace` behind the digest's end has passed:
    /// ask again then. One that `may_ask` does not let be asked for is [`Predecessor::Elsewhere`]: a trail that was given
    /// another bucket names the digest that it wrote to the old one.
    pub async fn arrived(
        &mut self,
        at: &Location,
        chain: &Chain,
        now: Timestamp,
        grace: SignedDuration,
        may_ask: impl Fn(&Location) -> bool + Send,
    ) -> Result<Arrival, Unavailable> {
        let met = self.digest(at, &chain.region).await?;
        let Met::Valid(digest) = &met else {
            return Ok(Arrival { met, predecessor: Predecessor::None, findings: Vec::new() });
        };
        let mut findings = oddities(digest, chain, now);
        let predecessor = match &digest.digest().previous {
            None => Predecessor::None,
            Some(previous) if !may_ask(&previous.location) => Predecessor::Elsewhere,
            Some(previous) => match self.digest(&previous.location, &chain.region).await? {
                Met::Missing => absent_predecessor(digest, now, grace),
                // It was told when it came itself.
                Met::Invalid(_) => Predecessor::There,
                Met::Valid(older) => {
                    findings.extend(link(digest, &older));
                    if !chain.is_backfill {
                        findings.extend(between(digest, &older));
                    }
                    Predecessor::There
                }
            },
        };
        Ok(Arrival { met, predecessor, findings })
    }
}
