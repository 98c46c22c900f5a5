//! The alarms, read from the template.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};
use trailmeter_testkit::alarm_model::{Alarm, Comparison, MissingData, Statistic};

use crate::support::root;

/// An alarm of the template.
#[derive(Debug, Clone)]
pub(super) struct Shipped {
    /// Its logical id.
    pub(super) id: String,
    pub(super) alarm: Alarm,
    /// Whether `make alarms` wrote it, for a detector.
    pub(super) is_a_detectors: bool,
    /// Whether its states are those of many series, by a Metrics Insights query.
    pub(super) has_contributors: bool,
    /// Whether it notifies when it goes back to OK, too.
    pub(super) tells_ok: bool,
}

static SHIPPED: LazyLock<Result<Vec<Shipped>>> = LazyLock::new(read_all);

/// All alarms, with the defaults of the template's parameters.
pub(super) fn shipped() -> Result<Vec<Shipped>> {
    SHIPPED.as_ref().cloned().map_err(|error| anyhow::anyhow!("{error:#}"))
}

/// The alarm of this logical id.
pub(super) fn the(id: &str) -> Result<Shipped> {
    shipped()?.into_iter().find(|alarm| alarm.id == id).with_context(|| format!("the template has no {id}"))
}

/// The dead-man's switch with this number of hours.
pub(super) fn silence_with(hours: usize) -> Result<Alarm> {
    let template = &template()?.value;
    let mut parameters = parameters(template);
    parameters.insert("SilenceHours".to_owned(), hours.into());
    Ok(read(&template["Resources"]["AlarmSilence"]["Properties"], &parameters)?.0)
}

/// The least and the greatest number of hours that the template allows for silence.
pub(super) fn silence_hours() -> Result<std::ops::RangeInclusive<usize>> {
    let hours = &template()?.value["Parameters"]["SilenceHours"];
    let bound = |word: &str| whole(&hours[word]);
    Ok(bound("MinValue")?..=bound("MaxValue")?)
}

/// One alarm of each form, as most detectors' alarms differ in their metric alone. What CloudWatch
/// makes of them depends on nothing else.
pub(super) fn one_of_each(alarms: Vec<Shipped>) -> Vec<Shipped> {
    let mut forms: Vec<Shipped> = Vec::new();
    for alarm in alarms {
        if forms
            .iter()
            .all(|form| form.alarm != alarm.alarm || form.has_contributors != alarm.has_contributors)
        {
            forms.push(alarm);
        }
    }
    forms
}

struct Template {
    text: String,
    /// Without its tags: `!Ref SilenceHours` is the text `SilenceHours`.
    value: Value,
}

/// Read once: it is long, and some tests ask for it once for each number of hours.
static TEMPLATE: LazyLock<Result<Template>> = LazyLock::new(|| {
    let text =
        std::fs::read_to_string(root().join("template.yaml")).context("template.yaml cannot be read")?;
    let value = serde_saphyr::from_str(&text).context("template.yaml is no YAML")?;
    Ok(Template { text, value })
});

fn template() -> Result<&'static Template> {
    TEMPLATE.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))
}

/// The logical ids that `make alarms` wrote.
fn generated(text: &str) -> Result<BTreeSet<&str>> {
    let block = text.split_once("# BEGIN generated").and_then(|(_, rest)| rest.split_once("# END generated"));
    let (block, _) = block.context("template.yaml has lost its generated block")?;
    let ids = block.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    Ok(ids.filter(|id| !id.starts_with(' ')).collect())
}

fn read_all() -> Result<Vec<Shipped>> {
    let Template { text, value } = template()?;
    let (generated, parameters) = (generated(text)?, parameters(value));
    let mut alarms = Vec::new();
    for (id, resource) in value["Resources"].as_object().context("no resources")? {
        if resource["Type"] != "AWS::CloudWatch::Alarm" {
            continue;
        }
        let properties = &resource["Properties"];
        // It would see nothing of a period before its end, and nothing older than the N.
        ensure!(properties["EvaluationWindow"].is_null(), "{id} has an EvaluationWindow of its own");
        let read = read(properties, &parameters).with_context(|| format!("{id} of the template"))?;
        alarms.push(Shipped {
            id: id.clone(),
            alarm: read.0,
            is_a_detectors: generated.contains(id.as_str()),
            has_contributors: read.1,
            tells_ok: !properties["OKActions"].is_null(),
        });
    }
    Ok(alarms)
}

