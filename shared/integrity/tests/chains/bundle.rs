//! The chains of `data/chains.json`: `testkit/python/chain.py --bundle` wrote it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use trailmeter_integrity::{
    Chain, DigestKey, DigestMetadata, FetchError, FetchProblem, FetchedDigest, KeyService, KeyServiceError,
    Location, LogBody, Objects, Period, PublicKeys,
};

/// The bucket of all chains.
pub(crate) const BUCKET: &str = "trail-logs-111122223333";

pub(crate) struct Bucket {
    pub(crate) objects: BTreeMap<Location, (Vec<u8>, DigestMetadata)>,
    listed: String,
    pub(crate) chain: Chain,
    pub(crate) period: Period,
    /// Whether the services answer.
    pub(crate) is_up: bool,
}

/// A chain by its name.
pub(crate) fn chain(name: &str) -> Bucket {
    let bundle: Value = serde_json::from_str(include_str!("data/chains.json")).unwrap();
    let chain = &bundle["chains"][name];
    assert!(chain.is_object(), "there is no chain {name}");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let objects = chain["objects"].as_object().unwrap().iter().map(|(place, number)| {
        let object = &bundle["objects"][usize::try_from(number.as_u64().unwrap()).unwrap()];
        let metadata = DigestMetadata {
            signature: text(&object[1]["signature"]),
            algorithm: text(&object[1]["signature-algorithm"]),
            backfill_generated: text(&object[1]["backfill-generation-timestamp"]),
        };
        let (bucket, key) = place.split_once('/').unwrap();
        let location = Location::new(bucket, key);
        (location, (STANDARD.decode(object[0].as_str().unwrap()).unwrap(), metadata))
    });
    let time = |field: &str| chain[field].as_str().unwrap().parse::<Timestamp>().unwrap();
    let of = |field: &str| text(&chain[field]).unwrap();
    Bucket {
        objects: objects.collect(),
        listed: chain["keys"].to_string(),
        chain: Chain {
            prefix: of("prefix"),
            organization: text(&chain["organization"]),
            account: of("account"),
            region: of("region"),
            trail: of("trail"),
            home_region: "eu-west-1".to_owned(),
            is_backfill: false,
        },
        period: Period { from: time("start"), to: time("end") },
        is_up: true,
    }
}

impl Bucket {
    pub(crate) fn keys(&self) -> PublicKeys {
        PublicKeys::from_json(self.listed.as_bytes()).unwrap()
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = (&Location, &[u8])> {
        self.objects.iter().map(|(location, (body, _))| (location, &body[..]))
    }

    pub(crate) fn body(&self, location: &Location) -> Option<&[u8]> {
        self.objects.get(location).map(|(body, _)| &body[..])
    }

    /// The digests, in the order of their keys.
    pub(crate) fn digests(&self) -> Vec<Location> {
        self.objects.keys().filter(|location| DigestKey::parse(&location.key).is_some()).cloned().collect()
    }

    pub(crate) fn fetched(&self, location: &Location) -> FetchedDigest {
        let (stored, metadata) = &self.objects[location];
        FetchedDigest {
            location: location.clone(),
            stored: stored.clone(),
            metadata: metadata.clone(),
            arrived: None,
        }
    }
}

/// How many keys a page has: fewer than a chain, so that pages are turned.
const PAGE: usize = 4;

impl Objects for &Bucket {
    type Body = Pieces;

    async fn digest(&self, at: &Location) -> Result<FetchedDigest, FetchError> {
        self.answer(at)?;
        Ok(self.fetched(at))
    }

    async fn log_file(&self, at: &Location) -> Result<Pieces, FetchError> {
        Ok(Pieces(self.answer(at)?.chunks(50).map(<[u8]>::to_vec).rev().collect()))
    }

    async fn keys(&self, bucket: &str, prefix: &str, after: &str) -> Result<Vec<String>, FetchError> {
        let own = self.objects.keys().filter(|at| at.bucket == bucket).map(|at| &at.key);
        let listed = own.filter(|key| key.starts_with(prefix) && key.as_str() > after);
        Ok(listed.take(PAGE).cloned().collect())
    }
}

impl Bucket {
    fn answer(&self, at: &Location) -> Result<&[u8], FetchError> {
        let error = |problem| FetchError { location: at.clone(), problem, source: "a test".into() };
        if !self.is_up {
            return Err(error(FetchProblem::Unavailable));
        }
        self.body(at).ok_or_else(|| error(FetchProblem::NotFound))
    }
}

pub(crate) struct Pieces(Vec<Vec<u8>>);

impl LogBody for Pieces {
    type Chunk = Vec<u8>;

    async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        Ok(self.0.pop())
    }
}

/// A service that lists all keys whatever it is asked, or is down.
pub(crate) struct Keys<'b>(pub(crate) Option<&'b Bucket>);

impl KeyService for Keys<'_> {
    async fn public_keys(
        &self,
        region: &str,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<PublicKeys, KeyServiceError> {
        let down = || KeyServiceError { region: region.to_owned(), source: "it is down".into() };
        self.0.map(Bucket::keys).ok_or_else(down)
    }
}

/// Nothing here waits.
pub(crate) fn now<T>(future: impl Future<Output = T> + Send) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    // A stream of futures may ask to be polled again before it goes on.
    for _ in 0..1000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("it waits")
}
