//! Every fault as a client meets it, over plain sockets.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;

use super::{Fault, FaultProxy, Refusal, Rule, Seen, Spoilt};
use crate::http::{Answer, Request, Response, Server, relay};

const BODY: &[u8] = b"forty bytes of an object, neither more, n";

/// A service with one object, and how often it gave it.
fn service() -> Result<(Server, Arc<AtomicUsize>)> {
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    let server = Server::start(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Answer::Respond(Response::new(200, &[("etag", "\"e\"")], BODY.to_vec()))
    })?;
    Ok((server, given))
}

fn get() -> Request {
    let headers = vec![("host".to_owned(), "x".to_owned())];
    let target = "/bucket/key.json.gz?x-id=GetObject".to_owned();
    Request { method: "GET".to_owned(), target, headers, body: Vec::new() }
}

/// What comes over the socket until it ends, and how it ends.
fn raw(proxy: &FaultProxy) -> Result<(String, Option<ErrorKind>)> {
    let mut stream = TcpStream::connect(proxy.authority())?;
    stream.write_all(b"GET /bucket/key?x-id=GetObject HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes).err().map(|error| error.kind());
    Ok((String::from_utf8_lossy(&bytes).into_owned(), ended))
}

#[test]
fn what_no_rule_names_goes_through() -> Result<()> {
    let (server, given) = service()?;
    let proxy = FaultProxy::before(&format!("http://{}", server.address()))?;
    proxy.script([
        Rule::once("PutObject", Fault::HangUp),
        Rule::once("GetObject", Fault::HangUp).naming("other.json.gz"),
        Rule::once("GetObject", Fault::HangUp).after(1),
    ]);
    let response = relay(&proxy.authority(), &get())?;
    assert_eq!((response.status, response.body.as_slice()), (200, BODY));
    assert_eq!(response.headers, [("etag".to_owned(), "\"e\"".to_owned())]);
    assert!(relay(&proxy.authority(), &get()).is_err(), "the second one");
    assert!(relay(&proxy.authority(), &get()).is_ok(), "the third one");
    let seen = |carried_out| {
        let (operation, target) = ("GetObject".to_owned(), get().target);
        Seen { operation, target, carried_out }
    };
    assert_eq!(proxy.seen(), [seen(Some(200)), seen(None), seen(Some(200))]);
    assert_eq!(given.load(Ordering::SeqCst), 2);
    Ok(())
}

#[test]
fn errors_are_in_the_words_of_the_service() -> Result<()> {
    let (server, given) = service()?;
    let proxy = FaultProxy::before(&format!("http://{}", server.address()))?;
    let refusal = Refusal::new(503, "SlowDown").with("retry-after", "1");
    for operation in ["GetObject", "UpdateItem", "PutMetricData"] {
        proxy.script([Rule::once(operation, Fault::Refuse(refusal.clone()))]);
    }
    let xml = relay(&proxy.authority(), &get())?;
    assert_eq!((xml.status, xml.headers.last()), (503, Some(&("retry-after".to_owned(), "1".to_owned()))));
    assert!(String::from_utf8(xml.body)?.contains("<Code>SlowDown</Code>"));
    let mut json = get();
    json.headers.push(("X-Amz-Target".to_owned(), "DynamoDB_20120810.UpdateItem".to_owned()));
    let body = String::from_utf8(relay(&proxy.authority(), &json)?.body)?;
    assert!(body.contains(r#""__type":"com.amazonaws#SlowDown""#), "{body}");
    let mut cbor = get();
    cbor.target = "/service/GraniteServiceVersion20100801/operation/PutMetricData".to_owned();
    cbor.headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
    let body = relay(&proxy.authority(), &cbor)?.body;
    assert_eq!(body.first(), Some(&0xA2), "a map of two");
    assert_eq!(given.load(Ordering::SeqCst), 0);
    Ok(())
}

#[test]
fn bodies_are_spoilt_as_asked() -> Result<()> {
    let (server, _) = service()?;
    let proxy = FaultProxy::before(&format!("http://{}", server.address()))?;
    let (whole, half) = (BODY.len(), BODY.len() / 2);
    for (spoilt, announced, given, ended) in [
        (Spoilt::Slow, whole, whole, None),
        (Spoilt::Reset, whole, half, Some(ErrorKind::ConnectionReset)),
        (Spoilt::WrongLength, whole, half, None),
        (Spoilt::RightLength, half, half, None),
    ] {
        proxy.script([Rule::once("GetObject", Fault::Spoil(spoilt))]);
        let (text, how) = raw(&proxy)?;
        assert!(text.contains(&format!("content-length: {announced}\r\n")), "{spoilt:?}: {text}");
        let body = text.split("\r\n\r\n").nth(1).unwrap_or_default();
        assert_eq!((body.len(), how), (given, ended), "{spoilt:?}");
    }
    Ok(())
}

#[test]
fn listeners_are_told_before_after_and_midway() -> Result<()> {
    let (server, given) = service()?;
    let proxy = FaultProxy::before(&format!("http://{}", server.address()))?;
    let told = Arc::new(AtomicUsize::new(usize::MAX));
    let listener = || -> super::Listener {
        let (told, given) = (Arc::clone(&told), Arc::clone(&given));
        Arc::new(move || told.store(given.load(Ordering::SeqCst), Ordering::SeqCst))
    };
    for (fault, carried_out, bytes) in [
        (Fault::Before(listener()), 0, 0),
        (Fault::After(listener()), 1, 0),
        (Fault::Midway(listener()), 1, BODY.len() / 2),
        (Fault::LoseAnswer, 1, 0),
        (Fault::HangUp, 0, 0),
    ] {
        given.store(0, Ordering::SeqCst);
        told.store(carried_out, Ordering::SeqCst);
        proxy.script([Rule::once("GetObject", fault)]);
        let (text, _) = raw(&proxy)?;
        let body = text.split("\r\n\r\n").nth(1).unwrap_or_default();
        assert_eq!((given.load(Ordering::SeqCst), body.len()), (carried_out, bytes));
        assert_eq!(told.load(Ordering::SeqCst), carried_out);
    }
    Ok(())
}

#[test]
fn it_refuses_connections_and_takes_them_again() -> Result<()> {
    let (server, _) = service()?;
    let proxy = FaultProxy::start()?;
    proxy.refuse();
    assert!(raw(&proxy).is_err());
    proxy.listen()?;
    proxy.aim(&format!("http://{}", server.address()));
    assert!(raw(&proxy)?.0.starts_with("HTTP/1.1 200"));
    Ok(())
}

#[test]
fn requests_wait_for_a_service_that_is_about_to_be_another() -> Result<()> {
    let proxy = {
        let (gone, _) = service()?;
        FaultProxy::before(&format!("http://{}", gone.address()))?
    };
    assert!(relay(&proxy.authority(), &get()).is_err(), "the first one is gone");
    proxy.aim_later();
    let (server, given) = service()?;
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| relay(&proxy.authority(), &get()).map(|response| response.status));
        // It is known of, and waits.
        while proxy.seen().len() < 2 {
            std::thread::yield_now();
        }
        assert_eq!(given.load(Ordering::SeqCst), 0);
        proxy.aim(&format!("http://{}", server.address()));
        assert!(matches!(waiting.join(), Ok(Ok(200))));
    });
    assert_eq!(given.load(Ordering::SeqCst), 1);
    Ok(())
}