/// The parameters with their defaults.
fn parameters(template: &Value) -> Map<String, Value> {
    let parameters = template["Parameters"].as_object().into_iter().flatten();
    parameters.map(|(name, parameter)| (name.clone(), parameter["Default"].clone())).collect()
}

/// The alarm, and whether it has contributors.
fn read(properties: &Value, parameters: &Map<String, Value>) -> Result<(Alarm, bool)> {
    let series = series(properties)?;
    let number = |name: &str| {
        let value = &properties[name];
        // What is no number is the name of a parameter.
        let value = value.as_str().and_then(|name| parameters.get(name)).unwrap_or(value);
        value.as_f64().with_context(|| format!("{name} is {value}, which is no number"))
    };
    let count = |name: &str| -> Result<usize> { whole(&Value::from(number(name)?)) };
    let word = |name: &str| properties[name].as_str().with_context(|| format!("{name} is missing"));
    let alarm = Alarm {
        period: series.period,
        evaluation_periods: count("EvaluationPeriods")?,
        datapoints_to_alarm: count("DatapointsToAlarm")?,
        threshold: number("Threshold")?,
        comparison: Comparison::named(word("ComparisonOperator")?)?,
        statistic: series.statistic,
        missing_data: MissingData::named(word("TreatMissingData")?)?,
        fill: series.fill,
    };
    alarm.check()?;
    Ok((alarm, series.has_contributors))
}

struct Series {
    period: i64,
    statistic: Statistic,
    fill: Option<f64>,
    has_contributors: bool,
}

/// What the alarm looks at: a metric, a query, or a metric with its gaps filled.
fn series(properties: &Value) -> Result<Series> {
    let period = |value: &Value| value.as_i64().context("no Period");
    let Some(queries) = properties["Metrics"].as_array() else {
        let statistic = properties["Statistic"].as_str().context("no Statistic")?;
        let (period, statistic) = (period(&properties["Period"])?, Statistic::named(statistic)?);
        return Ok(Series { period, statistic, fill: None, has_contributors: false });
    };
    let expression =
        queries.iter().find_map(|query| query["Expression"].as_str()).context("no Expression")?;
    if expression.starts_with("SELECT SUM(") && expression.contains("GROUP BY") {
        let period = period(&queries[0]["Period"])?;
        return Ok(Series { period, statistic: Statistic::Sum, fill: None, has_contributors: true });
    }
    let Some((id, value)) = expression
        .strip_prefix("FILL(")
        .and_then(|inner| inner.strip_suffix(')'))
        .and_then(|inner| inner.split_once(','))
    else {
        bail!("the model of alarms does not know the expression {expression}");
    };
    let metric = queries.iter().find(|query| query["Id"] == id.trim()).context("FILL of no metric")?;
    let stat = &metric["MetricStat"];
    Ok(Series {
        period: period(&stat["Period"])?,
        statistic: Statistic::named(stat["Stat"].as_str().context("no Stat")?)?,
        fill: Some(value.trim().parse()?),
        has_contributors: false,
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers of a template")]
fn whole(value: &Value) -> Result<usize> {
    let number = value.as_f64().with_context(|| format!("{value} is no number"))?;
    ensure!(number.fract() == 0.0 && (0.0..1e6).contains(&number), "{value} is no number of periods");
    Ok(number as usize)
}

#[test]
fn every_alarm_can_be_read() -> Result<()> {
    let alarms = shipped()?;
    let detectors = alarms.iter().filter(|alarm| alarm.is_a_detectors).count();
    assert!(detectors > 100, "{detectors}");
    assert!(alarms.len() - detectors >= 9, "{}", alarms.len() - detectors);
    assert_eq!(alarms.iter().filter(|alarm| alarm.has_contributors).count(), 1);
    // Whoever is told of an OK has to be told of one that means something.
    let tells_ok: Vec<&str> = alarms.iter().filter(|alarm| alarm.tells_ok).map(|alarm| &*alarm.id).collect();
    assert_eq!(tells_ok, ["AlarmSilence"]);
    Ok(())
}
