//! What tests, demo and benches share: a generator of log files with the truth about them, and
//! stand-ins for the services around the product.
//!
//! Nothing here calls the product's own crates, so that a mistake of the product cannot hide
//! behind the same mistake in its test.

pub mod alarm_model;
#[cfg(feature = "cloud")]
pub mod aws;
pub mod bad_input;
#[cfg(feature = "cloud")]
pub mod digest_chain;
pub mod eventually;
pub mod fault_proxy;
pub mod generate;
pub mod http;
#[cfg(feature = "cloud")]
pub mod local_cloud;
pub mod rng;
pub mod runtime_api;
pub mod strict_cloudwatch;
