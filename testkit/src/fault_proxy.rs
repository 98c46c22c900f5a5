//! A proxy that makes trouble between the function and one service.
//!
//! It sees every request that the function makes. A request is an effect, and the function has no
//! other way to one: so its state, as far as anybody can ever tell, changes only where a request was
//! carried out or its answer was read. Before a request and after it are therefore all the moments at
//! which a death makes a difference, and the named places at which tests kill the function are these.
//! There is nothing of it in the product.
//!
//! Each service has a proxy of its own, and a script of [`Rule`]s: at these requests of this
//! operation, this [`Fault`].

mod refusal;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::Result;

use crate::http::{Answer, Ending, Misresponse, Request, Response, Server, relay};
pub use refusal::Refusal;

/// Whoever is to be told that a moment has come.
pub type Listener = Arc<dyn Fn() + Send + Sync>;

/// Whoever answers in the place of a service.
pub type Answerer = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// What happens to a request.
#[derive(Clone)]
pub enum Fault {
    /// It is refused, in the words of its service, and not carried out.
    Refuse(Refusal),
    /// It is not carried out, and the answer is a success that is none, or an error with more in it.
    Answer(Answerer),
    /// The connection falls before it is carried out.
    HangUp,
    /// It is carried out, and the connection falls before the answer.
    LoseAnswer,
    /// It is carried out, and the answer never comes.
    Silence,
    /// It is carried out, and the answer's body is spoiled.
    Spoil(Spoilt),
    /// Somebody is told before it is carried out; then it is not, and the connection falls.
    Before(Listener),
    /// It is carried out, then somebody is told, and the connection falls before the answer.
    After(Listener),
    /// Half of the answer's body is given, then somebody is told, and the connection falls.
    Midway(Listener),
    /// It waits until somebody lets it go, and then fares well.
    Hold(Listener),
}

/// What is wrong with an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoilt {
    /// All of it comes, in twenty pieces with a pause after each.
    Slow,
    /// Half of it comes, and then nothing more.
    Stalled,
    /// Half of it comes, and the connection is reset.
    Reset,
    /// Half of it comes and the connection is closed; the head announces the whole.
    WrongLength,
    /// Half of it comes, and the head says that this is all.
    RightLength,
}

impl Spoilt {
    fn answer(self, response: Response) -> Answer {
        let whole = response.body.len();
        let half = whole / 2;
        let (announced, given, ending) = match self {
            Self::Slow => (whole, whole, Ending::Keep),
            Self::Stalled => (whole, half, Ending::Stall),
            Self::Reset => (whole, half, Ending::Reset),
            Self::WrongLength => (whole, half, Ending::Close),
            Self::RightLength => (half, half, Ending::Keep),
        };
        let pace = (self == Self::Slow).then_some((whole.div_ceil(20), PAUSE));
        Answer::Misrespond(Misresponse { response, announced, given, pace, ending })
    }
}

/// Twenty of them are slow by any measure and do not keep a test waiting.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(25);

/// Which requests meet a fault.
#[derive(Clone)]
pub struct Rule {
    operation: String,
    /// A text in the request's path or body.
    naming: Option<String>,
    skip: usize,
    times: usize,
    fault: Fault,
}

impl Rule {
    /// The first request of an operation, such as `GetObject`, meets this fault.
    pub fn once(operation: &str, fault: Fault) -> Self {
        Self { operation: operation.to_owned(), naming: None, skip: 0, times: 1, fault }
    }

    /// So many requests instead of one.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// Every request from here on.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    /// Not the first `skip` that it could be.
    #[must_use]
    pub fn after(self, skip: usize) -> Self {
        Self { skip, ..self }
    }

    /// Only requests with this text in path or body.
    #[must_use]
    pub fn naming(self, text: &str) -> Self {
        Self { naming: Some(text.to_owned()), ..self }
    }

    fn is_about(&self, operation: &str, request: &Request) -> bool {
        let names = |text: &String| {
            request.target.contains(text.as_str())
                || request.body.windows(text.len()).any(|window| window == text.as_bytes())
        };
        self.times > 0 && self.operation == operation && self.naming.as_ref().is_none_or(names)
    }
}

/// A request that the proxy saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Such as `PutMetricData`.
    pub operation: String,
    /// Its path and query.
    pub target: String,
    /// The status that the service itself answered; `None` where it was never asked.
    pub carried_out: Option<u16>,
}

#[derive(Default)]
struct State {
    upstream: Option<String>,
    rules: Vec<Rule>,
    seen: Vec<Seen>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The proxy of one service; gone when dropped.
pub struct FaultProxy {
    shared: Arc<Shared>,
    server: Server,
}

impl FaultProxy {
    /// Starts it before a service (`http://host:port`).
    pub fn before(endpoint: &str) -> Result<Self> {
        let proxy = Self::start()?;
        proxy.aim(endpoint);
        Ok(proxy)
    }

