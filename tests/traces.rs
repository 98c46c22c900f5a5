//! What the log is made of, and what X-Ray's daemon is sent: a subsegment for each object, each request and each delivery
//! of findings, below the segment that Lambda makes of the invocation.

use std::collections::BTreeSet;
use std::net::UdpSocket;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trailmeter_testkit::bad_input::good_file;
use trailmeter_testkit::strict_cloudwatch::Act;

use crate::messages::{back, batch, s3};
use crate::support::{World, key, log_since};

/// X-Ray's daemon, as far as anybody who sends to it sees.
struct Daemon(UdpSocket);

impl Daemon {
    fn start() -> Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    fn address(&self) -> Result<String> {
        Ok(self.0.local_addr()?.to_string())
    }

    /// What it has been sent. The sender has sent before it answers, and this machine delivers at once.
    fn received(&self) -> Result<Vec<Value>> {
        let mut received = Vec::new();
        let mut datagram = vec![0; 65_536];
        while let Ok(length) = self.0.recv(&mut datagram) {
            let text = std::str::from_utf8(&datagram[..length])?;
            let (header, document) = text.split_once('\n').context("a header stands before the document")?;
            ensure!(serde_json::from_str::<Value>(header)? == json!({ "format": "json", "version": 1 }));
            received.push(serde_json::from_str(document)?);
        }
        Ok(received)
    }
}

/// Name and outcome of each subsegment, in order of names.
fn outcomes(subsegments: &[Value]) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let outcome = |one: &Value| {
        (text(&one["name"]), text(&one["annotations"]["outcome"]), one["fault"].as_bool().unwrap_or_default())
    };
    let mut outcomes: Vec<_> = subsegments.iter().map(outcome).collect();
    outcomes.sort();
    outcomes
}

fn outcome(name: &str, outcome: &str, is_fault: bool) -> (String, String, bool) {
    (name.to_owned(), outcome.to_owned(), is_fault)
}

#[tokio::test]
async fn each_object_and_request_has_its_subsegment() -> Result<()> {
    let world = World::new("traces").await?;
    world.put(&key("it"), &good_file(3)?).await?;
    let daemon = Daemon::start()?;
    let address = daemon.address()?;
    let traced = [("TRAILMETER_TRACING", "yes"), ("AWS_XRAY_DAEMON_ADDRESS", &*address)];
    let function = world.start(&traced)?;
    let event = batch(&[("it", s3(&world.bucket, &key("it"))), ("gone", s3(&world.bucket, &key("gone")))]);
    assert_eq!(function.invoke(&event)?.response()?, back(&["gone"]));
    let received = daemon.received()?;
    assert_eq!(
        outcomes(&received),
        [
            outcome("keep findings", "kept", false),
            outcome("put metrics", "put", false),
            outcome("read object", "not-found", true),
            outcome("read object", "read", false),
        ]
    );
    let mut ids = BTreeSet::new();
    for subsegment in &received {
        assert_eq!(
            (&subsegment["trace_id"], &subsegment["parent_id"], &subsegment["type"]),
            (&json!("1-5bef4de7-ad49b0e87f6ef6c87fc2e700"), &json!("9a9197af755a6419"), &json!("subsegment"))
        );
        let (start, end) = (subsegment["start_time"].as_f64(), subsegment["end_time"].as_f64());
        ensure!(start <= end && start > Some(1_700_000_000.0), "{subsegment}");
        let id = subsegment["id"].as_str().unwrap_or_default();
        ensure!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 4);
    let read = received.iter().find(|one| one["annotations"]["outcome"] == "read").context("one was read")?;
    assert_eq!(read["metadata"]["trailmeter"]["object"], format!("s3://{}/{}", world.bucket, key("it")));
    assert_eq!(read["annotations"]["bytes"], good_file(3)?.len());
    let kept = received.iter().find(|one| one["name"] == "keep findings").context("findings were kept")?;
    assert_eq!(kept["annotations"]["findings"], 3);

    // A request that was refused, and the object that was counted before.
    world.put(&key("other"), &good_file(1)?).await?;
    world.cloudwatch.script([Act::Answer { status: 400, code: "InvalidParameterValue".to_owned() }]);
    let event = batch(&[("other", s3(&world.bucket, &key("other")))]);
    function.invoke(&event)?.response()?;
    let outcomes = outcomes(&daemon.received()?);
    ensure!(outcomes.contains(&outcome("put metrics", "not-taken", true)), "{outcomes:?}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_sent_unless_it_is_asked_for() -> Result<()> {
    let world = World::new("untraced").await?;
    world.put(&key("it"), &good_file(3)?).await?;
    let daemon = Daemon::start()?;
    let event = batch(&[("it", s3(&world.bucket, &key("it")))]);
    let address = daemon.address()?;
    for variables in [
        vec![("AWS_XRAY_DAEMON_ADDRESS", &*address)],
        vec![("AWS_XRAY_DAEMON_ADDRESS", &*address), ("TRAILMETER_TRACING", "no")],
        // Nobody listens there, and nobody is kept waiting.
        vec![("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:9"), ("TRAILMETER_TRACING", "yes")],
        vec![("TRAILMETER_TRACING", "yes")],
    ] {
        let function = world.start(&variables)?;
        assert_eq!(function.invoke(&event)?.response()?, back(&[]), "{variables:?}");
    }
    assert_eq!(daemon.received()?, [Value::Null; 0]);
    Ok(())
}

/// What Logs Insights is asked for: a level and the invocation in every line, and findings by the names of their fields.
#[tokio::test]
async fn every_line_of_the_log_is_json_and_names_its_invocation() -> Result<()> {
    let world = World::new("log-lines").await?;
    world.put(&key("it"), &good_file(3)?).await?;
    let function = world.start(&[])?;
    let event = batch(&[("it", s3(&world.bucket, &key("it"))), ("gone", s3(&world.bucket, &key("gone")))]);
    function.invoke(&event)?.response()?;
    let lines = log_since(&function, 0).await?;
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
    let (findings, others): (Vec<&Value>, Vec<&Value>) =
        lines.iter().partition(|line| line["type"] == "trailmeter.finding");
    assert_eq!(findings.len(), 3);
    for line in others {
        ensure!(["INFO", "WARN"].iter().any(|level| line["level"] == *level), "{line}");
        // Before the first invocation there is none to name.
        let is_start = line["fields"]["message"] == "started";
        assert_eq!(line["span"]["requestId"].is_string(), !is_start, "{line}");
    }
    Ok(())
}
