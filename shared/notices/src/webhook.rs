//! The forms in which chats take a message.

use serde_json::{Value, json};

use crate::ports::Message;
use crate::printable::shortened;

/// Slack takes 40,000 characters and Teams 28 KB; nobody reads more than a screen of it.
const LONGEST_TEXT: usize = 6000;

/// How a chat wants its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebhookFormat {
    /// An incoming webhook of Slack, and of what takes the same (Mattermost, Rocket.Chat).
    #[default]
    Slack,
    /// A workflow of Microsoft Teams.
    Teams,
    /// The JSON that machines get.
    Json,
}

/// What is posted.
pub fn webhook_body(format: WebhookFormat, message: &Message) -> Value {
    let text = shortened(&message.text, LONGEST_TEXT);
    match format {
        // https://docs.slack.dev/messaging/formatting-message-text: these three are its control characters.
        // A fence within the text would end the block, and what follows be read as markup.
        WebhookFormat::Slack => {
            let escape = |text: &str| {
                text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('`', "'")
            };
            json!({ "text": format!("*{}*\n```{}```", escape(&message.subject), escape(&text)) })
        }
        // https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
        // Blocks of text know Markdown; runs of text know none, so that is what they are.
        WebhookFormat::Teams => {
            let lines = text.lines().filter(|line| !line.is_empty()).map(|line| {
                json!({ "type": "RichTextBlock", "spacing": "None", "inlines": [{ "type": "TextRun", "text": line, "fontType": "Monospace" }] })
            });
            let title = json!({
                "type": "RichTextBlock",
                "inlines": [{ "type": "TextRun", "text": message.subject, "weight": "Bolder", "size": "Medium" }],
            });
            let body: Vec<Value> = std::iter::once(title).chain(lines).collect();
            json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard", "version": "1.4", "msteams": { "width": "Full" }, "body": body,
                    },
                }],
            })
        }
        WebhookFormat::Json => message.json.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message { subject: "s <!channel>".to_owned(), text: text.to_owned(), json: json!({ "a": 1 }) }
    }

    #[test]
    fn nothing_in_a_message_calls_the_channel_or_ends_the_block() {
        let body = webhook_body(WebhookFormat::Slack, &message("a ``` <!here> & <https://x|y> *b*"));
        assert_eq!(
            body["text"],
            "*s &lt;!channel&gt;*\n```a ''' &lt;!here&gt; &amp; &lt;https://x|y&gt; *b*```"
        );
    }

    #[test]
    fn teams_reads_text_and_no_markup() {
        let body = webhook_body(WebhookFormat::Teams, &message("one\n\n[x](y)"));
        let lines = &body["attachments"][0]["content"]["body"];
        assert_eq!(lines[1]["inlines"][0]["text"], "one");
        assert_eq!(
            (&lines[2]["type"], &lines[2]["inlines"][0]["text"]),
            (&json!("RichTextBlock"), &json!("[x](y)"))
        );
        assert_eq!(webhook_body(WebhookFormat::Json, &message("")), json!({ "a": 1 }));
    }

    #[test]
    fn long_messages_are_cut() {
        let body = webhook_body(WebhookFormat::Slack, &message(&"&".repeat(1_000_000)));
        assert!(body.to_string().len() < 5 * LONGEST_TEXT + 200);
    }
}
