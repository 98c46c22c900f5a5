//! Composition root: settings, adapters, runtime.

// The futures of several SDK clients nest deeper than rustc's default allows for.
#![recursion_limit = "256"]

use lambda_runtime::{Error, run, service_fn, tracing};
use trailmeter_aws::Clients;
use trailmeter_integrity::watch::Watch;
use verify::{Settings, SettingsError, Verify, log};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let started = start().await.inspect_err(log::start_failed);
    let verify = started?;
    run(service_fn(|event| verify.handle(event))).await
}

async fn start() -> Result<Verify, SettingsError> {
    let settings = Settings::from_environment()?;
    let clients = Clients::load().await;
    let watch = Watch {
        objects: clients.digest_buckets_in(settings.bucket_region),
        keys: clients.public_keys(),
        deliveries: settings.catch_up.map(|it| clients.deliveries(it.ledger_table, it.queue_url)),
        memory: clients.integrity_memory(settings.table),
        settings: settings.watch,
    };
    Ok(Verify::new(watch, clients.cloudwatch_sink(settings.namespace)))
}
