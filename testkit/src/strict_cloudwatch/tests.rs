//! The real SDK client against the stand-in: each limit from either side, and each scripted fate.

use anyhow::{Context, Result};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use aws_sdk_cloudwatch::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit, StatisticSet};
use jiff::Timestamp;

use super::{Act, StrictCloudWatch};
use crate::aws::sdk_config;

/// 2026-03-14T09:05:00Z
const NOW: i64 = 1_773_479_100;

async fn client(endpoint: &str) -> Client {
    let config = sdk_config(endpoint).await;
    let config = aws_sdk_cloudwatch::config::Builder::from(&config).retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

fn datum(name: &str) -> aws_sdk_cloudwatch::types::builders::MetricDatumBuilder {
    MetricDatum::builder().metric_name(name)
}

fn dimension(name: &str, value: &str) -> Dimension {
    Dimension::builder().name(name).value(value).build()
}

/// The code that CloudWatch answers with; `None` is accepted.
async fn put(client: &Client, namespace: &str, data: Vec<MetricDatum>) -> Result<Option<String>> {
    let sent = client.put_metric_data().namespace(namespace).set_metric_data(Some(data)).send().await;
    match sent {
        Ok(_) => Ok(None),
        Err(SdkError::ServiceError(error)) => Ok(Some(error.err().code().unwrap_or_default().to_owned())),
        Err(error) => Err(error).context("no answer"),
    }
}

/// One row per limit: what it is about, the datum, and whether it is accepted.
fn rows() -> Vec<(&'static str, MetricDatum, bool)> {
    let one = || datum("M").value(1.0);
    let many = |count: u32| (0..count).map(f64::from).collect::<Vec<_>>();
    let dimensions = |count: usize| {
        datum("M")
            .value(1.0)
            .set_dimensions(Some((0..count).map(|n| dimension(&format!("D{n}"), "v")).collect()))
            .build()
    };
    let at = |seconds| one().timestamp(DateTime::from_secs(seconds)).build();
    let named = |name: &str, value: &str| one().dimensions(dimension(name, value)).build();
    let statistics = |count, sum, minimum, maximum| {
        let set = StatisticSet::builder().sample_count(count).sum(sum).minimum(minimum).maximum(maximum);
        datum("M").statistic_values(set.build()).build()
    };
    vec![
        ("a value", one().build(), true),
        ("no value at all", datum("M").build(), false),
        ("a value and values", one().values(1.0).build(), false),
        ("a value and counts", one().counts(1.0).build(), false),
        ("150 values", datum("M").set_values(Some(many(150))).build(), true),
        ("151 values", datum("M").set_values(Some(many(151))).build(), false),
        ("no values in Values", datum("M").set_values(Some(Vec::new())).build(), false),
        ("counts for each value", datum("M").values(1.0).values(2.0).counts(3.0).counts(4.0).build(), true),
        ("counts for some values", datum("M").values(1.0).values(2.0).counts(3.0).build(), false),
        ("a count of nothing", datum("M").values(1.0).counts(0.0).build(), false),
        ("statistics", statistics(2.0, 3.0, 1.0, 2.0), true),
        ("statistics of nothing", statistics(0.0, 0.0, 0.0, 0.0), false),
        ("statistics upside down", statistics(2.0, 3.0, 2.0, 1.0), false),
        ("not a number", datum("M").value(f64::NAN).build(), false),
        ("infinite", datum("M").values(f64::NEG_INFINITY).build(), false),
        ("2 to the power of 360", datum("M").value(2_f64.powi(360)).build(), true),
        ("2 to the power of 361", datum("M").value(-2_f64.powi(361)).build(), false),
        ("30 dimensions", dimensions(30), true),
        ("31 dimensions", dimensions(31), false),
        (
            "a dimension twice",
            one().dimensions(dimension("D", "a")).dimensions(dimension("D", "b")).build(),
            false,
        ),
        ("no name of a dimension", named("", "v"), false),
        ("no value of a dimension", named("D", ""), false),
        ("a blank value of a dimension", named("D", "  "), false),
        ("a colon before a dimension's name", named(":D", "v"), false),
        ("a dimension's name of 255", named(&"d".repeat(255), "v"), true),
        ("a dimension's name of 256", named(&"d".repeat(256), "v"), false),
        ("a dimension's value of 1024", named("D", &"v".repeat(1024)), true),
        ("a dimension's value of 1025", named("D", &"v".repeat(1025)), false),
        ("a dimension beyond ASCII", named("D", "Köln"), false),
        ("a line break in a dimension", named("D", "a\nb"), false),
        ("a name of 255", datum(&"m".repeat(255)).value(1.0).build(), true),
        ("a name of 256", datum(&"m".repeat(256)).value(1.0).build(), false),
        ("a name beyond ASCII", datum("Zugriffe\u{df}").value(1.0).build(), false),
        ("no name", datum("").value(1.0).build(), false),
        ("two weeks ago", at(NOW - 14 * 86_400), true),
        ("more than two weeks ago", at(NOW - 14 * 86_400 - 1), false),
        ("in two hours", at(NOW + 7200), true),
        ("in more than two hours", at(NOW + 7201), false),
        ("a unit", one().unit(StandardUnit::Count).build(), true),
        ("no such unit", one().unit(StandardUnit::from("Records")).build(), false),
        ("standard resolution", one().storage_resolution(60).build(), true),
        ("no such resolution", one().storage_resolution(30).build(), false),
    ]
}

#[tokio::test]
async fn each_limit_holds_and_no_more_than_that() -> Result<()> {
    let cloudwatch = StrictCloudWatch::start_at(Timestamp::from_second(NOW)?)?;
    let client = client(&cloudwatch.endpoint()).await;
    for (about, datum, accepted) in rows() {
        let code = put(&client, "Trailmeter/Test", vec![datum]).await?;
        assert_eq!(code.is_none(), accepted, "{about}: {code:?}");
    }
    let stored = rows().iter().filter(|row| row.2).count();
    assert_eq!(cloudwatch.datapoints().len(), stored);
    Ok(())
}

#[tokio::test]
async fn namespaces_and_sizes_have_limits_too() -> Result<()> {
    let cloudwatch = StrictCloudWatch::start()?;
    let client = client(&cloudwatch.endpoint()).await;
    let one = |name: &str| datum(name).value(1.0).build();
    for (namespace, accepted) in [
        ("Trailmeter/a-stack", true),
        ("AWS/EC2", false),
        (":a", false),
        ("", false),
        (" ", false),
        ("Spaß", false),
    ] {
        assert_eq!(put(&client, namespace, vec![one("M")]).await?.is_none(), accepted, "{namespace}");
    }
    let many = |count: usize| (0..count).map(|n| one(&format!("M{n}"))).collect::<Vec<_>>();
    assert_eq!(put(&client, "N", many(1000)).await?, None);
    assert_eq!(put(&client, "N", many(1001)).await?.as_deref(), Some("InvalidParameterValue"));
    assert_eq!(put(&client, "N", Vec::new()).await?.as_deref(), Some("MissingParameter"));
    let long = (0..990)
        .map(|n| datum(&format!("M{n}")).dimensions(dimension("D", &"v".repeat(1000))).value(1.0).build());
    assert_eq!(put(&client, "N", long.collect()).await?.as_deref(), Some("RequestEntityTooLarge"));
    // The SDK packs large requests; they were read all the same.
    let received = cloudwatch.requests();
    assert!(
        received
            .iter()
            .any(|r| r.stored && r.request.header("content-encoding") == Some("gzip") && r.metrics == 1000)
    );
    assert_eq!(received.last().map(|r| (r.stored, r.status)), Some((false, Some(413))));
    Ok(())
}

#[tokio::test]
async fn a_series_is_its_name_with_exactly_its_dimensions() -> Result<()> {
    let cloudwatch = StrictCloudWatch::start()?;
    let client = client(&cloudwatch.endpoint()).await;
    let data = vec![
        datum("M").values(1.0).values(3.0).counts(2.0).counts(1.0).build(),
        datum("M").value(10.0).dimensions(dimension("Account", "1")).build(),
        datum("M")
            .value(100.0)
            .dimensions(dimension("Account", "1"))
            .dimensions(dimension("Region", "r"))
            .build(),
    ];
    assert_eq!(put(&client, "N", data.clone()).await?, None);
    assert_eq!(put(&client, "N", data).await?, None);
    let sums = [
        cloudwatch.sum("M", &[]),
        cloudwatch.sum("M", &[("Account", "1")]),
        cloudwatch.sum("M", &[("Region", "r"), ("Account", "1")]),
        cloudwatch.sum("M", &[("Region", "r")]),
    ];
    assert_eq!(sums.map(|sum| format!("{sum}")), ["10", "20", "200", "0"]);
    assert_eq!((cloudwatch.series("M").len(), cloudwatch.datapoints().len()), (3, 6));
    Ok(())
}

#[tokio::test]
async fn a_request_fares_as_scripted() -> Result<()> {
    let cloudwatch = StrictCloudWatch::start()?;
    let client = client(&cloudwatch.endpoint()).await;
    let one = || vec![datum("M").value(1.0).build()];
    cloudwatch.script([
        Act::throttle(),
        Act::error(503),
        Act::error(500),
        Act::HangUp,
        Act::StoreAndHangUp,
        Act::Accept,
    ]);
    assert_eq!(put(&client, "N", one()).await?.as_deref(), Some("ThrottlingException"));
    assert_eq!(put(&client, "N", one()).await?.as_deref(), Some("ServiceUnavailable"));
    assert_eq!(put(&client, "N", one()).await?.as_deref(), Some("InternalServiceError"));
    assert!(put(&client, "N", one()).await.is_err());
    assert!(cloudwatch.datapoints().is_empty());
    assert!(put(&client, "N", one()).await.is_err());
    assert_eq!(cloudwatch.datapoints().len(), 1);
    assert_eq!(put(&client, "N", one()).await?, None);
    cloudwatch.refuse();
    assert!(put(&client, "N", one()).await.is_err());
    cloudwatch.listen()?;
    assert_eq!(put(&client, "N", one()).await?, None);
    assert_eq!((cloudwatch.datapoints().len(), cloudwatch.requests().len()), (3, 7));
    Ok(())
}

#[tokio::test]
async fn what_it_accepts_goes_on_unchanged() -> Result<()> {
    let behind = StrictCloudWatch::start()?;
    let front = StrictCloudWatch::start_in_front_of(&behind.endpoint())?;
    let client = client(&front.endpoint()).await;
    assert_eq!(put(&client, "N", vec![datum("M").value(2.0).build()]).await?, None);
    assert!(put(&client, "AWS/X", vec![datum("M").value(2.0).build()]).await?.is_some());
    assert_eq!(behind.requests().len(), 1);
    assert_eq!(behind.requests()[0].request.body, front.requests()[0].request.body);
    behind.script([Act::error(503)]);
    assert!(put(&client, "N", vec![datum("M").value(2.0).build()]).await?.is_some());
    assert_eq!((front.datapoints().len(), behind.datapoints().len()), (1, 1));
    Ok(())
}
