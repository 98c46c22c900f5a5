//! Requests as a table; runs over a bucket in memory.

mod pace;
mod requests;
mod resume;
mod walks;
mod world;
