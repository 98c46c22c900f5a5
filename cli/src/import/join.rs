//! Brings alarms to the filters whose metrics they watch, and writes the detectors.

use std::collections::{BTreeMap, BTreeSet};

use super::alarms::{self, ImportedAlarm};
use super::draft::{AlarmOf, Written, write};
use super::filters::{self, Filter, MetricName};
use super::names::Names;
use super::node::Place;
use super::resource::{Found, Kind};

/// A detector, and where it came from.
#[derive(Debug)]
pub(super) struct Imported {
    pub(super) detector: Written,
    pub(super) place: Place,
    pub(super) origin: String,
    pub(super) log_group: Option<String>,
}

/// What all files together give.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Metric filters that were found, whether or not they are detectors now.
    pub(super) filters: usize,
    pub(super) alarms: usize,
    pub(super) detectors: Vec<Imported>,
}

pub(super) fn join(found: &mut Found) -> Outcome {
    let resources = std::mem::take(&mut found.resources);
    let kinds: Vec<Kind> =
        resources.iter().map(|resource| resource.kind).chain(found.not_created.iter().copied()).collect();
    let count = |kind| kinds.iter().filter(|other| **other == kind).count();
    let (filters, alarms) = (count(Kind::Filter), count(Kind::Alarm));
    let of = |kind| resources.iter().filter(move |resource| resource.kind == kind);
    let read: Vec<Filter> = of(Kind::Filter).flat_map(|resource| filters::read(resource, found)).collect();
    let watching: Vec<ImportedAlarm> =
        of(Kind::Alarm).filter_map(|resource| alarms::read(resource, found)).collect();
    let fed: BTreeSet<&MetricName> = read.iter().map(|filter| &filter.metric).collect();
    let mut by_metric: BTreeMap<&MetricName, &ImportedAlarm> = BTreeMap::new();
    for alarm in &watching {
        if !fed.contains(&alarm.metric) {
            let reason = format!("no filter in the given files feeds {}", words(&alarm.metric));
            found.not_carried(&alarm.place, &alarm.origin, "the whole alarm", reason);
        } else if let Some(first) = by_metric.get(&alarm.metric) {
            let reason = format!("a detector has one alarm, and {} is on this metric already", first.origin);
            found.not_carried(&alarm.place, &alarm.origin, "the whole alarm", reason);
        } else {
            by_metric.insert(&alarm.metric, alarm);
        }
    }
    let mut names = Names::new();
    let mut owners: BTreeMap<&MetricName, String> = BTreeMap::new();
    let mut detectors = Vec::new();
    for filter in &read {
        let original = if filter.is_one_of_several {
            format!("{} {}", filter.name, filter.metric.1.text())
        } else {
            filter.name.clone()
        };
        let name = names.give(&original);
        let alarm = match (by_metric.get(&filter.metric), owners.get(&filter.metric)) {
            (None, _) => AlarmOf::None,
            (Some(_), Some(owner)) => AlarmOf::With(owner.clone()),
            (Some(alarm), None) => AlarmOf::Own(alarm),
        };
        let Some(detector) = write(filter, &name, &alarm, found) else { continue };
        if let AlarmOf::Own(own) = alarm {
            if detector.has_alarm {
                found.not_carried.extend(own.lost.iter().cloned());
                unit(own, filter, found);
                owners.insert(&filter.metric, name);
            } else {
                // The loader has refused it, and would again.
                by_metric.remove(&filter.metric);
            }
        }
        detectors.push(Imported {
            detector,
            place: filter.place.clone(),
            origin: filter.origin.clone(),
            log_group: filter.log_group.clone(),
        });
    }
    Outcome { filters, alarms, detectors }
}

/// An alarm that names a unit sees data in this unit only.
fn unit(alarm: &ImportedAlarm, filter: &Filter, found: &mut Found) {
    let Some((unit, place)) = &alarm.unit else { return };
    let fed = filter.unit.as_deref().unwrap_or("None");
    if unit != fed {
        let reason = format!(
            "the alarm sees data in {unit} only, and the filter puts it in {fed}: in AWS it never fires, as a detector's it does"
        );
        found.not_carried(place, &alarm.origin, "Unit", reason);
    }
}

fn words((namespace, name): &MetricName) -> String {
    format!("{} in {}", name.text(), namespace.text())
}
