//! What there is to warn of in a rule.

use super::Code;

/// Something to warn of, and where in the rule it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) code: Code,
    pub(super) spot: Spot,
    pub(super) message: String,
}

/// What there is to warn of. So much is kept; the rest is counted, and not even put into words.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    pub(super) more: usize,
}

impl Findings {
    const MOST: usize = 100;

    pub(super) fn is_full(&self) -> bool {
        self.list.len() == Self::MOST
    }

    pub(super) fn add(&mut self, finding: impl FnOnce() -> Finding) {
        if self.is_full() {
            self.more += 1;
        } else {
            self.list.push(finding());
        }
    }

    /// All that were kept, of which the last says how many there are besides.
    pub(super) fn into_list(mut self) -> Vec<Finding> {
        if let Some(last) = self.list.last_mut().filter(|_| self.more > 0) {
            last.message = format!("{} (and {} more warnings of this rule)", last.message, self.more);
        }
        self.list
    }
}

/// A place in a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// A byte of a filter pattern.
    Offset(usize),
    /// Words of a Sigma rule, of which the later stand behind the earlier.
    Words(Vec<String>),
}
