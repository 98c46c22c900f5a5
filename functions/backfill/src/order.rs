//! What an invocation is asked to do.

use serde::Deserialize;
use serde_json::{Map, Value};
use trailmeter_backfill::Asked;

/// The payload of an invocation: a request, and what is to be done with it.
///
/// People write the request itself, with `dryRun` beside it if it is only to be estimated. The state machine has it under
/// `request`, with a `task` and what narrows it to a `part`; what else stands there it carries for itself.
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
        let mut request = payload.clone();
        if let Some(fields) = payload.as_object_mut() {
            if let Some(named) = fields.remove("task") {
                task = Task::deserialize(named)?;
            }
            request = fields.remove("request").unwrap_or(request);
            if let (Some(narrowed), Some(Value::Object(part))) =
                (request.as_object_mut(), fields.remove("part"))
            {
                narrowed.extend(part);
            }
        }
        if let Some(fields) = request.as_object_mut() {
            task = if is_dry(fields)? { Task::Estimate } else { task };
        }
        let has_prefix = request.get("prefix").is_some();
        let mut asked = Asked::deserialize(request)?;
        if !has_prefix {
            prefix.clone_into(&mut asked.prefix);
        }
        if asked.bucket.is_empty() {
            bucket.clone_into(&mut asked.bucket);
        }
        Ok(Self { asked, task })
    }
}

/// Whoever writes `"true"` means it, and must not find everything sent.
fn is_dry(fields: &mut Map<String, Value>) -> Result<bool, serde_json::Error> {
    match fields.remove("dryRun") {
        None => Ok(false),
        Some(Value::Bool(is_dry)) => Ok(is_dry),
        Some(_) => Err(serde::de::Error::custom("dryRun is true or false, without quotes")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order(payload: Value) -> Result<Order, serde_json::Error> {
        Order::of(payload, "logs", "audit")
    }

    #[test]
    fn a_payload_of_people_is_a_request() {
        let usual = order(json!({ "from": "2026-11-01" })).unwrap();
        assert_eq!(
            (usual.task, usual.asked.bucket.as_str(), usual.asked.prefix.as_str()),
            (Task::Run, "logs", "audit")
        );
        let own = order(json!({ "from": "2026-11-01", "bucket": "b", "prefix": "" })).unwrap();
        assert_eq!((own.asked.bucket.as_str(), own.asked.prefix.as_str()), ("b", ""));
        assert_eq!(order(json!({ "from": "2026-11-01", "dryRun": true })).unwrap().task, Task::Estimate);
        assert_eq!(order(json!({ "from": "2026-11-01", "dryRun": false })).unwrap().task, Task::Run);
    }

    #[test]
    fn a_payload_of_the_state_machine_has_a_task_and_perhaps_a_part() {
        let request = json!({ "from": "2026-11-01", "accounts": [], "name": "b" });
        let plan = order(json!({ "request": request, "task": "plan" })).unwrap();
        assert_eq!((plan.task, plan.asked.accounts.len()), (Task::Plan, 0));
        let part = json!({ "accounts": ["111122223333"], "regions": ["eu-west-1"] });
        let again =
            json!({ "request": request, "task": "part", "part": part, "sent": { "state": "unfinished" } });
        let part = order(again).unwrap();
        assert_eq!(
            (part.task, part.asked.accounts, part.asked.regions),
            (Task::Part, vec!["111122223333".to_owned()], vec!["eu-west-1".to_owned()])
        );
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for bad in [
            json!({}),
            json!("x"),
            json!({ "from": 1 }),
            json!({ "form": "2026-11-01" }),
            json!({ "request": { "from": "a" }, "task": "x" }),
            json!({ "request": [], "task": "plan" }),
            json!({ "from": "2026-11-01", "reqeust": {} }),
            // Not a run of all of it.
            json!({ "from": "2026-11-01", "dryRun": "true" }),
            json!({ "from": "2026-11-01", "dryRun": 1 }),
        ] {
            assert!(order(bad.clone()).is_err(), "{bad}");
        }
    }
}
