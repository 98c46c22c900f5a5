//! What is told, when, and what becomes of it where the world does not answer.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};
use trailmeter_detection::finding::time_text;

use super::*;
use crate::ports::{BookError, FindingLines};

/// 2026-11-21T20:05:00Z.
const NOW: i64 = 1_795_291_500;

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a port that may fail")]
struct World {
    /// What the log shows at each look; the last one again and again.
    log: Vec<Vec<String>>,
    log_is_cut: bool,
    on: Vec<Alarm>,
    book: Mutex<BTreeMap<String, Told>>,
    sent: Mutex<Vec<Message>>,
    posted: Mutex<usize>,
    looks: AtomicUsize,
    waited: AtomicI64,
    later: AtomicI64,
    log_fails: bool,
    book_fails: bool,
    topic_fails: bool,
    webhook_fails: bool,
    alarms_fail: bool,
}

fn failure<T>(fails: bool, or: T) -> Result<T, PortError> {
    if fails { Err(PortError("as the test has it".into())) } else { Ok(or) }
}

impl FindingLog for &World {
    async fn lines(&self, _: Window) -> Result<FindingLines, PortError> {
        let look = self.looks.fetch_add(1, Ordering::Relaxed);
        let lines = self.log.get(look.min(self.log.len().saturating_sub(1))).cloned().unwrap_or_default();
        failure(self.log_fails, FindingLines { lines, is_cut: self.log_is_cut })
    }
}

impl Alarms for &World {
    async fn on(&self) -> Result<Vec<Alarm>, PortError> {
        failure(self.alarms_fail, self.on.clone())
    }
}

impl Book for &World {
    async fn read(&self, name: &str) -> Result<Option<Told>, BookError> {
        failure(self.book_fails, self.book.lock().unwrap().get(name).cloned())
    }

    async fn write(&self, name: &str, before: Option<u64>, told: &Told) -> Result<bool, BookError> {
        let mut book = self.book.lock().unwrap();
        let stands = book.get(name).map(|told| told.version);
        if !self.book_fails && stands == before {
            book.insert(name.to_owned(), told.clone());
        }
        failure(self.book_fails, stands == before)
    }

    async fn all(&self) -> Result<Vec<(String, Told)>, BookError> {
        let all = self.book.lock().unwrap().iter().map(|(name, told)| (name.clone(), told.clone())).collect();
        failure(self.book_fails, all)
    }
}

impl Publisher for &World {
    async fn publish(&self, message: &Message) -> Result<(), PortError> {
        failure(self.topic_fails, ())?;
        self.sent.lock().unwrap().push(message.clone());
        Ok(())
    }
}

impl Webhook for &World {
    async fn post(&self, _: &Message) -> Result<(), PortError> {
        *self.posted.lock().unwrap() += 1;
        failure(self.webhook_fails, ())
    }
}

impl Pause for &World {
    async fn pause(&self, time: Duration) {
        self.waited.fetch_add(i64::try_from(time.as_secs()).unwrap(), Ordering::Relaxed);
    }
}

impl World {
    fn with(log: &[&[String]]) -> Self {
        Self { log: log.iter().map(|lines| lines.to_vec()).collect(), ..Self::default() }
    }

    fn notifier(&self) -> Notifier<&Self, &Self, &Self, &Self, &Self, &Self> {
        let deployment = Deployment {
            stack: "prod".to_owned(),
            region: "eu-west-1".to_owned(),
            namespace: "Trailmeter/prod".to_owned(),
            log_group: "/aws/lambda/prod-detect".to_owned(),
            dashboard: "prod-eu-west-1".to_owned(),
        };
        let limits = Limits::default();
        Notifier {
            deployment,
            limits,
            log: self,
            alarms: self,
            book: self,
            publisher: self,
            webhook: self,
            pause: self,
        }
    }

    fn now(&self) -> i64 {
        NOW + self.later.load(Ordering::Relaxed) + self.waited.load(Ordering::Relaxed)
    }

    /// Time goes on.
    fn later(&self, seconds: i64) {
        self.later.fetch_add(seconds, Ordering::Relaxed);
    }

    fn on_message(&self, message: &str) -> Ran {
        at_once(self.notifier().on_message(message, || self.now()))
    }

