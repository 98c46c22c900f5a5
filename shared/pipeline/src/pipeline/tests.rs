//! The failure policy, case by case: what counts, what comes back, what is put.
//!
//! Every case runs through [`World::run`], which also proves the identities. What was put is
//! compared as one line of `Series=sum`, so that a case says what is put and that nothing else is.

mod access_logs;
mod account;
mod backfill;
mod counting;
mod dimensions;
mod event_time;
mod faults;
mod findings;
mod fixtures;
mod keys_and_messages;
mod ledger;
mod memory_ledger;
mod metrics;
mod properties;
mod puts;
mod read_ahead;
mod replay;
mod several_keys;
mod simulation;
mod single_events;
mod world;
