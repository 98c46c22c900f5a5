//! CloudFormation and SAM templates.

mod conditions;
mod functions;
mod resolve;
mod substitute;

use std::collections::BTreeMap;

use super::node::{Node, Problem, Value};
use super::resource::{Found, Kind, Resource};
use resolve::Template;

const FILTER: &str = "AWS::Logs::MetricFilter";
const ALARM: &str = "AWS::CloudWatch::Alarm";
const COMPOSITE: &str = "AWS::CloudWatch::CompositeAlarm";
const NESTED: [&str; 2] = ["AWS::CloudFormation::Stack", "AWS::Serverless::Application"];
/// Transforms that leave metric filters and alarms as they are.
const HARMLESS: [&str; 3] =
    ["AWS::Serverless-2016-10-31", "AWS::CodeDeployBlueGreen", "AWS::SecretsManager-2020-07-23"];

pub(super) fn is_template(document: &Node) -> bool {
    document.get("Resources").is_some() || document.get("AWSTemplateFormatVersion").is_some()
}

pub(super) fn read(
    document: &Node,
    given: &BTreeMap<String, String>,
    found: &mut Found,
) -> Result<(), Problem> {
    let Some(resources) = document.get("Resources") else {
        return Err(Problem {
            place: document.place.clone(),
            reason: "this template has no `Resources`".into(),
        });
    };
    let Some(entries) = resources.entries() else {
        let reason = format!("`Resources` is {}, and should be a map", resources.kind());
        return Err(Problem { place: resources.place.clone(), reason });
    };
    transforms(document, found);
    let scope = found.new_scope();
    let template = Template::new(document, given);
    for (id, resource) in entries {
        if let Some(name) = id.strip_prefix("Fn::") {
            found.not_carried(
                &resource.place,
                "Resources",
                id,
                format!("resources made by {name} are not expanded: import the processed template"),
            );
            continue;
        }
        match resource.get("Type").and_then(Node::word) {
            Some(FILTER) => one(&template, id, resource, (Kind::Filter, FILTER), scope, found),
            Some(ALARM) => one(&template, id, resource, (Kind::Alarm, ALARM), scope, found),
            Some(COMPOSITE) => {
                found.not_carried(
                    &resource.place,
                    &format!("{COMPOSITE} {id}"),
                    "composite alarm",
                    super::COMPOSITE_ALARM,
                );
            }
            Some(kind) if NESTED.contains(&kind) => {
                found.other_resources += 1;
                let reason = "a template of its own: what is in it is imported from its own file only";
                found.note(&resource.place, &format!("{kind} {id}"), "nested stack", reason);
            }
            _ => found.other_resources += 1,
        }
    }
    Ok(())
}

fn one(
    template: &Template<'_>,
    id: &str,
    resource: &Node,
    (kind, word): (Kind, &str),
    scope: usize,
    found: &mut Found,
) {
    let origin = format!("{word} {id}");
    if let Some(name) = resource.get("Condition").and_then(Node::word) {
        match template.condition(name, &resource.place) {
            Ok(true) => {}
            Ok(false) => {
                let reason = format!(
                    "not created, as the condition {name} is false; give the parameters it asks for with --var NAME=VALUE"
                );
                found.not_created.push(kind);
                return found.not_carried(&resource.place, &origin, "Condition", reason);
            }
            Err(why) => {
                let reason =
                    format!("the condition {name} cannot be resolved and is taken as true: {}", why.reason);
                found.not_carried(&resource.place, &origin, "Condition", reason);
            }
        }
    }
    let nothing = Node::map(&resource.place, Vec::new());
    let properties = resource.get("Properties").map_or_else(
        || nothing.clone(),
        |properties| template.resolve(properties).unwrap_or_else(|| nothing.clone()),
    );
    if let Value::Unknown(unknown) = &properties.value {
        found.not_created.push(kind);
        return found.not_carried(&resource.place, &origin, "Properties", unknown.reason.clone());
    }
    found.add(Resource {
        kind,
        origin,
        fallback_name: id.to_owned(),
        place: resource.place.clone(),
        properties,
        scope,
    });
}

/// Macros can change anything.
fn transforms(document: &Node, found: &mut Found) {
    let Some(transform) = document.get("Transform") else { return };
    let named = |node: &Node| node.word().or_else(|| node.get("Name")?.word()).map(str::to_owned);
    let all: Vec<&Node> = transform.items().map_or_else(|| vec![transform], |items| items.iter().collect());
    for macro_name in all.into_iter().filter_map(|node| Some((node, named(node)?))) {
        let (node, name) = macro_name;
        // What language extensions can do here is resolved or named where it stands.
        if !HARMLESS.contains(&name.as_str()) && name != "AWS::LanguageExtensions" {
            let reason =
                format!("{name} may change the template when it is deployed; it is read as it stands");
            found.not_carried(&node.place, "the template", "Transform", reason);
        }
    }
}

#[cfg(test)]
mod tests;
