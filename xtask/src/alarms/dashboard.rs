//! One dashboard for each pack: a widget for each detector, and the pipeline's with the first.

use std::fmt::Write;

use serde_json::{Value, json};
use trailmeter_detection::{DEFAULT_PACK, Detector, RESERVED_METRIC_NAMES, Statistic};

use super::capitalised;

const WIDTH: usize = 8;
const HEIGHT: usize = 5;
const COLUMNS: usize = 3;
const FULL_WIDTH: usize = WIDTH * COLUMNS;

/// What runs costs, in dollars, as in `cli/src/cost/prices.rs`: a test compares them.
const GB_SECOND: &str = "0.0000133334";
const MILLION_INVOCATIONS: &str = "0.20";
const THOUSAND_READS: &str = "0.0004";
const MILLION_QUEUE_REQUESTS: &str = "0.40";
const MILLION_LEDGER_WRITES: &str = "0.625";
const GB_OF_LOG: &str = "0.50";

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
    let mut top = if is_first { head_widgets() } else { Vec::new() };
    for (at, widget) in top.iter_mut().enumerate() {
        place(widget, 0, at * HEIGHT, FULL_WIDTH);
    }
    for (at, widget) in widgets.iter_mut().enumerate() {
        place(widget, at % COLUMNS * WIDTH, (top.len() + at / COLUMNS) * HEIGHT, WIDTH);
    }
    top.append(&mut widgets);
    let widgets = top;
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

fn place(widget: &mut Value, x: usize, y: usize, width: usize) {
    for (key, value) in [("x", x), ("y", y), ("width", width), ("height", HEIGHT)] {
        widget[key] = json!(value);
    }
}

/// What stands in the names of all metrics of backfills.
const PAST: &str = "Backfill";

/// What is looked at first, each over the whole width.
fn head_widgets() -> Vec<Value> {
    vec![matches_widget(), health_widget(), cost_widget()]
}

/// Every metric of the namespace that is no metric of Trailmeter's own, so that a detector which was loaded an
/// hour ago is there by itself.
fn matches_widget() -> Value {
    // Without quotes a word stands for every name that it is a part of: all that is put for the past, by whatever
    // metric. Each in quotes would be more than an expression may hold.
    let quoted =
        RESERVED_METRIC_NAMES.iter().filter(|name| !name.starts_with(PAST)).map(|name| format!("\"{name}\""));
    let own: Vec<String> = [PAST.to_owned()].into_iter().chain(quoted).collect();
    let search = format!("SEARCH('{{\"{NAMESPACE}\"}} NOT MetricName=({})', 'Sum', 300)", own.join(" OR "));
    let mut widget = graph(
        "Matches by detector",
        "Sum",
        &json!([[{ "expression": search, "id": "matches", "label": "${!PROP('MetricName')}" }]]),
    );
    widget["properties"]["stacked"] = json!(true);
    widget
}

/// The figures that say whether it works.
fn health_widget() -> Value {
    let of = |name: &str, label: &str, statistic: &str| json!([NAMESPACE, name, { "label": label, "stat": statistic }]);
    let dead = json!(["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${DeadLetterQueue.QueueName}",
        { "label": "Dead letters", "stat": "Maximum" }]);
    let mut widget = graph(
        "Health, over the time that is shown",
        "Sum",
        &json!([
            of("ObjectsRead", "Files read", "Sum"),
            of("RecordsRead", "Records", "Sum"),
            of("RecordsMatched", "Matched", "Sum"),
            of("ObjectsFailed", "Files failed", "Sum"),
            of("DeliveryLag", "Longest delivery lag (s)", "Maximum"),
            dead,
            of("FindingsNotKept", "Findings not kept", "Sum"),
        ]),
    );
    widget["properties"]["view"] = json!("singleValue");
    widget["properties"]["setPeriodToTimeRange"] = json!(true);
    widget
}

/// An estimate: what is charged by use, at list prices. Metrics and alarms are charged by the month, and
/// `trailmeter cost` has them.
fn cost_widget() -> Value {
    let hidden = |id: &str, metric: Value| {
        let mut metric = metric;
        if let Some(parts) = metric.as_array_mut() {
            parts.push(json!({ "id": id, "visible": false, "stat": "Sum" }));
        }
        metric
    };
    let lambda = |metric: &str| json!(["AWS/Lambda", metric, "FunctionName", "${DetectFunction}"]);
    let ledger =
        json!(["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", "${AWS::StackName}-ledger"]);
    let queue = json!(["AWS/SQS", "NumberOfMessagesSent", "QueueName", "${DeliveryQueue.QueueName}"]);
    let log = json!(["AWS/Logs", "IncomingBytes", "LogGroupName", "${DetectLogGroup}"]);
    let sum = |id: &str, label: &str, expression: String| json!([{ "id": id, "label": label, "expression": expression }]);
    let metrics = json!([
        hidden("ms", lambda("Duration")),
        hidden("calls", lambda("Invocations")),
        hidden("writes", ledger),
        hidden("sent", queue),
        hidden("bytes", log),
        hidden("reads", json!([NAMESPACE, "ObjectsRead"])),
        sum(
            "compute",
            "Lambda $",
            format!(
                "FILL(ms,0)/1000*${{FunctionMemory}}/1024*{GB_SECOND}+FILL(calls,0)/1000000*{MILLION_INVOCATIONS}"
            )
        ),
        sum("table", "Ledger $", format!("FILL(writes,0)/1000000*{MILLION_LEDGER_WRITES}")),
        // Each message is sent, received and deleted.
        sum(
            "files",
            "Queue and reads $",
            format!("FILL(sent,0)*3/1000000*{MILLION_QUEUE_REQUESTS}+FILL(reads,0)/1000*{THOUSAND_READS}")
        ),
        sum("logs", "Log $", format!("FILL(bytes,0)/1000000000*{GB_OF_LOG}")),
        sum("all", "Together $", "compute+table+files+logs".to_owned()),
    ]);
    let mut widget =
        graph("Cost by use, estimated (metrics and alarms come on top: trailmeter cost)", "Sum", &metrics);
    widget["properties"]["view"] = json!("singleValue");
    widget["properties"]["setPeriodToTimeRange"] = json!(true);
    widget
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
                "FindingsSummarised",
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
                "FindingsNotKept",
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
