//! What the key of a digest says.
//!
//! `[prefix/]AWSLogs/[o-…/]ACCOUNT/CloudTrail-Digest/REGION/Y/M/D/ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOME_TIME.json.gz`,
//! with `_backfill` behind the time for log files that an earlier digest missed. Trails may have underscores in their
//! names, so names are read from both ends.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use trailmeter_logs::{is_account, is_organization, is_region};

const ENDING: &str = ".json.gz";
const BACKFILL: &str = "_backfill";
const TIME: &str = "%Y%m%dT%H%M%SZ";
const FOLDER: &str = "CloudTrail-Digest";

/// The digests of one trail, account and region, which are one chain; its backfill digests are another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chain {
    /// What stands before `AWSLogs`, without the slash; empty if nothing does.
    pub prefix: String,
    /// The organisation, if the trail is one's.
    pub organization: Option<String>,
    /// The account whose log files it proves.
    pub account: String,
    /// The region of the log files.
    pub region: String,
    /// The name of the trail.
    pub trail: String,
    /// The region that the trail is of.
    pub home_region: String,
    /// Whether it is the chain of backfill digests.
    pub is_backfill: bool,
}

/// The key of a digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DigestKey {
    /// Which digests it belongs to.
    pub chain: Chain,
    /// The end of the digest's period.
    pub time: Timestamp,
}

/// Whether a key is one of a backfill digest.
pub(crate) fn is_backfill_key(key: &str) -> bool {
    key.strip_suffix(ENDING).is_some_and(|stem| stem.ends_with(BACKFILL))
}

impl DigestKey {
    /// Reads a key; `None` if it is not a digest's.
    ///
    /// ```
    /// use trailmeter_integrity::DigestKey;
    /// let key = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/21/\
    ///            111122223333_CloudTrail-Digest_eu-west-1_our_trail_us-east-1_20261121T140131Z.json.gz";
    /// let parsed = DigestKey::parse(key).unwrap();
    /// assert_eq!(parsed.chain.trail, "our_trail");
    /// assert_eq!(parsed.to_string(), key);
    /// ```
    pub fn parse(key: &str) -> Option<Self> {
        // A prefix may itself hold an element `AWSLogs`, so every occurrence is tried.
        key.match_indices("AWSLogs/")
            .filter(|(at, _)| *at == 0 || key[..*at].ends_with('/'))
            .find_map(|(at, found)| Self::below(&key[..at], &key[at + found.len()..]))
            // A day that is not the name's, or a double slash in the prefix, would build another key.
            .filter(|parsed| parsed.to_string() == key)
    }

    fn below(prefix: &str, rest: &str) -> Option<Self> {
        let elements: Vec<&str> = rest.split('/').collect();
        let (organization, elements) = match &elements[..] {
            [organization, rest @ ..] if is_organization(organization) => (Some(*organization), rest),
            rest => (None, rest),
        };
        let [account, FOLDER, region, _, _, _, name] = elements else { return None };
        let name = name.strip_prefix(&format!("{account}_{FOLDER}_{region}_"))?.strip_suffix(ENDING)?;
        let (name, is_backfill) = match name.strip_suffix(BACKFILL) {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (name, time) = name.rsplit_once('_')?;
        let (trail, home_region) = name.rsplit_once('_')?;
        let is_sound =
            is_account(account) && is_region(region) && is_region(home_region) && !trail.is_empty();
        let time = DateTime::strptime(TIME, time).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
        is_sound.then(|| Self {
            chain: Chain {
                prefix: prefix.trim_end_matches('/').to_owned(),
                organization: organization.map(str::to_owned),
                account: (*account).to_owned(),
                region: (*region).to_owned(),
                trail: trail.to_owned(),
                home_region: home_region.to_owned(),
                is_backfill,
            },
            time,
        })
    }
}

/// Below which all files of a trail are, whose keys begin with `prefix`.
pub(crate) fn root(prefix: &str) -> String {
    format!("{}AWSLogs/", slashed(prefix))
}

fn slashed(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{text}/") }
}

impl Chain {
    /// The key of the digest that ends at `time`.
    pub fn key(&self, time: Timestamp) -> DigestKey {
        DigestKey { chain: self.clone(), time }
    }

    /// The folder of all digests of this account and region, with the slash at its end. Those of other trails, and
    /// the backfill digests, are in it too.
    pub fn folder(&self) -> String {
        self.folder_of(FOLDER)
    }

    /// The folder of the log files of this account and region, with the slash at its end.
    pub fn log_folder(&self) -> String {
        self.folder_of("CloudTrail")
    }

    fn folder_of(&self, folder: &str) -> String {
        let Self { prefix, organization, account, region, .. } = self;
        let organization = slashed(organization.as_deref().unwrap_or_default());
        format!("{}{organization}{account}/{folder}/{region}/", root(prefix))
    }
}

impl std::fmt::Display for DigestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Chain { account, region, trail, home_region, is_backfill, .. } = &self.chain;
        let time = self.time.to_zoned(TimeZone::UTC);
        let (day, time) = (time.strftime("%Y/%m/%d"), time.strftime(TIME));
        let backfill = if *is_backfill { BACKFILL } else { "" };
        write!(
            f,
            "{}{day}/{account}_{FOLDER}_{region}_{trail}_{home_region}_{time}{backfill}{ENDING}",
            self.chain.folder()
        )
    }
}
