//! Metric filters: one for each metric that they feed.

use super::node::{LONGEST_TEXT, Node, Place, Value};
use super::resource::{Found, Properties, Resource};

/// Fields that describe the resource in AWS and do nothing.
const IDLE: [&str; 2] = ["creationTime", "id"];

/// A name that others may use too, even where nobody knows it: an expression of one module or
/// template always gives the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Known(String),
    Unknown { text: String, scope: usize },
}

impl Name {
    pub(super) fn of(node: &Node, scope: usize) -> Option<Self> {
        match (node.word(), &node.value) {
            (Some(word), _) => Some(Self::Known(word.to_owned())),
            (None, Value::Unknown(why)) => Some(Self::Unknown { text: why.text.clone(), scope }),
            (None, _) => None,
        }
    }

    pub(super) fn known(&self) -> Option<&str> {
        match self {
            Self::Known(name) => Some(name),
            Self::Unknown { .. } => None,
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Known(text) | Self::Unknown { text, .. } => text,
        }
    }
}

/// A metric as filters and alarms name it: namespace and name.
pub(super) type MetricName = (Name, Name);

/// What a filter puts into one metric.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) place: Place,
    pub(super) origin: String,
    pub(super) name: String,
    /// Other metrics of the same filter are told apart by their names.
    pub(super) is_one_of_several: bool,
    pub(super) log_group: Option<String>,
    pub(super) pattern: String,
    pub(super) metric: MetricName,
    pub(super) value: Option<String>,
    pub(super) default_value: Option<f64>,
    pub(super) unit: Option<String>,
    pub(super) dimensions: Vec<(String, String)>,
    /// Where each part stands, to say what became of it.
    pub(super) places: Vec<(&'static str, String, Place)>,
}

impl Filter {
    /// How its file names a part, and where it stands.
    pub(super) fn part<'f>(&'f self, part: &'f str) -> (&'f str, &'f Place) {
        self.places
            .iter()
            .find(|(name, ..)| *name == part)
            .map_or((part, &self.place), |(_, written, place)| (written.as_str(), place))
    }
}

/// The filters of a resource. What is wrong with it is listed.
pub(super) fn read(resource: &Resource, found: &mut Found) -> Vec<Filter> {
    let mut properties = Properties::of(&resource.properties);
    let name = properties.take(&["FilterName", "Name"]);
    let pattern = properties.take(&["FilterPattern", "Pattern"]);
    let log_group = properties.take(&["LogGroupName"]);
    let transformations = properties.take(&["MetricTransformations", "MetricTransformation"]);
    let of = resource.origin.as_str();
    for (key, node) in properties.rest().filter(|(key, _)| !IDLE.contains(key)) {
        if let Some(reason) = lost_property(key, node) {
            found.not_carried(&node.place, of, key, reason);
        }
    }
    let name = match name {
        Some((key, node)) => match (node.word(), node.as_unknown()) {
            (Some(word), _) => word.to_owned(),
            (None, why) => {
                let reason =
                    why.map_or_else(|| format!("{} is no name", node.kind()), |why| why.reason.clone());
                let reason = format!("{reason}; named after the resource");
                found.not_carried(&node.place, of, key, reason);
                resource.fallback_name.clone()
            }
        },
        None => resource.fallback_name.clone(),
    };
    let Some((key, node)) = pattern else {
        found.not_carried(&resource.place, of, "pattern", "there is none, so nothing says what to match");
        return Vec::new();
    };
    let Some(text) = node.word() else {
        let reason = node
            .as_unknown()
            .map_or_else(|| format!("{} is no pattern", node.kind()), |why| why.reason.clone());
        found.not_carried(&node.place, of, key, reason);
        return Vec::new();
    };
    let pattern = (key, &node.place, text.trim());
    if let Some(reason) = refused(pattern.2) {
        found.not_carried(&node.place, of, key, reason);
        return Vec::new();
    }
    let items: Vec<&Node> = match transformations {
        Some((_, list)) => list.items().map_or_else(|| vec![list], |items| items.iter().collect()),
        None => Vec::new(),
    };
    if items.is_empty() {
        found.not_carried(&resource.place, of, "metric", "the filter feeds no metric");
    }
    let log_group = log_group.and_then(|(_, node)| Some(Name::of(node, 0)?.text().to_owned()));
    let several = items.len() > 1;
    items
        .into_iter()
        .filter_map(|item| {
            let mut filter = transformation(item, resource, pattern, found)?;
            filter.name.clone_from(&name);
            filter.is_one_of_several = several;
            filter.log_group.clone_from(&log_group);
            Some(filter)
        })
        .collect()
}

/// What is lost with a property of a filter, if anything.
fn lost_property(key: &str, node: &Node) -> Option<String> {
    let is_off = node.flag() == Some(false)
        || node.items().is_some_and(<[Node]>::is_empty)
        || node.word().is_some_and(str::is_empty);
    let key = key.replace('_', "").to_ascii_lowercase();
    match key.as_str() {
        _ if is_off => None,
        "applyontransformedlogs" => {
            Some("the filter reads events as a log transformer left them; detectors read them as delivered".into())
        }
        "emitsystemfielddimensions" => {
            Some("accounts and regions as dimensions: write `dimensions` with $.recipientAccountId and $.awsRegion".into())
        }
        "fieldselectioncriteria" => {
            Some("which accounts and regions the filter reads: write it into the pattern".into())
        }
        "region" => Some("where the filter stands: a detector sees the records of all regions".into()),
        _ => Some("not known to this import".into()),
    }
}

