//! Runs detection over the past: the objects of a bucket, some accounts, regions and days, are named to the queue
//! that the function `detect` takes its deliveries from.
//!
//! [`Asked::check`] turns what is asked for into a [`Request`] or says what is wrong with it. [`Backfill::estimate`]
//! says what it comes to, [`Backfill::run`] does it: folders are found by listing, listed side by side, and sent one
//! after the other at a bounded rate; where it stopped is taken down, so that the next run goes on from there. No more
//! than some pages of keys are in memory, however many there are. The crate is pure: the bucket, the queue, the table
//! and time are behind [ports](Listing).

mod driver;
mod estimate;
mod kind;
mod pace;
mod parts;
mod place;
mod ports;
mod progress;
mod request;
mod walk;

pub use driver::{Backfill, BackfillError, Ran, State};
pub use estimate::Estimate;
pub use kind::{kind_of_word, kind_words};
pub use pace::MOST_IN_MESSAGE;
pub use parts::{MOST_PARTS, Part, Parts};
pub use place::{Begun, Place};
pub use ports::{Batch, Listed, Listing, ListingError, ListingProblem, Page, Places, PortError, Queue, Time};
pub use progress::Progress;
pub use request::{Asked, DEFAULT_LEAVE_MINUTES, DEFAULT_RATE, HIGHEST_RATE, Request, RequestError};
pub use walk::{KEY_LAYOUT, Partition};

#[cfg(test)]
mod tests;
