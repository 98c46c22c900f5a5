//! The tables of templates, a file for each kind of service.
//!
//! Most records are what an account does all day; some are what detectors are for; some are decoys
//! that hold a detector's words in a place where they mean nothing.

mod compute;
mod identity;
mod keys;
mod other_kinds;
mod services;
mod storage;

use super::template::Template;

pub(super) use other_kinds::{AGGREGATED, INSIGHT, NETWORK_ACTIVITY};

/// Templates of management and data events.
pub(super) fn events() -> Vec<&'static Template> {
    [compute::TEMPLATES, storage::TEMPLATES, identity::TEMPLATES, keys::TEMPLATES, services::TEMPLATES]
        .into_iter()
        .flatten()
        .collect()
}
