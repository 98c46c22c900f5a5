//! What is new in a bucket, by listing it again and again.
//!
//! CloudTrail writes into a folder for each account, kind of log, region and day. Names begin with their
//! time, but not every file is delivered in the order of its name: one that comes late sorts before those
//! that are known. So each look lists a region's folder from yesterday on, whole, and compares it with the
//! names that were there before. Those of older days are forgotten, which bounds what is remembered.
//!
//! A look costs one request for each region and for each thousand files of two days. Folders are looked for
//! with every look where that takes few requests more, and else every so often.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use jiff::ToSpan;
use jiff::civil::Date;
use trailmeter_aws::{ListError, ListedObject};
use trailmeter_logs::{FolderClass, classify_folder};

use crate::scan::ordered;
use crate::scan::read::Remote;

/// Lists that are under way at the same time.
const AT_ONCE: usize = 16;
/// Looking for folders takes so few lists that it is done each time.
const FEW: usize = 8;
/// Otherwise with one look in so many.
const SOMETIMES: u32 = 20;

/// A bucket that can be listed.
pub(super) trait Listing: Sync {
    type Error: Send;
    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, Self::Error>;
    fn list(&self, bucket: &str, prefix: &str, after: &str) -> Result<Vec<ListedObject>, Self::Error>;
}

impl Listing for Remote {
    type Error = ListError;

    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, ListError> {
        self.folders(bucket, prefix)
    }

    fn list(&self, bucket: &str, prefix: &str, after: &str) -> Result<Vec<ListedObject>, ListError> {
        self.list(bucket, prefix, after)
    }
}

/// What a look has found.
pub(super) struct Look<E> {
    /// By region, in the order of their keys.
    pub(super) new: Vec<ListedObject>,
    /// What could not be listed this time.
    pub(super) failed: Vec<E>,
}

/// A place that is watched.
pub(super) struct Watch {
    bucket: String,
    prefix: String,
    /// By the prefix that is listed: the keys that are known of it.
    regions: BTreeMap<String, BTreeSet<String>>,
    /// Lists that it took to look for folders.
    lists: usize,
    looks: u32,
}

impl Watch {
    pub(super) fn new(bucket: &str, prefix: &str) -> anyhow::Result<Self> {
        let prefix = where_to_begin(bucket, prefix)?;
        Ok(Self { bucket: bucket.to_owned(), prefix, regions: BTreeMap::new(), lists: 0, looks: 0 })
    }

    /// The place, and in how many folders of it logs are.
    pub(super) fn describe(&self) -> String {
        let Self { bucket, prefix, regions, .. } = self;
        format!("s3://{bucket}/{prefix} ({} folder(s) of a region)", regions.len())
    }

    /// The first look. What is there is known from then on; what was written at `since` or later is new.
    pub(super) fn begin<L: Listing>(
        &mut self,
        listing: &L,
        since: Option<(i64, Date)>,
        today: Date,
    ) -> Result<Vec<ListedObject>, L::Error> {
        let day = since.map_or(today, |(_, day)| day);
        let mut look = self.look(listing, day);
        if !look.failed.is_empty() {
            return Err(look.failed.swap_remove(0));
        }
        look.new.retain(|object| since.is_some_and(|(since, _)| object.written >= Some(since)));
        Ok(look.new)
    }

    /// What is there and was not there before.
    pub(super) fn look<L: Listing>(&mut self, listing: &L, today: Date) -> Look<L::Error> {
        let mut failed = Vec::new();
        if self.lists <= FEW || self.looks.is_multiple_of(SOMETIMES) {
            self.find_folders(listing, &mut failed);
        }
        self.looks += 1;
        let mut new = Vec::new();
        let bucket = &self.bucket;
        // A key names its day; yesterday's are still written to after midnight.
        let regions: Vec<(&String, String)> =
            self.regions.keys().map(|prefix| (prefix, day_of(prefix, yesterday(today)))).collect();
        let mut listed = Vec::new();
        ordered::for_each(
            &regions,
            AT_ONCE,
            |_| u64::MAX,
            || (),
            |(), (prefix, after)| listing.list(bucket, prefix, after),
            |(prefix, after), result| listed.push(((*prefix).clone(), after.clone(), result)),
        );
        for (prefix, after, result) in listed {
            match result {
                Err(error) => failed.push(error),
                Ok(objects) => {
                    let known = self.regions.entry(prefix).or_default();
                    *known = known.split_off(&after);
                    new.extend(objects.into_iter().filter(|object| known.insert(object.object.key.clone())));
                }
            }
        }
        Look { new, failed }
    }

    /// Lets the next look find an object again.
    pub(super) fn forget(&mut self, key: &str) {
        for known in self.regions.values_mut() {
            known.remove(key);
        }
    }

    /// Adds the folders of regions that are not known yet.
    fn find_folders<L: Listing>(&mut self, listing: &L, failed: &mut Vec<L::Error>) {
        if let FolderClass::Region(_) = classify_folder(&self.prefix) {
            self.regions.entry(self.prefix.clone()).or_default();
            return;
        }
        let bucket = &self.bucket;
        let mut above = vec![self.prefix.clone()];
        self.lists = 0;
        while !above.is_empty() {
            self.lists += above.len();
            let mut found = Vec::new();
            ordered::for_each(
                &above,
                AT_ONCE,
                |_| u64::MAX,
                || (),
                |(), prefix| listing.folders(bucket, prefix),
                |_, result| match result {
                    Ok(folders) => found.extend(folders),
                    Err(error) => failed.push(error),
                },
            );
            above.clear();
            for folder in found {
                match classify_folder(&folder) {
                    FolderClass::Region(_) => {
                        self.regions.entry(folder).or_default();
                    }
                    FolderClass::Above => above.push(folder),
                    FolderClass::Other => {}
                }
            }
        }
    }
}

/// From the bucket or what stands before `AWSLogs/` it goes on to that folder: all others are other people's.
fn where_to_begin(bucket: &str, prefix: &str) -> anyhow::Result<String> {
    if !prefix.split('/').any(|element| element == "AWSLogs") {
        let slash = if prefix.is_empty() || prefix.ends_with('/') { "" } else { "/" };
        return Ok(format!("{prefix}{slash}AWSLogs/"));
    }
    let prefix = if prefix.ends_with("AWSLogs") { format!("{prefix}/") } else { prefix.to_owned() };
    if classify_folder(&prefix) == FolderClass::Other {
        bail!(
            "s3://{bucket}/{prefix} holds no log files of CloudTrail: name the bucket, what stands before AWSLogs/, or a folder from there on"
        );
    }
    Ok(prefix)
}

/// Before the first key of a day, in the folder of a region.
fn day_of(prefix: &str, day: Date) -> String {
    let FolderClass::Region(region) = classify_folder(prefix) else { return String::new() };
    format!("{region}{:04}/{:02}/{:02}/", day.year(), day.month(), day.day())
}

fn yesterday(day: Date) -> Date {
    day.saturating_sub(1.day())
}

#[cfg(test)]
mod tests;
