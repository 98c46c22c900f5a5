//! Findings that are sent on: in requests as large as the service takes, each once unless its answer is lost, and what is
//! not taken is told and keeps nothing from counting.

/// A service that findings are sent to, scripted.
mod place;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use aws_sdk_eventbridge::types::Target;
use serde_json::{Value, json};
use trailmeter_testkit::bad_input::good_file;
use trailmeter_testkit::eventually::eventually;

use crate::counts::Counts;
use crate::messages::{back, batch, s3};
use crate::support::{World, cloud, key, log_since};
use place::{Act, Place, Service};

/// Requests that are on their way at the same time: more groups than these show who stops in time.
const AT_ONCE: usize = 4;
const PRODUCT: &str = "arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default";

struct Row {
    about: &'static str,
    acts: Vec<Act>,
    /// The sizes of the requests, in order.
    requests: Vec<usize>,
    /// Findings that are told as not kept.
    not_kept: u64,
    /// What the log says of it.
    says: &'static str,
}

/// Runs an object of so many records through the function, and returns what was logged.
async fn play(
    name: &str,
    service: Service,
    records: usize,
    variables: &[(&str, &str)],
    rows: Vec<Row>,
) -> Result<()> {
    let world = World::new(name).await?;
    world.put(&key("it"), &good_file(records)?).await?;
    let event = batch(&[("it", s3(&world.bucket, &key("it")))]);
    let place = Place::start(service)?;
    let endpoint = place.endpoint();
    let (variable, reason) = match service {
        Service::EventBridge => ("AWS_ENDPOINT_URL_EVENTBRIDGE", "event-bus"),
        Service::SecurityHub => ("AWS_ENDPOINT_URL_SECURITYHUB", "security-hub"),
    };
    let function = world.start(&[&[(variable, endpoint.as_str())], variables].concat())?;
    for row in rows {
        place.script(&row.acts);
        world.cloudwatch.clear();
        let seen = function.logs().len();
        assert_eq!(function.invoke(&event)?.response()?, back(&[]), "{}", row.about);
        let counts = Counts::of(&world.cloudwatch)?;
        // Whatever became of the findings, what they are of counts.
        assert_eq!(counts.get("AccessDenied"), records as u64, "{}", row.about);
        let told =
            (counts.get("FindingsNotKept"), counts.get(&format!("FindingsNotKept{{Reason={reason}}}")));
        assert_eq!(told, (row.not_kept, row.not_kept), "{}", row.about);
        assert_eq!(place.requests(), row.requests, "{}", row.about);
        assert_eq!(place.complaints(), [""; 0], "{}", row.about);
        let log = log_since(&function, seen).await?;
        let problem = log.iter().find(|line| line.contains("findings not kept"));
        match (problem, row.says) {
            (None, "") => {}
            (Some(line), says) if !says.is_empty() && line.contains(says) => {}
            (found, says) => panic!("{}: {says:?} is not in {found:?}", row.about),
        }
        let ids: BTreeSet<String> =
            place.taken().iter().map(|item| id(service, item)).collect::<Result<_>>()?;
        assert_eq!(ids.len() as u64 + row.not_kept, records as u64, "{}", row.about);
    }
    Ok(())
}

/// What an item is called, in whatever format.
fn id(service: Service, item: &Value) -> Result<String> {
    Ok(match service {
        Service::SecurityHub => item["Id"].to_string(),
        Service::EventBridge => {
            let detail: Value = serde_json::from_str(item["Detail"].as_str().unwrap_or_default())?;
            [&detail["event_id"], &detail["finding_info"]["uid"], &detail["Id"]]
                .map(Value::to_string)
                .concat()
        }
    })
}

#[tokio::test]
async fn findings_go_to_security_hub() -> Result<()> {
    let row = |about, acts, requests, not_kept, says| Row { about, acts, requests, not_kept, says };
    let refuse = |status, code| Act::Refuse(status, code);
    let limit = || refuse(429, "LimitExceededException");
    let rows = vec![
        row("taken", vec![], vec![7], 0, ""),
        row("throttled twice", vec![limit(), limit()], vec![7, 7, 7], 0, ""),
        row("failed once", vec![refuse(500, "InternalException")], vec![7, 7], 0, ""),
        row("hung up on", vec![Act::HangUp], vec![7, 7], 0, ""),
        row(
            "throttled to the end",
            vec![limit(), limit(), limit()],
            vec![7, 7, 7],
            7,
            "LimitExceededException",
        ),
        row(
            "some refused",
            vec![Act::TakeBut(vec![0, 3], "InvalidInput")],
            vec![7],
            2,
            "Security Hub refuses 2, of which AccessDenied/",
        ),
        row(
            "denied",
            vec![refuse(403, "AccessDeniedException")],
            vec![7],
            7,
            "the function needs securityhub:BatchImportFindings on the product",
        ),
        row(
            "not on",
            vec![refuse(401, "InvalidAccessException")],
            vec![7],
            7,
            "turn Security Hub on in this account and region",
        ),
        row("silent", vec![Act::Silence, Act::Silence, Act::Silence], vec![7, 7], 7, "timeout"),
    ];
    let variables = [("TRAILMETER_SECURITY_HUB", "yes"), ("TRAILMETER_PRODUCT_ARN", PRODUCT)];
    play("security-hub", Service::SecurityHub, 7, &variables, rows).await
}

