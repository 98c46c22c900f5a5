//! A model of the delivery queue and what Lambda does with it: batches, receive counts, partial
//! batch responses, the dead-letter queue.
//!
//! A model, because time is part of it: a message that comes back is invisible for a quarter of an
//! hour, and here that passes when the test says so.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use trailmeter_testkit::http::{Answer, Request, Response, Server};

/// As the template has it.
const MOST_RECEIVES: u32 = 5;
/// As the event source mapping has it.
const BATCH: usize = 10;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: String,
    body: String,
    /// How often it was received so far.
    pub(crate) receives: u32,
}

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// Gone from the queue, with so many receives.
    Acknowledged(u32),
    /// In the dead-letter queue.
    Parked,
}

#[derive(Default)]
struct State {
    sent: usize,
    visible: Vec<Message>,
    in_hand: Vec<Message>,
    /// Back, and not to be seen before a quarter of an hour is over.
    hidden: Vec<Message>,
    ends: Vec<(Message, End)>,
}

/// The queue, with the few calls of SQS that the function makes.
pub(crate) struct Queue {
    state: Arc<Mutex<State>>,
    server: Server,
}

impl Queue {
    pub(crate) fn start() -> Result<Self> {
        let state: Arc<Mutex<State>> = Arc::default();
        let of_server = Arc::clone(&state);
        let server = Server::start(move |request| {
            let (status, body) = call(&mut lock(&of_server), &request)
                .map_or_else(|error| (400, json!({ "message": error.to_string() })), |body| (200, body));
            let kind = [("content-type", "application/x-amz-json-1.0")];
            Answer::Respond(Response::new(status, &kind, body.to_string().into_bytes()))
        })?;
        Ok(Self { state, server })
    }

    /// The URL of the service.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Sends a message.
    pub(crate) fn send(&self, body: String) {
        lock(&self.state).send(body);
    }

    /// As if the last message had been received before, so often.
    pub(crate) fn receive_before(&self, receives: u32) {
        if let Some(message) = lock(&self.state).visible.last_mut() {
            message.receives = receives;
        }
    }

    /// The next batch as an event; `None` if nothing is to be seen.
    pub(crate) fn receive(&self) -> Option<Value> {
        self.receive_up_to(BATCH)
    }

    /// The next batch of at most so many messages.
    pub(crate) fn receive_up_to(&self, most: usize) -> Option<Value> {
        let mut state = lock(&self.state);
        let waiting = std::mem::take(&mut state.visible);
        let mut records = Vec::new();
        for mut message in waiting {
            if message.receives == MOST_RECEIVES {
                state.ends.push((message, End::Parked));
            } else if records.len() < most.min(BATCH) {
                message.receives += 1;
                records.push(record(&message));
                state.in_hand.push(message);
            } else {
                state.visible.push(message);
            }
        }
        (!records.is_empty()).then(|| json!({ "Records": records }))
    }

    /// Lambda has an answer to a batch: what it names comes back, the rest is done.
    pub(crate) fn settle(&self, batch: &Value, answer: &Value) -> Result<()> {
        let failures = answer["batchItemFailures"].as_array().context("no batch response")?;
        let mut state = lock(&self.state);
        for message in state.take(batch) {
            if failures.iter().any(|failure| failure["itemIdentifier"] == message.id.as_str()) {
                state.hidden.push(message);
            } else {
                state.acknowledge(message);
            }
        }
        Ok(())
    }

    /// Lambda has no answer to a batch: all of it comes back.
    pub(crate) fn give_back(&self, batch: &Value) {
        let mut state = lock(&self.state);
        let messages = state.take(batch);
        state.hidden.extend(messages);
    }

    /// A quarter of an hour passes. Returns whether anything comes to sight.
    pub(crate) fn pass_time(&self) -> bool {
        let mut state = lock(&self.state);
        let hidden = std::mem::take(&mut state.hidden);
        state.visible.extend(hidden);
        !state.visible.is_empty()
    }

    /// Whether a message in the dead-letter queue names this object.
    pub(crate) fn is_parked(&self, key: &str) -> bool {
        let names = |(message, end): &(Message, End)| *end == End::Parked && message.body.contains(key);
        lock(&self.state).ends.iter().any(names)
    }

    /// How every message ended, in the order in which they were sent; nothing if any has not.
    pub(crate) fn ends(&self) -> Option<Vec<End>> {
        let state = lock(&self.state);
        let of = |id: String| state.ends.iter().find(|(ended, _)| ended.id == id).map(|(_, end)| *end);
        (0..state.sent).map(|number| of(id(number))).collect()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn id(number: usize) -> String {
    format!("message-{number}")
}

fn handle(message: &Message) -> String {
    format!("handle-of-{}-{}", message.id, message.receives)
}

impl State {
    fn send(&mut self, body: String) -> String {
        let id = id(self.sent);
        self.sent += 1;
        self.visible.push(Message { id: id.clone(), body, receives: 0 });
        id
    }

    fn acknowledge(&mut self, message: Message) {
        let end = End::Acknowledged(message.receives);
        self.ends.push((message, end));
    }

    /// The messages of a batch that were not deleted meanwhile.
    fn take(&mut self, batch: &Value) -> Vec<Message> {
        let records = batch["Records"].as_array().cloned().unwrap_or_default();
        let is_of = |message: &Message| records.iter().any(|of| of["messageId"] == message.id.as_str());
        let (of_batch, others) = std::mem::take(&mut self.in_hand).into_iter().partition(is_of);
        self.in_hand = others;
        of_batch
    }

    /// A handle is good as long as its receive is the last one.
    fn delete(&mut self, receipt: &str) -> Result<()> {
        for held in [&mut self.in_hand, &mut self.hidden] {
            if let Some(at) = held.iter().position(|message| handle(message) == receipt) {
                let message = held.remove(at);
                let end = End::Acknowledged(message.receives);
                self.ends.push((message, end));
                return Ok(());
            }
        }
        // As SQS: what is gone already is no error, but the handle has to be one of this queue's.
        anyhow::ensure!(receipt.starts_with("handle-of-"), "no such receipt handle");
        Ok(())
    }
}

fn record(message: &Message) -> Value {
    json!({
        "messageId": message.id,
        "receiptHandle": handle(message),
        "body": message.body,
        "attributes": { "ApproximateReceiveCount": message.receives.to_string() },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:deliveries",
        "awsRegion": "us-east-1",
    })
}

fn call(state: &mut State, request: &Request) -> Result<Value> {
    let input: Value = serde_json::from_slice(&request.body)?;
    let entries = || input["Entries"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a string is missing");
    match request.header("x-amz-target").unwrap_or_default() {
        "AmazonSQS.SendMessageBatch" => {
            let mut done = Vec::new();
            for entry in entries() {
                let id = state.send(text(&entry["MessageBody"])?);
                done.push(json!({ "Id": entry["Id"], "MessageId": id, "MD5OfMessageBody": "" }));
            }
            Ok(json!({ "Successful": done, "Failed": [] }))
        }
        "AmazonSQS.DeleteMessage" => {
            state.delete(&text(&input["ReceiptHandle"])?)?;
            Ok(json!({}))
        }
        "AmazonSQS.DeleteMessageBatch" => {
            let mut done = Vec::new();
            for entry in entries() {
                state.delete(&text(&entry["ReceiptHandle"])?)?;
                done.push(json!({ "Id": entry["Id"] }));
            }
            Ok(json!({ "Successful": done, "Failed": [] }))
        }
        other => anyhow::bail!("the model of the queue has no {other}"),
    }
}
