//! What rings, who hears it, and what is counted.

use super::State::{Problem, Unknown, Warning};
use super::*;

fn alarms(facts: &mut Facts) -> &mut Vec<AlarmFacts> {
    facts.alarms.as_mut().unwrap()
}

fn metrics(facts: &mut Facts) -> &mut BTreeMap<&'static str, f64> {
    facts.metrics.as_mut().unwrap()
}

const CASES: &[Case] = &[
    ("none", |f| alarms(f).clear(), "alarms", Problem, "there are none"),
    ("silence", |f| alarms(f)[0].state = "ALARM".into(), "alarms", Problem, "ringing: silence"),
    ("a match", |f| alarms(f)[1].state = "ALARM".into(), "alarms", Warning, "detectors ringing: RootUsage"),
    ("mute", |f| alarms(f)[1].tells = false, "alarms", Problem, "tell nobody: RootUsage"),
    ("new", |f| alarms(f)[0].state = "INSUFFICIENT_DATA".into(), "alarms", Warning, "without data: silence"),
    (
        "alarms are denied",
        |f| f.alarms = Err(denied("cloudwatch:DescribeAlarms")),
        "alarms",
        Unknown,
        "denied",
    ),
    ("nobody", |f| f.subscriptions = Ok(Vec::new()), "who-is-told", Problem, "nobody is subscribed"),
    (
        "unconfirmed",
        |f| f.subscriptions.as_mut().unwrap()[0].is_pending = true,
        "who-is-told",
        Problem,
        "email security@example.com has not confirmed",
    ),
    (
        "nothing came",
        |f| {
            metrics(f).remove("ObjectsIn");
        },
        "metrics",
        Warning,
        "no object came",
    ),
    (
        "a bug",
        |f| {
            metrics(f).insert("CountsUnbalanced", 1.0);
        },
        "metrics",
        Problem,
        "CountsUnbalanced in the last 24 hours: 1",
    ),
    (
        "metrics are denied",
        |f| f.metrics = Err(denied("cloudwatch:GetMetricData")),
        "metrics",
        Unknown,
        "denied",
    ),
];

#[test]
fn alarms_and_metrics() {
    holds(healthy, CASES);
    for name in zeros() {
        let mut facts = healthy();
        facts.metrics.as_mut().unwrap().insert(name, 2.0);
        let found = findings(&facts);
        let bad = found.iter().filter(|finding| finding.state != State::Ok).collect::<Vec<_>>();
        assert!(bad.len() == 1 && bad[0].what.starts_with(name), "{bad:?}");
    }
}
