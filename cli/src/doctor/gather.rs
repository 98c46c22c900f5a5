//! Asks AWS. One question after the other: a handful of small calls, and their order is that of what
//! one has to know for the next.

use trailmeter_aws::Clients;
use trailmeter_aws::operator::{AlarmFacts, Asked, MetricQuery, StackFacts, TrailFacts};
use trailmeter_detection::{DEFAULT_PACK, Needs, Options, load_with, packaged_files};

use super::args::DoctorArgs;
use super::checks::{OF_LAMBDA, zeros};
use super::facts::{Facts, Mode};

/// The logical ids of the template that are asked for by their physical ones.
const RULE: &str = "DeliveryRule";
const SUBSCRIPTION: &str = "TrailSubscription";

const AGE: &str = "ApproximateAgeOfOldestMessage";

pub(super) async fn gather(args: &DoctorArgs) -> anyhow::Result<Facts> {
    let clients = Clients::load().await;
    let name = &args.stack;
    let stack = crate::stack::named(&clients, name).await?;
    let now = crate::detectors::now().as_second();
    let mode = Mode::of(&stack);
    let output = |name: &str| stack.output(name).unwrap_or_default();
    let (bucket, function) = (output("LogBucketName"), output("DetectFunctionName"));
    let region = stack.parameter("LogBucketRegion");
    let trail = trail(args, &clients, &stack).await;
    let arn = trail.as_ref().ok().and_then(Option::as_ref).map(|trail| trail.arn.clone());
    let key = stack.output("LogKmsKeyArn");
    let metrics = metrics_of(&stack);
    let age = MetricQuery {
        namespace: "AWS/SQS".to_owned(),
        name: AGE,
        dimension: Some(("QueueName", queue_name(output("DeliveryQueueUrl")).to_owned())),
        statistic: "Maximum",
    };
    Ok(Facts {
        now,
        hours: args.hours,
        trail_status: asked(arn.as_deref(), async |arn| clients.trail_status(arn).await).await,
        recorded: asked(arn.as_deref(), async |arn| clients.recorded(arn).await).await,
        trail,
        need_data: need_data(&stack)?,
        // A topic of the trail tells of new files without the bucket.
        notifications: asked(Some(bucket).filter(|_| mode != Some(Mode::ExistingTopic)), async |bucket| {
            clients.bucket_notifications(bucket, region).await
        })
        .await,
        rule: asked(physical(&stack, RULE), async |rule| clients.rule(rule).await).await,
        trail_subscription: asked(physical(&stack, SUBSCRIPTION), async |arn| {
            clients.subscription(arn).await
        })
        .await,
        bucket_policy: clients.bucket_policy(bucket, region).await,
        key_state: asked(key, async |key| clients.key_state(key).await).await,
        key_policy: asked(key, async |key| clients.key_policy(key).await).await,
        queue: clients.queue(output("DeliveryQueueUrl")).await,
        dead_letters: clients.queue(output("DeadLetterQueueUrl")).await,
        oldest_delivery: clients.metrics(&[age], now, 1).await.map(|found| found.get(AGE).copied()),
        function: clients.function(function).await,
        mappings: clients.mappings(function, output("DeliveryQueueArn")).await,
        table: asked(stack.output("LedgerTableName"), async |table| clients.table(table).await).await,
        alarms: clients.alarms(&format!("{}-", stack.name)).await.map(|alarms| own(alarms, &stack)),
        subscriptions: clients.subscriptions(output("AlarmTopicArn")).await,
        metrics: clients.metrics(&metrics, now, args.hours).await,
        stack,
    })
}

/// The alarms of the stack alone: those of a stack whose name goes on after the same beginning are
/// none of its. Where the resources are not told, the beginning decides.
fn own(alarms: Vec<AlarmFacts>, stack: &StackFacts) -> Vec<AlarmFacts> {
    let is_own = |alarm: &AlarmFacts| {
        stack.resources_unknown.is_some() || stack.resources.values().any(|id| *id == alarm.name)
    };
    alarms.into_iter().filter(is_own).collect()
}

/// Asks about something, if there is such a thing.
async fn asked<'a, T>(
    about: Option<&'a str>,
    ask: impl AsyncFnOnce(&'a str) -> Asked<T>,
) -> Option<Asked<T>> {
    match about {
        Some(about) => Some(ask(about).await),
        None => None,
    }
}

fn physical<'a>(stack: &'a StackFacts, logical: &str) -> Option<&'a str> {
    stack.resources.get(logical).map(String::as_str).filter(|id| !id.is_empty())
}

/// The trail that somebody names, or that writes to the bucket.
async fn trail(args: &DoctorArgs, clients: &Clients, stack: &StackFacts) -> Asked<Option<TrailFacts>> {
    let named = args.trail.as_deref().or(stack.output("TrailArn")).or(stack.parameter("TrailArn"));
    let bucket = stack.output("LogBucketName").unwrap_or_default();
    let found = clients.trails(named).await?;
    // Several may write to one bucket; the one that notifies the stack is meant.
    let topic = stack.parameter("TrailTopicArn");
    let is_meant = |trail: &&TrailFacts| named.is_some() || trail.bucket == bucket;
    let notifies = |trail: &&TrailFacts| topic.is_some() && trail.topic.as_deref() == topic;
    let meant: Vec<&TrailFacts> = found.iter().filter(is_meant).collect();
    Ok(meant.iter().copied().find(|trail| notifies(trail)).or(meant.first().copied()).cloned())
}

/// The detectors of the stack's packs that look for data events.
fn need_data(stack: &StackFacts) -> anyhow::Result<Vec<String>> {
    let mut packs = vec![DEFAULT_PACK];
    for (parameter, pack) in [
        ("PackActivity", "activity"),
        ("PackCis", "cis"),
        ("PackS3Access", "s3-access"),
        ("PackSources", "sources"),
        ("PackThreats", "threats"),
        ("PackInsight", "insight"),
        ("PackNetwork", "network"),
    ] {
        if stack.parameter(parameter) == Some("yes") {
            packs.push(pack);
        }
    }
    let files = packaged_files(&packs)?;
    let set = load_with(&files, &Options::default())
        .map_err(|errors| anyhow::anyhow!("{}", crate::detectors::lines(&errors)))?;
    let blind = set.detectors().iter().filter(|detector| detector.needs == Needs::Data);
    Ok(blind.map(|detector| detector.name.clone()).collect())
}

fn metrics_of(stack: &StackFacts) -> Vec<MetricQuery> {
    let of_stack = |name| MetricQuery {
        namespace: stack.output("MetricNamespace").unwrap_or_default().to_owned(),
        name,
        dimension: None,
        statistic: "Sum",
    };
    let function = stack.output("DetectFunctionName").unwrap_or_default();
    let of_lambda = |name| MetricQuery {
        namespace: "AWS/Lambda".to_owned(),
        name,
        dimension: Some(("FunctionName", function.to_owned())),
        statistic: "Sum",
    };
    let zeros = zeros().map(|name| if OF_LAMBDA.contains(&name) { of_lambda(name) } else { of_stack(name) });
    std::iter::once(of_stack("ObjectsIn")).chain(zeros).collect()
}

/// A queue's URL ends with its name.
fn queue_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}
