//! Composition root: settings, adapters, runtime.

use lambda_runtime::{Error, run, service_fn, tracing};
use notify::{Notify, Settings, SettingsError, log};
use trailmeter_aws::Clients;
use trailmeter_aws::notices::RealTime;
use trailmeter_notices::Notifier;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let started = start().await.inspect_err(log::start_failed);
    let notify = started?;
    run(service_fn(|event| notify.handle(event))).await
}

async fn start() -> Result<Notify, SettingsError> {
    let settings = Settings::from_environment()?;
    let clients = Clients::load().await;
    Ok(Notify::new(Notifier {
        log: clients.findings_in_log(settings.deployment.log_group.clone()),
        alarms: clients.alarms_of_stack(&settings.deployment.stack),
        book: clients.dynamo_book(settings.table),
        publisher: clients.sns_topic(settings.topic),
        webhook: settings.webhook.map(|place| clients.secret_webhook(place.parameter, place.format)),
        pause: RealTime,
        deployment: settings.deployment,
        limits: settings.limits,
    }))
}
