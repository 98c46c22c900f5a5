//! One function between four services, with a proxy before each and one before Lambda itself.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use serde_json::Value;
use trailmeter_testkit::fault_proxy::{Fault, FaultProxy, Listener, Rule};
use trailmeter_testkit::generate::{Corpus, File, Plan};
use trailmeter_testkit::runtime_api::{Function, Invocation};
use trailmeter_testkit::strict_cloudwatch::StrictCloudWatch;

use super::local::{Table, put_object};
use super::queue::Queue;
use super::services::{Ledger, Service, Unreachable};
use crate::messages;
use crate::support::detect;

/// Invocations of one scenario: far beyond five receives of each message.
const MOST_INVOCATIONS: usize = 40;

/// The world of one scenario.
pub(crate) struct World {
    pub(crate) bucket: String,
    table: Table,
    leases_are_kept: AtomicBool,
    ledger: Ledger,
    pub(crate) files: Vec<File>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) cloudwatch: StrictCloudWatch,
    proxies: Vec<(Service, Arc<FaultProxy>)>,
    victim: Arc<Mutex<Option<Arc<Function>>>>,
    unreachable: Mutex<Option<(Service, Unreachable)>>,
    /// Messages in the next batch at most.
    most: AtomicUsize,
    hurry: Mutex<Option<Duration>>,
    deadline: Arc<Mutex<Option<Timestamp>>>,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    of_this_process: usize,
    lines: Vec<Value>,
}

impl World {
    /// A world of this name, which no other may have, with so many files in its bucket.
    pub(crate) fn new(cloud: &str, name: &str, ledger: Ledger, files: usize) -> Result<Self> {
        let cloud = cloud.trim_start_matches("http://").to_owned();
        let queue = Arc::new(Queue::start()?);
        let cloudwatch = StrictCloudWatch::start()?;
        let to_cloud = format!("http://{cloud}");
        let proxies = vec![
            (Service::S3, Arc::new(FaultProxy::before(&to_cloud)?)),
            (Service::DynamoDb, Arc::new(FaultProxy::before(&to_cloud)?)),
            (Service::CloudWatch, Arc::new(FaultProxy::before(&cloudwatch.endpoint())?)),
            (Service::Sqs, Arc::new(FaultProxy::before(&queue.endpoint())?)),
            (Service::Lambda, Arc::new(FaultProxy::start()?)),
        ];
        let table = Table { cloud: cloud.clone(), name: format!("ledger-{name}") };
        let world = Self {
            bucket: format!("trailmeter-logs-{name}"),
            table,
            leases_are_kept: AtomicBool::new(false),
            ledger,
            files: corpus(ledger, files)?,
            queue,
            cloudwatch,
            proxies,
            victim: Arc::default(),
            unreachable: Mutex::default(),
            most: AtomicUsize::new(usize::MAX),
            hurry: Mutex::default(),
            deadline: Arc::default(),
            log: Mutex::default(),
        };
        put_object(&cloud, &world.bucket, "", &[])?;
        for file in &world.files {
            put_object(&cloud, &world.bucket, &file.key, &file.body)?;
        }
        if ledger != Ledger::Off {
            world.table.make()?;
        }
        Ok(world)
    }

    /// The proxy before a service.
    pub(crate) fn proxy(&self, service: Service) -> Result<&Arc<FaultProxy>> {
        let found = self.proxies.iter().find(|(of, _)| *of == service);
        found.map(|(_, proxy)| proxy).with_context(|| format!("no proxy before {service:?}"))
    }

    /// Adds to a proxy's script.
    pub(crate) fn script(&self, service: Service, rule: Rule) -> Result<()> {
        self.proxy(service)?.script([rule]);
        Ok(())
    }

    /// A fault: the function's process is killed before this request is carried out.
    pub(crate) fn kill_before(&self) -> Fault {
        Fault::Before(self.killer())
    }

    /// A fault: the function's process is killed when this request was carried out, before it can
    /// learn of it.
    pub(crate) fn kill_after(&self) -> Fault {
        Fault::After(self.killer())
    }

