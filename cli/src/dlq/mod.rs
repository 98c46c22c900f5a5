//! `trailmeter dlq`: what could not be handled, why, and back with it.

mod advice;
mod args;
mod check;
mod errors;
mod failure;
mod letter;
mod list;
mod place;
mod redrive;
mod show;

use std::io::{Write, stderr};

use anyhow::Context;
use trailmeter_aws::Clients;
use trailmeter_aws::operator::{DeadLetters, Letter, QueueFacts};

pub(crate) use args::DlqArgs;
use args::DlqCommand;

pub(crate) fn run(args: &DlqArgs) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("no connections can be made")?.block_on(async {
        let clients = Clients::load().await;
        match &args.command {
            DlqCommand::List(args) => list::run(args, &clients).await,
            DlqCommand::Show(args) => show::run(args, &clients).await,
            DlqCommand::Redrive(args) => redrive::run(args, &clients).await,
        }
    })
}

/// What a queue says of itself, or which queue it was that did not answer.
async fn facts(queue: &DeadLetters, url: &str) -> anyhow::Result<QueueFacts> {
    queue.facts_of(url).await.map_err(|error| anyhow::anyhow!("the queue {url} cannot be asked: {error}"))
}

/// Lets others see messages again, and says so if they have to wait for it.
async fn free(queue: &DeadLetters, letters: &[Letter]) -> anyhow::Result<bool> {
    let Err(error) = queue.free(letters).await else { return Ok(true) };
    let note = format!("messages are hidden from others for two more minutes: {error}");
    writeln!(stderr().lock(), "trailmeter: {}", crate::printable::Printable(&note))?;
    Ok(false)
}
