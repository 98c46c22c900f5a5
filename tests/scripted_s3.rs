//! S3 on its bad days: denials, throttling, answers that break off.
//!
//! Bytes on a socket, because a server of any library takes care to end what it has announced.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use anyhow::Result;

/// How a request fares.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Refused: status, code and message.
    Refuse(u16, &'static str, &'static str),
    /// The whole object.
    Give,
    /// Half of the object under the length of the whole, and the connection falls.
    GiveHalf,
    /// Half of the object, and then nothing more.
    Stall,
}

/// A store with one object at every key; it ends with the process.
pub(crate) struct ScriptedS3 {
    endpoint: String,
    requests: Arc<AtomicU64>,
    /// Connections that stall are kept until the store is dropped.
    _stalled: mpsc::Receiver<TcpStream>,
}

impl ScriptedS3 {
    /// Starts it. The last act goes for all requests after it as well.
    pub(crate) fn start(body: Vec<u8>, acts: &[Act]) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&requests);
        let mut acts: VecDeque<Act> = acts.iter().copied().collect();
        let (keep, stalled) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                let act = if acts.len() > 1 { acts.pop_front() } else { acts.front().copied() };
                // A client that is gone has seen what the test is about.
                drop(serve(&stream, act.unwrap_or(Act::Give), &body));
                if matches!(act, Some(Act::Stall)) {
                    drop(keep.send(stream));
                }
            }
        });
        Ok(Self { endpoint, requests, _stalled: stalled })
    }

    /// Its URL, for `AWS_ENDPOINT_URL_S3`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How often it was asked.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }
}

fn serve(stream: &TcpStream, act: Act, body: &[u8]) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    // GetObject has no body: the request ends with its headers.
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let (status, body, given) = match act {
        Act::Refuse(status, code, message) => {
            let xml = format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message><RequestId>EXAMPLE1234567RQ</RequestId></Error>"#
            );
            let length = xml.len();
            (status, xml.into_bytes(), length)
        }
        Act::Give => (200, body.to_vec(), body.len()),
        Act::GiveHalf | Act::Stall => (200, body.to_vec(), body.len() / 2),
    };
    let mut answer =
        format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len())
            .into_bytes();
    answer.extend_from_slice(&body[..given]);
    let mut writer = stream;
    writer.write_all(&answer)?;
    Ok(writer.flush()?)
}
