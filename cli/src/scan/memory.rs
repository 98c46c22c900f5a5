//! How much memory the files that are read at the same time may take.
//!
//! Each thread has its share of it, whatever the others do: nobody waits, and the bound holds. A file
//! that needs more than a share is inflated piece by piece, which is slower and takes next to nothing.

use trailmeter_logs::Limits;

/// What the largest file that CloudTrail documents takes, inflated and as stored, with some to spare.
const FOR_A_THREAD: u64 = 80;

/// The limits of a thread, of `threads` that share `mib` MiB; with enough for any usual file if nothing is said.
pub(crate) fn share(limits: Limits, threads: usize, mib: Option<u64>) -> Limits {
    let share = mib.map_or(FOR_A_THREAD << 20, |mib| (mib << 20) / threads.max(1) as u64);
    let share = usize::try_from(share).unwrap_or(usize::MAX);
    // As stored, a file takes up to a quarter of what it may inflate to.
    Limits { in_memory: share / 5 * 4, ..limits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_threads_hold_is_what_was_asked_for() {
        for (threads, mib, in_memory) in [
            (1, None, 64 << 20),
            (16, None, 64 << 20),
            (1, Some(10), 8 << 20),
            (4, Some(100), 20 << 20),
            (1024, Some(8), 6552),
        ] {
            let limits = share(Limits::default(), threads, mib);
            assert_eq!(limits.in_memory, in_memory, "{threads} threads, {mib:?} MiB");
            let held = threads * (limits.in_memory + limits.stored_in_memory());
            assert!(
                held as u64 <= mib.unwrap_or(80 * threads as u64) << 20,
                "{threads} threads, {mib:?} MiB"
            );
        }
    }
}
