//! Alarms on the metrics of filters.

use trailmeter_detection::{Alarm, Comparison, MissingData, Statistic};

use super::filters::{MetricName, Name};
use super::node::{Node, Place};
use super::resource::{Found, NotCarried, Properties, Resource};

/// Fields that say how the alarm stands, not what it is.
const IDLE: [&str; 10] = [
    "AlarmArn",
    "AlarmConfigurationUpdatedTimestamp",
    "StateValue",
    "StateReason",
    "StateReasonData",
    "StateUpdatedTimestamp",
    "StateTransitionedTimestamp",
    "EvaluationState",
    "id",
    "arn",
];

/// An alarm on one metric.
#[derive(Debug)]
pub(super) struct ImportedAlarm {
    pub(super) place: Place,
    pub(super) origin: String,
    pub(super) metric: MetricName,
    pub(super) unit: Option<(String, Place)>,
    pub(super) alarm: Alarm,
    /// What does not come along with it.
    pub(super) lost: Vec<NotCarried>,
}

/// The alarm of a resource, unless something in it has no place in a detector.
pub(super) fn read(resource: &Resource, found: &mut Found) -> Option<ImportedAlarm> {
    let of = resource.origin.as_str();
    let mut properties = Properties::of(&resource.properties);
    let mut reader = Reader {
        of,
        fallback: &resource.fallback_name,
        place: &resource.place,
        found,
        lost: Vec::new(),
        is_whole: true,
    };
    let name = properties.take(&["AlarmName"]);
    if let Some((key, node)) = name {
        reader.lose(key, node, "the stack names its alarms itself");
    }
    if let Some((key, node)) =
        properties.take(&["Metrics", "MetricQuery"]).filter(|(_, node)| !is_empty(node))
    {
        let reason = "metric math, anomaly detection and several metrics: the whole alarm stays behind";
        reader.refuse(key, node, reason);
    }
    if let Some((key, node)) = properties.take(&["ExtendedStatistic"]) {
        let reason = "percentiles: the whole alarm stays behind; a detector's is on Sum, SampleCount, Average, Minimum or Maximum";
        reader.refuse(key, node, reason);
    }
    if let Some((key, node)) = properties.take(&["Dimensions"]).filter(|(_, node)| !is_empty(node)) {
        let reason = "an alarm on one series of several: the whole alarm stays behind; a detector's is on the series without dimensions";
        reader.refuse(key, node, reason);
    }
    // With metric math, all that follows is said elsewhere or nowhere.
    if !reader.is_whole {
        return None;
    }
    let namespace = reader.name(properties.take(&["Namespace"]), resource.scope, "namespace");
    let metric = reader.name(properties.take(&["MetricName"]), resource.scope, "metric");
    let statistic = reader.choice(properties.take(&["Statistic"]), "statistic", statistic);
    let comparison = reader.choice(properties.take(&["ComparisonOperator"]), "comparison", comparison);
    let missing_data = match properties.take(&["TreatMissingData"]) {
        // CloudWatch's own default, which is not ours.
        None => Some(MissingData::Missing),
        part => reader.choice(part, "missing data", missing_data),
    };
    let threshold = reader.number(properties.take(&["Threshold"]), "threshold");
    let period = reader.whole_number(properties.take(&["Period"]), "period");
    let evaluation_periods =
        reader.whole_number(properties.take(&["EvaluationPeriods"]), "evaluation periods");
    let datapoints = match properties.take(&["DatapointsToAlarm"]) {
        // All of them, says CloudWatch.
        None => evaluation_periods,
        part => reader.whole_number(part, "datapoints to alarm"),
    };
    let description = reader.description(properties.take(&["AlarmDescription"]), name);
    let mut unit = None;
    if let Some((key, node)) = properties.take(&["Unit"]) {
        match (node.word(), node.as_unknown()) {
            (Some(word), _) => unit = Some((word.to_owned(), node.place.clone())),
            (None, Some(why)) => reader.lose(key, node, &why.reason),
            (None, None) => reader.lose(key, node, "this is no unit"),
        }
    }
    for (key, node) in properties.rest().filter(|(key, _)| !IDLE.contains(key)) {
        if let Some(reason) = lost_property(key, node) {
            reader.lose(key, node, &reason);
        }
    }
    if !reader.is_whole {
        return None;
    }
    Some(ImportedAlarm {
        place: resource.place.clone(),
        origin: resource.origin.clone(),
        metric: (namespace?, metric?),
        unit,
        alarm: Alarm {
            description,
            statistic: statistic?,
            comparison: comparison?,
            threshold: threshold?,
            period: period?,
            evaluation_periods: evaluation_periods?,
            datapoints_to_alarm: datapoints?,
            missing_data: missing_data?,
        },
        lost: reader.lost,
    })
}

fn is_empty(node: &Node) -> bool {
    node.items().is_some_and(<[Node]>::is_empty) || node.entries().is_some_and(<[(String, Node)]>::is_empty)
}

