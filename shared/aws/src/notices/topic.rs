//! Messages to a topic: words for mailboxes and phones, JSON for everything else.

use aws_sdk_sns::Client;
use serde_json::json;
use trailmeter_notices::{Message, PortError, Publisher};

use super::failed;

/// What a phone shows of a text message.
const LONGEST_SMS: usize = 300;

/// Publishes to a topic.
#[derive(Debug, Clone)]
pub struct SnsTopic {
    client: Client,
    arn: String,
}

impl SnsTopic {
    pub(super) fn new(client: Client, arn: String) -> Self {
        Self { client, arn }
    }
}

impl Publisher for SnsTopic {
    async fn publish(&self, message: &Message) -> Result<(), PortError> {
        let sms: String = message.text.chars().take(LONGEST_SMS).collect();
        // Each form counts towards SNS's 256 KiB, so there is one for machines and it is the default.
        let forms = json!({ "default": message.json.to_string(), "email": message.text, "sms": sms });
        let request = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(&message.subject)
            .message_structure("json")
            .message(forms.to_string());
        request.send().await.map_err(|error| failed(&error))?;
        Ok(())
    }
}
