//! Messages to a chat. The address is the secret: who has it may post. It stands in Parameter Store, is read when
//! it is first needed, and never in an error.

use std::time::Duration;

use aws_sdk_ssm::Client;
use reqwest::{StatusCode, Url, redirect};
use tokio::sync::Mutex;
use trailmeter_notices::{Message, PortError, Webhook, WebhookFormat, webhook_body};

use super::failed;

/// Nobody's alarm waits longer for a chat. The topic has the message already.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Of a chat that is slow or busy a second answer may be better.
const ATTEMPTS: u32 = 2;
/// The pause between them.
const PAUSE: Duration = Duration::from_secs(1);

/// Posts to a webhook.
#[derive(Debug)]
pub struct SecretWebhook {
    ssm: Client,
    parameter: String,
    format: WebhookFormat,
    known: Mutex<Option<(Url, reqwest::Client)>>,
}

/// Why a message was not posted. None of these has the address in it.
#[derive(Debug, thiserror::Error)]
enum NotPosted {
    #[error("the parameter {0} has no value")]
    Empty(String),
    #[error("what the parameter {0} holds is no address of a webhook: it begins with https://")]
    NoAddress(String),
    #[error("no client for it can be made: {0}")]
    Client(reqwest::Error),
    #[error("it does not answer: {0}")]
    NoAnswer(reqwest::Error),
    #[error("it answers {0}")]
    Refused(StatusCode),
}

impl SecretWebhook {
    pub(super) fn new(ssm: Client, parameter: String, format: WebhookFormat) -> Self {
        Self { ssm, parameter, format, known: Mutex::default() }
    }

    async fn address(&self) -> Result<(Url, reqwest::Client), PortError> {
        let mut known = self.known.lock().await;
        if let Some(known) = &*known {
            return Ok(known.clone());
        }
        let request = self.ssm.get_parameter().name(&self.parameter).with_decryption(true);
        let answer = request.send().await.map_err(|error| failed(&error))?;
        let value = answer.parameter().and_then(|parameter| parameter.value()).unwrap_or_default().trim();
        if value.is_empty() {
            return Err(failed(&NotPosted::Empty(self.parameter.clone())));
        }
        let url = Url::parse(value).ok().filter(is_allowed);
        let url = url.ok_or_else(|| failed(&NotPosted::NoAddress(self.parameter.clone())))?;
        let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).build();
        let client = client.map_err(|error| failed(&NotPosted::Client(error)))?;
        *known = Some((url.clone(), client.clone()));
        Ok((url, client))
    }
}

/// TLS, or this very machine.
fn is_allowed(url: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == "http" && url.host_str() == Some("127.0.0.1")
}

impl Webhook for SecretWebhook {
    async fn post(&self, message: &Message) -> Result<(), PortError> {
        let (url, client) = self.address().await?;
        let body = webhook_body(self.format, message).to_string();
        let mut attempt = 1;
        loop {
            let request =
                client.post(url.clone()).header("content-type", "application/json").body(body.clone());
            let (error, may_repeat) = match request.send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => {
                    let status = answer.status();
                    (
                        NotPosted::Refused(status),
                        status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
                    )
                }
                Err(error) => (NotPosted::NoAnswer(error.without_url()), true),
            };
            if !may_repeat || attempt == ATTEMPTS {
                // It may have been changed meanwhile.
                *self.known.lock().await = None;
                return Err(failed(&error));
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}