    fn digest(&self) -> Ran {
        at_once(self.notifier().digest(self.now()))
    }

    fn texts(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|message| message.text.clone()).collect()
    }
}

fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here ever waits"),
    }
}

/// A finding of `Denied`.
fn finding(id: &str, arrival: i64) -> String {
    finding_by(id, arrival, "arn:aws:sts::111122223333:assumed-role/deploy/alice")
}

fn finding_by(id: &str, arrival: i64, arn: &str) -> String {
    json!({
        "type": "trailmeter.finding", "version": 1, "detector": "Denied", "title": "Calls denied", "severity": "medium",
        "pack": "default", "namespace": "Trailmeter/prod", "metric": "Denied", "value": 1.0,
        "arrival_time": time_text(arrival), "event_time": time_text(arrival - 300), "event_id": id,
        "account": "111122223333", "region": "eu-west-1",
        "actor": { "kind": "role-session", "name": "deploy/alice", "arn": arn },
        "source_ip": "192.0.2.1", "event_source": "s3.amazonaws.com", "event_name": "GetObject",
        "resources": ["arn:aws:s3:::b/k"], "error_code": "AccessDenied",
        "object": "s3://logs/AWSLogs/111122223333/CloudTrail/a b.json.gz",
    })
    .to_string()
}

/// What CloudWatch says when `prod-Denied` goes on at `changed` with so many matches.
fn alarm(matches: u32, changed: i64) -> String {
    message("prod-Denied", "Denied", matches, changed)
}

fn message(name: &str, metric: &str, matches: u32, changed: i64) -> String {
    json!({
        "AlarmName": name, "AlarmDescription": "Several calls were denied.", "NewStateValue": "ALARM",
        "NewStateReason": format!("Threshold Crossed: 1 datapoint [{matches}.0 (21/11/26 20:00:00)] was greater"),
        "StateChangeTime": time_text(changed).unwrap().replace('Z', ".000+0000"),
        "AlarmArn": format!("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{name}"),
        "Trigger": { "MetricName": metric, "Namespace": "Trailmeter/prod", "Period": 300, "EvaluationPeriods": 2 },
    })
    .to_string()
}

#[test]
fn the_message_names_the_culprit() {
    let lines = [
        finding("e1", NOW - 60),
        "some other line".to_owned(),
        finding("e2", NOW - 50),
        finding("e1", NOW - 60),
    ];
    let world = World::with(&[&lines]);
    let ran = world.on_message(&alarm(2, NOW));
    assert_eq!((ran.outcome, ran.problems.len()), (Outcome::Told { alarms: 1, matches: 2 }, 0));
    let sent = world.sent.lock().unwrap();
    assert_eq!(sent[0].subject, "[prod] ALARM: Denied, 2 matches by deploy/alice");
    let expected = "\
Denied: Calls denied
2 matches, severity medium
from 2026-11-21 19:59:00 UTC
to 2026-11-21 19:59:10 UTC

Who
  2 x arn:aws:sts::111122223333:assumed-role/deploy/alice

From
  2 x 192.0.2.1

Called
  2 x s3:GetObject

On
  2 x arn:aws:s3:::b/k

Answer
  2 x AccessDenied

Account
  2 x 111122223333

Region
  2 x eu-west-1

Events, the newest first
- 2026-11-21 19:59:10 UTC
  s3:GetObject, AccessDenied
  deploy/alice from 192.0.2.1
  on arn:aws:s3:::b/k
  event e2
- 2026-11-21 19:59:00 UTC
  s3:GetObject, AccessDenied
  deploy/alice from 192.0.2.1
  on arn:aws:s3:::b/k
  event e1

Several calls were denied.

CloudWatch says: Threshold Crossed: 1 datapoint [2.0 (21/11/26 20:00:00)] was greater

Alarm:
https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/prod-Denied
Findings:
";
    assert!(sent[0].text.starts_with(expected), "{}", sent[0].text);
    assert!(sent[0].text.ends_with(
        "/s3/object/logs?region=eu-west-1&prefix=AWSLogs%2F111122223333%2FCloudTrail%2Fa%20b.json.gz\n"
    ));
    let json = &sent[0].json;
    assert_eq!(json["summary"]["actors"]["counts"]["arn:aws:sts::111122223333:assumed-role/deploy/alice"], 2);
    assert_eq!((&json["kind"], &json["events"][0]["event_id"]), (&json!("alarm"), &json!("e2")));
    assert_eq!(*world.posted.lock().unwrap(), 1);
}

