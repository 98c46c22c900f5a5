//! Where the page goes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A file, or standard output.
pub(super) enum Destination {
    File(PathBuf),
    Output,
}

impl Destination {
    /// Tries whether a page can be written, so that nobody reads logs for an hour to hear that it cannot.
    pub(super) fn open(output: &str) -> anyhow::Result<Self> {
        if output == "-" {
            return Ok(Self::Output);
        }
        let path = Path::new(output);
        try_to_write(path).with_context(|| format!("cannot write {output}"))?;
        Ok(Self::File(path.to_owned()))
    }

    pub(super) fn write(&self, page: &str) -> anyhow::Result<()> {
        match self {
            Self::Output => Ok(stdout().lock().write_all(page.as_bytes())?),
            Self::File(path) => File::create(path)
                .and_then(|mut file| file.write_all(page.as_bytes()))
                .with_context(|| format!("cannot write {}", path.display())),
        }
    }

    /// The file, for people.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Output => None,
        }
    }
}

/// Leaves everything as it was: an older page, and the folder, which may be one of those that are read.
fn try_to_write(path: &Path) -> io::Result<()> {
    let was_there = path.symlink_metadata().is_ok();
    drop(OpenOptions::new().append(true).create(true).open(path)?);
    if was_there { Ok(()) } else { fs::remove_file(path) }
}
