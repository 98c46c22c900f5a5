//! What a template of a record is, and the detectors it can be made for.

use super::actor::Actor;

/// The packs of detectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pack {
    /// In force by default.
    Default,
    /// Off unless asked for.
    Activity,
}

/// The detectors that templates are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detector {
    /// Calls denied for lack of permission.
    AccessDenied,
    /// S3 requests signed with version 2.
    SigV2,
    /// Requests without credentials.
    AnonymousPrincipal,
    /// Console logins that succeeded.
    ConsoleLogin,
    /// Console logins that failed.
    ConsoleLoginFailure,
    /// Use of a root user.
    RootUsage,
    /// Changes of security groups that took effect.
    SecurityGroupChange,
    /// Instances terminated.
    InstanceTerminated,
    /// KMS decryptions that succeeded.
    KmsDecrypt,
    /// Objects written; refused writes wrote nothing.
    S3PutObject,
    /// Objects read; refused reads read nothing.
    S3GetObject,
    /// Instances launched.
    Ec2Launch,
}

impl Detector {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::AccessDenied,
        Self::SigV2,
        Self::AnonymousPrincipal,
        Self::ConsoleLogin,
        Self::ConsoleLoginFailure,
        Self::RootUsage,
        Self::SecurityGroupChange,
        Self::InstanceTerminated,
        Self::KmsDecrypt,
        Self::S3PutObject,
        Self::S3GetObject,
        Self::Ec2Launch,
    ];

    /// The detector's name, which is its metric's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDenied",
            Self::SigV2 => "SigV2",
            Self::AnonymousPrincipal => "AnonymousPrincipal",
            Self::ConsoleLogin => "ConsoleLogin",
            Self::ConsoleLoginFailure => "ConsoleLoginFailure",
            Self::RootUsage => "RootUsage",
            Self::SecurityGroupChange => "SecurityGroupChange",
            Self::InstanceTerminated => "InstanceTerminated",
            Self::KmsDecrypt => "KmsDecrypt",
            Self::S3PutObject => "S3PutObject",
            Self::S3GetObject => "S3GetObject",
            Self::Ec2Launch => "Ec2Launch",
        }
    }

    /// The pack it belongs to.
    pub const fn pack(self) -> Pack {
        match self {
            Self::KmsDecrypt | Self::S3PutObject | Self::S3GetObject | Self::Ec2Launch => Pack::Activity,
            _ => Pack::Default,
        }
    }
}

/// What a detector makes of the records of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trip {
    /// It counts them.
    Counted(Detector),
    /// Its pattern hits and one of its exclusions hides them.
    Excluded(Detector),
}

impl Trip {
    /// The detector spoken of.
    pub const fn detector(self) -> Detector {
        match self {
            Self::Counted(detector) | Self::Excluded(detector) => detector,
        }
    }
}

/// The fields that surround a template's own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A management event that only reads.
    Read,
    /// A management event that changes something.
    Write,
    /// A data event that only reads.
    DataRead,
    /// A data event that changes something.
    DataWrite,
    /// A sign-in to the console.
    SignIn,
    /// Something a service did by itself.
    ServiceEvent,
    /// The template is the whole record.
    Whole,
}

/// One kind of record.
///
/// `fields` and `after` are JSON text with slots in guillemets, see [`super::render`]. Text and no
/// tree of values: a corpus of a million records is rendered in seconds, and escapes stand in the
/// files exactly as they stand here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template {
    /// Short name, for tests that look for the records of one template.
    pub(super) name: &'static str,
    /// How often it is drawn, relative to the others of its table.
    pub(super) weight: u32,
    /// First label of `eventSource`.
    pub(super) service: &'static str,
    /// `eventName`.
    pub(super) event: &'static str,
    /// Who does it.
    pub(super) actor: Actor,
    /// Which fields surround the text.
    pub(super) shape: Shape,
    /// What the detectors make of it.
    pub(super) trips: &'static [Trip],
    /// Fields from `errorCode` to `additionalEventData`.
    pub(super) fields: &'static str,
    /// Fields such as `resources`, each with a comma at its end.
    pub(super) after: &'static str,
}

impl Template {
    /// Whether the default pack makes anything of it.
    pub(super) fn is_suspicious(&self) -> bool {
        self.trips.iter().any(|trip| trip.detector().pack() == Pack::Default)
    }
}
