//! Terraform modules: `*.tf` and `*.tf.json` of one folder.

mod body;
mod evaluate;
mod format;
mod functions;
mod instances;
mod lists;
mod loops;
mod module;
mod operators;
mod references;
mod templates;
mod texts;
mod types;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::node::{Node, Problem};
use super::resource::{Found, Kind, Resource};
use evaluate::Evaluator;
use instances::Key;
use module::{Module, ResourceBlock};

const FILTER: &str = "aws_cloudwatch_log_metric_filter";
const ALARM: &str = "aws_cloudwatch_metric_alarm";
const COMPOSITE: &str = "aws_cloudwatch_composite_alarm";
/// What Terraform itself asks, and what says nothing of a filter or an alarm.
const META: [&str; 8] =
    ["count", "for_each", "depends_on", "provider", "lifecycle", "provisioner", "connection", "timeouts"];

/// Reads the files of one module. Each is a path and its text; problems do not keep the others
/// from being read.
pub(super) fn read(
    files: &[(Rc<str>, String)],
    given: &BTreeMap<String, String>,
    found: &mut Found,
    problems: &mut Vec<Problem>,
) {
    let mut module = Module::default();
    for (file, text) in files {
        match module.add(file, text, found) {
            Ok(twice) => problems.extend(twice),
            Err(problem) => problems.push(problem),
        }
    }
    let scope = found.new_scope();
    let evaluator = Evaluator::new(&module, given);
    for resource in &module.resources {
        match resource.kind.as_str() {
            FILTER => all(&evaluator, resource, Kind::Filter, scope, found),
            ALARM => all(&evaluator, resource, Kind::Alarm, scope, found),
            COMPOSITE => {
                let origin = resource.address();
                found.not_carried(&resource.place, &origin, "composite alarm", super::COMPOSITE_ALARM);
            }
            _ => found.other_resources += 1,
        }
    }
}

fn all(evaluator: &Evaluator<'_>, resource: &ResourceBlock, kind: Kind, scope: usize, found: &mut Found) {
    let instances = evaluator.instances(resource);
    if let Some(remark) = instances.remark {
        let what = if resource.body.get("count").is_some() { "count" } else { "for_each" };
        let place = resource.body.get(what).map_or(&resource.place, |property| &property.place);
        found.not_carried(place, &resource.address(), what, remark);
    }
    if instances.list.is_empty() {
        found.not_created.push(kind);
    }
    for instance in &instances.list {
        if found.is_full() {
            found.not_created.push(kind);
            continue;
        }
        let entries = resource
            .body
            .properties
            .iter()
            .filter(|property| !META.contains(&property.name.as_str()))
            .map(|property| {
                let value = evaluator.attribute(resource, instance, &property.name, &property.place, "…");
                (property.name.clone(), value.at(&property.place))
            })
            .collect();
        let fallback_name = match &instance.key {
            Key::Single | Key::Unknown => resource.name.clone(),
            Key::Count(at) => format!("{} {at}", resource.name),
            Key::Each(key) => format!("{} {key}", resource.name),
        };
        found.add(Resource {
            kind,
            origin: format!("{}{}", resource.address(), instance.key.suffix()),
            fallback_name,
            place: resource.place.clone(),
            properties: Node::map(&resource.place, entries),
            scope,
        });
    }
}

#[cfg(test)]
mod tests;
