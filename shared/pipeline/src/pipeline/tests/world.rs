//! The ports in memory, each with its script.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use trailmeter_detection::{DetectorFile, DetectorSet, load};

use super::account::{checked, sums};
use super::fixtures::{BUCKET, LEASE, NOW, at_once, detector, file, key, settings};
use super::memory_ledger::MemoryLedger;
use crate::delivery::{Invocation, ObjectRef, Occasion};
use crate::{
    Datum, Effect, FindingSink, MetricSink, Moment, ObjectBody, ObjectStore, Pipeline, PutError, Queue,
    QueueError, ReadError, ReadProblem, Report, Settings,
};

/// What one attempt to read an object meets.
#[derive(Debug, Clone)]
pub(super) enum Attempt {
    Body(String),
    /// The body breaks off after half of its bytes.
    BreaksOff(String),
    Refused(ReadProblem),
}

/// What a request for metrics meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    Taken,
    Refused,
    /// The answer was lost; whether the data were taken is known here, and to no one else.
    Lost {
        taken: bool,
    },
}

/// The world outside, as the pipeline sees it through its ports.
pub(super) struct World {
    pub(super) settings: Settings,
    pub(super) now: i64,
    /// How many objects can be opened before it is late.
    pub(super) opens_in_time: usize,
    /// What is left then.
    pub(super) late: Duration,
    pub(super) ledger: Option<MemoryLedger>,
    attempts: AtomicU64,
    detectors: DetectorSet,
    /// Attempts by key; the last one is met again and again.
    objects: HashMap<String, Vec<Attempt>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    opened: HashMap<String, usize>,
    script: VecDeque<Put>,
    requests: Vec<(Vec<Datum>, Put)>,
    handed_back: Vec<(ObjectRef, Occasion)>,
    /// How often objects can still be handed back, if not always.
    hand_backs_left: Option<usize>,
    acknowledged: Vec<String>,
    passed_on: Vec<ObjectRef>,
}

/// What an invocation did.
pub(super) struct Ran {
    pub(super) now: i64,
    pub(super) report: Report,
    /// Every datum that was sent, whatever became of it.
    pub(super) sent: Vec<Datum>,
    /// Every datum that was taken.
    pub(super) taken: Vec<Datum>,
    /// The keys that were handed back.
    pub(super) handed_back: Vec<String>,
    /// Their occasions.
    pub(super) occasions: Vec<Occasion>,
    /// The receipts that were given before the end.
    pub(super) acknowledged: Vec<String>,
}

impl World {
    /// A world with the detectors `Denied`, which counts records by [`denied`], and `Odd`, which
    /// counts those of them whose `odd` is true.
    pub(super) fn new() -> Self {
        Self::with(&[
            detector("Denied", "{ $.errorCode = \"AccessDenied\" }", ""),
            detector("Odd", "{ $.odd IS TRUE }", ""),
        ])
    }

    /// The same, with the metric of `Odd` in a namespace of its own.
    pub(super) fn apart() -> Self {
        Self::with(&[
            detector("Denied", "{ $.errorCode = \"AccessDenied\" }", ""),
            detector("Odd", "{ $.odd IS TRUE }", "metric: { namespace: Elsewhere }\n"),
        ])
    }

    pub(super) fn with(detectors: &[DetectorFile]) -> Self {
        Self {
            settings: settings(),
            now: NOW,
            opens_in_time: usize::MAX,
            // Enough to put what was read, and too little to begin with another.
            late: Duration::from_secs(59),
            ledger: None,
            attempts: AtomicU64::new(0),
            detectors: load(detectors).unwrap(),
            objects: HashMap::new(),
            state: Mutex::default(),
        }
    }

    /// An object that reads well, from its records.
    pub(super) fn object(self, name: &str, records: &[String]) -> Self {
        self.scripted(name, &[Attempt::Body(file(records))])
    }

    /// An object that meets one attempt after the other.
    pub(super) fn scripted(self, name: &str, attempts: &[Attempt]) -> Self {
        self.at(&key(name), attempts)
    }

