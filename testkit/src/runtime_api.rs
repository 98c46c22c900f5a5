//! A stand-in for the Lambda Runtime API that drives the real binary, cold start included.
//!
//! The function is a process of its own with the environment that Lambda gives it and nothing of
//! the test's. What it answers, logs and needs in memory is there to be asked for.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

mod exchange;
mod process;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde_json::Value;

use crate::http::Server;
use exchange::Exchange;
use process::Process;

/// Ends a wait that nothing else would end. No test's meaning hangs on it, so it is far beyond
/// anything that a slow machine needs.
const GUARD: Duration = Duration::from_mins(10);

/// What became of an invocation.
#[derive(Debug, Clone, PartialEq)]
pub enum Invocation {
    /// The handler answered.
    Response(Value),
    /// The handler failed.
    Error(ErrorReport),
    /// The function reported that it could not start.
    InitError(ErrorReport),
    /// The process ended without an answer.
    Exited(ExitStatus),
}

/// An error as a function reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorReport {
    /// `errorType`, the stable word.
    pub error_type: String,
    /// `errorMessage`
    pub message: String,
}

impl Invocation {
    /// The response, or an error that says what came instead.
    pub fn response(self) -> Result<Value> {
        match self {
            Self::Response(value) => Ok(value),
            other => bail!("no response but {other:?}"),
        }
    }
}

/// A running function; killed when dropped.
#[derive(Debug)]
pub struct Function {
    // Fields fall in this order: the exchange lets go of the long poll, then the process and the
    // server may end.
    exchange: Arc<Exchange>,
    process: Process,
    server: Server,
}

impl Function {
    /// Starts a function's binary, such as `bootstrap` or `detect`, with these variables on top of
    /// those that Lambda sets. Returns at once: the cold start shows in the first invocation.
    pub fn start<K: AsRef<str>, V: AsRef<str>>(binary: &Path, env: &[(K, V)]) -> Result<Self> {
        Self::start_command(Command::new(binary), env)
            .with_context(|| format!("cannot start {}", binary.display()))
    }

    /// Starts a command as a function.
    pub fn start_command<K: AsRef<str>, V: AsRef<str>>(command: Command, env: &[(K, V)]) -> Result<Self> {
        let exchange = Arc::new(Exchange::default());
        let of_server = Arc::clone(&exchange);
        let server = Server::start(move |request| of_server.handle(&request))?;
        let mut variables = variables(&server.address().to_string());
        variables
            .extend(env.iter().map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned())));
        let process = Process::start(command, &variables)?;
        Ok(Self { exchange, process, server })
    }

    /// Invokes the function with an event and waits for what becomes of it.
    pub fn invoke(&self, event: &Value) -> Result<Invocation> {
        self.invoke_bytes(event.to_string().as_bytes())
    }

    /// Invokes the function with bytes that need not be JSON.
    pub fn invoke_bytes(&self, payload: &[u8]) -> Result<Invocation> {
        let id = self.exchange.submit(payload, Timestamp::now() + GUARD);
        self.wait_for(|| self.exchange.answer(&id))
    }

    /// Invokes the function with an event and a deadline of the test's own.
    pub fn invoke_until(&self, event: &Value, deadline: Timestamp) -> Result<Invocation> {
        let id = self.exchange.submit(event.to_string().as_bytes(), deadline);
        self.wait_for(|| self.exchange.answer(&id))
    }

    /// Kills the function's process, as a machine that fails would; returns when it is dead.
    pub fn kill(&self) {
        self.process.kill();
    }

    /// Waits until the function asks for its first event, or returns why it does not.
    pub fn wait_until_ready(&self) -> Result<Option<Invocation>> {
        self.wait_for(|| {
            self.exchange.is_ready().then_some(None).or_else(|| self.exchange.init_error().map(Some))
        })
        .map_err(|error| error.context("the function did not become ready"))
    }

    /// Everything that the function wrote to its standard output and error, line by line.
    pub fn logs(&self) -> Vec<String> {
        self.process.lines()
    }

    /// The log lines that are JSON objects.
    pub fn json_logs(&self) -> Vec<Value> {
        self.logs()
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(Value::is_object)
            .collect()
    }

    /// The most memory that the function ever had resident, in bytes; only while it runs.
    pub fn peak_resident_bytes(&self) -> Result<u64> {
        self.process.peak_resident_bytes()
    }

    /// The function's process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Where this stand-in listens, as in `AWS_LAMBDA_RUNTIME_API`.
    pub fn api(&self) -> String {
        self.server.address().to_string()
    }

    /// Waits for an outcome, the end of the process or the guard.
    fn wait_for<T: From<Invocation>>(&self, ready: impl Fn() -> Option<T>) -> Result<T> {
        let start = Instant::now();
        loop {
            // The state of the process first: what it reported before its end then is seen below.
            let ended = self.process.ended()?;
            if let Some(outcome) = ready() {
                return Ok(outcome);
            }
            if let Some(status) = ended {
                return Ok(Invocation::Exited(status).into());
            }
            if start.elapsed() > GUARD {
                bail!(
                    "no answer within {GUARD:?}; the function's last words: {:?}",
                    self.logs().iter().rev().take(5)
                );
            }
            self.exchange.wait_a_little();
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.exchange.close();
        self.process.kill();
    }
}

/// What Lambda sets. Credentials are of no account, and nobody asks the instance metadata service.
fn variables(api: &str) -> BTreeMap<String, String> {
    [
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", "detect"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/detect"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/03/14/[$LATEST]0123456789abcdef0123456789abcdef"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("TZ", ":UTC"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}
