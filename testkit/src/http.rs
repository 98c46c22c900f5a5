//! A small HTTP/1.1 server for stand-ins of services.
//!
//! Written out because the stand-ins must do what libraries take care to prevent: drop a connection
//! after the request was taken, leave one without an answer, stop listening for a while. A thread
//! per connection also makes the long poll of the Lambda Runtime API a plain blocking call.

mod misresponse;
mod relay;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use socket2::SockRef;

use misresponse::write_misresponse;
pub use misresponse::{Ending, Misresponse};
pub use relay::{forward, relay};

/// Larger bodies are refused unread; the largest that any stand-in has to take is far below.
const BODY_LIMIT: u64 = 64 * 1024 * 1024;

/// One request, read whole.
#[derive(Debug, Clone)]
pub struct Request {
    /// GET, POST, …
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Names in the order and case as sent.
    pub headers: Vec<(String, String)>,
    /// The body as sent, still encoded.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header_of(&self.headers, name)
    }
}

/// The value of a header, whatever the case of its name.
pub fn header_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// One response.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers beside `content-length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A response with headers and a body.
    pub fn new(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> Self {
        let headers = headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self { status, headers, body }
    }
}

/// What the handler decides for a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Answer and keep the connection for the next request.
    Respond(Response),
    /// Answer in a way that no server should.
    Misrespond(Misresponse),
    /// Drop the connection without a byte of answer.
    HangUp,
    /// Keep the connection open and never answer; it falls when the server does.
    Silence,
}

type Handler = dyn Fn(Request) -> Answer + Send + Sync;

struct Shared {
    handler: Box<Handler>,
    stopping: AtomicBool,
    /// Open connections by serial number, to be shut with the server. An entry goes when its
    /// connection does.
    open: Mutex<HashMap<u64, TcpStream>>,
    serial: AtomicU64,
}

/// A server on a free port of the loopback address, gone when dropped.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Starts to listen.
    pub fn start(handler: impl Fn(Request) -> Answer + Send + Sync + 'static) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on the loopback address")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            stopping: AtomicBool::new(false),
            open: Mutex::default(),
            serial: AtomicU64::new(0),
        });
        let server = Self { shared, address, accepting: Mutex::default() };
        server.accept_from(listener);
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops to listen and closes all connections: whoever connects now is refused.
    pub fn refuse(&self) {
        let Some(thread) = self.accepting.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        self.shared.stopping.store(true, Ordering::SeqCst);
        // `accept` has no timeout: a connection from here wakes it up to see the flag.
        drop(TcpStream::connect(self.address));
        drop(thread.join());
        for (_, stream) in self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    /// Listens again on the same port after [`Server::refuse`].
    pub fn listen(&self) -> Result<()> {
        if self.accepting.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address).context("the port was taken while it was refused")?;
        self.shared.stopping.store(false, Ordering::SeqCst);
        self.accept_from(listener);
        Ok(())
    }

    fn accept_from(&self, listener: TcpListener) {
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::spawn(move || accept(&listener, &shared));
        *self.accepting.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.refuse();
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A URL of the loopback address at which nobody listens.
///
/// The port was free a moment ago; the kernel does not hand it out again soon.
pub fn refused_endpoint() -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    Ok(format!("http://{}", listener.local_addr()?))
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(for_closing) = stream.try_clone() else { continue };
        let serial = shared.serial.fetch_add(1, Ordering::SeqCst);
        shared.open.lock().unwrap_or_else(PoisonError::into_inner).insert(serial, for_closing);
        let of_connection = Arc::clone(shared);
        std::thread::spawn(move || {
            // A client that breaks off is its own business: its test sees what became of it.
            let ending = serve(&stream, &of_connection).unwrap_or(Ending::Close);
            let held = of_connection.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&serial);
            // A shutdown is an orderly end; a reset is what closing does to a connection that may
            // not linger.
            if held.is_some() && !matches!(ending, Ending::Reset) {
                drop(stream.shutdown(Shutdown::Both));
            }
        });
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> Result<Ending> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = read_request(&mut reader, &mut writer)? {
        let last = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        match (shared.handler)(request) {
            Answer::Respond(response) => write_response(&mut writer, &response)?,
            Answer::Misrespond(answer) => {
                write_misresponse(&mut writer, &answer)?;
                match &answer.ending {
                    Ending::Keep => {}
                    Ending::Close => return Ok(Ending::Close),
                    Ending::Reset => {
                        SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
                        return Ok(Ending::Reset);
                    }
                    Ending::Stall => return wait_for_the_end(&mut reader),
                    Ending::Tell(listener) => {
                        listener();
                        return Ok(Ending::Close);
                    }
                }
            }
            Answer::HangUp => return Ok(Ending::Close),
            Answer::Silence => return wait_for_the_end(&mut reader),
        }
        if last {
            break;
        }
    }
    Ok(Ending::Close)
}

/// Waits for the client to give up, or for the server to shut the connection.
fn wait_for_the_end(reader: &mut impl Read) -> Result<Ending> {
    reader.read_to_end(&mut Vec::new())?;
    Ok(Ending::Close)
}

/// Reads one request; `None` at the end of the connection.
fn read_request(reader: &mut impl BufRead, writer: &mut impl Write) -> Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        bail!("no request line: {line:?}");
    };
    let (method, target) = (method.to_owned(), target.to_owned());
    let headers = read_headers(reader)?;
    let header = |name: &str| header_of(&headers, name);
    if header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let chunked = header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    let body = if chunked {
        read_chunks(reader)?
    } else {
        let length = header("content-length").map_or(Ok(0), str::parse::<u64>)?;
        read_exactly(reader, length)?
    };
    Ok(Some(Request { method, target, headers, body }))
}

fn read_headers(reader: &mut impl BufRead) -> Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            bail!("the connection ended within the headers");
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) = line.split_once(':').with_context(|| format!("no header: {line:?}"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

fn read_exactly(reader: &mut impl BufRead, length: u64) -> Result<Vec<u8>> {
    if length > BODY_LIMIT {
        bail!("a body of {length} bytes");
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    if body.len() as u64 != length {
        bail!("the connection ended within the body");
    }
    Ok(body)
}

fn read_chunks(reader: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = line.trim().split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).with_context(|| format!("no chunk size: {line:?}"))?;
        if size == 0 {
            // Trailers look like headers and end as they do.
            read_headers(reader)?;
            return Ok(body);
        }
        if body.len() as u64 + size > BODY_LIMIT {
            bail!("a chunked body beyond {BODY_LIMIT} bytes");
        }
        body.extend(read_exactly(reader, size)?);
        reader.read_line(&mut String::new())?;
    }
}

fn write_response(writer: &mut impl Write, response: &Response) -> Result<()> {
    let mut whole = head(response, response.body.len())?;
    whole.extend_from_slice(&response.body);
    // One write, so that the client never sees half of the head in a packet of its own.
    writer.write_all(&whole)?;
    Ok(writer.flush()?)
}

fn head(response: &Response, length: usize) -> Result<Vec<u8>> {
    let mut head = format!("HTTP/1.1 {} -\r\ncontent-length: {length}\r\n", response.status);
    for (name, value) in &response.headers {
        write!(head, "{name}: {value}\r\n")?;
    }
    head.push_str("\r\n");
    Ok(head.into_bytes())
}
