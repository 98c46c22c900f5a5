//! Sigma rules that others wrote, and another engine's opinion of what they mean.
//!
//! `rsigma-eval` belongs to the same family as the parser that Trailmeter reads rules with, and to
//! nothing else of it. Where the two engines differ, one table says which is right and why:
//! [`table::TABLE`]. A difference outside it fails a test here, and so does an entry that no
//! longer occurs.

/// Which entries of the table are behind a difference.
mod differences;
/// The two engines, side by side.
mod engines;
/// Rules and records made up for the purpose.
mod generate;
/// Made-up rules on made-up records, in both engines.
mod generated;
/// A rule taken apart into its tests.
mod parts;
/// The rules of both suites on the records of the corpus, in both engines.
mod published;
/// A question to both engines, and other ways to put it.
mod question;
/// What a record holds, without either engine.
mod record;
/// What `trailmeter check` says of both suites.
mod report;
/// Questions put so that the other engine takes them as we do.
mod rewrite;
/// Every difference between the engines, and who is right.
mod table;
