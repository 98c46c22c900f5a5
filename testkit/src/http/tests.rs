//! The server and the client, against each other.

use super::{Answer, Request, Response, Server, forward, refused_endpoint};
use anyhow::Result;

fn post(body: &[u8]) -> Request {
    let headers = vec![("Host".to_owned(), "x".to_owned()), ("X-Test".to_owned(), "one".to_owned())];
    Request { method: "POST".to_owned(), target: "/a?b".to_owned(), headers, body: body.to_vec() }
}

#[test]
fn a_request_arrives_as_sent() -> Result<()> {
    let server = Server::start(|request| {
        let as_sent =
            request.target == "/a?b" && request.header("x-test") == Some("one") && request.body == b"hello";
        Answer::Respond(Response::new(if as_sent { 202 } else { 400 }, &[], Vec::new()))
    })?;
    assert_eq!(forward(&server.address().to_string(), &post(b"hello"))?, 202);
    Ok(())
}

#[test]
fn it_refuses_hangs_up_and_comes_back() -> Result<()> {
    let server = Server::start(|request| match request.body.as_slice() {
        b"drop" => Answer::HangUp,
        _ => Answer::Respond(Response::new(200, &[], Vec::new())),
    })?;
    let address = server.address().to_string();
    assert!(forward(&address, &post(b"drop")).is_err());
    server.refuse();
    assert!(forward(&address, &post(b"")).is_err());
    server.listen()?;
    assert_eq!(forward(&address, &post(b""))?, 200);
    assert!(forward(refused_endpoint()?.trim_start_matches("http://"), &post(b"")).is_err());
    Ok(())
}
