//! When something is told: at once, with the next digest, or not again.

use std::time::Duration;

use serde_json::json;

use crate::alarm::{Alarm, AlarmState};
use crate::book::Told;
use crate::gather::{Gathered, Watched};
use crate::links::Deployment;
use crate::notice::{Kind, Notice, Window};
use crate::ports::{Alarms, Book, FindingLog, Message, Pause, PortError, Publisher, Webhook};
use crate::printable::{printable, shortened};
use crate::subject::{fit, subject};
use crate::text::{MOST_AT_LENGTH, span, text};

/// The entry for all alarms together. No alarm is called that: their names have the stack's before them.
const ALL: &str = "*";
/// Findings are written before the datapoint that an alarm sees, but an invocation may take as long as this.
const BEFORE: i64 = 180;
/// What arrived so lately may still be on its way into the log, and is left to the next digest.
const SETTLED: i64 = 180;
/// A message of its own is sent within this time, repetitions included, or not at all.
const TO_TELL: i64 = 600;
/// Pauses between looks into the log, as many as the limit on waiting allows.
const PAUSES: [u64; 8] = [1, 2, 3, 5, 8, 10, 15, 15];
/// SNS takes 256 KiB, and the words for people have to fit in as well.
const MOST_JSON_BYTES: usize = 90_000;
/// They stand in the JSON too, for whoever passes them on.
const MOST_TEXT_BYTES: usize = 50_000;
/// What is passed on of a message that is not understood.
const LONGEST_FOREIGN: usize = 4000;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages on one alarm in an hour; what rings more often is left to the digest.
    pub of_an_alarm: usize,
    /// Messages in an hour.
    pub of_all: usize,
    /// Seconds between two digests on an alarm.
    pub between_digests: i64,
    /// Seconds to wait for findings.
    pub wait: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { of_an_alarm: 3, of_all: 20, between_digests: 3600, wait: 45 }
    }
}

/// Tells people of alarms.
pub struct Notifier<L, A, B, P, W, Z> {
    /// What it is about.
    pub deployment: Deployment,
    /// How much is told.
    pub limits: Limits,
    /// Where findings are sought.
    pub log: L,
    /// Where it is asked which alarms are on.
    pub alarms: A,
    /// Where it is taken down what was told.
    pub book: B,
    /// Where people hear of it.
    pub publisher: P,
    /// A chat, besides.
    pub webhook: W,
    /// Time that passes.
    pub pause: Z,
}

/// What became of a call.
#[derive(Debug)]
pub struct Ran {
    /// In a word.
    pub outcome: Outcome,
    /// What went wrong on the way.
    pub problems: Vec<Problem>,
}

/// What became of a call, in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A message was sent, on so many alarms with so many matches.
    Told {
        /// Alarms.
        alarms: usize,
        /// Matches.
        matches: u64,
    },
    /// A message was sent that only passes on what came.
    PassedOn(&'static str),
    /// This was told before.
    AlreadyTold,
    /// There have been enough messages in this hour; the next digest tells of it.
    LeftToDigest,
    /// There is nothing new.
    Nothing,
    /// The message could not be sent. It has to be tried again.
    NotSent,
}

impl Outcome {
    /// A stable word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Told { .. } => "told",
            Self::PassedOn(_) => "passed-on",
            Self::AlreadyTold => "already-told",
            Self::LeftToDigest => "left-to-digest",
            Self::Nothing => "nothing-new",
            Self::NotSent => "not-sent",
        }
    }
}

/// Something that an operator has to be able to read about. None of them keeps a message from being sent, except
/// that it cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The log could not be read.
    #[error("findings not found: the log cannot be read: {0}")]
    Log(PortError),
    /// It is not known what was told before.
    #[error("told all the same, perhaps twice: the table of notices does not answer: {0}")]
    Book(PortError),
    /// It is not known which alarms are on.
    #[error("no digest of alarms that are on: CloudWatch does not say which are: {0}")]
    Alarms(PortError),
    /// The topic did not take the message.
    #[error("not sent: the topic does not take the message: {0}")]
    Topic(PortError),
    /// The chat did not take the message.
    #[error("not posted: the webhook does not take the message: {0}")]
    Webhook(PortError),
}

