//! `BatchImportFindings` as a request, with the SDK's parts around it.
//!
//! Source: <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>

use std::fmt;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;
use serde::Deserialize;

/// How Security Hub is called in names of hosts and in signatures.
const SERVICE: &str = "securityhub";

/// The request, ready to be made.
#[derive(Debug, Clone)]
pub(super) struct Import(Operation<String, Imported, Refusal>);

/// What became of the findings of a request.
#[derive(Debug, Deserialize)]
pub(super) struct Imported {
    /// How many were not taken.
    #[serde(rename = "FailedCount")]
    pub(super) failed: usize,
    /// Which ones.
    #[serde(rename = "FailedFindings", default)]
    pub(super) failures: Vec<Failure>,
}

/// A finding that was not taken.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Failure {
    pub(super) id: String,
    #[serde(rename = "ErrorCode")]
    pub(super) code: String,
    #[serde(rename = "ErrorMessage", default)]
    pub(super) message: String,
}

/// A request that Security Hub refused as a whole.
#[derive(Debug)]
pub(super) struct Refusal(ErrorMetadata);

impl Import {
    pub(super) fn new(config: &SdkConfig) -> Self {
        let mut operation = Operation::builder()
            .service_name("SecurityHub")
            .operation_name("BatchImportFindings")
            .endpoint_url(&endpoint(config))
            .timeout_config(config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled))
            .standard_retry(&config.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
            .retry_classifier(TransientErrorClassifier::<Refusal>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
            .with_connection_poisoning()
            .runtime_plugin(signed(config));
        if let Some(version) = config.behavior_version() {
            operation = operation.behavior_version(version);
        }
        if let Some(client) = config.http_client() {
            operation = operation.http_client(client);
        }
        if let Some(sleep) = config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        if let Some(clock) = config.time_source() {
            operation = operation.time_source(clock);
        }
        Self(operation.serializer(request).deserializer(answer).build())
    }

    /// Sends the findings in a body, and repeats what may be repeated.
    pub(super) async fn send(&self, body: String) -> Result<Imported, SdkError<Refusal, HttpResponse>> {
        self.0.invoke(body).await
    }
}

/// Where Security Hub listens: what the environment says, as for every other service, or where it is in AWS.
fn endpoint(config: &SdkConfig) -> String {
    let key = ServiceConfigKey::builder();
    let key = key.service_id("SecurityHub").env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok();
    let named = key.and_then(|key| config.service_config()?.load_config(key));
    named.or_else(|| config.endpoint_url().map(str::to_owned)).unwrap_or_else(|| {
        let region = region(config);
        let suffix = match region.split('-').next() {
            Some("cn") => "amazonaws.com.cn",
            Some("eusc") => "amazonaws.eu",
            _ => "amazonaws.com",
        };
        format!("https://{SERVICE}.{region}.{suffix}")
    })
}

/// Lambda always says which.
fn region(config: &SdkConfig) -> &str {
    config.region().map_or("us-east-1", AsRef::as_ref)
}

/// What signs requests with the role's credentials.
fn signed(config: &SdkConfig) -> StaticRuntimePlugin {
    let region = config.region().cloned().unwrap_or_else(|| aws_config::Region::from_static("us-east-1"));
    let mut layer = Layer::new("securityhub signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(region)),
        region_set: None,
        name: Some(SigningName::from_static(SERVICE)),
        signing_options: SigningOptions::default(),
    });
    let options = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
    let mut parts = RuntimeComponentsBuilder::new("securityhub signing")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(options)));
    if let Some(credentials) = config.credentials_provider() {
        parts.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    }
    parts.set_identity_cache(config.identity_cache());
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(parts)
}

fn request(body: String) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.set_uri("/findings/import")?;
    request.headers_mut().insert("content-type", "application/json");
    // CloudTrail shows it as the user agent of the call.
    request.headers_mut().insert("user-agent", concat!("trailmeter/", env!("CARGO_PKG_VERSION")));
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<Imported, OrchestratorError<Refusal>> {
    let body = response.body().bytes().unwrap_or_default();
    if !response.status().is_success() {
        return Err(OrchestratorError::operation(Refusal::of(response, body)));
    }
    serde_json::from_slice(body).map_err(OrchestratorError::other)
}

impl Refusal {
    fn of(response: &HttpResponse, body: &[u8]) -> Self {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let said = |names: [&str; 2]| names.iter().find_map(|name| body[*name].as_str());
        // `NAME:http://…` in the header, `PACKAGE#NAME` in the body.
        let code = response.headers().get("x-amzn-errortype").or_else(|| said(["code", "__type"]));
        let code = code.map(|code| code.split(':').next().unwrap_or(code));
        let code = code.map(|code| code.rsplit('#').next().unwrap_or(code));
        let code = code.map_or_else(|| format!("HTTP status {}", response.status().as_u16()), str::to_owned);
        let message = said(["message", "Message"]).unwrap_or("it says no more");
        Self(ErrorMetadata::builder().code(code).message(message).build())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, message) = (self.0.code().unwrap_or_default(), self.0.message().unwrap_or_default());
        let advice = match code {
            "AccessDeniedException" => "; the function needs securityhub:BatchImportFindings on the product",
            "InvalidAccessException" => "; turn Security Hub on in this account and region",
            _ => "",
        };
        write!(f, "Security Hub answers {code}: {message}{advice}")
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}
