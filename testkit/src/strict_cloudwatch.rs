//! A stand-in for CloudWatch that takes `PutMetricData` as the SDK sends it and is as strict as AWS.
//!
//! The local cloud stores whatever it is sent and adds up series that AWS keeps apart. Here every
//! limit of the API is enforced ([`limits`]), every series stands for itself, and each request can
//! be told to fail in one of the ways that matter to a sender.

mod limits;
mod wire;

#[cfg(all(test, feature = "cloud"))]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use jiff::Timestamp;

use crate::http::{Answer, Request, Response, Server, forward};
use limits::Refusal;
pub use limits::{BODY_BYTES, DIMENSIONS, METRICS, VALUES};
use wire::{Datum, Put};

/// How the next request fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// As its content deserves.
    Accept,
    /// Answered with this status and error code, and not stored.
    Answer {
        /// Such as 400 for throttling, 500 or 503.
        status: u16,
        /// Such as `ThrottlingException`.
        code: String,
    },
    /// The connection falls before anything is stored.
    HangUp,
    /// Stored, then the connection falls: the sender cannot know.
    StoreAndHangUp,
    /// Stored, then silence until the sender gives up.
    StoreAndSilence,
}

impl Act {
    /// Throttled, as CloudWatch says it.
    pub fn throttle() -> Self {
        Self::Answer { status: 400, code: "ThrottlingException".to_owned() }
    }

    /// An error of the service.
    pub fn error(status: u16) -> Self {
        let code = if status == 503 { "ServiceUnavailable" } else { "InternalServiceError" };
        Self::Answer { status, code: code.to_owned() }
    }
}

/// Values that were stored for one series by one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Datapoint {
    /// Index into [`StrictCloudWatch::requests`].
    pub request: usize,
    /// The namespace.
    pub namespace: String,
    /// The metric's name.
    pub metric: String,
    /// All its dimensions.
    pub dimensions: BTreeMap<String, String>,
    /// Seconds since 1970 as sent; `None` is the time of arrival.
    pub timestamp: Option<f64>,
    /// Values with how often each occurred. A statistic set is given by its sum, once.
    pub values: Vec<(f64, f64)>,
    /// The unit, if one was sent.
    pub unit: Option<String>,
    /// 1 or 60, if it was sent.
    pub storage_resolution: Option<i128>,
}

impl Datapoint {
    /// What it adds to the statistic Sum.
    pub fn sum(&self) -> f64 {
        self.values.iter().map(|(value, count)| value * count).sum()
    }
}

/// A request and what became of it.
#[derive(Debug, Clone)]
pub struct Received {
    /// The request as sent.
    pub request: Request,
    /// Size of the body after it was inflated.
    pub inflated_bytes: usize,
    /// Metrics in it, where it could be read.
    pub metrics: usize,
    /// Whether its values were stored.
    pub stored: bool,
    /// What was answered; `None` where the connection fell or stayed silent.
    pub status: Option<u16>,
    /// Code and message of the error that was answered.
    pub error: Option<(String, String)>,
}

#[derive(Debug, Default)]
struct State {
    acts: VecDeque<Act>,
    datapoints: Vec<Datapoint>,
    received: Vec<Received>,
}

#[derive(Debug)]
struct Service {
    /// The time that the window of timestamps is measured from; `None` is now.
    now: Option<Timestamp>,
    /// `host:port` of the service that accepted requests go on to.
    forward_to: Option<String>,
    state: Mutex<State>,
}

/// The stand-in; gone when dropped.
#[derive(Debug)]
pub struct StrictCloudWatch {
    service: Arc<Service>,
    server: Server,
}

impl StrictCloudWatch {
    /// Starts it.
    pub fn start() -> Result<Self> {
        Self::with(None, None)
    }

    /// Starts it at a point in time, for tests of the window of timestamps.
    pub fn start_at(now: Timestamp) -> Result<Self> {
        Self::with(Some(now), None)
    }

    /// Starts it in front of another service (`http://host:port`): what it accepts goes on there
    /// unchanged, and so do calls that it does not know.
    pub fn start_in_front_of(endpoint: &str) -> Result<Self> {
        let authority = endpoint.trim_start_matches("http://").trim_end_matches('/');
        Self::with(None, Some(authority.to_owned()))
    }

    fn with(now: Option<Timestamp>, forward_to: Option<String>) -> Result<Self> {
        let service = Arc::new(Service { now, forward_to, state: Mutex::default() });
        let of_server = Arc::clone(&service);
        let server = Server::start(move |request| of_server.handle(request))?;
        Ok(Self { service, server })
    }

    /// Its URL, for `AWS_ENDPOINT_URL_CLOUDWATCH`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Says how the next requests fare, one act each; after them all are accepted again.
    pub fn script(&self, acts: impl IntoIterator<Item = Act>) {
        self.service.state().acts.extend(acts);
    }

    /// Refuses connections until [`StrictCloudWatch::listen`].
    pub fn refuse(&self) {
        self.server.refuse();
    }

    /// Takes connections again.
    pub fn listen(&self) -> Result<()> {
        self.server.listen()
    }

    /// Everything stored, in order of arrival.
    pub fn datapoints(&self) -> Vec<Datapoint> {
        self.service.state().datapoints.clone()
    }

    /// Every `PutMetricData` request, in order of arrival.
    pub fn requests(&self) -> Vec<Received> {
        self.service.state().received.clone()
    }

    /// The sum of a series: this metric with exactly these dimensions, over all namespaces.
    pub fn sum(&self, metric: &str, dimensions: &[(&str, &str)]) -> f64 {
        let wanted =
            dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let state = self.service.state();
        let of_series = |point: &&Datapoint| point.metric == metric && point.dimensions == wanted;
        // The sum of nothing is minus zero for floats, which would look odd in a test's message.
        state.datapoints.iter().filter(of_series).fold(0.0, |sum, point| sum + point.sum())
    }

