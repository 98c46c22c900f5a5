//! Who the function talks to, how each can be out of reach, and what remembers.

use trailmeter_testkit::fault_proxy::FaultProxy;

/// Who is on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    S3,
    CloudWatch,
    DynamoDb,
    Sqs,
    Lambda,
}

impl Service {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::S3 => "S3",
            Self::CloudWatch => "CloudWatch",
            Self::DynamoDb => "DynamoDB",
            Self::Sqs => "SQS",
            Self::Lambda => "Lambda",
        }
    }

    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Self::S3 => "AWS_ENDPOINT_URL_S3",
            Self::CloudWatch => "AWS_ENDPOINT_URL_CLOUDWATCH",
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
            Self::Lambda => "AWS_LAMBDA_RUNTIME_API",
        }
    }
}

/// Why a service cannot be reached at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// Nobody listens.
    Refused,
    /// The name does not resolve.
    NoSuchName,
    /// What listens speaks no TLS.
    NoTls,
}

/// What remembers what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ledger {
    Event,
    /// Remembers objects alone.
    Object,
    /// As `Event`, and goes on without it where it cannot be reached.
    EventOrCount,
    Off,
}

impl Ledger {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Event | Self::EventOrCount => "event",
            Self::Object => "object",
            Self::Off => "off",
        }
    }

    pub(crate) const fn remembers_events(self) -> bool {
        matches!(self, Self::Event | Self::EventOrCount)
    }
}

impl Unreachable {
    /// The endpoint to give to the function.
    pub(crate) fn endpoint(self, proxy: &FaultProxy) -> String {
        match self {
            // A port that needs root to listen at: no other test can get it meanwhile.
            Self::Refused => "http://127.0.0.1:1".to_owned(),
            Self::NoSuchName => "http://nowhere.invalid:1".to_owned(),
            Self::NoTls => format!("https://{}", proxy.authority()),
        }
    }
}