#[test]
fn it_waits_until_the_findings_reach_the_datapoint() {
    let (one, both) = ([finding("e1", NOW)], [finding("e1", NOW), finding("e2", NOW)]);
    let world = World::with(&[&[], &one, &one, &both]);
    let ran = world.on_message(&alarm(2, NOW));
    assert_eq!(ran.outcome, Outcome::Told { alarms: 1, matches: 2 });
    assert_eq!((world.looks.load(Ordering::Relaxed), world.waited.load(Ordering::Relaxed)), (4, 6));
    assert!(!world.texts()[0].contains("Note:"), "{}", world.texts()[0]);
}

#[test]
fn it_tells_without_findings_when_it_has_waited_long_enough() {
    let world = World::with(&[&[]]);
    let ran = world.on_message(&alarm(7, NOW));
    assert_eq!(ran.outcome, Outcome::Told { alarms: 1, matches: 0 });
    assert!(world.waited.load(Ordering::Relaxed) <= 45);
    let text = &world.texts()[0];
    assert!(text.contains("Note: The alarm counts 7. No findings were found within"), "{text}");
    assert!(
        text.contains("CloudWatch says: Threshold Crossed") && text.contains("alarmsV2:alarm/prod-Denied"),
        "{text}"
    );
    let one = [finding("e1", NOW)];
    let world = World::with(&[&one]);
    world.on_message(&alarm(7, NOW));
    assert!(
        world.texts()[0].contains("Note: The alarm counts 7. 1 were found within"),
        "{}",
        world.texts()[0]
    );
}

/// It may find the same at the same minute, and nobody is to look for what happened weeks ago.
#[test]
fn what_a_backfill_finds_is_in_no_message_about_an_alarm() {
    let of_backfill = |line: String| {
        let mut line: serde_json::Value = serde_json::from_str(&line).unwrap();
        line["backfill"] = json!("november");
        line.to_string()
    };
    let summary = json!({
        "type": "trailmeter.findings-summary", "version": 1, "detector": "Denied", "title": "Calls denied",
        "severity": "medium", "namespace": "Trailmeter/prod", "metric": "Denied", "arrival_time": time_text(NOW),
        "findings": 9999, "value": 9999.0,
    });
    let past = "arn:aws:iam::111122223333:user/of-the-past";
    let lines =
        [of_backfill(finding_by("e2", NOW, past)), finding("e1", NOW), of_backfill(summary.to_string())];
    let world = World::with(&[&lines]);
    let ran = world.on_message(&alarm(1, NOW));
    assert_eq!(ran.outcome, Outcome::Told { alarms: 1, matches: 1 });
    assert!(!world.texts()[0].contains("of-the-past"), "{}", world.texts()[0]);
}

#[test]
fn a_summary_counts_for_all_that_it_sums_up() {
    let summary = json!({
        "type": "trailmeter.findings-summary", "version": 1, "detector": "Denied", "title": "Calls denied",
        "severity": "medium", "namespace": "Trailmeter/prod", "metric": "Denied", "arrival_time": time_text(NOW),
        "findings": 9999, "value": 9999.0, "actors": { "counts": { "arn:x": 9000 }, "others": 999 },
        "without_details": 3,
    });
    let lines = [finding("e1", NOW), summary.to_string()];
    let world = World::with(&[&lines]);
    let ran = world.on_message(&alarm(10_000, NOW));
    assert_eq!(ran.outcome, Outcome::Told { alarms: 1, matches: 10_000 });
    let text = &world.texts()[0];
    assert!(
        text.contains("10000 matches") && text.contains("9000 x arn:x") && text.contains("999 x others"),
        "{text}"
    );
    assert!(
        text.contains("The newest 1 events") && text.contains("3 of the matches came too thick"),
        "{text}"
    );
}

