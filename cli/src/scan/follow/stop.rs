//! Ctrl-C, or the signal that ends a service: the first ends the watching, the second the process.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;

/// As a shell reports whoever died of Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Whether the end was asked for.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Listens from here on.
    pub(super) fn on_signals(runtime: &Runtime) -> io::Result<Self> {
        let stop = Self::default();
        let asked = stop.clone();
        // Signals are known only inside of the runtime.
        let _inside = runtime.enter();
        let mut signals = Signals::new()?;
        runtime.spawn(async move {
            signals.next().await;
            asked.ask();
            signals.next().await;
            std::process::exit(INTERRUPTED);
        });
        Ok(stop)
    }

    fn ask(&self) {
        *self.lock() = true;
        self.0.1.notify_all();
    }

    pub(super) fn is_asked(&self) -> bool {
        *self.lock()
    }

    /// Waits so long, or until the end is asked for; says whether it is.
    pub(super) fn wait(&self, time: Duration) -> bool {
        let waited = self.0.1.wait_timeout_while(self.lock(), time, |asked| !*asked);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Nothing that holds the lock can panic, so a poisoned one cannot occur.
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without it there is no Ctrl-C to wait for, and the process ends by it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_is_woken() {
        let stop = Stop::default();
        assert!(!stop.is_asked() && !stop.wait(Duration::ZERO));
        let waiting = stop.clone();
        std::thread::scope(|scope| {
            let waits = scope.spawn(move || waiting.wait(Duration::MAX));
            stop.ask();
            assert!(waits.join().unwrap());
        });
        assert!(stop.is_asked());
    }
}
