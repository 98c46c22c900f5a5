mod alarms;
mod queues;
mod trail;
mod wiring;

use std::collections::BTreeMap;

use serde_json::json;
use trailmeter_aws::operator::{
    AlarmFacts, AskError, AskProblem, BucketNotifications, FunctionFacts, MappingFacts, QueueFacts,
    QueueNotification, Recorded, RuleFacts, StackFacts, SubscriptionFacts, TableFacts, TrailFacts,
    TrailStatus,
};

use super::super::finding::State;
use super::*;

const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/tm-eu-west-1";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:tm-deliveries";
const DEAD: &str = "arn:aws:sqs:eu-west-1:111122223333:tm-dead";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:trail";
const NOW: i64 = 1_795_242_000;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn policy(action: &str, arn: &str) -> String {
    json!({ "Statement": [{ "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": action, "Resource": "*", "Condition": { "StringEquals": { "aws:SourceArn": arn } } }] })
    .to_string()
}

/// A deployment with its own trail at which nothing is wrong.
fn healthy() -> Facts {
    Facts {
        now: NOW,
        hours: 24,
        stack: StackFacts {
            name: "tm".to_owned(),
            id: "arn:aws:cloudformation:eu-west-1:111122223333:stack/tm/1".to_owned(),
            status: "UPDATE_COMPLETE".to_owned(),
            parameters: map(&[("DeliveryMode", "create-trail"), ("Ledger", "event"), ("SilenceHours", "4")]),
            outputs: map(&[
                ("LogBucketName", "logs"),
                ("LogKmsKeyArn", KEY),
                ("TrailArn", TRAIL),
                ("DeliveryQueueArn", QUEUE),
                ("LedgerTableName", "ledger"),
                ("AlarmTopicArn", "arn:aws:sns:eu-west-1:111122223333:alarms"),
            ]),
            ..StackFacts::default()
        },
        trail: Ok(Some(TrailFacts {
            arn: TRAIL.to_owned(),
            bucket: "logs".to_owned(),
            key: Some(KEY.to_owned()),
            is_multi_region: true,
            has_global_events: true,
            validates: true,
            ..TrailFacts::default()
        })),
        trail_status: Some(Ok(TrailStatus {
            is_logging: true,
            delivered: Some(NOW - 300),
            ..TrailStatus::default()
        })),
        recorded: Some(Ok(Recorded {
            management_reads: true,
            management_writes: true,
            data_types: vec!["AWS::S3::Object".to_owned()],
            ..Recorded::default()
        })),
        need_data: vec!["SigV2".to_owned()],
        notifications: Some(Ok(BucketNotifications {
            queues: vec![QueueNotification {
                queue: QUEUE.to_owned(),
                events: vec!["s3:ObjectCreated:*".to_owned()],
                is_filtered: false,
            }],
            event_bridge: false,
        })),
        rule: None,
        trail_subscription: None,
        bucket_policy: Ok(Some(policy("s3:PutObject", TRAIL))),
        key_state: Some(Ok("Enabled".to_owned())),
        key_policy: Some(Ok(policy("kms:GenerateDataKey*", TRAIL))),
        queue: Ok(QueueFacts {
            arn: QUEUE.to_owned(),
            dead_letter_queue: Some(DEAD.to_owned()),
            ..QueueFacts::default()
        }),
        dead_letters: Ok(QueueFacts { arn: DEAD.to_owned(), ..QueueFacts::default() }),
        oldest_delivery: Ok(Some(20.0)),
        function: Ok(FunctionFacts {
            state: "Active".to_owned(),
            last_update: "Successful".to_owned(),
            reason: None,
        }),
        mappings: Ok(vec![MappingFacts {
            state: "Enabled".to_owned(),
            reports_items: true,
            last_result: Some("OK".to_owned()),
            ..MappingFacts::default()
        }]),
        table: Some(Ok(TableFacts { status: "ACTIVE".to_owned(), expires_by: Some("expires".to_owned()) })),
        alarms: Ok(vec![alarm("tm-silence", "OK"), alarm("tm-RootUsage", "OK")]),
        subscriptions: Ok(vec![subscription("email", "security@example.com", false)]),
        metrics: Ok(BTreeMap::from([("ObjectsIn", 12.0)])),
    }
}

