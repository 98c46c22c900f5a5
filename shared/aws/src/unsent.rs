//! Metrics whose requests are made, packed and signed, and never sent: for who measures what that costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use aws_sdk_cloudwatch::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use crate::CloudWatchSink;

/// An empty map, as CBOR has it.
const NOTHING: &[u8] = &[0xa0];

/// What would have been sent.
#[derive(Debug, Clone, Default)]
pub struct Unsent(Arc<Taken>);

#[derive(Debug, Default)]
struct Taken {
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl Unsent {
    /// A sink of which this hears. Every request is taken.
    pub fn cloudwatch_sink(&self, namespace: String) -> CloudWatchSink {
        let credentials = Credentials::builder()
            .access_key_id("AKIDEXAMPLE")
            .secret_access_key("none")
            .provider_name("unsent")
            .build();
        let taken = SharedHttpConnector::new(self.clone());
        let config = aws_sdk_cloudwatch::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client_fn(move |_, _| taken.clone()))
            .retry_config(RetryConfig::disabled())
            .build();
        CloudWatchSink::new(Client::from_conf(config), namespace)
    }

    /// How many requests there were, and the bytes of their bodies.
    pub fn taken(&self) -> (u64, u64) {
        (self.0.requests.load(Ordering::Relaxed), self.0.bytes.load(Ordering::Relaxed))
    }
}

impl HttpConnector for Unsent {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let size = request.body().bytes().map_or(0, <[u8]>::len);
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        self.0.bytes.fetch_add(size as u64, Ordering::Relaxed);
        let ok = StatusCode::try_from(200).map(|status| {
            let mut response = HttpResponse::new(status, SdkBody::from(NOTHING));
            response.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
            response
        });
        HttpConnectorFuture::ready(ok.map_err(|error| {
            aws_smithy_runtime_api::client::result::ConnectorError::other(Box::new(error), None)
        }))
    }
}
