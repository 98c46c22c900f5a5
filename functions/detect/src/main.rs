//! Composition root: settings, detectors, adapters, runtime.

// The futures of five SDK clients nest deeper than rustc's default allows for.
#![recursion_limit = "256"]

use detect::{
    Detect, Findings, Settings, StartError, Traced, Tracer, detector_rules, finding_places, log, watched,
};
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
    let tracer = Tracer::new(settings.trace_daemon);
    let watched = settings.detectors.map(|place| watched(&clients, place, settings.refresh));
    let pipeline = Pipeline::new(
        settings.pipeline,
        Traced::new(clients.s3_store(settings.bucket_region), &tracer),
        Traced::new(clients.cloudwatch_sink(settings.namespace), &tracer),
        settings.queue_url.map(|url| clients.sqs_queue(url, settings.digest_queue_url)),
        settings.ledger.map(|ledger| clients.dynamo_ledger(ledger.table, ledger.retention)),
    )
    .with_findings(Traced::new(findings, &tracer));
    Ok(Detect::start(pipeline, rules, watched, tracer).await?)
}
