//! The four endpoints of the Runtime API, and the events and answers that go through them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{ErrorReport, Invocation};
use crate::http::{Answer, Request, Response};

const ROOT: &str = "/2018-06-01/runtime";
/// How often a waiting caller looks at the process; answers wake it at once.
const LOOK: Duration = Duration::from_millis(20);

/// Events out, answers in.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    submitted: u64,
    pending: VecDeque<Event>,
    answers: HashMap<String, Invocation>,
    init_error: Option<ErrorReport>,
    asked: bool,
    closed: bool,
}

#[derive(Debug)]
struct Event {
    id: String,
    payload: Vec<u8>,
    deadline: Timestamp,
}

impl Exchange {
    /// Puts an event up for the function and returns its request id.
    pub(super) fn submit(&self, payload: &[u8], deadline: Timestamp) -> String {
        let mut state = self.state();
        state.submitted += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", state.submitted);
        state.pending.push_back(Event { id: id.clone(), payload: payload.to_vec(), deadline });
        self.changed.notify_all();
        id
    }

    /// What became of an event, if it is known.
    pub(super) fn answer(&self, id: &str) -> Option<Invocation> {
        let mut state = self.state();
        let answer = state.answers.remove(id);
        answer.or_else(|| state.init_error.clone().map(Invocation::InitError))
    }

    /// What the function reported instead of asking for an event.
    pub(super) fn init_error(&self) -> Option<Invocation> {
        self.state().init_error.clone().map(Invocation::InitError)
    }

    /// Whether the function has asked for an event.
    pub(super) fn is_ready(&self) -> bool {
        self.state().asked
    }

    /// Waits for a change, or a moment.
    pub(super) fn wait_a_little(&self) {
        let state = self.state();
        drop(self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets go of a function that waits for an event.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Answers a request of the function.
    pub(super) fn handle(&self, request: &Request) -> Answer {
        let target = request.target.strip_prefix(ROOT).unwrap_or_default();
        match (request.method.as_str(), target) {
            ("GET", "/invocation/next") => self.next(),
            ("POST", "/init/error") => {
                self.state().init_error = Some(report(request));
                self.accepted()
            }
            ("POST", _) => self.answered(target, request),
            _ => not_found(),
        }
    }

    /// The long poll: blocks until there is an event.
    fn next(&self) -> Answer {
        let mut state = self.state();
        state.asked = true;
        self.changed.notify_all();
        while state.pending.is_empty() && !state.closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let Some(event) = state.pending.pop_front() else {
            return Answer::HangUp;
        };
        let deadline = event.deadline.as_millisecond().to_string();
        let headers = [
            ("content-type", "application/json"),
            ("Lambda-Runtime-Aws-Request-Id", event.id.as_str()),
            ("Lambda-Runtime-Deadline-Ms", deadline.as_str()),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111122223333:function:detect"),
            (
                "Lambda-Runtime-Trace-Id",
                "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
            ),
        ];
        Answer::Respond(Response::new(200, &headers, event.payload))
    }

    fn answered(&self, target: &str, request: &Request) -> Answer {
        let parts: Vec<&str> = target.split('/').collect();
        let (id, outcome) = match parts.as_slice() {
            ["", "invocation", id, "response"] => (id, response(request)),
            ["", "invocation", id, "error"] => (id, Invocation::Error(report(request))),
            _ => return not_found(),
        };
        self.state().answers.insert((*id).to_owned(), outcome);
        self.accepted()
    }

    fn accepted(&self) -> Answer {
        self.changed.notify_all();
        let headers = [("content-type", "application/json")];
        Answer::Respond(Response::new(202, &headers, br#"{"status":"OK"}"#.to_vec()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A response that is no JSON is the function's mistake, and told as Lambda tells it.
fn response(request: &Request) -> Invocation {
    serde_json::from_slice(&request.body).map_or_else(
        |error| {
            let (error_type, message) = ("Runtime.InvalidResponse".to_owned(), error.to_string());
            Invocation::Error(ErrorReport { error_type, message })
        },
        Invocation::Response,
    )
}

fn report(request: &Request) -> ErrorReport {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let text = |field: &str| body[field].as_str().map(str::to_owned);
    let header = request.header("Lambda-Runtime-Function-Error-Type").map(str::to_owned);
    ErrorReport {
        error_type: text("errorType").or(header).unwrap_or_default(),
        message: text("errorMessage").unwrap_or_else(|| String::from_utf8_lossy(&request.body).into_owned()),
    }
}

fn not_found() -> Answer {
    Answer::Respond(Response::new(404, &[], Vec::new()))
}
