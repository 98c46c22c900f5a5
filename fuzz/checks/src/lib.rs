//! What the fuzz targets check: a function for each, from any bytes to a panic if something is wrong.
//!
//! The targets of cargo-fuzz call these and nothing else, and so does an ordinary test that replays
//! what was ever found (`fuzz/regressions`). What the bytes of an input stand for is written by hand
//! here and not derived, so that an input means the same for as long as it is kept, and can be read.

mod access_log;
mod choices;
mod delivery;
mod detector_file;
mod digest;
mod filter_pattern;
mod log_file;
mod parts;
mod pattern_reference;
mod record_scanner;
mod scan_reference;
mod sigma_rule;

pub use parts::{joined, scan_input};

/// A target: its name, and what it does with an input.
pub struct Target {
    /// Also the name of its binary, and of its folders of seeds and regressions.
    pub name: &'static str,
    /// Panics if something is wrong.
    pub check: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 10] = [
    Target { name: "log_file", check: log_file::check },
    Target { name: "scan_reference", check: scan_reference::check },
    Target { name: "record_scanner", check: record_scanner::check },
    Target { name: "filter_pattern", check: filter_pattern::check },
    Target { name: "pattern_reference", check: pattern_reference::check },
    Target { name: "sigma_rule", check: sigma_rule::check },
    Target { name: "detector_file", check: detector_file::check },
    Target { name: "delivery", check: delivery::check },
    Target { name: "digest", check: digest::check },
    Target { name: "access_log", check: access_log::check },
];

/// Checks an input of the target of this name.
///
/// # Panics
/// If there is no such target, or something is wrong.
pub fn check(target: &str, input: &[u8]) {
    let found = TARGETS.iter().find(|known| known.name == target);
    let Some(found) = found else { panic!("there is no target {target}") };
    (found.check)(input);
}
