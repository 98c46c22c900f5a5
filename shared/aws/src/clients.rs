//! The clients, made once for each process.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use trailmeter_detection::finding::{FindingFormat, Product};
use trailmeter_pipeline::ObjectRef;

use crate::ledger::{DynamoLedger, Retention};
use crate::{
    CloudWatchSink, DetectorsInAws, FindingsBucket, FindingsEventBus, S3Store, SecurityHub, SqsQueue,
};

/// A region's endpoints connect in milliseconds. A request that does not is better repeated.
const CONNECT: Duration = Duration::from_secs(3);
/// Longer than any single answer takes; stalled bodies are the SDK's stalled stream protection's.
const ATTEMPT: Duration = Duration::from_secs(10);
/// With its repetitions. One object that S3 does not answer for must leave time for its neighbours.
const OPERATION: Duration = Duration::from_secs(15);

/// The same two for the ledger.
const LEDGER_ATTEMPT: Duration = Duration::from_secs(3);
const LEDGER_OPERATION: Duration = Duration::from_secs(8);

/// The same two for what findings are sent to. Counting waits for them, and goes on without them.
const FINDINGS_ATTEMPT: Duration = Duration::from_secs(3);
const FINDINGS_OPERATION: Duration = Duration::from_secs(5);

/// Makes the adapters from one shared configuration.
pub struct Clients {
    config: SdkConfig,
}

impl Clients {
    /// Loads region, credentials and endpoints the way every AWS SDK does.
    pub async fn load() -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(OPERATION)
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).load().await;
        Self { config }
    }

    /// For clients that not every function has.
    #[cfg(any(feature = "backfill", feature = "integrity", feature = "notices", feature = "operator"))]
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Reads objects; in `region` if the log bucket is not where the function runs.
    pub fn s3_store(&self, region: Option<String>) -> S3Store {
        S3Store::new(self.s3_client(region))
    }

    pub(crate) fn s3_client(&self, region: Option<String>) -> aws_sdk_s3::Client {
        let mut config = aws_sdk_s3::config::Builder::from(&self.config);
        if let Some(region) = region {
            config = config.region(Region::new(region));
        }
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// Puts metrics. The SDK's own retries are off: it would repeat a request whose answer was
    /// lost, and count it twice.
    pub fn cloudwatch_sink(&self, namespace: String) -> CloudWatchSink {
        let config = aws_sdk_cloudwatch::config::Builder::from(&self.config)
            .retry_config(RetryConfig::disabled())
            .build();
        CloudWatchSink::new(aws_sdk_cloudwatch::Client::from_conf(config), namespace)
    }

    /// Reads detectors from an object of the function's own region.
    pub fn detectors_in_s3(&self, object: ObjectRef) -> DetectorsInAws {
        DetectorsInAws::in_s3(aws_sdk_s3::Client::new(&self.config), object)
    }

    /// Reads detectors from a parameter of Parameter Store.
    pub fn detectors_in_ssm(&self, name: String) -> DetectorsInAws {
        DetectorsInAws::in_ssm(aws_sdk_ssm::Client::new(&self.config), name)
    }

    /// Keeps findings in a bucket of the function's own region.
    pub fn findings_bucket(&self, bucket: String) -> FindingsBucket {
        FindingsBucket::new(aws_sdk_s3::Client::new(&self.config), bucket)
    }

    /// Sends findings to a bus of EventBridge, by its name or ARN.
    pub fn findings_event_bus(&self, bus: String, format: FindingFormat) -> FindingsEventBus {
        let client = aws_sdk_eventbridge::Client::new(&self.config_for_findings());
        FindingsEventBus::new(client, bus, format)
    }

    /// Sends findings to Security Hub, as findings of this product.
    pub fn security_hub(&self, product: Product) -> SecurityHub {
        SecurityHub::new(&self.config_for_findings(), product)
    }

    fn config_for_findings(&self) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(FINDINGS_ATTEMPT)
            .operation_timeout(FINDINGS_OPERATION)
            .build();
        self.config.to_builder().timeout_config(timeouts).build()
    }

    /// The queue at `url`, and the one that digests are passed on to.
    pub fn sqs_queue(&self, url: String, digests_url: Option<String>) -> SqsQueue {
        SqsQueue::new(aws_sdk_sqs::Client::new(&self.config), url, digests_url)
    }

    /// The ledger in `table`. It answers in milliseconds or not at all, and every object waits for it.
    pub fn dynamo_ledger(&self, table: String, retention: Retention) -> DynamoLedger {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(LEDGER_ATTEMPT)
            .operation_timeout(LEDGER_OPERATION)
            .build();
        let config = aws_sdk_dynamodb::config::Builder::from(&self.config).timeout_config(timeouts).build();
        DynamoLedger::new(aws_sdk_dynamodb::Client::from_conf(config), table, retention)
    }
}
