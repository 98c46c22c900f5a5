//! What rings, and who hears it.

use trailmeter_aws::operator::{AlarmFacts, SubscriptionFacts};

use super::super::facts::Facts;
use super::super::finding::Finding;

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut found = match &facts.alarms {
        Ok(alarms) => states(&facts.stack.name, alarms),
        Err(error) => vec![Finding::unanswered("alarms", error)],
    };
    match &facts.subscriptions {
        Ok(subscriptions) => found.extend(heard(facts, subscriptions)),
        Err(error) => found.push(Finding::unanswered("who-is-told", error)),
    }
    found
}

fn states(stack: &str, alarms: &[AlarmFacts]) -> Vec<Finding> {
    let check = "alarms";
    if alarms.is_empty() {
        return vec![Finding::problem(
            check,
            "there are none",
            "somebody deleted them: deploy the stack again",
        )];
    }
    let prefix = format!("{stack}-");
    let own = |alarm: &AlarmFacts| alarm.name.strip_prefix(&prefix).unwrap_or(&alarm.name).to_owned();
    let named = |alarms: Vec<&AlarmFacts>| alarms.into_iter().map(own).collect::<Vec<_>>().join(", ");
    let with = |is: &dyn Fn(&AlarmFacts) -> bool| named(alarms.iter().filter(|alarm| is(alarm)).collect());
    let rings = |alarm: &AlarmFacts| alarm.state == "ALARM";
    let mut found = Vec::new();
    // Detectors are called like types, the pipeline's own alarms in small letters; the one for all loaded
    // detectors is so too.
    let is_detectors =
        |alarm: &AlarmFacts| own(alarm).starts_with(char::is_uppercase) || own(alarm) == "loaded-detectors";
    let pipeline = with(&|alarm| rings(alarm) && !is_detectors(alarm));
    if !pipeline.is_empty() {
        let mend = "docs/operating.md says for each what to do";
        found.push(Finding::problem(check, format!("ringing: {pipeline}"), mend));
    }
    let detectors = with(&|alarm| rings(alarm) && is_detectors(alarm));
    if !detectors.is_empty() {
        let mend = "Trailmeter works, and somebody should look at what they found: docs/operating.md";
        found.push(Finding::warning(check, format!("detectors ringing: {detectors}"), mend));
    }
    let mute = with(&|alarm| !alarm.tells);
    if !mute.is_empty() {
        let mend = "somebody turned their actions off: aws cloudwatch enable-alarm-actions";
        found.push(Finding::problem(check, format!("these tell nobody: {mute}"), mend));
    }
    let undecided = with(&|alarm| alarm.state == "INSUFFICIENT_DATA");
    if !undecided.is_empty() {
        let mend = "right for some minutes after a deployment; after that see that the function puts metrics";
        found.push(Finding::warning(check, format!("without data: {undecided}"), mend));
    }
    if found.is_empty() {
        found.push(Finding::ok(check, format!("{}, none rings", alarms.len())));
    }
    found
}

fn heard(facts: &Facts, subscriptions: &[SubscriptionFacts]) -> Vec<Finding> {
    let check = "who-is-told";
    let mut found: Vec<Finding> = subscriptions
        .iter()
        .filter(|one| one.is_pending)
        .map(|one| {
            Finding::problem(
                check,
                format!("{} {} has not confirmed and hears nothing", one.protocol, one.endpoint),
                "have the link in AWS's mail followed; it is good for two days. After that subscribe it again",
            )
        })
        .collect();
    let confirmed = subscriptions.iter().filter(|one| !one.is_pending).count();
    if subscriptions.is_empty() {
        let topic = facts.stack.output("AlarmTopicArn").unwrap_or_default();
        found.push(Finding::problem(
            check,
            "nobody is subscribed to the topic of the alarms",
            format!("deploy with AlarmEmail, or: aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint ADDRESS"),
        ));
    } else if found.is_empty() {
        found.push(Finding::ok(check, format!("{confirmed} subscription(s), all confirmed")));
    }
    found
}
