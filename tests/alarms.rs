//! The alarms of the template as they stand, in a model of how CloudWatch evaluates them.
//!
//! What AWS leaves open, the number of points beyond `EvaluationPeriods` that are fetched, is tried
//! from none to more than its examples have: a promise has to hold under each.

/// Every alarm that counts: those of the detectors, and those of the pipeline.
mod counts;
/// Log files that come late, and the samples that follow.
mod delivery;
/// Alarms on gauges of SQS.
mod gauges;
/// The page about alarms, and its table.
mod page;
/// Any schedule of deliveries.
mod properties;
/// The alarms, read from the template.
mod shipped;
/// The dead-man's switch.
mod silence;