#[tokio::test]
async fn requests_to_security_hub_are_full_and_end_when_it_is_down() -> Result<()> {
    let denied = vec![Act::Refuse(403, "AccessDeniedException"); AT_ONCE];
    let rows = vec![
        Row { about: "taken", acts: vec![], requests: vec![100; 7], not_kept: 0, says: "" },
        Row {
            about: "denied",
            acts: denied,
            requests: vec![100; AT_ONCE],
            not_kept: 700,
            says: "AccessDenied",
        },
    ];
    let variables = [("TRAILMETER_SECURITY_HUB", "yes"), ("TRAILMETER_PRODUCT_ARN", PRODUCT)];
    play("security-hub-full", Service::SecurityHub, 700, &variables, rows).await
}

#[tokio::test]
async fn findings_go_to_a_bus() -> Result<()> {
    let row = |about, acts, requests, not_kept, says| Row { about, acts, requests, not_kept, says };
    let failed = |at: &[usize], code| Act::TakeBut(at.to_vec(), code);
    let busy = |at: &[usize]| failed(at, "ThrottlingException");
    let rows = || {
        vec![
            row("taken", vec![], vec![7], 0, ""),
            // Only what failed for now is sent again.
            row("some throttled", vec![busy(&[1, 2])], vec![7, 2], 0, ""),
            row(
                "one throttled to the end",
                vec![busy(&[6]), busy(&[0]), busy(&[0])],
                vec![7, 1, 1],
                1,
                "ThrottlingException",
            ),
            row("one failed", vec![failed(&[4], "InternalFailure")], vec![7, 1], 0, ""),
            row(
                "one refused",
                vec![failed(&[4], "MalformedDetail")],
                vec![7],
                1,
                "MalformedDetail: not this one",
            ),
            row("unavailable", vec![Act::Refuse(503, "ServiceUnavailable")], vec![7, 7], 0, ""),
            row(
                "denied",
                vec![Act::Refuse(400, "AccessDeniedException")],
                vec![7],
                7,
                "AccessDeniedException",
            ),
        ]
    };
    for format in ["trailmeter", "ocsf", "asff"] {
        let variables = [
            ("TRAILMETER_EVENT_BUS", "soc"),
            ("TRAILMETER_EVENT_FORMAT", format),
            ("TRAILMETER_PRODUCT_ARN", PRODUCT),
        ];
        play(&format!("bus-{format}"), Service::EventBridge, 7, &variables, rows()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn requests_to_a_bus_are_full_and_end_when_it_is_down() -> Result<()> {
    let denied = vec![Act::Refuse(400, "AccessDeniedException"); AT_ONCE];
    let rows = vec![
        Row { about: "taken", acts: vec![], requests: vec![10; 7], not_kept: 0, says: "" },
        Row {
            about: "denied",
            acts: denied,
            requests: vec![10; AT_ONCE],
            not_kept: 70,
            says: "AccessDenied",
        },
    ];
    play("bus-full", Service::EventBridge, 70, &[("TRAILMETER_EVENT_BUS", "soc")], rows).await
}

/// The local cloud's own EventBridge: a rule finds the finding by what is in it and takes it to a queue.
#[tokio::test]
async fn a_rule_takes_findings_on() -> Result<()> {
    let (world, cloud) = (World::new("bus-rule").await?, cloud().await?);
    let config = cloud.config().await;
    let (events, sqs) = (aws_sdk_eventbridge::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let (bus, rule) = ("trailmeter-soc", "denied");
    events.create_event_bus().name(bus).send().await?;
    let queue = sqs.create_queue().queue_name("trailmeter-soc").send().await?;
    let queue = queue.queue_url().context("a queue has a URL")?;
    let pattern = json!({
        "source": ["trailmeter"], "detail-type": ["Trailmeter Finding"],
        "detail": { "detector": ["AccessDenied"], "severity": ["low", "medium", "high", "critical"] },
    });
    events.put_rule().name(rule).event_bus_name(bus).event_pattern(pattern.to_string()).send().await?;
    let target =
        Target::builder().id("soc").arn("arn:aws:sqs:us-east-1:000000000000:trailmeter-soc").build()?;
    events.put_targets().rule(rule).event_bus_name(bus).targets(target).send().await?;

    world.put(&key("it"), &good_file(3)?).await?;
    let function = world.start(&[("TRAILMETER_EVENT_BUS", bus)])?;
    let event = batch(&[("it", s3(&world.bucket, &key("it")))]);
    assert_eq!(function.invoke(&event)?.response()?, back(&[]));
    assert_eq!(Counts::of(&world.cloudwatch)?.get("FindingsNotKept"), 0);

    let mut received = Vec::new();
    eventually("three events in the queue", async || {
        let messages = sqs.receive_message().queue_url(queue).max_number_of_messages(10).send().await?;
        received.extend(messages.messages().iter().filter_map(|message| message.body().map(str::to_owned)));
        Ok((received.len() >= 3).then_some(()))
    })
    .await?;
    assert_eq!(received.len(), 3);
    let mut logged: Vec<Value> =
        function.json_logs().into_iter().filter(|line| line["type"] == "trailmeter.finding").collect();
    let mut sent: Vec<Value> = Vec::new();
    for text in received {
        let event: Value = serde_json::from_str(&text)?;
        assert_eq!(
            (&event["source"], &event["detail-type"]),
            (&json!("trailmeter"), &json!("Trailmeter Finding"))
        );
        assert_eq!(
            event["resources"],
            event["detail"].get("resources").cloned().unwrap_or_else(|| json!([]))
        );
        sent.push(event["detail"].clone());
    }
    // What the bus bears is what the log has.
    let by_id = |finding: &Value| finding["event_id"].to_string();
    logged.sort_by_key(by_id);
    sent.sort_by_key(by_id);
    assert_eq!(sent, logged);
    Ok(())
}