    /// Starts it before a service that is not there yet: requests wait until [`FaultProxy::aim`].
    pub fn start() -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_server = Arc::clone(&shared);
        let server = Server::start(move |request| of_server.handle(&request))?;
        Ok(Self { shared, server })
    }

    /// Says where the service is.
    pub fn aim(&self, endpoint: &str) {
        let authority = endpoint.trim_start_matches("http://").trim_end_matches('/');
        self.shared.state().upstream = Some(authority.to_owned());
        self.shared.changed.notify_all();
    }

    /// The service is about to be another: requests wait until [`FaultProxy::aim`].
    pub fn aim_later(&self) {
        self.shared.state().upstream = None;
    }

    /// Where it listens.
    pub fn authority(&self) -> String {
        self.server.address().to_string()
    }

    /// Its URL, for `AWS_ENDPOINT_URL_…`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.authority())
    }

    /// Adds to the script. Of several rules for a request the first that is not used up goes.
    pub fn script(&self, rules: impl IntoIterator<Item = Rule>) {
        self.shared.state().rules.extend(rules);
    }

    /// Drops what is left of the script.
    pub fn mend(&self) {
        self.shared.state().rules.clear();
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.state().seen.clone()
    }

    /// Waits until the service has carried out so many requests of an operation.
    pub fn wait_for(&self, operation: &str, count: usize) {
        let mut state = self.shared.state();
        let is_of = |seen: &&Seen| seen.operation == operation && seen.carried_out.is_some();
        while state.seen.iter().filter(is_of).count() < count {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Refuses connections until [`FaultProxy::listen`].
    pub fn refuse(&self) {
        self.server.refuse();
    }

    /// Takes connections again.
    pub fn listen(&self) -> Result<()> {
        self.server.listen()
    }
}

impl std::fmt::Debug for FaultProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaultProxy").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock is free while the service is asked and while somebody is told: both may take long,
    /// and the function has several requests under way.
    fn handle(&self, request: &Request) -> Answer {
        let operation = operation(request);
        let (fault, at) = self.begin(&operation, request);
        let Some(fault) = fault else {
            return self.carry_out(request, at).map_or(Answer::HangUp, Answer::Respond);
        };
        match fault {
            Fault::Refuse(refusal) => Answer::Respond(refusal.to(request)),
            Fault::Answer(answerer) => Answer::Respond(answerer(request)),
            Fault::HangUp => Answer::HangUp,
            Fault::Before(listener) => {
                listener();
                Answer::HangUp
            }
            Fault::Hold(listener) => {
                listener();
                self.carry_out(request, at).map_or(Answer::HangUp, Answer::Respond)
            }
            Fault::LoseAnswer => {
                drop(self.carry_out(request, at));
                Answer::HangUp
            }
            Fault::After(listener) => {
                drop(self.carry_out(request, at));
                listener();
                Answer::HangUp
            }
            Fault::Silence => {
                drop(self.carry_out(request, at));
                Answer::Silence
            }
            Fault::Spoil(spoilt) => {
                self.carry_out(request, at).map_or(Answer::HangUp, |response| spoilt.answer(response))
            }
            Fault::Midway(listener) => self.carry_out(request, at).map_or(Answer::HangUp, |response| {
                let announced = response.body.len();
                let ending = Ending::Tell(listener);
                Answer::Misrespond(Misresponse {
                    response,
                    announced,
                    given: announced / 2,
                    pace: None,
                    ending,
                })
            }),
        }
    }

    /// Takes the request down and finds its fault. Returns its place in the list as well.
    fn begin(&self, operation: &str, request: &Request) -> (Option<Fault>, usize) {
        let mut state = self.state();
        let at = state.seen.len();
        state.seen.push(Seen {
            operation: operation.to_owned(),
            target: request.target.clone(),
            carried_out: None,
        });
        let rule = state.rules.iter_mut().find(|rule| rule.is_about(operation, request));
        let fault = rule.and_then(|rule| {
            if rule.skip > 0 {
                rule.skip -= 1;
                return None;
            }
            rule.times -= 1;
            Some(rule.fault.clone())
        });
        (fault, at)
    }

    /// `None` if the service itself gave no answer, as one whose process has ended.
    fn carry_out(&self, request: &Request, at: usize) -> Option<Response> {
        let mut state = self.state();
        let upstream = loop {
            match &state.upstream {
                Some(upstream) => break upstream.clone(),
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(state);
        let response = relay(&upstream, request).ok();
        self.state().seen[at].carried_out = response.as_ref().map(|response| response.status);
        self.changed.notify_all();
        response
    }
}

/// The operation, from where its protocol has it: a header, a query parameter, the end of the path.
fn operation(request: &Request) -> String {
    if let Some(target) = request.header("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let id = query.split('&').find_map(|parameter| parameter.strip_prefix("x-id="));
    id.unwrap_or_else(|| path.rsplit('/').next().unwrap_or_default()).to_owned()
}
