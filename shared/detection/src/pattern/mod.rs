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
//! `compile.rs`.

mod ast;
mod compile;
mod error;
mod parser;
mod regex_dialect;
mod selector;

pub use ast::{Condition, Node, Number, Operand, PatternTest, Text};
pub use error::PatternError;

use std::str::FromStr;

use crate::model::{Document, Expr, evaluate};

/// A parsed filter pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    syntax: Node,
    expr: Expr,
}

impl Pattern {
    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The pattern as it was parsed.
    pub fn syntax(&self) -> &Node {
        &self.syntax
    }

    /// What it means.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Whether `record` matches.
    pub fn matches<'d>(&self, record: impl Into<Document<'d>>) -> bool {
        evaluate(&self.expr, record.into())
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let syntax = parser::parse_pattern(text)?;
        let expr = compile::compile(&syntax);
        Ok(Self { text: text.to_owned(), syntax, expr })
    }
}

#[cfg(test)]
mod tests;
