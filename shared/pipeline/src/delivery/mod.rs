//! What invoked the function: every shape in which AWS announces an object, or brings a single event.
//!
//! The decoder looks for the few fields it needs and passes over everything else, so that fields
//! which AWS adds, renames or leaves out elsewhere never break it.

mod decode;
mod object_record;
mod occasion;
mod single_event;

pub use decode::decode;
pub use occasion::{Backfill, Occasion, message_body};
pub use single_event::SingleEvent;

use std::fmt;

/// An object, named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// Its bucket.
    pub bucket: String,
    /// Its key, decoded.
    pub key: String,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_of_event() {
            return write!(f, "eventbridge://{}", self.key);
        }
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// One invocation of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Whether the answer can name single messages, as it can for an SQS batch. Otherwise the
    /// invocation succeeds or fails as a whole.
    pub answers_by_message: bool,
    /// The messages; one for an invocation without a queue.
    pub messages: Vec<Message>,
}

/// One message of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id in the queue, if it came through one.
    pub id: Option<String>,
    /// What the queue wants to hear when it is done before the invocation is.
    pub receipt: Option<String>,
    /// How often it was received, this time included.
    pub receives: u64,
    /// Why it names its objects.
    pub occasion: Occasion,
    /// What it says.
    pub content: Content,
}

impl Message {
    /// Whether it was received before: then it failed before, and may have ended the process.
    pub(crate) fn is_suspect(&self) -> bool {
        self.receives > 1
    }
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// It names objects.
    Objects(Vec<Announced>),
    /// It brings an event.
    Event(SingleEvent),
    /// Nothing to read, as intended by whoever sent it.
    Notice(Notice),
    /// It cannot be understood.
    Undecodable(DecodeError),
}

/// An object and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announced {
    /// It was written.
    Created(ObjectRef),
    /// It was deleted, tagged, restored …
    Otherwise(ObjectRef),
}

impl Announced {
    /// The object, if it was written.
    pub(crate) fn created(&self) -> Option<&ObjectRef> {
        match self {
            Self::Created(object) => Some(object),
            Self::Otherwise(_) => None,
        }
    }
}

/// Messages with nothing to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// S3 tries a notification that was just set up.
    TestEvent,
    /// CloudTrail tries a topic that was just set up.
    ValidationMessage,
    /// A list of objects with nothing in it.
    NoObjects,
}

impl Notice {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::TestEvent => "test-event",
            Self::ValidationMessage => "validation-message",
            Self::NoObjects => "no-objects",
        }
    }
}

/// Why a message cannot be understood. None of the texts quotes the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Neither JSON nor CloudTrail's validation message.
    #[error("the message is not JSON")]
    NotJson,
    /// JSON of another shape.
    #[error(
        "the message has none of the known shapes: S3, SNS or EventBridge notification, CloudTrail's own, \
         event of CloudTrail"
    )]
    UnknownShape,
    /// Envelopes in envelopes in envelopes.
    #[error("the message is wrapped in too many envelopes")]
    TooDeep,
    /// An object without a bucket or a key.
    #[error("the message names an object without a bucket or a key")]
    NoName,
    /// A key that is no text after decoding.
    #[error("the message names an object by a key that is not UTF-8")]
    BadKey,
    /// A mark of Trailmeter's own that this version does not know.
    #[error(
        "the message is marked as Trailmeter's own in a way that this version does not know: was it sent by a newer one?"
    )]
    UnknownMark,
    /// Objects that were delivered beside those of a backfill, or of several.
    #[error("the message names objects of several occasions: send those of each in a message of their own")]
    MixedOccasions,
    /// SNS asks for a confirmation, which the owner of the topic or the queue has to give.
    #[error("SNS asks to confirm the subscription of the queue: confirm it, then delete this message")]
    UnconfirmedSubscription,
    /// What looks like an event of CloudTrail, from a source that is none of AWS's.
    #[error(
        "an event that says it is CloudTrail's has a source that is not AWS: hold the rule to sources aws.*"
    )]
    ForeignEvent,
    /// An event of CloudTrail without a record.
    #[error("an event of CloudTrail holds no record: its detail is no object")]
    NoRecord,
    /// Without its id the event would count again with the file that brings it.
    #[error("an event of CloudTrail has no eventID, so that it would count again with its file")]
    NoEventId,
    /// Several in one message, or one beside objects. Each is claimed, counted and sent back alone.
    #[error(
        "the message holds a single event of CloudTrail and more: send each event in a message of its own"
    )]
    EventAndMore,
}

impl DecodeError {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::UnknownShape => "unknown-shape",
            Self::TooDeep => "too-deep",
            Self::NoName => "no-object-name",
            Self::BadKey => "bad-key",
            Self::UnknownMark => "unknown-mark",
            Self::MixedOccasions => "mixed-occasions",
            Self::UnconfirmedSubscription => "unconfirmed-subscription",
            Self::ForeignEvent => "foreign-event",
            Self::NoRecord => "no-record",
            Self::NoEventId => "no-event-id",
            Self::EventAndMore => "event-and-more",
        }
    }
}

#[cfg(test)]
mod tests;
