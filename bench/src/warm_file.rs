//! What a file of 100 KB costs a function that is warm: CPU time of an invocation, with all packs and a ledger.
//!
//! The last figure is that without the network: in memory, up to the request to CloudWatch. The one before it is the
//! real binary's, whose HTTP and whose requests to the ledger cost more than its work.

#[path = "function/in_memory.rs"]
mod in_memory;
mod lambda;

use std::io::Write;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use trailmeter_testkit::generate::{Files, Plan};
use trailmeter_testkit::http::{Answer, Request, Response, Server};

use in_memory::{Function, MemoryStore, cpu, payload};

/// Some 100 KB as stored.
const RECORDS: usize = 420;
/// Invocations with a file each, and how many of them do not count.
const FILES: usize = 60;
const WARMING: usize = 10;

fn main() -> Result<()> {
    // Other events in each file: a repeat would not be counted.
    let plan = Plan { files: FILES, records_per_file: RECORDS, ..Plan::default() };
    let files = Files::of(&plan)?.map(|file| file.map(|file| (file.key, file.body)));
    let objects: Vec<(String, Vec<u8>)> = files.collect::<Result<_>>()?;
    let kilobytes = objects.iter().map(|(_, body)| body.len()).sum::<usize>() / FILES / 1000;
    let store = MemoryStore::new(objects);
    let keys: Vec<&str> = store.keys().collect();
    let payloads: Vec<Value> = keys.chunks(1).map(payload).collect();
    let out = &mut std::io::stdout();
    let with_network = in_its_process(&store, &payloads)?;
    writeln!(out, "warm handling of one file of {kilobytes} KB")?;
    writeln!(out, "with its HTTP, and the ledger's requests: {:.2} ms CPU", milliseconds(with_network))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let in_memory = runtime.block_on(in_memory(&store, &payloads))?;
    writeln!(out, "beside the network: {:.2} ms CPU", milliseconds(in_memory))?;
    writeln!(out, "in seconds: {:.6}", in_memory.as_secs_f64())?;
    Ok(())
}

/// The real binary, of which S3, CloudWatch and DynamoDB are one server of this process that answers at once and
/// without TLS.
fn in_its_process(store: &MemoryStore, payloads: &[Value]) -> Result<Duration> {
    let objects = store.clone();
    let server = Server::start(move |request| answer(&request, &objects))?;
    let endpoint = format!("http://{}", server.address());
    let function = lambda::start(&lambda::binary()?, &endpoint)?;
    let (warming, measured) = payloads.split_at(WARMING);
    let invoke = |payload: &Value| -> Result<()> {
        let answer = function.invoke(payload)?.response()?;
        ensure!(answer == json!({ "batchItemFailures": [] }), "{answer}: {:?}", function.logs().last());
        Ok(())
    };
    warming.iter().try_for_each(invoke)?;
    let before = lambda::cpu(&function)?;
    measured.iter().try_for_each(invoke)?;
    Ok(lambda::cpu(&function)?.saturating_sub(before) / u32::try_from(measured.len())?)
}

/// The same invocations in memory: the pipeline, and the requests to CloudWatch.
async fn in_memory(store: &MemoryStore, payloads: &[Value]) -> Result<Duration> {
    let mut function = Function::new(store, &[])?;
    let (warming, measured) = payloads.split_at(WARMING);
    for payload in warming {
        function.invoke(payload).await?;
    }
    let before = cpu()?;
    for payload in measured {
        function.invoke(payload).await?;
    }
    let (requests, _) = function.unsent.taken();
    ensure!(requests == payloads.len() as u64, "{requests} requests of {} invocations", payloads.len());
    Ok(cpu()?.saturating_sub(before) / u32::try_from(measured.len())?)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Every service at once, each of which agrees to all.
fn answer(request: &Request, objects: &MemoryStore) -> Answer {
    if request.method == "GET" {
        // A key as the generator makes it is the same in a URL.
        let path = request.target.split('?').next().unwrap_or_default();
        let found = path.strip_prefix("/logs/").and_then(|key| objects.get(key));
        let body = found.map_or_else(Vec::new, <[u8]>::to_vec);
        return Answer::Respond(Response::new(200, &[("etag", "\"1\"")], body));
    }
    if request.header("smithy-protocol").is_some() {
        let headers = [("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")];
        return Answer::Respond(Response::new(200, &headers, vec![0xa0]));
    }
    let is_batch = request.header("x-amz-target").is_some_and(|target| target.ends_with("BatchGetItem"));
    let body = if is_batch { json!({ "Responses": {}, "UnprocessedKeys": {} }) } else { json!({}) };
    let headers = [("content-type", "application/x-amz-json-1.0")];
    Answer::Respond(Response::new(200, &headers, body.to_string().into_bytes()))
}
