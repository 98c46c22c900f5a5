//! The client's side: a request to another server, as it stands.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};

use super::{BODY_LIMIT, Request, Response, header_of, read_chunks, read_exactly, read_headers};

/// Sends a request as it stands to another server (`host:port`) and returns the status.
pub fn forward(authority: &str, request: &Request) -> Result<u16> {
    Ok(relay(authority, request)?.status)
}

/// Sends a request as it stands to another server (`host:port`) and returns its answer, whole and
/// without the headers that are about that connection.
pub fn relay(authority: &str, request: &Request) -> Result<Response> {
    let mut stream =
        TcpStream::connect(authority).with_context(|| format!("nobody listens at {authority}"))?;
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    for (name, value) in request.headers.iter().filter(|(name, _)| !is_about_the_connection(name)) {
        write!(head, "{name}: {value}\r\n")?;
    }
    write!(head, "content-length: {}\r\nconnection: close\r\n\r\n", request.body.len())?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(&request.body)?;
    read_response(&mut BufReader::new(stream))
}

fn read_response(reader: &mut impl BufRead) -> Result<Response> {
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status = line.split_whitespace().nth(1).with_context(|| format!("no status line: {line:?}"))?;
        let status: u16 = status.parse()?;
        let mut headers = read_headers(reader)?;
        if status == 100 {
            continue;
        }
        let is_chunked = header_of(&headers, "transfer-encoding").is_some();
        let length = header_of(&headers, "content-length").map(str::parse::<u64>).transpose()?;
        let body = match length {
            _ if is_chunked => read_chunks(reader)?,
            Some(length) => read_exactly(reader, length)?,
            None => {
                let mut body = Vec::new();
                reader.take(BODY_LIMIT).read_to_end(&mut body)?;
                body
            }
        };
        // To the end: closing earlier could cut off a server that is still writing.
        drop(reader.read_to_end(&mut Vec::new()));
        headers.retain(|(name, _)| !is_about_the_connection(name));
        return Ok(Response { status, headers, body });
    }
}

fn is_about_the_connection(name: &str) -> bool {
    ["connection", "keep-alive", "content-length", "transfer-encoding", "expect"]
        .iter()
        .any(|hop| name.eq_ignore_ascii_case(hop))
}
