//! Why a detector was refused: file, line, column and reason.

use std::fmt;

/// A place in a detector file, counted from one. Zero means the file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line, from one.
    pub line: u64,
    /// Column, from one, in characters.
    pub column: u64,
}

/// A detector file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LoadError {
    /// The file as it was named to the loader.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong and what to do about it.
    pub reason: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.place.line > 0 {
            write!(f, ":{}:{}", self.place.line, self.place.column)?;
        }
        write!(f, ": {}", self.reason)
    }
}
