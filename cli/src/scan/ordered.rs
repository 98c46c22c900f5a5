//! Work on many threads, results in order.
//!
//! Which of two copies of an event counts depends on which comes first, so results are taken in
//! the order of the inputs, whichever thread is ready first. Threads run at most a few inputs
//! ahead: results that wait for a slow file stay few.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

/// How many inputs a thread may be ahead of the first unfinished one.
const AHEAD: usize = 8;

struct State<R> {
    next: usize,
    taken: usize,
    ready: BTreeMap<usize, R>,
}

/// Calls `work` for each input on `threads` threads, and `take` for each result on this one.
pub(crate) fn for_each<I: Sync, R: Send>(
    inputs: &[I],
    threads: usize,
    work: impl Fn(&I) -> R + Sync,
    mut take: impl FnMut(&I, R),
) {
    let state = Mutex::new(State { next: 0, taken: 0, ready: BTreeMap::new() });
    let changed = Condvar::new();
    let window = threads * AHEAD;
    std::thread::scope(|scope| {
        for _ in 0..threads.min(inputs.len()) {
            scope.spawn(|| {
                while let Some(at) = claim(&state, &changed, window, inputs.len()) {
                    let result = work(&inputs[at]);
                    lock(&state).ready.insert(at, result);
                    changed.notify_all();
                }
            });
        }
        for (at, input) in inputs.iter().enumerate() {
            let mut guard = lock(&state);
            let result = loop {
                match guard.ready.remove(&at) {
                    Some(result) => break result,
                    None => guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
                }
            };
            guard.taken = at + 1;
            drop(guard);
            changed.notify_all();
            take(input, result);
        }
    });
}

/// The next input for a thread, once it is near enough to the first unfinished one.
fn claim<R>(state: &Mutex<State<R>>, changed: &Condvar, window: usize, inputs: usize) -> Option<usize> {
    let mut guard = lock(state);
    loop {
        if guard.next == inputs {
            return None;
        }
        if guard.next < guard.taken + window {
            guard.next += 1;
            return Some(guard.next - 1);
        }
        guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Nothing that holds the lock can panic, so a poisoned one cannot occur.
fn lock<R>(state: &Mutex<State<R>>) -> std::sync::MutexGuard<'_, State<R>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        for threads in [1, 2, 7, 64] {
            for length in [0, 1, 2, 500] {
                let inputs: Vec<u64> = (0..length).collect();
                let mut taken = Vec::new();
                for_each(
                    &inputs,
                    threads,
                    |input| (0..(input % 7) * 1000).fold(*input, |a, b| a ^ (b ^ b)),
                    |input, result| taken.push((*input, result)),
                );
                assert_eq!(taken, inputs.iter().map(|input| (*input, *input)).collect::<Vec<_>>());
            }
        }
    }
}
