//! What attackers write: user agents, names, object keys, messages of errors. Whatever stands in them,
//! a log line is one JSON object with nobody else's fields, a metric has the name and the dimensions
//! that were configured and few values, and what the command prints is fit for a terminal, for XML
//! and for whoever parses it.

/// The command's outputs.
mod command;
/// What may look for an expression in such a text.
mod engines;
/// The function's log and metrics.
mod function;
/// The texts.
mod words;
