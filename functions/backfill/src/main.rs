//! Composition root: settings, adapters, runtime.

use backfill::{Sender, Settings, SettingsError, log};
use lambda_runtime::{Error, run, service_fn, tracing};
use trailmeter_aws::Clients;
use trailmeter_aws::backfill::TimeAsItPasses;
use trailmeter_backfill::Backfill;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let started = start().await.inspect_err(log::start_failed);
    let sender = started?;
    run(service_fn(|event| sender.handle(event))).await
}

async fn start() -> Result<Sender, SettingsError> {
    let settings = Settings::from_environment()?;
    let clients = Clients::load().await;
    let backfill = Backfill {
        listing: clients.listed_bucket(settings.bucket_region),
        queue: clients.backfill_queue(settings.queue_url),
        places: clients.backfill_places(settings.table),
        time: TimeAsItPasses::begin(),
    };
    Ok(Sender::new(backfill, clients.cloudwatch_sink(settings.namespace), settings.bucket, settings.prefix))
}