#[test]
fn ten_thousand_findings_make_one_message_of_bounded_size() {
    let lines: Vec<String> = (0..10_000)
        .map(|at| finding_by(&format!("e{at}"), NOW, &format!("arn:{}:{at}", "x".repeat(900))))
        .collect();
    let world = World { log_is_cut: true, ..World::with(&[&lines]) };
    let ran = world.on_message(&alarm(50_000, NOW));
    assert_eq!(ran.outcome, Outcome::Told { alarms: 1, matches: 10_000 });
    let sent = world.sent.lock().unwrap();
    assert!(
        sent[0].text.len() < 16_000 && sent[0].json.to_string().len() < 110_000,
        "{}",
        sent[0].json.to_string().len()
    );
    assert!(
        sent[0].text.contains("at least 10000 matches") && sent[0].text.contains("9995 x others"),
        "{}",
        sent[0].text
    );
}

/// SNS takes 256 KiB for all forms together, the JSON within JSON once more.
#[test]
fn the_largest_digest_fits_into_what_sns_takes() {
    let lines: Vec<String> = (0..40)
        .flat_map(|metric| (0..30).map(move |at| (metric, at)))
        .map(|(metric, at)| {
            let finding =
                finding_by(&format!("e{at}"), NOW - 8000, &format!("arn:\"{}\":{at}", "ä\"".repeat(300)));
            finding.replace("\"Denied\"", &format!("\"D{metric}\""))
        })
        .collect();
    let alarm = |at| Alarm {
        description: "\"".repeat(1024),
        ..Alarm::of_message(&message(&format!("prod-D{at}"), &format!("D{at}"), 1, NOW - 9000)).unwrap()
    };
    let world = World { on: (0..40).map(alarm).collect(), ..World::with(&[&lines]) };
    assert_eq!(world.digest().outcome, Outcome::Told { alarms: 40, matches: 1200 });
    let message = world.sent.lock().unwrap().pop().unwrap();
    let forms = json!({ "default": message.json.to_string(), "email": message.text, "sms": "x".repeat(300) });
    assert!(forms.to_string().len() < 256 * 1024, "{}", forms.to_string().len());
    assert_eq!(message.json["text"], message.text);
}

#[test]
fn a_hostile_name_is_shown_and_does_nothing() {
    let name = format!("evil\u{1b}[2J\r\nBcc: all\u{202e}{}", "A".repeat(10_240));
    let lines = [finding_by("e1\r\n.", NOW, &name)];
    let world = World::with(&[&lines]);
    world.on_message(&alarm(1, NOW));
    let sent = world.sent.lock().unwrap();
    assert!(
        sent[0].subject.len() <= 100
            && sent[0].subject.is_ascii()
            && !sent[0].subject.contains(['\r', '\n', '\u{1b}'])
    );
    assert!(!sent[0].text.contains(['\r', '\u{1b}', '\u{202e}']), "{}", sent[0].text);
    assert!(!sent[0].text.lines().any(|line| line.starts_with("Bcc")), "{}", sent[0].text);
    assert!(
        sent[0]
            .text
            .lines()
            .filter(|line| !line.starts_with("https://"))
            .all(|line| line.chars().count() < 260)
    );
}

/// What comes over the topic and is not to be looked up is passed on: nothing of it is lost.
#[test]
fn what_has_no_findings_is_passed_on() {
    let ok = alarm(1, NOW).replace("\"ALARM\"", "\"OK\"");
    let unknown = alarm(1, NOW).replace("\"ALARM\"", "\"INSUFFICIENT_DATA\"");
    let own = message("prod-objects-failed", "ObjectsFailed", 1, NOW);
    let queue = message("prod-dead-letters", "ApproximateNumberOfMessagesVisible", 1, NOW)
        .replace("Trailmeter/prod", "AWS/SQS");
    let other = message("production-Denied", "Denied", 1, NOW);
    for (message, outcome, says) in [
        (ok.as_str(), "no alarm goes on", "The alarm prod-Denied is OK."),
        (&unknown, "no alarm goes on", "is INSUFFICIENT_DATA."),
        (&own, "no alarm of a detector", "The alarm prod-objects-failed is ALARM."),
        (&queue, "no alarm of a detector", "prod-dead-letters is ALARM."),
        (&other, "no alarm of a detector", "production-Denied is ALARM."),
        (
            "hello",
            "no alarm",
            "Passed on as it came: the message is no change of an alarm: it is no JSON.\n\nhello\n",
        ),
        ("{}", "no alarm", "it has no AlarmName"),
    ] {
        let world = World::with(&[&[finding("e1", NOW)]]);
        let ran = world.on_message(message);
        assert_eq!(ran.outcome, Outcome::PassedOn(outcome), "{message}");
        assert!(world.texts()[0].contains(says), "{says}: {}", world.texts()[0]);
        assert_eq!(world.looks.load(Ordering::Relaxed), 0, "{message}");
    }
    let world = World::default();
    world.on_message(&format!("\u{1b}{}", "long ".repeat(100_000)));
    assert!(world.texts()[0].len() < 5000 && !world.texts()[0].contains('\u{1b}'));
}