/// Why a pattern is none for JSON records, if it is not.
fn refused(pattern: &str) -> Option<String> {
    let first = pattern.chars().next();
    match first {
        _ if pattern.len() > LONGEST_TEXT => Some(format!("longer than {LONGEST_TEXT} bytes")),
        None => Some(
            "an empty pattern counts every event in the log group; if that is meant, write a detector with { $.eventName = \"*\" }"
                .to_owned(),
        ),
        Some('[') => Some(
            "a pattern for logs of space-delimited fields; CloudTrail's records are JSON, so it would match none".to_owned(),
        ),
        Some('{') => pattern.parse::<trailmeter_detection::pattern::Pattern>().err().map(|error| {
            let column = pattern.get(..error.offset).map_or(0, |before| before.chars().count()) + 1;
            format!("character {column} of the pattern: {}", error.message)
        }),
        Some(_) => Some(
            "a pattern of plain terms, which looks for words anywhere in an event; name the field in a JSON pattern such as { $.errorCode = \"AccessDenied*\" }"
                .to_owned(),
        ),
    }
}

fn transformation(
    item: &Node,
    resource: &Resource,
    (pattern_key, pattern_place, pattern): (&str, &Place, &str),
    found: &mut Found,
) -> Option<Filter> {
    let of = resource.origin.as_str();
    let mut properties = Properties::of(item);
    let mut places = vec![("pattern", pattern_key.to_owned(), pattern_place.clone())];
    let mut take = |part: &'static str, names: &[&str]| {
        let (key, node) = properties.take(names)?;
        places.push((part, key.to_owned(), node.place.clone()));
        Some((key, node))
    };
    let namespace = take("namespace", &["MetricNamespace", "Namespace"]);
    let name = take("name", &["MetricName", "Name"]);
    let value = take("value", &["MetricValue", "Value"]);
    let default_value = take("default-value", &["DefaultValue"]);
    let unit = take("unit", &["Unit"]);
    let dimensions = take("dimensions", &["Dimensions"]);
    for (key, node) in properties.rest() {
        found.not_carried(&node.place, of, key, "not known to this import");
    }
    let metric = match (namespace, name) {
        (Some((_, namespace)), Some((_, name))) => {
            Name::of(namespace, resource.scope).zip(Name::of(name, resource.scope))
        }
        _ => None,
    };
    let Some(metric) = metric else {
        let why = item.as_unknown().map(|why| why.reason.clone());
        let reason = why.unwrap_or_else(|| "it lacks a namespace or a name".to_owned());
        found.not_carried(&item.place, of, "metric", reason);
        return None;
    };
    for ((key, node), instead) in
        [(namespace, "Trailmeter's own namespace is used"), (name, "the detector's name is used")]
            .into_iter()
            .filter_map(|(part, instead)| Some((part?, instead)))
    {
        if let Some(why) = node.as_unknown() {
            found.not_carried(&node.place, of, key, format!("{}; {instead}", why.reason));
        }
    }
    let mut text = |part: Option<(&str, &Node)>| {
        let (key, node) = part?;
        match (node.word(), node.as_unknown()) {
            (Some(word), _) => return Some(word.trim().to_owned()),
            (None, Some(why)) => found.not_carried(&node.place, of, key, why.reason.clone()),
            (None, None) => {
                found.not_carried(&node.place, of, key, format!("{} cannot stand here", node.kind()));
            }
        }
        None
    };
    let value = text(value);
    let unit = text(unit).filter(|unit| unit != "None");
    let default_text = text(default_value).filter(|text| !text.is_empty());
    let dimensions = dimensions.map_or_else(Vec::new, |part| read_dimensions(part, of, found));
    let mut default = None;
    if let (Some(text), Some((key, node))) = (default_text, default_value) {
        match text.parse::<f64>() {
            Ok(_) if !dimensions.is_empty() => {
                found.not_carried(&node.place, of, key, "a default value does not go with dimensions");
            }
            Ok(number) => default = Some(number),
            Err(_) => found.not_carried(&node.place, of, key, format!("{text:?} is no number")),
        }
    }
    Some(Filter {
        place: resource.place.clone(),
        origin: resource.origin.clone(),
        name: String::new(),
        is_one_of_several: false,
        log_group: None,
        pattern: pattern.to_owned(),
        metric,
        value,
        default_value: default,
        unit,
        dimensions,
        places,
    })
}

/// A map from names to selectors, or CloudFormation's list of keys and values.
fn read_dimensions((key, node): (&str, &Node), of: &str, found: &mut Found) -> Vec<(String, String)> {
    let mut dimensions = Vec::new();
    let pairs: Vec<(Option<&str>, &Node)> = match &node.value {
        Value::Map(entries) => entries.iter().map(|(name, value)| (Some(name.as_str()), value)).collect(),
        Value::List(items) => items
            .iter()
            .map(|item| (item.get("Key").and_then(Node::word), item.get("Value").unwrap_or(item)))
            .collect(),
        _ => vec![(None, node)],
    };
    for (name, value) in pairs {
        if let (Some(name), Some(selector)) = (name, value.word()) {
            dimensions.push((name.to_owned(), selector.to_owned()));
        } else {
            let why = value.as_unknown().map(|why| why.reason.clone());
            let reason = why.unwrap_or_else(|| "a dimension has a name and a selector".to_owned());
            found.not_carried(&value.place, of, key, reason);
        }
    }
    dimensions
}
