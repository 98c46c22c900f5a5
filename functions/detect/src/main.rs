//! Composition root: settings, detectors, adapters, runtime.

// The futures of three SDK clients nest deeper than rustc's default allows for.
#![recursion_limit = "256"]

use detect::{Detect, Settings, StartError, log};
use lambda_runtime::{Error, run, service_fn, tracing};
use trailmeter_aws::Clients;
use trailmeter_pipeline::Pipeline;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let started = start().await.inspect_err(log::start_failed);
    let detect = started?;
    run(service_fn(|event| detect.handle(event))).await
}

async fn start() -> Result<Detect, StartError> {
    let settings = Settings::from_environment()?;
    let detectors = detect::packaged_detectors(&settings.packs)?;
    let clients = Clients::load().await;
    let pipeline = Pipeline::new(
        settings.pipeline,
        detectors,
        clients.s3_store(settings.bucket_region),
        clients.cloudwatch_sink(settings.namespace),
        settings.queue_url.map(|url| clients.sqs_hand_back(url)),
    );
    Ok(Detect::new(pipeline))
}
