//! Which folders hold what is asked for.

use std::collections::VecDeque;

use jiff::ToSpan;
use jiff::civil::Date;
use trailmeter_logs::{FolderClass, LogKind, classify_folder};

use crate::kind::kind_of_folder;
use crate::ports::{Listing, ListingError};
use crate::request::Request;

/// What keys look like.
pub const KEY_LAYOUT: &str = "[PREFIX/]AWSLogs/[o-ID/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/FILE.json.gz";

/// A day of one account, kind and region: what is listed and sent as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Its folder, with the slash at its end.
    pub folder: String,
    /// The kind of its files.
    pub kind: LogKind,
}

/// Goes down the folders of a bucket, first things first. It holds the names beside its way and no others.
pub(crate) struct Walk<'w, L> {
    listing: &'w L,
    request: &'w Request,
    /// What is left at each level.
    levels: Vec<VecDeque<String>>,
    /// Days of the region it is at.
    days: VecDeque<Partition>,
}

impl<'w, L: Listing + Sync> Walk<'w, L> {
    pub(crate) fn new(listing: &'w L, request: &'w Request) -> Self {
        let levels = vec![VecDeque::from([request.root.clone()])];
        Self { listing, request, levels, days: VecDeque::new() }
    }

    /// The next day that has a folder.
    pub(crate) async fn next(&mut self) -> Result<Option<Partition>, ListingError> {
        loop {
            if let Some(day) = self.days.pop_front() {
                return Ok(Some(day));
            }
            let Some((region, kind)) = self.next_region().await? else { return Ok(None) };
            self.days = self.days_of(&region, kind).await?;
        }
    }

    /// The next folder of one account, kind and region that is asked for.
    pub(crate) async fn next_region(&mut self) -> Result<Option<(String, LogKind)>, ListingError> {
        while let Some(level) = self.levels.last_mut() {
            let Some(folder) = level.pop_front() else {
                self.levels.pop();
                continue;
            };
            match classify_folder(&folder) {
                FolderClass::Region(region) if self.is_wanted(region) => {
                    if let Some(kind) = Elements::of(region).kind {
                        return Ok(Some((region.to_owned(), kind)));
                    }
                }
                FolderClass::Above if self.is_wanted(&folder) => {
                    let below = self.listing.folders(&self.request.bucket, &folder).await?;
                    self.levels.push(below.into());
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Whether what is asked for can stand below a folder, as far as the folder says.
    fn is_wanted(&self, folder: &str) -> bool {
        let Request { accounts, regions, kinds, .. } = self.request;
        let elements = Elements::of(folder);
        elements.account.is_none_or(|account| accounts.is_empty() || accounts.contains(account))
            && elements.region.is_none_or(|region| regions.is_empty() || regions.contains(region))
            && elements.kind.is_none_or(|kind| kinds.is_empty() || kinds.contains(&kind))
    }

    /// The days of a region that are asked for and have a folder. A month is asked for whole, which is one request
    /// where a day each would be thirty.
    async fn days_of(&self, region: &str, kind: LogKind) -> Result<VecDeque<Partition>, ListingError> {
        let Request { bucket, root, from, to, .. } = self.request;
        let mut days = VecDeque::new();
        for month in months(*from, *to) {
            let month = format!("{region}{:04}/{:02}/", month.year(), month.month());
            if !(month.starts_with(root.as_str()) || root.starts_with(&month)) {
                continue;
            }
            for folder in self.listing.folders(bucket, &month).await? {
                let is_asked = day_of(&folder, region).is_some_and(|day| (*from..=*to).contains(&day));
                if is_asked && (folder.starts_with(root.as_str()) || root.starts_with(&folder)) {
                    days.push_back(Partition { folder, kind });
                }
            }
        }
        Ok(days)
    }
}

/// What the elements of a folder behind `AWSLogs` say.
struct Elements<'f> {
    account: Option<&'f str>,
    kind: Option<LogKind>,
    region: Option<&'f str>,
}

impl<'f> Elements<'f> {
    fn of(folder: &'f str) -> Self {
        let elements: Vec<&str> = folder.split_terminator('/').collect();
        // The last one that leads anywhere: a prefix may hold the word itself.
        let at = (0..elements.len()).rev().find(|&at| elements[at] == "AWSLogs").map_or(0, |at| at + 1);
        let mut rest = elements[at..].iter().copied().peekable();
        rest.next_if(|element| element.starts_with("o-"));
        Self { account: rest.next(), kind: rest.next().and_then(kind_of_folder), region: rest.next() }
    }
}

/// Account and region of a region's folder.
pub(crate) fn account_and_region(region: &str) -> Option<(&str, &str)> {
    let elements = Elements::of(region);
    elements.account.zip(elements.region)
}

/// The first day of each month that days from the first to the last are in.
fn months(from: Date, to: Date) -> impl Iterator<Item = Date> {
    from.first_of_month().series(1.month()).take_while(move |month| *month <= to)
}

/// The day that a folder in a region's folder is of.
fn day_of(folder: &str, region: &str) -> Option<Date> {
    let mut numbers = folder.strip_prefix(region)?.split_terminator('/');
    let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