impl<L, A, B, P, W, Z> Notifier<L, A, B, P, W, Z>
where
    L: FindingLog + Sync,
    A: Alarms + Sync,
    B: Book + Sync,
    P: Publisher + Sync,
    W: Webhook + Sync,
    Z: Pause + Sync,
{
    /// Handles what came over the alarms' topic.
    pub async fn on_message(&self, message: &str, now: impl Fn() -> i64 + Sync) -> Ran {
        let mut problems = Vec::new();
        let alarm = match Alarm::of_message(message) {
            Ok(alarm) => alarm,
            Err(no_alarm) => {
                let outcome = self.pass_on_text(message, &no_alarm.to_string(), &mut problems).await;
                return Ran { outcome, problems };
            }
        };
        let outcome = match alarm.watched(&self.deployment) {
            Some(watched) if alarm.state == AlarmState::Alarm => {
                self.on_alarm(alarm, &watched, &now, &mut problems).await
            }
            Some(_) => self.pass_on(alarm, now(), "no alarm goes on", &mut problems).await,
            None => self.pass_on(alarm, now(), "no alarm of a detector", &mut problems).await,
        };
        Ran { outcome, problems }
    }

    async fn on_alarm(
        &self,
        alarm: Alarm,
        watched: &Watched,
        now: &(impl Fn() -> i64 + Sync),
        problems: &mut Vec<Problem>,
    ) -> Outcome {
        let told = self.told(&alarm.name, problems).await.unwrap_or_default();
        if alarm.changed.is_some() && told.changed == alarm.changed {
            return Outcome::AlreadyTold;
        }
        let all = self.told(ALL, problems).await.unwrap_or_default();
        let is_enough =
            told.lately(now()) >= self.limits.of_an_alarm || all.lately(now()) >= self.limits.of_all;
        // What cannot be taken down to be told later is told now.
        if is_enough && self.write(&alarm.name, &told, &told.leaving(alarm.clone()), problems).await {
            return Outcome::LeftToDigest;
        }
        let changed = alarm.changed.unwrap_or_else(now);
        let from = changed - alarm.looks_back - BEFORE;
        let notice = self.wait_for_findings(alarm, watched, from, now, problems).await;
        let matches = notice.gathered.matches();
        let (name, state_changed) = (notice.alarm.name.clone(), notice.alarm.changed);
        let covered = notice.gathered.last_arrival.unwrap_or(from);
        if !self.send(&[notice], problems).await {
            return Outcome::NotSent;
        }
        self.write(&name, &told, &told.after_message(now(), state_changed, Some(covered)), problems).await;
        self.write(ALL, &all, &all.after_message(now(), None, None), problems).await;
        Outcome::Told { alarms: 1, matches }
    }

    /// Looks for findings until they make up what the alarm counts, or for as long as is allowed.
    async fn wait_for_findings(
        &self,
        alarm: Alarm,
        watched: &Watched,
        from: i64,
        now: &(impl Fn() -> i64 + Sync),
        problems: &mut Vec<Problem>,
    ) -> Notice {
        let counted = alarm.datapoints();
        let mut waited = 0;
        let mut pauses = PAUSES.into_iter();
        let mut remarks = Vec::new();
        let (gathered, window) = loop {
            let window = Window { from, to: now() };
            let found = self.gather(watched, window).await;
            #[expect(clippy::cast_precision_loss, reason = "matches stay far below 2^53")]
            let is_whole = found.as_ref().is_ok_and(|found| {
                found.is_cut || found.summary.value.max(found.matches() as f64) >= counted.unwrap_or(1.0)
            });
            let pause = pauses.next().filter(|pause| waited + pause <= self.limits.wait);
            match (found, pause) {
                (Ok(found), _) if is_whole => break (found, window),
                (Ok(found), None) => {
                    remarks.push(missing(&found, counted, waited));
                    break (found, window);
                }
                (Err(error), None) => {
                    remarks.push(format!("The findings could not be read: {error}"));
                    problems.push(Problem::Log(error));
                    break (Gathered::default(), window);
                }
                (_, Some(pause)) => {
                    waited += pause;
                    self.pause.pause(Duration::from_secs(pause)).await;
                }
            }
        };
        notice(Kind::Alarm, alarm, gathered, window, remarks)
    }

    async fn gather(&self, watched: &Watched, window: Window) -> Result<Gathered, PortError> {
        let found = self.log.lines(window).await?;
        let lines = found.lines.iter().map(String::as_str);
        Ok(Gathered { is_cut: found.is_cut, ..Gathered::of_lines(lines, watched, window) })
    }

    /// Looks which alarms are still on or were left, and tells what is new about them in one message.
    pub async fn digest(&self, now: i64) -> Ran {
        let mut problems = Vec::new();
        let entries = self.book.all().await.unwrap_or_else(|error| {
            problems.push(Problem::Book(error));
            Vec::new()
        });
        let on = self.alarms.on().await.unwrap_or_else(|error| {
            problems.push(Problem::Alarms(error));
            Vec::new()
        });
        let entry =
            |name: &str| entries.iter().find(|(known, _)| known == name).map(|(_, told)| told.clone());
        let is_on = |name: &str| on.iter().any(|alarm| alarm.name == name);
        let left = entries.iter().filter(|(name, _)| !is_on(name)).filter_map(|(_, told)| {
            // It rang, and is quiet again by now.
            told.left.clone().map(|alarm| Alarm { state: AlarmState::Ok, ..alarm })
        });
        let mut notices = Vec::new();
        for alarm in on.iter().cloned().chain(left) {
            let told = entry(&alarm.name).unwrap_or_default();
            // One that rang just now has a message of its own on the way.
            let rang_long_ago = alarm.changed.is_none_or(|changed| now - changed >= TO_TELL);
            let is_due = told.last().map_or(rang_long_ago, |last| now - last >= self.limits.between_digests);
            if let (true, Some(watched)) = (is_due, alarm.watched(&self.deployment))
                && let Some(notice) = self.news(alarm, &watched, &told, now, &mut problems).await
            {
                notices.push((notice, told));
            }
        }
        // The worst first: what follows has less room.
        notices.sort_by_key(|(notice, _)| {
            std::cmp::Reverse((notice.gathered.severity, notice.gathered.matches()))
        });
        let all: Vec<Notice> = notices.iter().map(|(notice, _)| notice.clone()).collect();
        if all.is_empty() {
            return Ran { outcome: Outcome::Nothing, problems };
        }
        if !self.send(&all, &mut problems).await {
            return Ran { outcome: Outcome::NotSent, problems };
        }
        for (notice, told) in &notices {
            let after = told.after_message(now, notice.alarm.changed, Some(notice.window.to));
            self.write(&notice.alarm.name, told, &after, &mut problems).await;
        }
        let matches = all.iter().map(|notice| notice.gathered.matches()).sum();
        Ran { outcome: Outcome::Told { alarms: all.len(), matches }, problems }
    }

    /// What is new about an alarm. One that nobody was told of is news by itself.
    async fn news(
        &self,
        alarm: Alarm,
        watched: &Watched,
        told: &Told,
        now: i64,
        problems: &mut Vec<Problem>,
    ) -> Option<Notice> {
        let to = now - SETTLED;
        let rang = alarm.changed.unwrap_or(to) - alarm.looks_back - BEFORE;
        let window = Window { from: told.covered.map_or(rang, |covered| covered + 1), to };
        let is_untold = told.left.is_some() || told.last().is_none();
        let mut remarks = Vec::new();
        let gathered = match self.gather(watched, window).await {
            Ok(gathered) => gathered,
            Err(error) => {
                remarks.push(format!("The findings could not be read: {error}"));
                problems.push(Problem::Log(error));
                Gathered::default()
            }
        };
        if gathered.matches() == 0 && is_untold && remarks.is_empty() {
            // The alarm may have come before this second look at it, or its own message was lost.
            remarks.push(format!("No findings arrived from {}.", span(window.from, window.to)));
        }
        (gathered.matches() > 0 || is_untold).then(|| notice(Kind::Digest, alarm, gathered, window, remarks))
    }

    /// Tells of a change that has no findings.
    async fn pass_on(
        &self,
        alarm: Alarm,
        now: i64,
        why: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Outcome {
        let window = Window { from: alarm.changed.unwrap_or(now) - alarm.looks_back, to: now };
        let notice = notice(Kind::State, alarm, Gathered::default(), window, Vec::new());
        if self.send(&[notice], problems).await { Outcome::PassedOn(why) } else { Outcome::NotSent }
    }

    /// Passes on what is no change of an alarm. It came over the alarms' topic, so somebody means it to be read.
    async fn pass_on_text(&self, message: &str, why: &str, problems: &mut Vec<Problem>) -> Outcome {
        let lines: Vec<String> = message.lines().map(printable).collect();
        let shown = shortened(&lines.join("\n"), LONGEST_FOREIGN);
        let message = Message {
            subject: fit(&format!("[{}] message over the topic of alarms", self.deployment.stack)),
            text: format!("Passed on as it came: {why}.\n\n{shown}\n"),
            json: json!({ "type": "trailmeter.notice", "version": 1, "kind": "passed-on", "reason": why, "text": shown }),
        };
        if self.deliver(&message, problems).await { Outcome::PassedOn("no alarm") } else { Outcome::NotSent }
    }

    async fn send(&self, notices: &[Notice], problems: &mut Vec<Problem>) -> bool {
        let mut json = match notices {
            [one] => one.json(&self.deployment, MOST_JSON_BYTES),
            many => {
                let (at_length, in_short) = many.split_at(many.len().min(MOST_AT_LENGTH));
                let json = |notice: &Notice| notice.json(&self.deployment, MOST_JSON_BYTES / MOST_AT_LENGTH);
                let short = |notice: &Notice| json!({ "what": notice.what(&self.deployment), "matches": notice.gathered.matches() });
                json!({
                    "type": "trailmeter.notices",
                    "version": 1,
                    "notices": at_length.iter().map(json).collect::<Vec<_>>(),
                    "in_short": in_short.iter().map(short).collect::<Vec<_>>(),
                })
            }
        };
        let mut text = text(notices, &self.deployment);
        if text.len() > MOST_TEXT_BYTES {
            text.truncate(text.floor_char_boundary(MOST_TEXT_BYTES));
            text.push_str("…\n(cut: the message is longer than SNS takes)\n");
        }
        json["text"] = text.as_str().into();
        let message = Message { subject: subject(notices, &self.deployment), text, json };
        self.deliver(&message, problems).await
    }

    /// The chat comes second, and does not decide: people are told once the topic has the message.
    async fn deliver(&self, message: &Message, problems: &mut Vec<Problem>) -> bool {
        let is_sent = match self.publisher.publish(message).await {
            Ok(()) => true,
            Err(error) => {
                problems.push(Problem::Topic(error));
                false
            }
        };
        if let Err(error) = self.webhook.post(message).await {
            problems.push(Problem::Webhook(error));
        }
        is_sent
    }

    async fn told(&self, name: &str, problems: &mut Vec<Problem>) -> Option<Told> {
        self.book.read(name).await.unwrap_or_else(|error| {
            problems.push(Problem::Book(error));
            None
        })
    }

    /// Takes down what was told. Where another was faster that one's entry stands: it told something as well.
    async fn write(&self, name: &str, before: &Told, after: &Told, problems: &mut Vec<Problem>) -> bool {
        let version = (before.version > 0).then_some(before.version);
        self.book.write(name, version, after).await.unwrap_or_else(|error| {
            problems.push(Problem::Book(error));
            false
        })
    }
}

fn notice(kind: Kind, alarm: Alarm, gathered: Gathered, window: Window, mut remarks: Vec<String>) -> Notice {
    if gathered.is_cut {
        remarks.push("There are more findings than were read, so the numbers are at least these.".to_owned());
    }
    if gathered.unreadable > 0 {
        remarks.push(format!("{} line(s) of findings could not be read.", gathered.unreadable));
    }
    if gathered.summary.without_details > 0 {
        let bare = gathered.summary.without_details;
        remarks.push(format!("{bare} of the matches came too thick to keep who made them."));
    }
    Notice { kind, alarm, gathered, window, remarks }
}

fn missing(found: &Gathered, counted: Option<f64>, waited: u64) -> String {
    let counts = counted.map_or_else(String::new, |counted| format!("The alarm counts {counted}. "));
    if found.matches() == 0 {
        format!(
            "{counts}No findings were found within {waited} seconds. Either the detector keeps metrics alone, or the \
             log does not show them yet: the query below will."
        )
    } else {
        format!(
            "{counts}{} were found within {waited} seconds; the query below may show more by now.",
            found.matches()
        )
    }
}

#[cfg(test)]
mod tests;
