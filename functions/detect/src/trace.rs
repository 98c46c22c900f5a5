//! Where the time of an invocation goes, as subsegments of X-Ray: one for each object that is read, for each request
//! with metrics and for the findings of each object.
//!
//! Lambda's own segment says how long an invocation took and no more. X-Ray's daemon takes a line of JSON in a datagram,
//! so this needs no library, no layer and no connection; where nobody listens, nothing waits. OpenTelemetry would bring a
//! third of the binary again, and an exporter that has to be flushed before Lambda freezes the process.
//!
//! The pipeline knows nothing of it: the ports are wrapped.

mod ports;
mod subsegment;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

pub use ports::{Traced, TracedBody};
use subsegment::Parent;
pub(crate) use subsegment::Span;

/// A trace with more than some thousands of subsegments is cut off, and nobody reads as many.
const MOST_SPANS: u32 = 500;

/// Sends subsegments of the invocation that is running; one that does nothing unless it is told where to.
#[derive(Debug, Clone, Default)]
pub struct Tracer(Option<Arc<Daemon>>);

#[derive(Debug)]
struct Daemon {
    socket: UdpSocket,
    address: SocketAddr,
    running: Mutex<Option<Running>>,
}

/// The invocation that is running.
#[derive(Debug)]
struct Running {
    parent: Parent,
    /// The time by the handler's clock, and by the one that is never put back.
    began: (Duration, Instant),
    spans: u32,
}

impl Tracer {
    /// To the daemon at this address. Without a socket there are no traces, which keeps nobody from counting.
    pub fn new(daemon: Option<SocketAddr>) -> Self {
        Self(daemon.and_then(|address| {
            let any: SocketAddr = match address {
                SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
            };
            let socket = UdpSocket::bind(any).ok()?;
            socket.set_nonblocking(true).ok()?;
            Some(Arc::new(Daemon { socket, address, running: Mutex::default() }))
        }))
    }

    /// An invocation begins, with what Lambda says of its trace. If that is not sampled nothing is sent.
    pub(crate) fn begin(&self, trace_header: Option<&str>, began: SystemTime) {
        let Some(daemon) = &self.0 else { return };
        let began = (began.duration_since(UNIX_EPOCH).unwrap_or_default(), Instant::now());
        let parent = trace_header.and_then(Parent::sampled);
        *daemon.running() = parent.map(|parent| Running { parent, began, spans: 0 });
    }

    /// Something begins that takes time.
    pub(crate) fn span(&self, name: &'static str) -> Span {
        Span::new(self.clone(), self.0.as_ref().and_then(|daemon| daemon.start(name)))
    }

    fn send(&self, subsegment: &subsegment::Subsegment) {
        let Some(daemon) = &self.0 else { return };
        let now = daemon.running().as_ref().map(Running::now);
        if let Some(now) = now {
            // Nobody is told of a trace that is not sent: it is not worth a line of the log.
            drop(daemon.socket.send_to(&subsegment.datagram(now), daemon.address));
        }
    }
}

impl Daemon {
    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, name: &'static str) -> Option<subsegment::Subsegment> {
        let mut running = self.running();
        let running = running.as_mut().filter(|running| running.spans < MOST_SPANS)?;
        running.spans += 1;
        Some(subsegment::Subsegment::new(name, running.parent.clone(), running.now()))
    }
}

impl Running {
    /// Seconds since 1970, as X-Ray wants them.
    fn now(&self) -> f64 {
        let (epoch, instant) = self.began;
        (epoch + instant.elapsed()).as_secs_f64()
    }
}
