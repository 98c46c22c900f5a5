//! The CloudWatch Logs metric filter pattern syntax for JSON.
//!
//! ```
//! use trailmeter_detection::pattern::Pattern;
//!
//! let denied: Pattern = r#"{ ($.errorCode = "AccessDenied*") || ($.errorCode = "*UnauthorizedOperation") }"#.parse()?;
//! assert!(denied.matches(&serde_json::json!({ "errorCode": "Client.UnauthorizedOperation" })));
//! assert!(!denied.matches(&serde_json::json!({ "eventName": "RunInstances" })));
//! # Ok::<(), trailmeter_detection::pattern::PatternError>(())
//! ```
//!
//! What AWS leaves undocumented is decided in `docs/filter-patterns.md`, and in one place here:
//! [`evaluate`].

mod ast;
mod error;
mod evaluate;
mod parser;
mod regex_dialect;
mod selector;

pub use ast::{Condition, Expr, Number, Operand, Test, Text};
pub use error::PatternError;
pub use evaluate::evaluate;
pub use selector::{Selector, Step};

use std::str::FromStr;

use serde_json::Value;

/// A parsed filter pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    expr: Expr,
}

impl Pattern {
    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The pattern as a tree.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Whether `record` matches.
    pub fn matches(&self, record: &Value) -> bool {
        evaluate(&self.expr, record)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Ok(Self { text: text.to_owned(), expr: parser::parse_pattern(text)? })
    }
}

#[cfg(test)]
mod tests;