    /// The names of the metrics stored.
    pub fn metrics(&self) -> BTreeSet<String> {
        self.service.state().datapoints.iter().map(|point| point.metric.clone()).collect()
    }

    /// The dimensions of the series of a metric.
    pub fn series(&self, metric: &str) -> BTreeSet<BTreeMap<String, String>> {
        let state = self.service.state();
        state
            .datapoints
            .iter()
            .filter(|point| point.metric == metric)
            .map(|point| point.dimensions.clone())
            .collect()
    }

    /// Forgets what was stored, received and scripted.
    pub fn clear(&self) {
        *self.service.state() = State::default();
    }
}

/// What the request's own content deserves.
struct Judged {
    inflated_bytes: usize,
    metrics: usize,
    outcome: Result<Vec<Datapoint>, Refusal>,
}

impl Service {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, request: Request) -> Answer {
        if !request.target.ends_with(wire::PUT_METRIC_DATA) {
            return self.pass_on(&request);
        }
        let act = self.state().acts.pop_front().unwrap_or(Act::Accept);
        let mut judged = self.judge(&request);
        let scripted = match &act {
            Act::Answer { status, code } => Some(Refusal::scripted(*status, code)),
            _ => None,
        };
        let stores = !matches!(act, Act::HangUp) && scripted.is_none() && judged.outcome.is_ok();
        if let Some(authority) = self.forward_to.as_ref().filter(|_| stores) {
            judged.outcome = judged.outcome.and_then(|points| match forward(authority, &request) {
                Ok(200) => Ok(points),
                other => Err(Refusal::scripted(500, &format!("InternalFailure: {other:?} from {authority}"))),
            });
        }
        self.conclude(request, &act, judged, scripted)
    }

    /// Stores, takes down and answers.
    fn conclude(&self, request: Request, act: &Act, judged: Judged, scripted: Option<Refusal>) -> Answer {
        let refusal = scripted.or_else(|| judged.outcome.as_ref().err().cloned());
        let mut state = self.state();
        let index = state.received.len();
        let mut stored = false;
        if let (Ok(points), None, false) = (judged.outcome, &refusal, *act == Act::HangUp) {
            state.datapoints.extend(points.into_iter().map(|point| Datapoint { request: index, ..point }));
            stored = true;
        }
        let answer = match (&refusal, act) {
            (_, Act::HangUp | Act::StoreAndHangUp) => Answer::HangUp,
            (_, Act::StoreAndSilence) => Answer::Silence,
            (Some(refusal), _) => Answer::Respond(wire::error(refusal)),
            (None, _) => Answer::Respond(wire::success()),
        };
        let status = match &answer {
            Answer::Respond(response) => Some(response.status),
            _ => None,
        };
        state.received.push(Received {
            request,
            inflated_bytes: judged.inflated_bytes,
            metrics: judged.metrics,
            stored,
            status,
            error: refusal.map(|refusal| (refusal.code, refusal.message)),
        });
        answer
    }

    fn judge(&self, request: &Request) -> Judged {
        let mut judged = Judged { inflated_bytes: 0, metrics: 0, outcome: Ok(Vec::new()) };
        judged.outcome = inflate(request).and_then(|body| {
            judged.inflated_bytes = body.len();
            limits::of_request(request, body.len())?;
            let put = wire::decode(&body)?;
            judged.metrics = put.metrics.len();
            limits::of_put(&put, self.now.unwrap_or_else(Timestamp::now))?;
            Ok(datapoints(put))
        });
        judged
    }

    fn pass_on(&self, request: &Request) -> Answer {
        let status =
            self.forward_to.as_ref().map_or(Ok(404), |authority| forward(authority, request)).unwrap_or(502);
        Answer::Respond(Response::new(status, &[], Vec::new()))
    }
}

#[expect(clippy::disallowed_types, reason = "capped here; and the product's reader must not be its own test")]
fn inflate(request: &Request) -> Result<Vec<u8>, Refusal> {
    match request.header("content-encoding") {
        None => Ok(request.body.clone()),
        Some("gzip") => {
            let mut body = Vec::new();
            // One byte beyond the limit is enough to see that it is exceeded.
            let cap = BODY_BYTES as u64 + 1;
            flate2::read::MultiGzDecoder::new(request.body.as_slice())
                .take(cap)
                .read_to_end(&mut body)
                .map_err(|error| Refusal::malformed(&format!("the body is no gzip: {error}")))?;
            Ok(body)
        }
        Some(other) => Err(Refusal::malformed(&format!("content-encoding {other}"))),
    }
}

fn datapoints(put: Put) -> Vec<Datapoint> {
    let namespace = put.namespace;
    put.metrics
        .into_iter()
        .map(|datum| Datapoint {
            request: 0,
            namespace: namespace.clone(),
            values: values(&datum),
            metric: datum.name,
            dimensions: datum.dimensions.into_iter().collect(),
            timestamp: datum.timestamp,
            unit: datum.unit,
            storage_resolution: datum.storage_resolution,
        })
        .collect()
}

fn values(datum: &Datum) -> Vec<(f64, f64)> {
    match (&datum.value, &datum.statistics, &datum.values) {
        (Some(value), ..) => vec![(*value, 1.0)],
        (_, Some(statistics), _) => vec![(statistics.sum, 1.0)],
        (.., Some(values)) => {
            let counts = datum.counts.clone().unwrap_or_else(|| vec![1.0; values.len()]);
            values.iter().copied().zip(counts).collect()
        }
        _ => Vec::new(),
    }
}
