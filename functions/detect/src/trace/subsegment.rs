//! A subsegment as X-Ray's daemon takes it.
//!
//! Source: <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use serde_json::{Map, Value, json};

use super::Tracer;

/// What stands before each document.
const HEADER: &[u8] = b"{\"format\":\"json\",\"version\":1}\n";

/// Lambda's segment of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parent {
    trace: String,
    segment: String,
}

impl Parent {
    /// From `Root=1-…;Parent=…;Sampled=1`. None if the trace is not sampled.
    pub(super) fn sampled(header: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut fields = header.split(';').filter_map(|field| field.trim().split_once('='));
            fields.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value.to_owned())
        };
        (field("Sampled")? == "1").then_some(())?;
        Some(Self { trace: field("Root")?, segment: field("Parent")? })
    }
}

/// A subsegment that is not over yet.
#[derive(Debug)]
pub(super) struct Subsegment {
    id: u64,
    name: &'static str,
    parent: Parent,
    start: f64,
    annotations: Map<String, Value>,
    metadata: Map<String, Value>,
    is_fault: bool,
}

impl Subsegment {
    pub(super) fn new(name: &'static str, parent: Parent, start: f64) -> Self {
        Self {
            // Seeded anew each time: the one source of chance that the standard library has.
            id: RandomState::new().hash_one(name),
            name,
            parent,
            start,
            annotations: Map::new(),
            metadata: Map::new(),
            is_fault: false,
        }
    }

    pub(super) fn datagram(&self, end: f64) -> Vec<u8> {
        let document = json!({
            "id": format!("{:016x}", self.id),
            "trace_id": self.parent.trace,
            "parent_id": self.parent.segment,
            "type": "subsegment",
            "name": self.name,
            "start_time": self.start,
            "end_time": end,
            "fault": self.is_fault,
            "annotations": self.annotations,
            "metadata": { "trailmeter": self.metadata },
        });
        [HEADER, document.to_string().as_bytes()].concat()
    }
}

/// Something that takes time. It is over when this is dropped.
#[derive(Debug)]
pub(crate) struct Span {
    tracer: Tracer,
    subsegment: Option<Subsegment>,
}

impl Span {
    pub(super) fn new(tracer: Tracer, subsegment: Option<Subsegment>) -> Self {
        Self { tracer, subsegment }
    }

    /// Says something that traces are searched for.
    pub(super) fn annotate(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(subsegment) = &mut self.subsegment {
            subsegment.annotations.insert(name.to_owned(), value.into());
        }
    }

    /// Says something that is there to be read.
    pub(super) fn note(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(subsegment) = &mut self.subsegment {
            subsegment.metadata.insert(name.to_owned(), value.into());
        }
    }

    /// Says that it failed, and why.
    pub(super) fn fail(&mut self, outcome: &str) {
        self.annotate("outcome", outcome);
        if let Some(subsegment) = &mut self.subsegment {
            subsegment.is_fault = true;
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(subsegment) = &self.subsegment {
            self.tracer.send(subsegment);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_that_is_not_sampled_is_none() {
        let found = Some(Parent { trace: "1-5759e988-bd862e3f".to_owned(), segment: "53995c3f".to_owned() });
        for (header, parent) in [
            ("Root=1-5759e988-bd862e3f;Parent=53995c3f;Sampled=1", &found),
            ("Root=1-5759e988-bd862e3f; Parent=53995c3f; Sampled=1; Lineage=a:0", &found),
            ("Root=1-5759e988-bd862e3f;Parent=53995c3f;Sampled=0", &None),
            ("Root=1-5759e988-bd862e3f;Parent=53995c3f", &None),
            ("Root=1-5759e988-bd862e3f;Sampled=1", &None),
            ("Root=;Parent=53995c3f;Sampled=1", &None),
            ("", &None),
        ] {
            assert_eq!(Parent::sampled(header), *parent, "{header}");
        }
    }
}
