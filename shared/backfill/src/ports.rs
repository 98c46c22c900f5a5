//! What a backfill needs of the world outside.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use crate::place::{Begun, Place};

/// The bucket, listed.
pub trait Listing {
    /// The folders right below a prefix, each with the slash at its end.
    fn folders(
        &self,
        bucket: &str,
        prefix: &str,
    ) -> impl Future<Output = Result<Vec<String>, ListingError>> + Send;

    /// Some objects below a prefix in the order of their keys, those that come behind the key `after`.
    fn page(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
    ) -> impl Future<Output = Result<Page, ListingError>> + Send;
}

/// Some objects of a prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// In the order of their keys.
    pub objects: Vec<Listed>,
    /// Whether nothing comes behind them.
    pub is_last: bool,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its size as stored.
    pub size: u64,
    /// When it was written, in seconds since 1970, if the bucket says so.
    pub written: Option<i64>,
    /// Whether it lies in an archive and cannot be read before somebody restores it.
    pub is_archived: bool,
}

/// A prefix that could not be listed.
#[derive(Debug)]
pub struct ListingError {
    /// What it comes down to.
    pub problem: ListingProblem,
    /// Which prefix, what helps, and what the bucket said.
    pub source: Box<dyn Error + Send + Sync>,
}

/// What keeps a prefix from being listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListingProblem {
    /// Whoever asks may not list it.
    Denied,
    /// There is no such bucket.
    NotFound,
    /// It does not answer, or not this time.
    Other,
}

impl fmt::Display for ListingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for ListingError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

/// One message to be: objects of one bucket, and what they are sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<'k> {
    /// The bucket.
    pub bucket: &'k str,
    /// Keys of its objects.
    pub keys: Vec<&'k str>,
    /// The backfill that they are sent for.
    pub name: &'k str,
    /// Whether they are counted once more if they were counted before.
    pub recount: bool,
}

/// The queue that detect takes its deliveries from.
pub trait Queue {
    /// Sends a message for each batch. On an error some of them may have been sent.
    fn send(&self, batches: &[Batch<'_>]) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Where it is taken down how far backfills have come.
pub trait Places {
    /// Takes down that a backfill begins, unless one of its name did before. Returns what stands there now.
    fn begin(
        &self,
        name: &str,
        begun: &Begun,
        expires: i64,
    ) -> impl Future<Output = Result<Begun, PortError>> + Send;

    /// Takes down that it is done.
    fn end(
        &self,
        name: &str,
        begun: &Begun,
        expires: i64,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// How far it has come in a folder.
    fn read(&self, name: &str, folder: &str)
    -> impl Future<Output = Result<Option<Place>, PortError>> + Send;

    /// Takes down how far it has come in a folder.
    fn write(
        &self,
        name: &str,
        folder: &str,
        place: &Place,
        expires: i64,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Time as it passes.
pub trait Time {
    /// Since some moment that stays the same.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// Something outside did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PortError(pub Box<dyn Error + Send + Sync>);

/// Nothing is taken down: for whoever only asks what a backfill comes to.
impl Places for () {
    async fn begin(&self, _: &str, begun: &Begun, _: i64) -> Result<Begun, PortError> {
        Ok(begun.clone())
    }

    async fn end(&self, _: &str, _: &Begun, _: i64) -> Result<(), PortError> {
        Ok(())
    }

    async fn read(&self, _: &str, _: &str) -> Result<Option<Place>, PortError> {
        Ok(None)
    }

    async fn write(&self, _: &str, _: &str, _: &Place, _: i64) -> Result<(), PortError> {
        Ok(())
    }
}

/// Without a table it is as if nothing was ever done.
impl<P: Places + Sync> Places for Option<P> {
    async fn begin(&self, name: &str, begun: &Begun, expires: i64) -> Result<Begun, PortError> {
        match self {
            Some(places) => places.begin(name, begun, expires).await,
            None => Ok(begun.clone()),
        }
    }

    async fn end(&self, name: &str, begun: &Begun, expires: i64) -> Result<(), PortError> {
        match self {
            Some(places) => places.end(name, begun, expires).await,
            None => Ok(()),
        }
    }

    async fn read(&self, name: &str, folder: &str) -> Result<Option<Place>, PortError> {
        match self {
            Some(places) => places.read(name, folder).await,
            None => Ok(None),
        }
    }

    async fn write(&self, name: &str, folder: &str, place: &Place, expires: i64) -> Result<(), PortError> {
        match self {
            Some(places) => places.write(name, folder, place, expires).await,
            None => Ok(()),
        }
    }
}
