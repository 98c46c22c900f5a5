//! What an invocation is asked to do.

use serde::Deserialize;
use serde_json::Value;
use trailmeter_backfill::Asked;

/// The payload of an invocation: a request, and what is to be done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) asked: Asked,
    pub(crate) task: Task,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Task {
    /// All of it, as far as the time goes.
    #[default]
    Run,
    /// Nothing but to say what it comes to.
    Estimate,
    /// To begin it and say which parts there are.
    Plan,
    /// One part of it, as far as the time goes.
    Part,
    /// To take down that all parts are done.
    Finish,
}

impl Order {
    /// Reads a payload. What the request leaves out of bucket and prefix is the deployment's.
    pub(crate) fn of(mut payload: Value, bucket: &str, prefix: &str) -> Result<Self, serde_json::Error> {
        let mut task = Task::default();
        if let Some(fields) = payload.as_object_mut() {
            if let Some(named) = fields.remove("task") {
                task = Task::deserialize(named)?;
            }
            if fields.remove("dryRun") == Some(Value::Bool(true)) {
                task = Task::Estimate;
            }
        }
        let mut asked = Asked::deserialize(payload.clone())?;
        if payload.get("prefix").is_none() {
            prefix.clone_into(&mut asked.prefix);
        }
        if asked.bucket.is_empty() {
            bucket.clone_into(&mut asked.bucket);
        }
        Ok(Self { asked, task })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payload_is_a_request_and_a_task() {
        let order = |payload| Order::of(payload, "logs", "audit");
        let usual = order(json!({ "from": "2026-11-01" })).unwrap();
        assert_eq!(
            (usual.task, usual.asked.bucket.as_str(), usual.asked.prefix.as_str()),
            (Task::Run, "logs", "audit")
        );
        let own =
            order(json!({ "from": "2026-11-01", "bucket": "b", "prefix": "", "task": "plan" })).unwrap();
        assert_eq!((own.task, own.asked.bucket.as_str(), own.asked.prefix.as_str()), (Task::Plan, "b", ""));
        assert_eq!(order(json!({ "from": "2026-11-01", "dryRun": true })).unwrap().task, Task::Estimate);
        assert_eq!(order(json!({ "from": "2026-11-01", "dryRun": false })).unwrap().task, Task::Run);
        for bad in [
            json!({}),
            json!("x"),
            json!({ "from": 1 }),
            json!({ "from": "a", "task": "x" }),
            json!({ "form": "a" }),
        ] {
            assert!(order(bad.clone()).is_err(), "{bad}");
        }
    }
}