/// What is lost with a property of an alarm, if anything.
fn lost_property(key: &str, node: &Node) -> Option<String> {
    let key = key.replace('_', "").to_ascii_lowercase();
    let is_off = is_empty(node) || node.word().is_some_and(str::is_empty);
    match key.as_str() {
        _ if is_off => None,
        "alarmactions" | "okactions" | "insufficientdataactions" => Some(
            "alarms of the stack notify the stack's topic: subscribe to it, or add the action there".into(),
        ),
        "actionsenabled" if node.flag() == Some(true) => None,
        "actionsenabled" => Some("its actions are switched off here; the stack's alarms notify".into()),
        "region" => Some("where the alarm stands: the stack's are in the stack's region".into()),
        "tags" | "tagsall" => Some("detectors have no tags".into()),
        _ => Some("not known to this import".into()),
    }
}

fn statistic(word: &str) -> Option<Statistic> {
    use Statistic::{Average, Maximum, Minimum, SampleCount, Sum};
    [Sum, SampleCount, Average, Minimum, Maximum].into_iter().find(|statistic| statistic.word() == word)
}

fn comparison(word: &str) -> Option<Comparison> {
    use Comparison::{AtLeast, AtMost, Greater, Less};
    [AtLeast, Greater, AtMost, Less].into_iter().find(|comparison| comparison.word() == word)
}

fn missing_data(word: &str) -> Option<MissingData> {
    use MissingData::{Breaching, Ignore, Missing, NotBreaching};
    [NotBreaching, Breaching, Ignore, Missing].into_iter().find(|missing| missing.word() == word)
}

type Part<'n> = Option<(&'n str, &'n Node)>;

/// Reads parts that an alarm cannot be without.
struct Reader<'r> {
    of: &'r str,
    /// What the alarm is called if it has no name of its own.
    fallback: &'r str,
    place: &'r Place,
    found: &'r mut Found,
    /// What is lost if the alarm comes along.
    lost: Vec<NotCarried>,
    is_whole: bool,
}

impl Reader<'_> {
    fn lose(&mut self, key: &str, node: &Node, reason: &str) {
        self.lost.push(NotCarried {
            place: node.place.clone(),
            of: self.of.to_owned(),
            what: key.to_owned(),
            reason: reason.to_owned(),
        });
    }

    fn refuse(&mut self, key: &str, node: &Node, reason: &str) {
        self.found.not_carried(&node.place, self.of, key, reason);
        self.is_whole = false;
    }

    fn word<'n>(&mut self, part: Part<'n>, what: &str) -> Option<(&'n str, &'n Node, &'n str)> {
        let Some((key, node)) = part else {
            let reason = "there is none: the whole alarm stays behind";
            self.found.not_carried(self.place, self.of, what, reason);
            self.is_whole = false;
            return None;
        };
        if let Some(word) = node.word() {
            return Some((key, node, word.trim()));
        }
        let reason = node
            .as_unknown()
            .map_or_else(|| format!("{} cannot stand here", node.kind()), |why| why.reason.clone());
        self.refuse(key, node, &format!("{reason}; the whole alarm stays behind"));
        None
    }

    fn choice<T>(&mut self, part: Part<'_>, what: &str, of: fn(&str) -> Option<T>) -> Option<T> {
        let (key, node, word) = self.word(part, what)?;
        let choice = of(word);
        if choice.is_none() {
            self.refuse(
                key,
                node,
                &format!("a detector's alarm does not know {word}: the whole alarm stays behind"),
            );
        }
        choice
    }

    fn number(&mut self, part: Part<'_>, what: &str) -> Option<f64> {
        let (key, node, word) = self.word(part, what)?;
        let number = node.number();
        if number.is_none() {
            self.refuse(key, node, &format!("{word:?} is no number: the whole alarm stays behind"));
        }
        number
    }

    fn whole_number(&mut self, part: Part<'_>, what: &str) -> Option<u32> {
        let (key, node, word) = self.word(part, what)?;
        let number = node.number().filter(|number| number.fract() == 0.0 && (0.0..=1e9).contains(number));
        if number.is_none() {
            self.refuse(key, node, &format!("{word:?} is no number of {what}: the whole alarm stays behind"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, 0 to 1e9")]
        number.map(|number| number as u32)
    }

    /// Names may be unknown, as long as the filter uses the same expression.
    fn name(&mut self, part: Part<'_>, scope: usize, what: &str) -> Option<Name> {
        let name = part.and_then(|(_, node)| Name::of(node, scope));
        if name.is_none() {
            self.word(part, what);
            self.is_whole = false;
        }
        name
    }

    fn description(&mut self, part: Part<'_>, name: Part<'_>) -> String {
        let known = part.and_then(|(key, node)| {
            let text = Name::of(node, 0)?.text().trim().to_owned();
            if let Some(why) = node.as_unknown() {
                let reason = format!("{}; the expression stands in the text as it is", why.reason);
                self.lose(key, node, &reason);
            }
            Some(text).filter(|text| !text.is_empty())
        });
        known.unwrap_or_else(|| {
            let name = name.and_then(|(_, node)| node.word()).unwrap_or(self.fallback);
            format!("Imported from the alarm {name}, which says no more. Write here what to do first.")
        })
    }
}
