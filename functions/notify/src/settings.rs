//! The one place where the environment is read.

use trailmeter_notices::{Deployment, Limits, WebhookFormat};
pub use trailmeter_variables::SettingsError;
use trailmeter_variables::Variables;

/// A day.
const LONGEST_BETWEEN_DIGESTS: i64 = 1440;
/// The function's own timeout, less what comes after.
const LONGEST_WAIT: u64 = 90;

/// What the environment says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `TRAILMETER_STACK`, `AWS_REGION`, `TRAILMETER_NAMESPACE`, `TRAILMETER_LOG_GROUP`, `TRAILMETER_DASHBOARD`.
    pub deployment: Deployment,
    /// `TRAILMETER_DIGEST_MINUTES`, `TRAILMETER_WAIT_SECONDS`.
    pub limits: Limits,
    /// `TRAILMETER_TOPIC`: the ARN of the topic that people hear of.
    pub topic: String,
    /// `TRAILMETER_NOTICE_TABLE`: where it is taken down what was told.
    pub table: String,
    /// `TRAILMETER_WEBHOOK`, `TRAILMETER_WEBHOOK_FORMAT`: a chat, besides.
    pub webhook: Option<WebhookPlace>,
}

/// Where the address of a webhook is kept, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookPlace {
    /// The name of a parameter of Parameter Store.
    pub parameter: String,
    /// How the chat wants its messages.
    pub format: WebhookFormat,
}

impl Settings {
    /// Reads the environment of the process.
    pub fn from_environment() -> Result<Self, SettingsError> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables through `lookup`. An empty variable counts as unset.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let variables = Variables::new(&lookup);
        let limits = Limits::default();
        Ok(Self {
            deployment: Deployment {
                stack: variables.required("TRAILMETER_STACK")?,
                region: variables.required("AWS_REGION")?,
                namespace: variables.required("TRAILMETER_NAMESPACE")?,
                log_group: variables.required("TRAILMETER_LOG_GROUP")?,
                dashboard: variables.get("TRAILMETER_DASHBOARD").unwrap_or_default(),
            },
            limits: Limits {
                between_digests: 60
                    * variables
                        .number("TRAILMETER_DIGEST_MINUTES", 1..=LONGEST_BETWEEN_DIGESTS)?
                        .unwrap_or(60),
                wait: variables.number("TRAILMETER_WAIT_SECONDS", 0..=LONGEST_WAIT)?.unwrap_or(limits.wait),
                ..limits
            },
            topic: variables.required("TRAILMETER_TOPIC")?,
            table: variables.required("TRAILMETER_NOTICE_TABLE")?,
            webhook: match (
                variables.get("TRAILMETER_WEBHOOK"),
                format(variables.get("TRAILMETER_WEBHOOK_FORMAT").as_deref())?,
            ) {
                (Some(parameter), format) => Some(WebhookPlace { parameter, format }),
                (None, _) => None,
            },
        })
    }
}

fn format(word: Option<&str>) -> Result<WebhookFormat, SettingsError> {
    match word {
        None | Some("slack") => Ok(WebhookFormat::Slack),
        Some("teams") => Ok(WebhookFormat::Teams),
        Some("json") => Ok(WebhookFormat::Json),
        Some(_) => Err(SettingsError::new("TRAILMETER_WEBHOOK_FORMAT", "is none of slack, teams, json")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: [(&str, &str); 6] = [
        ("TRAILMETER_STACK", "prod"),
        ("AWS_REGION", "eu-west-1"),
        ("TRAILMETER_NAMESPACE", "Trailmeter/prod"),
        ("TRAILMETER_LOG_GROUP", "/aws/lambda/prod-detect"),
        ("TRAILMETER_TOPIC", "arn:aws:sns:eu-west-1:111122223333:t"),
        ("TRAILMETER_NOTICE_TABLE", "prod-notices"),
    ];

    fn settings(more: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_lookup(|name| {
            let set = more.iter().chain(&SET).find(|(variable, _)| *variable == name);
            set.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn defaults_stand_where_nothing_is_set() {
        let settings = settings(&[]).unwrap();
        assert_eq!((settings.limits, settings.webhook), (Limits::default(), None));
        assert_eq!(
            (settings.deployment.stack.as_str(), settings.deployment.dashboard.as_str()),
            ("prod", "")
        );
    }

    #[test]
    fn what_is_set_is_taken() {
        let settings = settings(&[
            ("TRAILMETER_DIGEST_MINUTES", "15"),
            ("TRAILMETER_WAIT_SECONDS", "0"),
            ("TRAILMETER_WEBHOOK", "/chat"),
            ("TRAILMETER_WEBHOOK_FORMAT", "teams"),
        ])
        .unwrap();
        assert_eq!((settings.limits.between_digests, settings.limits.wait), (900, 0));
        let place = WebhookPlace { parameter: "/chat".to_owned(), format: WebhookFormat::Teams };
        assert_eq!(settings.webhook, Some(place));
    }

    #[test]
    fn mistakes_are_named() {
        for (variable, _) in SET {
            let error = settings(&[(variable, " ")]).unwrap_err();
            assert_eq!(error.to_string(), format!("{variable} is not set: the template sets it"));
        }
        for (variable, value, says) in [
            ("TRAILMETER_DIGEST_MINUTES", "0", "from 1 to 1440"),
            ("TRAILMETER_WAIT_SECONDS", "x", "from 0 to 90"),
            ("TRAILMETER_WEBHOOK_FORMAT", "irc", "slack, teams, json"),
        ] {
            let error = settings(&[(variable, value)]).unwrap_err().to_string();
            assert!(error.starts_with(variable) && error.contains(says), "{error}");
        }
    }
}
