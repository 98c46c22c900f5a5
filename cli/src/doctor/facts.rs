//! What is known of a deployment. Everything that a finding says follows from this.

use std::collections::BTreeMap;

use trailmeter_aws::operator::{
    AlarmFacts, Asked, BucketNotifications, FunctionFacts, MappingFacts, QueueFacts, Recorded, RuleFacts,
    StackFacts, SubscriptionFacts, TableFacts, TrailFacts, TrailStatus,
};

/// Answers of AWS. `None` is a question that does not arise in this deployment.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// Seconds of the epoch.
    pub(super) now: i64,
    /// How many hours of metrics were looked at.
    pub(super) hours: i64,
    pub(super) stack: StackFacts,
    /// `Ok(None)`: none that can be seen from here writes to the bucket.
    pub(super) trail: Asked<Option<TrailFacts>>,
    pub(super) trail_status: Option<Asked<TrailStatus>>,
    pub(super) recorded: Option<Asked<Recorded>>,
    /// Detectors of the stack's packs that see nothing without data events.
    pub(super) need_data: Vec<String>,
    pub(super) notifications: Option<Asked<BucketNotifications>>,
    pub(super) rule: Option<Asked<RuleFacts>>,
    pub(super) trail_subscription: Option<Asked<SubscriptionFacts>>,
    pub(super) bucket_policy: Asked<Option<String>>,
    pub(super) key_state: Option<Asked<String>>,
    pub(super) key_policy: Option<Asked<String>>,
    pub(super) queue: Asked<QueueFacts>,
    pub(super) dead_letters: Asked<QueueFacts>,
    /// How long a delivery waited within the last hour, in seconds.
    pub(super) oldest_delivery: Asked<Option<f64>>,
    pub(super) function: Asked<FunctionFacts>,
    pub(super) mappings: Asked<Vec<MappingFacts>>,
    pub(super) table: Option<Asked<TableFacts>>,
    pub(super) alarms: Asked<Vec<AlarmFacts>>,
    pub(super) subscriptions: Asked<Vec<SubscriptionFacts>>,
    pub(super) metrics: Asked<BTreeMap<&'static str, f64>>,
}

/// How log files come to the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    CreateTrail,
    CreateBucket,
    ExistingBucket,
    ExistingTopic,
}

impl Mode {
    pub(super) fn of(stack: &StackFacts) -> Option<Self> {
        Some(match stack.parameter("DeliveryMode")? {
            "create-trail" => Self::CreateTrail,
            "create-bucket" => Self::CreateBucket,
            "existing-bucket" => Self::ExistingBucket,
            "existing-topic" => Self::ExistingTopic,
            _ => return None,
        })
    }

    /// Whether bucket and key are the stack's.
    pub(super) fn creates_bucket(self) -> bool {
        matches!(self, Self::CreateTrail | Self::CreateBucket)
    }
}
