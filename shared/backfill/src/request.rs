//! What is asked for, and whether it can be done.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use trailmeter_logs::{FolderClass, LogKind, classify_folder};

use crate::kind::{kind_of_word, kind_words};
use crate::walk::KEY_LAYOUT;

/// Objects in a second, unless another rate is asked for: what a function of the template's own size counts beside its
/// deliveries, without making them wait.
pub const DEFAULT_RATE: u32 = 100;
/// What was written so short a time ago is left alone: its own delivery may be on its way, or on one of its five tries,
/// which take 75 minutes. If the past were counted first no alarm would hear of it.
pub const DEFAULT_LEAVE_MINUTES: u32 = 120;
/// Beyond it the table that remembers what was counted throttles, with the deliveries.
pub const HIGHEST_RATE: u32 = 5000;

/// The longest name; it stands in every message and in ids of the ledger.
const LONGEST_NAME: usize = 64;
/// CloudTrail's first year.
const FIRST_YEAR: i16 = 2013;

/// What is asked for, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    /// What it is called; if it is not said, the same for the same request.
    pub name: Option<String>,
    /// The bucket.
    #[serde(default)]
    pub bucket: String,
    /// What stands before `AWSLogs/` in the keys, or a folder below that.
    #[serde(default)]
    pub prefix: String,
    /// Accounts; all if none is named.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Regions; all if none is named.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Kinds of log files; all if none is named.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// The first day, as `2026-11-01`.
    pub from: String,
    /// The last day; today if it is not said.
    pub to: Option<String>,
    /// Whether what was counted before is counted once more.
    #[serde(default)]
    pub recount: bool,
    /// Objects in a second.
    pub rate: Option<u32>,
    /// What was written less than so many minutes ago is left to its own delivery.
    pub leave_minutes: Option<u32>,
}

/// What is asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What it is called.
    pub name: String,
    /// The bucket.
    pub bucket: String,
    /// The folder to begin at, with a slash at its end.
    pub root: String,
    /// Accounts; all if there is none.
    pub accounts: BTreeSet<String>,
    /// Regions; all if there is none.
    pub regions: BTreeSet<String>,
    /// Kinds of log files; all if there is none.
    pub kinds: BTreeSet<LogKind>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Whether what was counted before is counted once more.
    pub recount: bool,
    /// Objects in a second. Another run of the same may have another.
    pub rate: u32,
    /// What was written less than so many seconds ago is left to its own delivery.
    pub leave: i64,
}

/// What is asked for and cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct RequestError {
    /// What it is about.
    pub field: &'static str,
    /// What is wrong, and what helps.
    pub problem: String,
}

impl Asked {
    /// Checks it, on this day (UTC).
    pub fn check(&self, today: Date) -> Result<Request, RequestError> {
        let (from, to) = self.days(today)?;
        let rate = self.rate.unwrap_or(DEFAULT_RATE);
        if !(1..=HIGHEST_RATE).contains(&rate) {
            return Err(error("rate", format!("is no whole number from 1 to {HIGHEST_RATE}")));
        }
        if self.bucket.is_empty() {
            return Err(error("bucket", "is not named".to_owned()));
        }
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_region = |text: &str| {
            text.contains('-') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let mut request = Request {
            name: String::new(),
            bucket: self.bucket.clone(),
            root: root(&self.prefix)?,
            accounts: set("accounts", &self.accounts, is_account, "is no account of twelve digits")?,
            regions: set("regions", &self.regions, is_region, "is no region such as eu-west-1")?,
            kinds: self.kinds()?,
            from,
            to,
            recount: self.recount,
            rate,
            leave: 60 * i64::from(self.leave_minutes.unwrap_or(DEFAULT_LEAVE_MINUTES)),
        };
        request.name = match &self.name {
            Some(name) if is_name(name) => name.clone(),
            Some(_) => {
                let problem = format!("is no name: 1 to {LONGEST_NAME} letters, digits and . _ -");
                return Err(error("name", problem));
            }
            None => request.usual_name(),
        };
        Ok(request)
    }

    fn days(&self, today: Date) -> Result<(Date, Date), RequestError> {
        let day = |field, text: &str| {
            let day: Result<Date, _> = text.trim().replace('/', "-").parse();
            day.map_err(|_| error(field, format!("{text:?} is no day of the calendar, such as {today}")))
        };
        let from = day("from", &self.from)?;
        let to = self.to.as_deref().map_or(Ok(today), |to| day("to", to))?;
        if from > to {
            return Err(error("from", format!("{from} is after {to}: name the earlier day first")));
        }
        if from > today {
            return Err(error("from", format!("{from} is yet to come; today is {today} (UTC)")));
        }
        if from.year() < FIRST_YEAR {
            return Err(error("from", format!("{from} is before there was CloudTrail ({FIRST_YEAR})")));
        }
        // Nothing is delivered on days to come, and the same request tomorrow would mean more.
        Ok((from, to.min(today)))
    }

    fn kinds(&self) -> Result<BTreeSet<LogKind>, RequestError> {
        let kind = |word: &String| {
            kind_of_word(word).ok_or_else(|| {
                let words: Vec<&str> = kind_words().collect();
                error("kinds", format!("{word:?} is none of {}", words.join(", ")))
            })
        };
        self.kinds.iter().map(kind).collect()
    }
}

impl Request {
    /// All that says which objects are sent and how they count, in one line that is the same for the same.
    pub fn text(&self) -> String {
        let kinds =
            kind_words().filter(|word| kind_of_word(word).is_some_and(|kind| self.kinds.contains(&kind)));
        json!({
            "bucket": self.bucket,
            "prefix": self.root,
            "accounts": self.accounts,
            "regions": self.regions,
            "kinds": kinds.collect::<Vec<_>>(),
            "from": self.from.to_string(),
            "to": self.to.to_string(),
            "recount": self.recount,
        })
        .to_string()
    }

    /// `backfill-` and the beginning of a hash of the request.
    fn usual_name(&self) -> String {
        let hash = Sha256::digest(self.text());
        let hex = hash.iter().take(5).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        format!("backfill-{hex}")
    }

    /// How many days it spans.
    pub fn days(&self) -> u32 {
        let days = self.from.until(self.to).map_or(0, |span| span.get_days());
        u32::try_from(days).unwrap_or(0) + 1
    }
}

/// The folder to begin at.
fn root(prefix: &str) -> Result<String, RequestError> {
    let prefix = prefix.strip_prefix('/').unwrap_or(prefix);
    let folder = match prefix {
        "" => String::new(),
        prefix if prefix.ends_with('/') => prefix.to_owned(),
        prefix => format!("{prefix}/"),
    };
    let has_logs = folder.split('/').any(|element| element == "AWSLogs");
    let root = if has_logs { folder } else { format!("{folder}AWSLogs/") };
    match classify_folder(&root) {
        FolderClass::Above | FolderClass::Region(_) => Ok(root),
        FolderClass::Other => Err(error(
            "prefix",
            format!("{root} leads to no log files of CloudTrail, whose keys are {KEY_LAYOUT}"),
        )),
    }
}

fn set(
    field: &'static str,
    values: &[String],
    is_good: impl Fn(&str) -> bool,
    problem: &str,
) -> Result<BTreeSet<String>, RequestError> {
    match values.iter().find(|value| !is_good(value)) {
        Some(value) => Err(error(field, format!("{value:?} {problem}"))),
        None => Ok(values.iter().cloned().collect()),
    }
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn error(field: &'static str, problem: String) -> RequestError {
    RequestError { field, problem }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{} from {} to {}", self.bucket, self.root, self.from, self.to)
    }
}
