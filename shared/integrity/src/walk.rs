//! Along a chain of digests, from the newest to the oldest.
//!
//! Which digest comes next is decided as `aws cloudtrail validate-logs` decides it, so that the two agree on what they
//! look at: the one that a valid digest names as its predecessor, or else the next older one in the bucket.

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use jiff::{SignedDuration, Timestamp};

use crate::digest::NamedLogFile;
use crate::digest_key::Chain;
use crate::finding::{Event, Finding, Period};
use crate::inflate::LogHasher;
use crate::key_ring::KeyRing;
use crate::listing::Listing;
use crate::location::Location;
use crate::ports::{FetchError, KeyService, LogBody, Objects, Unavailable};
use crate::reason::Reason;
use crate::verify::{DigestError, VerifiedDigest};
use crate::way::{Way, time_of};

/// What is to be walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// The bucket to start in.
    pub bucket: String,
    /// The chain: of backfill digests, or of the others.
    pub chain: Chain,
    /// The time that is looked at.
    pub period: Period,
    /// The time it is.
    pub now: Timestamp,
    /// How long after its hour a digest may come.
    pub grace: SignedDuration,
}

/// A digest that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// It is valid.
    Valid(Box<VerifiedDigest>),
    /// It is there, and not valid.
    Invalid(Box<DigestError>),
    /// It is not there.
    Missing,
}

/// Checks digests and log files of buckets.
#[derive(Debug)]
pub struct Verifier<O, K> {
    objects: O,
    keys: KeyRing<K>,
    log_files_at_once: usize,
}

impl NamedLogFile {
    /// Reads a log file to its end, and judges it.
    pub(crate) async fn judge_body(&self, body: &mut impl LogBody) -> Result<Result<(), Reason>, FetchError> {
        let mut hasher = LogHasher::new();
        while let Some(chunk) = body.next_chunk().await? {
            if let Err(error) = hasher.push(chunk.as_ref()) {
                return Ok(self.judge(Err(error)));
            }
        }
        let hash = hasher.finish();
        Ok(self.judge(hash.as_deref().map_err(|error| *error)))
    }
}

impl<O: Objects, K: KeyService> Verifier<O, K> {
    /// Reads `log_files_at_once` log files at a time.
    pub fn new(objects: O, keys: K, log_files_at_once: usize) -> Self {
        Self { objects, keys: KeyRing::new(keys), log_files_at_once: log_files_at_once.max(1) }
    }

    /// The bucket that it checks.
    pub fn objects(&self) -> &O {
        &self.objects
    }

    /// The keys that it checks with.
    pub fn keys(&mut self) -> &mut KeyRing<K> {
        &mut self.keys
    }

    /// Fetches a digest of `region` and checks it by itself.
    pub async fn digest(&mut self, at: &Location, region: &str) -> Result<Met, Unavailable> {
        let fetched = match self.objects.digest(at).await {
            Ok(fetched) => fetched,
            Err(error) if error.problem.gone().is_some() => return Ok(Met::Missing),
            Err(error) => return Err(error.into()),
        };
        let open = match fetched.open() {
            Ok(open) => open,
            Err(error) => return Ok(Met::Invalid(Box::new(error))),
        };
        let keys = self.keys.keys_for(region, &open).await?;
        Ok(match open.verify(keys) {
            Ok(digest) => Met::Valid(Box::new(digest)),
            Err(error) => Met::Invalid(Box::new(error)),
        })
    }

    /// Checks the log files that a digest names, and tells of each in the digest's order.
    pub async fn log_files(
        &self,
        digest: &VerifiedDigest,
        tell: &mut (impl FnMut(Event<'_>) + Send),
    ) -> Result<(), Unavailable> {
        let mut named = digest.digest().log_files.iter();
        let check = |log| async move { (log, self.log_file(log).await) };
        let mut running: FuturesOrdered<_> = named.by_ref().take(self.log_files_at_once).map(check).collect();
        while let Some((log, outcome)) = running.next().await {
            tell(Event::LogFile(&log.location, outcome?));
            running.extend(named.next().map(check));
        }
        Ok(())
    }

    /// Checks one log file: it is there, it inflates, and it is what the digest says.
    pub async fn log_file(&self, log: &NamedLogFile) -> Result<Result<(), Reason>, FetchError> {
        match self.objects.log_file(&log.location).await {
            Ok(mut body) => log.judge_body(&mut body).await,
            Err(error) => error.problem.gone().map_or(Err(error), |reason| Ok(Err(reason))),
        }
    }

    /// Walks along a chain and tells of all that is met. `listing` is what the bucket holds of the time.
    pub async fn walk(
        &mut self,
        walk: &Walk,
        listing: &Listing,
        tell: &mut (impl FnMut(Event<'_>) + Send),
    ) -> Result<(), Unavailable> {
        let mut way = Way::new(walk, listing);
        if let Some(finding) = way.stop() {
            tell(Event::Finding(&finding));
        }
        let mut place = way.newest();
        let mut newer: Option<Box<VerifiedDigest>> = None;
        while let Some(at) = place.take() {
            if way.is_over() {
                break;
            }
            match self.digest(&at, &walk.chain.region).await? {
                Met::Valid(digest) => {
                    tell(Event::Digest(&digest));
                    self.log_files(&digest, tell).await?;
                    for finding in way.findings(newer.as_deref(), &digest) {
                        tell(Event::Finding(&finding));
                    }
                    place = self.before(&digest, &mut way, tell).await?;
                    newer = Some(digest);
                }
                Met::Invalid(error) => {
                    tell(Event::InvalidDigest(&error));
                    place = way.older(&at);
                }
                Met::Missing => {
                    tell(Event::MissingDigest(&at));
                    place = way.older(&at);
                }
            }
        }
        Ok(())
    }

    /// Where to look for the digest before a valid one.
    async fn before(
        &self,
        digest: &VerifiedDigest,
        way: &mut Way<'_>,
        tell: &mut (impl FnMut(Event<'_>) + Send),
    ) -> Result<Option<Location>, Unavailable> {
        let said = digest.digest();
        way.last_start = Some(said.start);
        let Some(previous) = &said.previous else {
            let older = way.older(&said.location);
            if let Some(end) = older.as_ref().and_then(time_of) {
                tell(Event::NothingDelivered(Period { from: end, to: said.start }));
                let location = said.location.clone();
                tell(Event::Finding(&Finding { location, reason: Reason::BrokenChain, period: None }));
            }
            return Ok(older);
        };
        if previous.location.bucket != way.bucket {
            // The trail was given another bucket; what came before is there.
            let bucket = &previous.location.bucket;
            let period = Period { to: said.end, ..way.walk.period };
            let listing = Listing::read(&self.objects, bucket, &way.walk.chain, period).await?;
            way.change_bucket(bucket, &listing);
        }
        Ok(if way.is_new(&previous.location) {
            Some(previous.location.clone())
        } else {
            way.older(&said.location)
        })
    }
}
