//! Other tools on the same work: what each is asked, how it is installed, and that it answers right.
//!
//! A peer is a row of [`all`]. The bench installs it, runs its command in turn with inflate-only and
//! Trailmeter, and checks its answer against the truth of the corpus.

mod answers;
mod install;
mod table;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::corpus::{Corpus, Three};

/// Where peers are installed.
#[derive(Debug)]
pub(crate) struct Tools {
    /// A folder of the bench's own, kept from run to run: `target/bench/tools`.
    pub(crate) folder: PathBuf,
}

/// Another tool that can be asked the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// The word that leaves it out: `PEERS_WITHOUT=duckdb,suzaku`. Small letters and hyphens.
    pub(crate) name: &'static str,
    /// Its name in tables.
    pub(crate) title: &'static str,
    /// The version that is pinned.
    pub(crate) version: &'static str,
    /// What it is asked, in one line; where it is spared part of the work, the line says so.
    pub(crate) work: &'static str,
    /// The command that is measured, one thread where it can be told so. Its standard output goes
    /// to [`Peer::answer`]. Processes that it starts and waits for (`sh -c "a | b"`) are counted.
    pub(crate) command: fn(&Tools, &Corpus) -> Command,
    /// What its output says.
    pub(crate) answer: fn(&[u8]) -> Result<Answer>,
}

/// What a tool found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The three counts, which must be those of the corpus.
    Counts(Three),
    /// Another, coarser answer that cannot be compared (such as lines with a word in them): the
    /// table says so. It must not be nothing.
    Other(u64),
}

/// All of them, in the order of the table.
pub(crate) fn all() -> Vec<Peer> {
    table::all()
}
