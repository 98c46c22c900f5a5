//! Composition root: settings, detectors, adapters, runtime.

// The futures of four SDK clients nest deeper than rustc's default allows for.
#![recursion_limit = "256"]

use detect::{Detect, DetectorsPlace, Settings, StartError, detector_rules, log};
use lambda_runtime::{Error, run, service_fn, tracing};
use trailmeter_aws::{Clients, DetectorsInAws};
use trailmeter_pipeline::{Pipeline, Watched};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let started = start().await.inspect_err(log::start_failed);
    let detect = started?;
    run(service_fn(|event| detect.handle(event))).await
}

async fn start() -> Result<Detect, StartError> {
    let settings = Settings::from_environment()?;
    let rules = detector_rules(&settings)?;
    let clients = Clients::load().await;
    let watched = settings.detectors.map(|place| watched(&clients, place, settings.refresh));
    let pipeline = Pipeline::new(
        settings.pipeline,
        clients.s3_store(settings.bucket_region),
        clients.cloudwatch_sink(settings.namespace),
        settings.queue_url.map(|url| clients.sqs_hand_back(url)),
    );
    Ok(Detect::start(pipeline, rules, watched).await?)
}

fn watched(clients: &Clients, place: DetectorsPlace, refresh: i64) -> Watched<DetectorsInAws> {
    match place {
        DetectorsPlace::S3(object) => {
            Watched { name: object.to_string(), source: clients.detectors_in_s3(object), refresh }
        }
        DetectorsPlace::Ssm(name) => {
            Watched { name: format!("ssm:{name}"), source: clients.detectors_in_ssm(name), refresh }
        }
    }
}