    /// Kills the function as a listener.
    pub(crate) fn killer(&self) -> Listener {
        let victim = Arc::clone(&self.victim);
        Arc::new(move || {
            let function = victim.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(function) = function {
                function.kill();
            }
        })
    }

    /// Until the next process of the function this service cannot be reached.
    pub(crate) fn cut_off(&self, service: Service, how: Unreachable) {
        *self.unreachable.lock().unwrap_or_else(PoisonError::into_inner) = Some((service, how));
    }

    /// The service can be reached again, by the next process.
    pub(crate) fn connect(&self) {
        let was = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner).take();
        if was.is_some() {
            self.let_go();
        }
    }

    /// Sends a message for each file.
    pub(crate) fn announce_each(&self) {
        for file in &self.files {
            self.queue.send(messages::s3(&self.bucket, &file.key));
        }
    }

    /// Sends one message for all files.
    pub(crate) fn announce_together(&self) {
        let keys: Vec<&str> = self.files.iter().map(|file| file.key.as_str()).collect();
        self.queue.send(messages::cloudtrail(&self.bucket, &keys));
    }

    /// Invokes the function until no message is left, `between` after each invocation.
    pub(crate) fn drain(&self, between: impl Fn(&Self, usize) -> Result<()>) -> Result<()> {
        for invocation in 1..=MOST_INVOCATIONS {
            let Some(event) = self.next_batch()? else {
                self.let_go();
                return Ok(());
            };
            let function = self.function()?;
            let hurry = self.hurry.lock().unwrap_or_else(PoisonError::into_inner).take();
            let outcome = match hurry {
                Some(time) => {
                    let deadline = Timestamp::now() + time;
                    *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
                    function.invoke_until(&event, deadline)
                }
                None => function.invoke(&event),
            }?;
            self.conclude(&function, &event, outcome)?;
            between(self, invocation)?;
        }
        bail!("the queue is not empty after {MOST_INVOCATIONS} invocations")
    }

    /// The next batch, after a quarter of an hour if need be.
    pub(crate) fn next_batch(&self) -> Result<Option<Value>> {
        loop {
            let most = self.most.swap(usize::MAX, Ordering::SeqCst);
            if let Some(batch) = self.queue.receive_up_to(most) {
                return Ok(Some(batch));
            }
            if self.ledger != Ledger::Off && !self.leases_are_kept.load(Ordering::SeqCst) {
                self.table.set_leases(0, None)?;
            }
            if !self.queue.pass_time() {
                return Ok(None);
            }
        }
    }

    /// Gives the queue what became of an invocation.
    fn conclude(&self, function: &Function, batch: &Value, outcome: Invocation) -> Result<()> {
        match outcome {
            Invocation::Response(answer) => {
                self.queue.settle(batch, &answer)?;
                self.take_log(function);
            }
            Invocation::Exited(_) => {
                self.queue.give_back(batch);
                self.let_go();
            }
            other => bail!("{other:?}"),
        }
        Ok(())
    }

    /// The running function, or a new one.
    pub(crate) fn function(&self) -> Result<Arc<Function>> {
        let mut victim = self.victim.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(function) = &*victim {
            return Ok(Arc::clone(function));
        }
        let lambda = self.proxy(Service::Lambda)?;
        // The new process may ask for its first event before it is said where. It must not ask where
        // the dead one did: it would find nobody there, and end as well.
        lambda.aim_later();
        let function = Arc::new(Function::start(&detect()?, &self.variables(true))?);
        lambda.aim(&function.api());
        self.log.lock().unwrap_or_else(PoisonError::into_inner).of_this_process = 0;
        *victim = Some(Arc::clone(&function));
        Ok(function)
    }

    /// Another process of the function, beside the one that is running, which nothing kills.
    pub(crate) fn second_function(&self) -> Result<Function> {
        let function = Function::start(&detect()?, &self.variables(false))?;
        ensure!(function.wait_until_ready()?.is_none(), "the second function does not start");
        Ok(function)
    }

    fn variables(&self, through_lambda: bool) -> Vec<(&'static str, String)> {
        let queue_url = format!("{}/000000000000/deliveries", self.queue.endpoint());
        let mut variables = vec![
            ("TRAILMETER_BUCKETS", self.bucket.clone()),
            ("TRAILMETER_QUEUE_URL", queue_url),
            ("TRAILMETER_LEDGER", self.ledger.word().to_owned()),
            ("TRAILMETER_LEDGER_TABLE", self.table.name.clone()),
        ];
        if self.ledger == Ledger::EventOrCount {
            variables.push(("TRAILMETER_LEDGER_UNAVAILABLE", "count".to_owned()));
        }
        let unreachable = *self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        for (service, proxy) in &self.proxies {
            let endpoint = match unreachable {
                Some((cut_off, how)) if cut_off == *service => how.endpoint(proxy),
                _ if *service == Service::Lambda && !through_lambda => continue,
                _ if *service == Service::Lambda => proxy.authority(),
                _ => proxy.endpoint(),
            };
            variables.push((service.variable(), endpoint));
        }
        variables
    }

    fn let_go(&self) {
        *self.victim.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Takes down what the invocation that just answered has logged.
    fn take_log(&self, function: &Function) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = |line: &Value| line["fields"]["message"] == "invocation done";
        let mut lines: Vec<Value> = Vec::new();
        // What other threads of the function write may be behind the answer.
        for _ in 0..500 {
            lines = function.json_logs().into_iter().skip(log.of_this_process).collect();
            if lines.iter().any(is_last) {
                break;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        log.of_this_process += lines.len();
        log.lines.extend(lines);
    }

    /// What the function's processes logged, as far as they lived to answer.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).lines.clone()
    }

    /// The next batch has so many messages at most.
    pub(crate) fn take_up_to(&self, most: usize) {
        self.most.store(most, Ordering::SeqCst);
    }

    /// The next invocation has so much time.
    pub(crate) fn hurry(&self, time: Duration) {
        *self.hurry.lock().unwrap_or_else(PoisonError::into_inner) = Some(time);
    }

    /// Waits until less than this is left of the invocation that was to hurry.
    pub(crate) fn dawdler(&self, left: Duration) -> Listener {
        let deadline = Arc::clone(&self.deadline);
        Arc::new(move || {
            let deadline = *deadline.lock().unwrap_or_else(PoisonError::into_inner);
            while deadline.is_some_and(|deadline| Timestamp::now() + left <= deadline) {
                std::thread::park_timeout(Duration::from_millis(50));
            }
        })
    }

    /// From here on a quarter of an hour does not end leases.
    pub(crate) fn keep_leases(&self) {
        self.leases_are_kept.store(true, Ordering::SeqCst);
    }

    /// Sets all leases, as a process whose clock is wrong would have.
    pub(crate) fn leases(&self) -> impl Fn(i64) + Send + Sync + 'static {
        let table = self.table.clone();
        // Where it fails the outcome of the row is another.
        move |lease| drop(table.set_leases(lease, None))
    }

    /// A listener that takes over all objects, and is gone before it has counted any.
    pub(crate) fn thief(&self) -> Listener {
        let table = self.table.clone();
        Arc::new(move || drop(table.set_leases(0, Some("another"))))
    }

    /// Waits until a service has carried out so many requests of an operation.
    pub(crate) fn waiter(&self, service: Service, operation: &'static str, count: usize) -> Result<Listener> {
        let proxy = Arc::clone(self.proxy(service)?);
        Ok(Arc::new(move || proxy.wait_for(operation, count)))
    }
}

/// Files that repeat each other's events if the ledger remembers them. If it does not, an
/// event that was counted in another invocation counts again: a documented limit and no fault.
fn corpus(ledger: Ledger, files: usize) -> Result<Vec<File>> {
    let plan = Plan {
        seed: 4,
        files,
        records_per_file: 60,
        repeats_per_mille: if ledger.remembers_events() { 200 } else { 0 },
        accounts: vec!["111122223333".to_owned()],
        suspicion: 8,
        ..Plan::default()
    };
    Ok(Corpus::generate(&plan)?.files)
}
