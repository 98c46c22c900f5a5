//! How far a backfill has come.

use serde::{Deserialize, Serialize};

/// How far it has come in one folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The last key that was looked at; all before it were sent, or are not to be.
    pub after: String,
    /// Objects that were sent.
    pub queued: u64,
    /// Their bytes as stored.
    pub bytes: u64,
    /// Whether there is nothing left in it.
    pub done: bool,
}

/// What a backfill was asked for when it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The request, as [`Request::text`](crate::Request::text) writes it.
    pub request: String,
    /// When it began, in seconds since 1970.
    pub since: i64,
    /// Whether it is done.
    pub done: bool,
}
