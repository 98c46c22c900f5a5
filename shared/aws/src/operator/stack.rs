//! What a stack says of itself.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;

use super::ask::{AskError, AskProblem, Asked, failed};

/// A stack as CloudFormation describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackFacts {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub id: String,
    /// Such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why it is in that state, if CloudFormation says so.
    pub status_reason: Option<String>,
    /// Its parameters, as they are set.
    pub parameters: BTreeMap<String, String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Its resources: logical to physical id.
    pub resources: BTreeMap<String, String>,
    /// Its resources were not told, and why.
    pub resources_unknown: Option<AskError>,
}

impl StackFacts {
    /// An output that is not empty.
    pub fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A parameter that is not empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

pub(super) async fn describe(client: &Client, name: &str) -> Asked<StackFacts> {
    let call = "cloudformation:DescribeStacks";
    let described = client.describe_stacks().stack_name(name).send().await.map_err(failed(call))?;
    let Some(stack) = described.stacks().first() else {
        let text = format!("there is no stack {name}");
        return Err(AskError { call, problem: AskProblem::Missing, text });
    };
    let pairs = |key: Option<&str>, value: Option<&str>| Some((key?.to_owned(), value?.to_owned()));
    let outputs = stack.outputs().iter();
    let parameters = stack.parameters().iter();
    let mut facts = StackFacts {
        name: stack.stack_name().unwrap_or(name).to_owned(),
        id: stack.stack_id().unwrap_or_default().to_owned(),
        status: stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        status_reason: stack.stack_status_reason().map(str::to_owned),
        parameters: parameters.filter_map(|one| pairs(one.parameter_key(), one.parameter_value())).collect(),
        outputs: outputs.filter_map(|one| pairs(one.output_key(), one.output_value())).collect(),
        ..StackFacts::default()
    };
    match resources(client, name).await {
        Ok(resources) => facts.resources = resources,
        Err(error) => facts.resources_unknown = Some(error),
    }
    Ok(facts)
}

async fn resources(client: &Client, name: &str) -> Asked<BTreeMap<String, String>> {
    let mut pages = client.list_stack_resources().stack_name(name).into_paginator().send();
    let mut found = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed("cloudformation:ListStackResources"))?;
        found.extend(page.stack_resource_summaries().iter().filter_map(|resource| {
            Some((resource.logical_resource_id()?.to_owned(), resource.physical_resource_id()?.to_owned()))
        }));
    }
    Ok(found)
}
