//! The public keys that CloudTrail lists.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use md5::{Digest as _, Md5};

use crate::hex;

/// A key as `ListPublicKeys` has it.
#[derive(Debug, Clone, Copy)]
pub struct ListedKey<'k> {
    /// `Fingerprint`, by which digests name it.
    pub fingerprint: &'k str,
    /// `Value`, in DER.
    pub value: &'k [u8],
    /// `ValidityStartTime`, if it is known.
    pub valid_from: Option<Timestamp>,
    /// `ValidityEndTime`, if it is known.
    pub valid_to: Option<Timestamp>,
}

/// A key that signatures can be checked with.
pub struct PublicKey {
    /// `None` if the value is no key, or not the one of its fingerprint.
    parsed: Option<ParsedPublicKey>,
    valid_from: Option<Timestamp>,
    valid_to: Option<Timestamp>,
}

impl PublicKey {
    /// `PKCS#1` is what CloudTrail gives today, and its manual says that this may change: SPKI is taken too.
    fn new(listed: &ListedKey<'_>) -> Self {
        let is_named = fingerprint(listed.value).eq_ignore_ascii_case(listed.fingerprint);
        let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, listed.value).ok();
        Self { parsed: parsed.filter(|_| is_named), valid_from: listed.valid_from, valid_to: listed.valid_to }
    }

    /// Whether it can be used at all.
    pub(crate) fn is_sound(&self) -> bool {
        self.parsed.is_some()
    }

    /// Whether `signature` is this key's signature of `text`: RSA PKCS #1 v1.5 with SHA-256.
    pub(crate) fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        self.parsed.as_ref().is_some_and(|key| key.verify_sig(text.as_bytes(), signature).is_ok())
    }

    /// Whether it was valid at some moment from `from` to `to`.
    pub(crate) fn was_valid(&self, from: Timestamp, to: Timestamp) -> bool {
        self.valid_from.is_none_or(|start| start <= to) && self.valid_to.is_none_or(|end| from <= end)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("is_sound", &self.is_sound()).finish_non_exhaustive()
    }
}

/// The fingerprint of a key: the MD5 of its value. It is a name and proves nothing.
pub fn fingerprint(value: &[u8]) -> String {
    hex::encode(&Md5::digest(value))
}

/// Public keys of one region, by fingerprint.
#[derive(Debug, Default)]
pub struct PublicKeys(BTreeMap<String, PublicKey>);

impl PublicKeys {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key. One that cannot be used is kept by its fingerprint, so that the digest which names it is told
    /// that its key is bad and not that it is unknown.
    pub fn insert(&mut self, listed: &ListedKey<'_>) {
        self.0.insert(listed.fingerprint.to_owned(), PublicKey::new(listed));
    }

    /// Adds all keys of another listing.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The key of a fingerprint.
    pub(crate) fn get(&self, fingerprint: &str) -> Option<&PublicKey> {
        self.0.get(fingerprint)
    }

    /// Whether the key of this fingerprint is among them.
    pub fn contains(&self, fingerprint: &str) -> bool {
        self.0.contains_key(fingerprint)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Reads a file that holds the answer of `aws cloudtrail list-public-keys`.
    pub fn from_json(text: &[u8]) -> Result<Self, KeyFileError> {
        let file: KeyFile = serde_json::from_slice(text)
            .map_err(|error| KeyFileError::NotKeys { line: error.line(), column: error.column() })?;
        let mut keys = Self::new();
        for (at, key) in file.keys.iter().enumerate() {
            let value = STANDARD.decode(key.value.trim()).map_err(|_| KeyFileError::Value(at + 1))?;
            let time = |time: &Option<KeyTime>, field| match time {
                None => Ok(None),
                Some(time) => time.read().map(Some).ok_or(KeyFileError::Time { at: at + 1, field }),
            };
            keys.insert(&ListedKey {
                fingerprint: &key.fingerprint,
                value: &value,
                valid_from: time(&key.valid_from, "ValidityStartTime")?,
                valid_to: time(&key.valid_to, "ValidityEndTime")?,
            });
        }
        if keys.is_empty() { Err(KeyFileError::Empty) } else { Ok(keys) }
    }
}

/// Why a file holds no public keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// It is not the JSON of `ListPublicKeys`.
    #[error(
        "line {line}, column {column}: not what `aws cloudtrail list-public-keys` prints: an object with a PublicKeyList"
    )]
    NotKeys {
        /// Where it stops being that.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// It lists no key.
    #[error("it lists no public key: ask `aws cloudtrail list-public-keys` for the time of the digests")]
    Empty,
    /// A value is not base64.
    #[error("key {0}: Value is not base64")]
    Value(usize),
    /// A time cannot be read.
    #[error("key {at}: {field} is no time")]
    Time {
        /// Which key, from 1.
        at: usize,
        /// Which of its times.
        field: &'static str,
    },
}

#[derive(serde::Deserialize)]
struct KeyFile {
    #[serde(rename = "PublicKeyList")]
    keys: Vec<KeyEntry>,
}

#[derive(serde::Deserialize)]
struct KeyEntry {
    #[serde(rename = "Fingerprint")]
    fingerprint: String,
    #[serde(rename = "Value")]
    value: String,
    #[serde(rename = "ValidityStartTime")]
    valid_from: Option<KeyTime>,
    #[serde(rename = "ValidityEndTime")]
    valid_to: Option<KeyTime>,
}

/// The API answers with seconds since 1970; its command prints ISO 8601, unless it is told otherwise.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum KeyTime {
    Seconds(f64),
    Text(String),
}

impl KeyTime {
    fn read(&self) -> Option<Timestamp> {
        match self {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "a time that is out of bounds is refused next"
            )]
            Self::Seconds(seconds) => Timestamp::from_second(*seconds as i64).ok(),
            Self::Text(text) => text.parse().ok(),
        }
    }
}