    /// An object by its whole key.
    pub(super) fn at(mut self, key: &str, attempts: &[Attempt]) -> Self {
        self.objects.insert(key.to_owned(), attempts.to_vec());
        self
    }

    /// What the next requests meet; those behind them are taken.
    pub(super) fn puts(self, script: &[Put]) -> Self {
        self.state.lock().unwrap().script.extend(script);
        self
    }

    /// A queue that takes nothing back.
    pub(super) fn without_hand_back(self) -> Self {
        self.set_hand_backs(Some(0));
        self
    }

    /// A queue that takes something back so often and no more, or always.
    pub(super) fn set_hand_backs(&self, left: Option<usize>) {
        self.state.lock().unwrap().hand_backs_left = left;
    }

    /// The digests that were passed on, and are forgotten here.
    pub(super) fn take_passed_on(&self) -> Vec<ObjectRef> {
        std::mem::take(&mut self.state.lock().unwrap().passed_on)
    }

    /// How often an object was opened.
    pub(super) fn opened(&self, name: &str) -> usize {
        self.state.lock().unwrap().opened.get(&key(name)).copied().unwrap_or(0)
    }

    /// Runs invocations one after the other through one pipeline, each [`checked`].
    pub(super) fn run_all(&self, invocations: impl IntoIterator<Item = Invocation>) -> Vec<Ran> {
        let pipeline = self.pipeline();
        invocations.into_iter().map(|invocation| self.step(&pipeline, invocation)).collect()
    }

    pub(super) fn pipeline(&self) -> Pipeline<&Self, &Self, &Self, &MemoryLedger> {
        Pipeline::new(self.settings.clone(), self, self, self, self.ledger.as_ref())
    }

    pub(super) fn run(&self, invocation: Invocation) -> Ran {
        self.run_all([invocation]).remove(0)
    }

    /// Runs one invocation without a queue to hand anything back to.
    pub(super) fn run_without_queue(&self, invocation: Invocation) -> Ran {
        let pipeline = Pipeline::new(self.settings.clone(), self, self, None::<&World>, self.ledger.as_ref());
        self.step(&pipeline, invocation)
    }

    pub(super) fn step<M: MetricSink + Sync, Q: Queue + Sync, F: FindingSink + Sync>(
        &self,
        pipeline: &Pipeline<&Self, M, Q, &MemoryLedger, F>,
        invocation: Invocation,
    ) -> Ran {
        let opened = || self.state.lock().unwrap().opened.values().sum::<usize>();
        let time_left = || if opened() >= self.opens_in_time { self.late } else { Duration::MAX };
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed).to_string();
        let moment = Moment { now: self.now, attempt: &attempt, lease: self.now + LEASE };
        let report = at_once(pipeline.run(&self.detectors, invocation, moment, time_left));
        let mut state = self.state.lock().unwrap();
        let requests = std::mem::take(&mut state.requests);
        let handed_back = std::mem::take(&mut state.handed_back);
        let acknowledged = std::mem::take(&mut state.acknowledged);
        drop(state);
        let is_taken = |(data, put): &(Vec<Datum>, Put)| {
            matches!(put, Put::Taken | Put::Lost { taken: true }).then(|| data.clone())
        };
        let ran = Ran {
            now: self.now,
            taken: requests.iter().filter_map(is_taken).flatten().collect(),
            sent: requests.iter().flat_map(|(data, _)| data.clone()).collect(),
            occasions: handed_back.iter().map(|(_, occasion)| occasion.clone()).collect(),
            handed_back: handed_back.into_iter().map(|(object, _)| object.key).collect(),
            acknowledged,
            report,
        };
        checked(&ran, &requests, self.settings.timestamps);
        ran
    }
}

impl Ran {
    /// The sums of all that was sent, by series.
    pub(super) fn sums(&self) -> BTreeMap<String, f64> {
        sums(&self.sent, self.now)
    }

    /// The sums of all that was taken.
    pub(super) fn taken_sums(&self) -> BTreeMap<String, f64> {
        sums(&self.taken, self.now)
    }

