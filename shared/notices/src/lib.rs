//! From an alarm to the message that names the culprit.
//!
//! An alarm says that a number was reached. This crate finds the findings that make up the number, adds them up and
//! puts them into words; [`Notifier`] decides when that is told, so that nothing is kept quiet and a storm makes a
//! handful of messages. It is pure: logs, topics, tables and time are behind [`ports`](FindingLog).

mod alarm;
mod book;
mod gather;
mod links;
mod notice;
mod notifier;
mod ports;
mod printable;
mod subject;
mod text;
mod webhook;

pub use alarm::{Alarm, AlarmMetric, AlarmState, NoAlarm};
pub use book::Told;
pub use gather::{Gathered, Watched};
pub use links::Deployment;
pub use notice::{Kind, Notice, Window};
pub use notifier::{Limits, Notifier, Outcome, Problem, Ran};
pub use ports::{
    Alarms, Book, BookError, FindingLines, FindingLog, Message, Pause, PortError, Publisher, Webhook,
};
pub use webhook::{WebhookFormat, webhook_body};