#[test]
fn loaded_detectors_are_found_by_the_contributor_or_all_together() {
    let own = finding("e1", NOW).replace("\"pack\":\"default\",", "").replace("\"Denied\"", "\"Mine\"");
    let packaged = finding("e2", NOW);
    let of = |attributes: Value| {
        json!({
            "AlarmName": "prod-loaded-detectors", "NewStateValue": "ALARM", "StateChangeTime": "2026-11-21T20:05:00.000+0000",
            "AlarmContributorAttributes": attributes,
            "Trigger": { "Metrics": [{ "Id": "matches", "Expression": "SELECT", "Period": 300 }], "EvaluationPeriods": 3 },
        })
    };
    for (attributes, matches) in
        [(json!({ "Detector": "Mine" }), 1), (json!(null), 1), (json!({ "Detector": "Other" }), 0)]
    {
        let world = World::with(&[&[own.clone(), packaged.clone()]]);
        let ran = world.on_message(&of(attributes).to_string());
        assert_eq!(ran.outcome, Outcome::Told { alarms: 1, matches });
    }
}

#[test]
fn nothing_outside_keeps_an_alarm_from_being_told_but_the_topic_itself() {
    let lines = [finding("e1", NOW)];
    let cases = [
        (World { log_fails: true, ..World::with(&[&lines]) }, 1, "Note: The findings could not be read"),
        (World { book_fails: true, ..World::with(&[&lines]) }, 4, "1 match"),
        (World { webhook_fails: true, ..World::with(&[&lines]) }, 1, "1 match"),
    ];
    for (world, problems, says) in cases {
        let ran = world.on_message(&alarm(1, NOW));
        assert!(matches!(ran.outcome, Outcome::Told { .. }), "{ran:?}");
        assert_eq!(ran.problems.len(), problems, "{:?}", ran.problems);
        assert!(world.texts()[0].contains(says), "{}", world.texts()[0]);
    }
    let world = World { topic_fails: true, ..World::with(&[&lines]) };
    let ran = world.on_message(&alarm(1, NOW));
    assert_eq!(ran.outcome, Outcome::NotSent);
    assert_eq!(*world.posted.lock().unwrap(), 1, "the chat hears of it all the same");
    assert!(world.book.lock().unwrap().is_empty(), "it is tried again");
}

#[test]
fn the_same_change_is_told_once_however_often_it_is_delivered() {
    let world = World::with(&[&[finding("e1", NOW)]]);
    assert_eq!(world.on_message(&alarm(1, NOW)).outcome, Outcome::Told { alarms: 1, matches: 1 });
    assert_eq!(world.on_message(&alarm(1, NOW)).outcome, Outcome::AlreadyTold);
    assert_eq!(world.texts().len(), 1);
}

#[test]
fn an_alarm_that_flaps_makes_a_handful_of_messages_and_a_digest() {
    let world = World::with(&[&[finding("e1", NOW)]]);
    let mut outcomes = BTreeMap::new();
    for _ in 0..30 {
        let ran = world.on_message(&alarm(1, world.now()));
        *outcomes.entry(format!("{:?}", ran.outcome)).or_insert(0) += 1;
        world.later(60);
    }
    assert_eq!(outcomes.into_values().collect::<Vec<_>>(), [27, 3]);
    assert_eq!(world.digest().outcome, Outcome::Nothing, "the last message was less than an hour ago");
    world.later(3600);
    assert!(matches!(world.digest().outcome, Outcome::Told { alarms: 1, .. }));
    assert!(world.texts()[3].contains("The alarm rang again, and there is more."), "{}", world.texts()[3]);
    assert_eq!(world.digest().outcome, Outcome::Nothing);
}

