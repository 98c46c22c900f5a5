//! What is told while a backfill runs.

/// What a run has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The folder it is at.
    pub folder: String,
    /// Folders that are done.
    pub folders: u64,
    /// Folders that an earlier run had done.
    pub folders_before: u64,
    /// Objects that were sent.
    pub queued: u64,
    /// Objects that earlier runs had sent in these folders.
    pub queued_before: u64,
    /// The bytes, as stored, of what was sent.
    pub bytes: u64,
    /// Messages that were sent.
    pub messages: u64,
    /// Objects that are no log files.
    pub skipped: u64,
    /// Log files in an archive, which cannot be read before somebody restores them.
    pub archived: u64,
    /// Objects that were written so short a time ago that they are left to their own delivery.
    pub recent: u64,
}
