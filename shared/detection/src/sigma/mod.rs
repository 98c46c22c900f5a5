//! Sigma rules, compiled into the model.
//!
//! `rsigma-parser` reads a rule; what the rule means is decided here, by the specification, and
//! where that leaves it open, by the table in `docs/sigma.md`. A rule that cannot be run as it
//! means is refused by name: nothing of it is dropped.
//!
//! Source: <https://sigmahq.io/sigma-specification/>

mod budget;
mod condition;
mod detection;
mod document;
mod encoding;
mod error;
mod item;
mod lists;
mod modifiers;
mod rule;
mod text;

pub use document::Kind;
pub use error::SigmaError;
pub use lists::Lists;
pub use rule::SigmaRule;

#[cfg(test)]
mod tests;