#[test]
fn a_storm_over_all_alarms_is_bounded_and_the_digest_tells_the_rest_in_one() {
    let world = World::with(&[&[]]);
    let mut told = 0;
    for at in 0..150 {
        let metric = format!("D{at}");
        let ran = world.on_message(&message(&format!("prod-{metric}"), &metric, 1, world.now()));
        told += usize::from(matches!(ran.outcome, Outcome::Told { .. }));
    }
    assert_eq!(told, 20);
    world.later(3600);
    let ran = world.digest();
    assert_eq!(ran.outcome, Outcome::Told { alarms: 130, matches: 0 }, "those that nobody was told of");
    assert_eq!(world.texts().len(), 21);
    let last = world.sent.lock().unwrap().pop().unwrap();
    assert!(
        last.text.len() + last.json.to_string().len() < 256 * 1024,
        "SNS takes no more: {}",
        last.text.len()
    );
}

#[test]
fn an_alarm_that_stays_on_is_told_of_once_an_hour_if_there_is_more() {
    let on = Alarm { looks_back: 600, ..Alarm::of_message(&alarm(1, NOW)).unwrap() };
    let world = World { on: vec![on], ..World::with(&[&[finding("e1", NOW)]]) };
    world.on_message(&alarm(1, NOW));
    world.later(1800);
    assert_eq!(world.digest().outcome, Outcome::Nothing, "within the hour");
    world.later(1800);
    assert_eq!(world.digest().outcome, Outcome::Nothing, "nothing new arrived");
    let news = finding("e2", NOW + 3000);
    let world = World { log: vec![vec![finding("e1", NOW), news]], looks: AtomicUsize::new(0), ..world };
    let ran = world.digest();
    assert_eq!(ran.outcome, Outcome::Told { alarms: 1, matches: 1 }, "what was told is not told again");
    let text = &world.texts()[1];
    assert!(
        text.contains("The alarm is still on, and there is more.")
            && text.contains("event e2")
            && !text.contains("event e1"),
        "{text}"
    );
    assert_eq!(world.sent.lock().unwrap()[1].subject, "[prod] STILL ON: Denied, 1 match by deploy/alice");
    world.later(1800);
    assert_eq!(world.digest().outcome, Outcome::Nothing);
}

#[test]
fn an_alarm_whose_own_message_was_lost_is_told_by_the_digest() {
    let on = Alarm::of_message(&alarm(1, NOW)).unwrap();
    let world = World { on: vec![on], ..World::with(&[&[finding("e1", NOW)]]) };
    world.later(60);
    assert_eq!(world.digest().outcome, Outcome::Nothing, "its own message is on the way");
    world.later(600);
    assert_eq!(world.digest().outcome, Outcome::Told { alarms: 1, matches: 1 });
    // An alarm of a stack whose name begins alike is not ours to tell of.
    let other = Alarm::of_message(&message("production-Denied", "Denied", 1, NOW - 9000)).unwrap();
    let world = World { on: vec![other], ..World::with(&[&[finding("e1", NOW)]]) };
    assert_eq!(world.digest().outcome, Outcome::Nothing);
}

#[test]
fn a_digest_tells_what_it_can() {
    let on = || vec![Alarm::of_message(&alarm(1, NOW - 9000)).unwrap()];
    let lines = [finding("e1", NOW - 8000)];
    let world = World { on: on(), alarms_fail: true, ..World::with(&[&lines]) };
    let ran = world.digest();
    assert_eq!((ran.outcome, ran.problems.len()), (Outcome::Nothing, 1));
    let world = World { on: on(), log_fails: true, ..World::with(&[&lines]) };
    assert_eq!(world.digest().outcome, Outcome::Told { alarms: 1, matches: 0 });
    assert!(world.texts()[0].contains("The findings could not be read"), "{}", world.texts()[0]);
    let world = World { on: on(), topic_fails: true, ..World::with(&[&lines]) };
    assert_eq!(world.digest().outcome, Outcome::NotSent);
    let world = World { on: on(), book_fails: true, ..World::with(&[&lines]) };
    assert_eq!(world.digest().outcome, Outcome::Told { alarms: 1, matches: 1 });
}
