//! Composition root: settings, detectors, adapters, runtime.

// The futures of five SDK clients nest deeper than rustc's default allows for.
#![recursion_limit = "256"]

use detect::{Detect, Findings, Settings, StartError, detector_rules, finding_places, log, watched};
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
    let rules = detector_rules(&settings)?;
    let clients = Clients::load().await;
    let findings = Findings::new(finding_places(&clients, settings.findings));
    let watched = settings.detectors.map(|place| watched(&clients, place, settings.refresh));
    let pipeline = Pipeline::new(
        settings.pipeline,
        clients.s3_store(settings.bucket_region),
        clients.cloudwatch_sink(settings.namespace),
        settings.queue_url.map(|url| clients.sqs_queue(url)),
        settings.ledger.map(|ledger| clients.dynamo_ledger(ledger.table, ledger.retention)),
    )
    .with_findings(findings);
    Ok(Detect::start(pipeline, rules, watched).await?)
}