    /// What was sent, in one line.
    pub(super) fn account(&self) -> String {
        self.sums().iter().map(|(series, sum)| format!("{series}={sum}")).collect::<Vec<_>>().join(" ")
    }

    /// The ids that come back, and the keys that were handed back.
    pub(super) fn back(&self) -> (Vec<&str>, Vec<&str>) {
        (
            self.report.returned.iter().map(String::as_str).collect(),
            self.handed_back.iter().map(String::as_str).collect(),
        )
    }
}

/// A body in chunks of a few bytes, so that every boundary is met.
pub(super) struct Body {
    chunks: VecDeque<Vec<u8>>,
    length: usize,
    breaks_off: bool,
    version: String,
}

impl ObjectBody for Body {
    type Chunk = Vec<u8>;

    fn version(&self) -> &str {
        &self.version
    }

    fn length(&self) -> Option<usize> {
        Some(self.length)
    }

    async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        match self.chunks.pop_front() {
            None if self.breaks_off => Err(read_error(ReadProblem::Interrupted)),
            chunk => Ok(chunk),
        }
    }
}

fn read_error(problem: ReadProblem) -> ReadError {
    ReadError { problem, source: "as the test has it".into() }
}

fn body(text: &str, breaks_off: bool) -> Body {
    let chunks = text.as_bytes().chunks(13).map(<[u8]>::to_vec).collect();
    Body { chunks, length: text.len(), breaks_off, version: format!("of {} bytes", text.len()) }
}

impl ObjectStore for &World {
    type Body = Body;

    async fn open(&self, object: &ObjectRef) -> Result<Body, ReadError> {
        assert_eq!(object.bucket, BUCKET, "no other bucket is ever read");
        let mut state = self.state.lock().unwrap();
        let opened = state.opened.entry(object.key.clone()).or_default();
        *opened += 1;
        let Some(attempts) = self.objects.get(&object.key) else {
            return Err(read_error(ReadProblem::NotFound));
        };
        match &attempts[(*opened - 1).min(attempts.len() - 1)] {
            Attempt::Body(text) => Ok(body(text, false)),
            Attempt::BreaksOff(text) => Ok(body(&text[..text.len() / 2], true)),
            Attempt::Refused(problem) => Err(read_error(*problem)),
        }
    }
}

impl MetricSink for &World {
    async fn put(&self, data: &[Datum]) -> Result<(), PutError> {
        let mut state = self.state.lock().unwrap();
        let put = state.script.pop_front().unwrap_or(Put::Taken);
        state.requests.push((data.to_vec(), put));
        let effect = match put {
            Put::Taken => return Ok(()),
            Put::Refused => Effect::NotApplied,
            Put::Lost { .. } => Effect::Uncertain,
        };
        Err(PutError { effect, source: "as the test has it".into() })
    }
}

impl Queue for &World {
    async fn hand_back(&self, objects: &[&ObjectRef], occasion: &Occasion) -> Result<(), QueueError> {
        let mut state = self.state.lock().unwrap();
        if state.hand_backs_left == Some(0) {
            return Err(QueueError("as the test has it".into()));
        }
        state.hand_backs_left = state.hand_backs_left.map(|left| left - 1);
        state.handed_back.extend(objects.iter().map(|&object| (object.clone(), occasion.clone())));
        Ok(())
    }

    async fn acknowledge(&self, receipts: &[&str]) -> Result<(), QueueError> {
        self.state.lock().unwrap().acknowledged.extend(receipts.iter().map(|&receipt| receipt.to_owned()));
        Ok(())
    }

    async fn pass_on(&self, digest: &ObjectRef) -> Result<(), QueueError> {
        let mut state = self.state.lock().unwrap();
        // The same queue service: where nothing can be handed back, nothing can be passed on.
        if state.hand_backs_left == Some(0) {
            return Err(QueueError("as the test has it".into()));
        }
        state.passed_on.push(digest.clone());
        Ok(())
    }
}
