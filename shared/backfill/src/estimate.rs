//! What a backfill comes to, before it begins.

use std::time::Duration;

use crate::request::Request;

/// What there is to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Folders with a day of an account, kind and region.
    pub folders: u64,
    /// Folders among them that an earlier run has done.
    pub folders_before: u64,
    /// Objects to be sent.
    pub objects: u64,
    /// Their bytes as stored.
    pub bytes: u64,
    /// Objects that are no log files.
    pub skipped: u64,
    /// Log files in an archive, which cannot be read before somebody restores them.
    pub archived: u64,
    /// Objects that are left to their own delivery.
    pub recent: u64,
    /// Pages that were listed for it; the run lists them once more.
    pub pages: u64,
}

impl Estimate {
    /// The least time that it takes to send them all.
    pub fn time(&self, request: &Request) -> Duration {
        Duration::from_secs(self.objects.div_ceil(u64::from(request.rate.max(1))))
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.folders += other.folders;
        self.folders_before += other.folders_before;
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.skipped += other.skipped;
        self.archived += other.archived;
        self.recent += other.recent;
        self.pages += other.pages;
    }
}