fn alarm(name: &str, state: &str) -> AlarmFacts {
    AlarmFacts { name: name.to_owned(), state: state.to_owned(), reason: String::new(), tells: true }
}

fn subscription(protocol: &str, endpoint: &str, is_pending: bool) -> SubscriptionFacts {
    SubscriptionFacts { protocol: protocol.to_owned(), endpoint: endpoint.to_owned(), is_pending }
}

fn create_bucket() -> Facts {
    let mut facts = healthy();
    facts.stack.parameters.insert("DeliveryMode".to_owned(), "create-bucket".to_owned());
    facts.stack.parameters.insert("TrailArn".to_owned(), TRAIL.to_owned());
    facts.stack.outputs.remove("TrailArn");
    facts
}

fn existing_bucket() -> Facts {
    let mut facts = healthy();
    facts.stack.parameters.insert("DeliveryMode".to_owned(), "existing-bucket".to_owned());
    facts.stack.outputs.remove("TrailArn");
    facts.notifications = Some(Ok(BucketNotifications { event_bridge: true, queues: Vec::new() }));
    facts.rule = Some(Ok(RuleFacts { state: "ENABLED".to_owned(), targets: vec![QUEUE.to_owned()] }));
    facts
}

fn existing_topic() -> Facts {
    let mut facts = healthy();
    facts.stack.parameters.insert("DeliveryMode".to_owned(), "existing-topic".to_owned());
    facts.stack.parameters.insert("TrailTopicArn".to_owned(), TOPIC.to_owned());
    facts.stack.outputs.remove("TrailArn");
    trail(&mut facts).topic = Some(TOPIC.to_owned());
    facts.notifications = None;
    facts.trail_subscription = Some(Ok(subscription("sqs", QUEUE, false)));
    facts
}

fn trail(facts: &mut Facts) -> &mut TrailFacts {
    facts.trail.as_mut().unwrap().as_mut().unwrap()
}

fn status(facts: &mut Facts) -> &mut TrailStatus {
    facts.trail_status.as_mut().unwrap().as_mut().unwrap()
}

fn recorded(facts: &mut Facts) -> &mut Recorded {
    facts.recorded.as_mut().unwrap().as_mut().unwrap()
}

fn denied(call: &'static str) -> AskError {
    AskError { call, problem: AskProblem::Denied, text: "not authorized".to_owned() }
}

fn missing(call: &'static str) -> AskError {
    AskError { call, problem: AskProblem::Missing, text: "no such thing".to_owned() }
}

#[test]
fn where_nothing_is_wrong_every_finding_says_so() {
    for (name, facts) in [
        ("create-trail", healthy()),
        ("create-bucket", create_bucket()),
        ("existing-bucket", existing_bucket()),
        ("existing-topic", existing_topic()),
    ] {
        for finding in findings(&facts) {
            assert_eq!((finding.state, finding.mend.as_deref()), (State::Ok, None), "{name}: {finding:?}");
        }
    }
}

/// What is changed at a deployment that is well, and the one finding that is not ok then.
type Case = (&'static str, fn(&mut Facts), &'static str, State, &'static str);

fn holds(base: fn() -> Facts, cases: &[Case]) {
    for (name, change, check, state, what) in cases {
        let mut facts = base();
        change(&mut facts);
        let found: Vec<Finding> =
            findings(&facts).into_iter().filter(|finding| finding.state != State::Ok).collect();
        let [finding] = found.as_slice() else { panic!("{name}: {found:?}") };
        assert_eq!((finding.check, finding.state), (*check, *state), "{name}: {finding:?}");
        assert!(finding.what.contains(what), "{name}: {finding:?}");
        assert!(finding.mend.as_ref().is_some_and(|mend| mend.len() > 5), "{name}: {finding:?}");
    }
}

/// A stack of somebody else's is told from a sick one.
#[test]
fn a_stack_of_another_kind_is_not_looked_into() {
    let mut facts = healthy();
    facts.stack.parameters.clear();
    let found = findings(&facts);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[1].check, found[1].state), ("mode", State::Problem));
    facts.stack.parameters.insert("DeliveryMode".to_owned(), "of-tomorrow".to_owned());
    assert_eq!(findings(&facts)[1].state, State::Unknown);
}
