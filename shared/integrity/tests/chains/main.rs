//! Chains that `testkit/python/chain.py` wrote, with other code for JSON, hashes and signatures than ours.
//!
//! They are kept in one file, so that these tests need no Python. `chain.py --bundle` writes it anew.
#![allow(clippy::unwrap_used, reason = "a chain that cannot be read ends the test")]

mod alone;
mod arrival;
mod bundle;
mod walk;
mod watch;
