//! A service that findings are sent to, as strict as AWS and as bad as a test wants it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use serde_json::{Value, json};
use trailmeter_testkit::http::{Answer, Request, Response, Server};

/// Which service it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    EventBridge,
    SecurityHub,
}

/// How the next request fares; every other one is taken.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Taken, but for the items at these places, which are refused with this code.
    TakeBut(Vec<usize>, &'static str),
    /// Refused as a whole, with this status and code.
    Refuse(u16, &'static str),
    /// The connection falls.
    HangUp,
    /// No answer at all.
    Silence,
}

#[derive(Debug, Default)]
struct State {
    acts: VecDeque<Act>,
    /// Each request's items, as they came.
    requests: Vec<Vec<Value>>,
    /// What was taken.
    taken: Vec<Value>,
    /// What AWS would not have understood.
    complaints: Vec<String>,
}

pub(super) struct Place {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl Place {
    pub(super) fn start(service: Service) -> Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let of_server = Arc::clone(&state);
        let server = Server::start(move |request| lock(&of_server).handle(service, &request))?;
        Ok(Self { server, state })
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    pub(super) fn script(&self, acts: &[Act]) {
        let mut state = lock(&self.state);
        *state = State { acts: acts.iter().cloned().collect(), ..State::default() };
    }

    /// How many items each request had.
    pub(super) fn requests(&self) -> Vec<usize> {
        lock(&self.state).requests.iter().map(Vec::len).collect()
    }

    pub(super) fn taken(&self) -> Vec<Value> {
        lock(&self.state).taken.clone()
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        lock(&self.state).complaints.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn handle(&mut self, service: Service, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let items = body[service.items()].as_array().cloned().unwrap_or_default();
        self.complaints.extend(service.complaints(request, &items));
        self.requests.push(items.clone());
        let (refused, code) = match self.acts.pop_front() {
            None => (Vec::new(), ""),
            Some(Act::TakeBut(refused, code)) => (refused, code),
            Some(Act::Refuse(status, code)) => {
                let headers = [("content-type", "application/json"), ("x-amzn-errortype", code)];
                let body = json!({ "__type": code, "message": "not so", "Message": "not so" });
                return Answer::Respond(Response::new(status, &headers, body.to_string().into_bytes()));
            }
            Some(Act::HangUp) => return Answer::HangUp,
            Some(Act::Silence) => return Answer::Silence,
        };
        let answer = service.answer(&items, &refused, code);
        let taken = items.into_iter().enumerate().filter(|(at, _)| !refused.contains(at));
        self.taken.extend(taken.map(|(_, item)| item));
        let headers = [("content-type", "application/x-amz-json-1.1")];
        Answer::Respond(Response::new(200, &headers, answer.to_string().into_bytes()))
    }
}

impl Service {
    fn items(self) -> &'static str {
        match self {
            Self::EventBridge => "Entries",
            Self::SecurityHub => "Findings",
        }
    }

    fn answer(self, items: &[Value], refused: &[usize], code: &str) -> Value {
        match self {
            Self::EventBridge => {
                let entry = |at: usize| {
                    if refused.contains(&at) {
                        json!({ "ErrorCode": code, "ErrorMessage": "not this one" })
                    } else {
                        json!({ "EventId": at.to_string() })
                    }
                };
                let entries: Vec<Value> = (0..items.len()).map(entry).collect();
                json!({ "FailedEntryCount": refused.len(), "Entries": entries })
            }
            Self::SecurityHub => {
                let failed =
                    |at: &usize| json!({ "Id": items[*at]["Id"], "ErrorCode": code, "ErrorMessage": "no" });
                let failed: Vec<Value> = refused.iter().map(failed).collect();
                let taken = items.len() - failed.len();
                json!({ "FailedCount": failed.len(), "SuccessCount": taken, "FailedFindings": failed })
            }
        }
    }

    /// What is wrong with a request: where it goes, its signature, its size.
    fn complaints(self, request: &Request, items: &[Value]) -> Vec<String> {
        let (target, scope, most, most_bytes) = match self {
            Self::EventBridge => ("/", "/us-east-1/events/aws4_request", 10, 256 * 1024),
            Self::SecurityHub => ("/findings/import", "/us-east-1/securityhub/aws4_request", 100, 6_000_000),
        };
        let size = match self {
            // The entry's detail is text in text, so its own length is what counts.
            Self::EventBridge => items.iter().map(|entry| entry["Detail"].as_str().map_or(0, str::len)).sum(),
            Self::SecurityHub => request.body.len(),
        };
        let signature = request.header("authorization").unwrap_or_default();
        let is_signed = signature.starts_with("AWS4-HMAC-SHA256 Credential=test/")
            && signature.contains(scope)
            && signature.contains("host;")
            && signature.contains("Signature=")
            && request.header("x-amz-date").is_some();
        [
            (
                request.method == "POST" && request.target == target,
                format!("{} {}", request.method, request.target),
            ),
            (is_signed, format!("the signature {signature}")),
            (!items.is_empty() && items.len() <= most, format!("{} items", items.len())),
            (size <= most_bytes, format!("{size} bytes")),
        ]
        .into_iter()
        .filter_map(|(is_good, complaint)| (!is_good).then_some(complaint))
        .collect()
    }
}
