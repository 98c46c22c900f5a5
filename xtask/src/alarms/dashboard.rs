//! One dashboard for each pack: a widget for each detector, and the pipeline's with the first.

use std::fmt::Write;

use serde_json::{Value, json};
use trailmeter_detection::{DEFAULT_PACK, Detector, Statistic};

use super::capitalised;

const WIDTH: usize = 8;
const HEIGHT: usize = 5;
const COLUMNS: usize = 3;

/// Substituted by CloudFormation.
const NAMESPACE: &str = "Trailmeter/${AWS::StackName}";

pub(super) fn write(
    out: &mut String,
    pack: &str,
    condition: Option<&str>,
    detectors: &[Detector],
) -> anyhow::Result<()> {
    let is_first = pack == DEFAULT_PACK;
    let suffix = if is_first { String::new() } else { capitalised(pack) };
    let mut widgets: Vec<Value> = detectors.iter().map(detector_widget).collect();
    if is_first {
        widgets.extend(pipeline_widgets());
    }
    for (at, widget) in widgets.iter_mut().enumerate() {
        widget["x"] = json!(at % COLUMNS * WIDTH);
        widget["y"] = json!(at / COLUMNS * HEIGHT);
        widget["width"] = json!(WIDTH);
        widget["height"] = json!(HEIGHT);
    }
    writeln!(out, "  Dashboard{suffix}:")?;
    writeln!(out, "    Type: AWS::CloudWatch::Dashboard")?;
    if let Some(condition) = condition {
        writeln!(out, "    Condition: {condition}")?;
    }
    writeln!(out, "    Properties:")?;
    let dash = if is_first { String::new() } else { format!("-{pack}") };
    // Dashboards are global, and the same stack may stand in two regions.
    writeln!(out, "      DashboardName: !Sub \"${{AWS::StackName}}{dash}-${{AWS::Region}}\"")?;
    writeln!(out, "      DashboardBody: !Sub |-")?;
    writeln!(out, "        {{\"widgets\": [")?;
    for (at, widget) in widgets.iter().enumerate() {
        let comma = if at + 1 < widgets.len() { "," } else { "" };
        writeln!(out, "          {widget}{comma}")?;
    }
    writeln!(out, "        ]}}")?;
    Ok(())
}

fn detector_widget(detector: &Detector) -> Value {
    // Neither title nor name is a place for CloudFormation to substitute in.
    let verbatim = |text: &str| text.replace("${", "${!");
    let metric = &detector.metric;
    let namespace = metric.namespace.as_deref().map_or_else(|| NAMESPACE.to_owned(), verbatim);
    let statistic = detector.alarm.alarm().map_or(Statistic::Sum, |alarm| alarm.statistic);
    graph(
        &verbatim(&detector.title),
        statistic.word(),
        &json!([[namespace, verbatim(&metric.name), { "label": detector.name }]]),
    )
}

fn pipeline_widgets() -> Vec<Value> {
    let own =
        |names: &[&str]| Value::from(names.iter().map(|name| json!([NAMESPACE, name])).collect::<Vec<_>>());
    let queue = |metric, queue| json!(["AWS/SQS", metric, "QueueName", queue]);
    let function = |metric| json!(["AWS/Lambda", metric, "FunctionName", "${DetectFunction}"]);
    vec![
        graph(
            "Objects by outcome",
            "Sum",
            &own(&["ObjectsRead", "ObjectsSkipped", "ObjectsDuplicate", "ObjectsFailed"]),
        ),
        graph(
            "Records by outcome",
            "Sum",
            &own(&["RecordsMatched", "RecordsUnmatched", "RecordsMalformed", "RecordsDuplicate"]),
        ),
        graph("Delivery lag (seconds from the newest event to its count)", "Maximum", &own(&["DeliveryLag"])),
        graph(
            "Messages waiting",
            "Maximum",
            &json!([
                queue("ApproximateNumberOfMessagesVisible", "${DeliveryQueue.QueueName}"),
                queue("ApproximateNumberOfMessagesVisible", "${DeadLetterQueue.QueueName}"),
            ]),
        ),
        graph(
            "Function",
            "Sum",
            &json!([function("Invocations"), function("Errors"), function("Throttles")]),
        ),
        graph(
            "Set aside",
            "Sum",
            &own(&[
                "MatchesExcluded",
                "DimensionValuesFolded",
                "EventTimeRejected",
                "CountedMaybeTwice",
                "CountedWithoutLedger",
            ]),
        ),
        graph(
            "To be mended",
            "Sum",
            &own(&[
                "CountsUnbalanced",
                "LedgerFailures",
                "DetectorVersionsRejected",
                "DetectorsWithoutAlarm",
                "ExclusionsExpired",
                "ValuesMissing",
            ]),
        ),
    ]
}

fn graph(title: &str, statistic: &str, metrics: &Value) -> Value {
    json!({
        "type": "metric",
        "properties": {
            "title": title, "region": "${AWS::Region}", "view": "timeSeries", "stat": statistic, "period": 300,
            "metrics": metrics,
        },
    })
}
