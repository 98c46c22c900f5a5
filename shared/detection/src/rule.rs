//! What a detector matches, in whichever language it was written.

use crate::model::{Document, Expr, evaluate};
use crate::pattern::Pattern;
use crate::sigma::SigmaRule;

/// A filter pattern or a Sigma rule.
#[derive(Debug, Clone)]
pub enum Rule {
    /// A filter pattern.
    Pattern(Pattern),
    /// A Sigma rule.
    Sigma(Box<SigmaRule>),
}

impl Rule {
    /// What it means.
    pub fn expr(&self) -> &Expr {
        match self {
            Self::Pattern(pattern) => pattern.expr(),
            Self::Sigma(rule) => rule.expr(),
        }
    }

    /// Whether `record` matches.
    pub fn matches<'d>(&self, record: impl Into<Document<'d>>) -> bool {
        evaluate(self.expr(), record.into())
    }
}
