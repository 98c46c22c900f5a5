//! A cloud on this machine: MiniStack, started for one test run and gone with it.
//!
//! It speaks S3, SQS, SNS, EventBridge, Lambda, CloudWatch and CloudFormation, and runs the real
//! binary. What it does not enforce is [`crate::strict_cloudwatch`]'s part.

mod deploy;
mod inbox;
mod metrics;
mod process;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use aws_config::SdkConfig;

use crate::aws::sdk_config;
pub use crate::eventually::eventually;
use crate::eventually::eventually_within;
use crate::http::{Request, forward};
pub use deploy::{Code, Packages, Stack, with_variable};
pub use inbox::INBOX;
use process::Process;

/// The environment variable that names the virtual environment with MiniStack.
pub const VENV_VARIABLE: &str = "TRAILMETER_VENV";
/// Ports tried: another process may take one between its choice and its use.
const STARTS: u32 = 3;
/// Looks at the health page of one start, a fifth of a second apart.
const LOOKS: u32 = 300;

/// A running local cloud; gone, with the functions it runs, when dropped or when this process ends.
#[derive(Debug)]
pub struct LocalCloud {
    process: Process,
    endpoint: String,
}

impl LocalCloud {
    /// Starts it from the virtual environment that `TRAILMETER_VENV` names, or from the workspace's
    /// `.venv`.
    pub async fn start() -> Result<Self> {
        Self::start_from(&venv(), &[]).await
    }

    /// Starts it from a virtual environment (its directory or the `bin` in it), with further
    /// variables such as `("AUTH", "true")`.
    pub async fn start_from(venv: &Path, variables: &[(&str, &str)]) -> Result<Self> {
        let mut last = None;
        for _ in 0..STARTS {
            match Self::try_start(venv, variables).await {
                Ok(cloud) => return Ok(cloud),
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("no start was tried")?)
    }

    async fn try_start(venv: &Path, variables: &[(&str, &str)]) -> Result<Self> {
        let authority = free_address()?;
        let process = Process::start(&bin(venv)?, &authority, variables)?;
        eventually_within(LOOKS, "the local cloud to be healthy", async || {
            // An end is found out here and not by the bound.
            if let Some(status) = process.ended() {
                return Ok(Some(Err(status)));
            }
            Ok(is_healthy(&authority).await?.then_some(Ok(())))
        })
        .await?
        .or_else(|status| bail!("the local cloud ended with {}: {}", status.trim(), process.log_tail()))?;
        let endpoint = format!("http://{authority}");
        Ok(Self { process, endpoint })
    }

    /// Its URL, for every service.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Configuration for clients that talk to it.
    pub async fn config(&self) -> SdkConfig {
        sdk_config(&self.endpoint).await
    }

    /// A client for S3.
    pub async fn s3(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::new(&self.config().await)
    }

    /// What it wrote so far; also what the functions logged.
    pub fn log(&self) -> Result<String> {
        self.process.log()
    }

    /// The directory that holds everything it writes; removed at its end.
    pub fn directory(&self) -> &Path {
        self.process.directory()
    }
}

/// The virtual environment to use.
#[expect(
    clippy::disallowed_methods,
    reason = "a place on the machine that runs the tests, no setting of the product"
)]
pub fn venv() -> PathBuf {
    std::env::var_os(VENV_VARIABLE)
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv"), PathBuf::from)
}

fn bin(venv: &Path) -> Result<PathBuf> {
    let candidates = [venv.join("bin"), venv.to_owned()];
    candidates.iter().find(|bin| bin.join("ministack").exists()).cloned().with_context(|| {
        format!(
            "no ministack in {}: install the tools first, or name their place in {VENV_VARIABLE}",
            venv.display()
        )
    })
}

fn free_address() -> Result<String> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.to_string())
}

async fn is_healthy(authority: &str) -> Result<bool> {
    let authority = authority.to_owned();
    let request = Request {
        method: "GET".to_owned(),
        target: "/_ministack/health".to_owned(),
        headers: vec![("host".to_owned(), authority.clone())],
        body: Vec::new(),
    };
    Ok(tokio::task::spawn_blocking(move || forward(&authority, &request)).await?? == 200)
}
