//! Work on many threads, results in order.
//!
//! Which of two copies of an event counts depends on which comes first, so results are taken in
//! the order of the inputs, whichever thread is ready first. Threads run at most a few batches
//! ahead: results that wait for a slow file stay few.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many batches a thread may be ahead of the first unfinished one.
const AHEAD: usize = 4;
/// Inputs of so much weight are handed out together: to wake a thread takes as long as to read a
/// small file.
const BATCH_WEIGHT: u64 = 256 * 1024;
const BATCH_LENGTH: usize = 64;

/// Calls `work` for each input on `threads` threads, and `take` for each result on this one. With
/// one thread, that is this one too.
///
/// What `worker` makes is a thread's own. `weight` says how much there is to do for an input, in bytes
/// to read; those of little weight are done several at a time.
pub(crate) fn for_each<I: Sync, W, R: Send>(
    inputs: &[I],
    threads: usize,
    weight: impl Fn(&I) -> u64,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &I) -> R + Sync,
    mut take: impl FnMut(&I, R),
) {
    let batches = batches(inputs, weight);
    let threads = threads.min(batches.len());
    if threads <= 1 {
        let mut own = worker();
        return inputs.iter().for_each(|input| take(input, work(&mut own, input)));
    }
    let shared = Shared::new(batches.len(), threads * AHEAD);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _ended = Ended(&shared);
                let mut own = worker();
                while let Some(at) = shared.claim() {
                    shared.put(
                        at,
                        inputs[batches[at].clone()].iter().map(|input| work(&mut own, input)).collect(),
                    );
                }
            });
        }
        for (at, batch) in batches.iter().enumerate() {
            let Some(results) = shared.take(at) else { return };
            inputs[batch.clone()].iter().zip(results).for_each(|(input, result)| take(input, result));
        }
    });
}

/// The inputs, those of little weight together.
fn batches<I>(inputs: &[I], weight: impl Fn(&I) -> u64) -> Vec<Range<usize>> {
    let mut batches: Vec<Range<usize>> = Vec::new();
    let mut heavy = 0_u64;
    for (at, input) in inputs.iter().enumerate() {
        let weight = weight(input);
        match batches.last_mut() {
            Some(last) if last.len() < BATCH_LENGTH && heavy.saturating_add(weight) <= BATCH_WEIGHT => {
                last.end = at + 1;
                heavy += weight;
            }
            _ => {
                batches.push(at..at + 1);
                heavy = weight;
            }
        }
    }
    batches
}

/// Which batches are claimed, done and taken.
struct Shared<R> {
    state: Mutex<State<R>>,
    /// Something was put, or nothing more will be.
    ready: Condvar,
    /// Something was taken.
    taken: Condvar,
    batches: usize,
    window: usize,
}

struct State<R> {
    next: usize,
    taken: usize,
    ready: BTreeMap<usize, Vec<R>>,
    has_panicked: bool,
}

impl<R> Shared<R> {
    fn new(batches: usize, window: usize) -> Self {
        let state = State { next: 0, taken: 0, ready: BTreeMap::new(), has_panicked: false };
        Self { state: Mutex::new(state), ready: Condvar::new(), taken: Condvar::new(), batches, window }
    }

    /// The next batch for a thread, once it is near enough to the first unfinished one.
    fn claim(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.next == self.batches || state.has_panicked {
                return None;
            }
            if state.next < state.taken + self.window {
                state.next += 1;
                return Some(state.next - 1);
            }
            state = self.taken.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn put(&self, at: usize, results: Vec<R>) {
        let mut state = self.lock();
        state.ready.insert(at, results);
        // Only the first unfinished batch is waited for.
        let is_awaited = state.taken == at;
        drop(state);
        if is_awaited {
            self.ready.notify_one();
        }
    }

    /// The results of a batch, once they are there. `None` if they never will be.
    fn take(&self, at: usize) -> Option<Vec<R>> {
        let mut state = self.lock();
        loop {
            if let Some(results) = state.ready.remove(&at) {
                state.taken = at + 1;
                drop(state);
                self.taken.notify_all();
                return Some(results);
            }
            if state.has_panicked {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nothing that holds the lock can panic, so a poisoned one cannot occur.
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sees to it that nobody waits for a thread that has panicked: the panic goes on in the caller.
struct Ended<'s, R>(&'s Shared<R>);

impl<R> Drop for Ended<'_, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().has_panicked = true;
            self.0.ready.notify_all();
            self.0.taken.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_threads_and_the_weights() {
        for threads in [1, 2, 7, 64] {
            for length in [0, 1, 2, 63, 64, 65, 500] {
                for weight in [0, BATCH_WEIGHT / 3, BATCH_WEIGHT + 1, u64::MAX] {
                    let inputs: Vec<u64> = (0..length).collect();
                    let mut taken = Vec::new();
                    for_each(
                        &inputs,
                        threads,
                        |input| if input % 5 == 0 { weight } else { 1 },
                        || (),
                        |(), input| (0..(input % 7) * 1000).fold(*input, |a, b| a ^ (b ^ b)),
                        |input, result| taken.push((*input, result)),
                    );
                    assert_eq!(taken, inputs.iter().map(|input| (*input, *input)).collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn light_inputs_are_handed_out_together_and_heavy_ones_alone() {
        let light = [1_u64; 200];
        assert_eq!(batches(&light, |weight| *weight), [0..64, 64..128, 128..192, 192..200]);
        let mixed = [BATCH_WEIGHT, 1, 1, u64::MAX, u64::MAX, BATCH_WEIGHT / 2, BATCH_WEIGHT / 2, 1];
        assert_eq!(batches(&mixed, |weight| *weight), [0..1, 1..3, 3..4, 4..5, 5..7, 7..8]);
        assert!(batches(&[], |weight: &u64| *weight).is_empty());
    }

    #[test]
    fn each_thread_works_with_what_is_its_own() {
        let made = AtomicUsize::new(0);
        let inputs = vec![BATCH_WEIGHT; 300];
        let mut taken = 0;
        for_each(
            &inputs,
            3,
            |weight| *weight,
            || made.fetch_add(1, Ordering::Relaxed),
            |own, _| *own,
            |_, own| {
                assert!(own < 3);
                taken += 1;
            },
        );
        assert_eq!((made.into_inner(), taken), (3, 300));
    }

    #[test]
    fn a_panic_of_a_thread_is_one_of_the_caller() {
        let inputs: Vec<u64> = vec![BATCH_WEIGHT; 100];
        let numbers: Vec<usize> = (0..inputs.len()).collect();
        for threads in [1, 2, 5] {
            let run = || {
                let work = |(): &mut (), at: &usize| assert!(*at != 41, "the forty-second");
                for_each(&numbers, threads, |at| inputs[*at], || (), work, |_, ()| {});
            };
            assert!(std::panic::catch_unwind(run).is_err(), "{threads} threads");
        }
    }
}
