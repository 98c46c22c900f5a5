//! The one place where the environment is read.

pub use trailmeter_variables::SettingsError;
use trailmeter_variables::Variables;

/// What the environment says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `TRAILMETER_BUCKET`: the log bucket, and no other.
    pub bucket: String,
    /// `TRAILMETER_BUCKET_REGION`: where it is, if elsewhere.
    pub bucket_region: Option<String>,
    /// `TRAILMETER_PREFIX`: what stands before `AWSLogs/` in its keys, unless a request says otherwise.
    pub prefix: String,
    /// `TRAILMETER_QUEUE_URL`: the queue that detect takes its deliveries from.
    pub queue_url: String,
    /// `TRAILMETER_LEDGER_TABLE`: where it is taken down how far backfills have come.
    pub table: String,
    /// `TRAILMETER_NAMESPACE`: the CloudWatch namespace.
    pub namespace: String,
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
        Ok(Self {
            bucket: variables.required("TRAILMETER_BUCKET")?,
            bucket_region: variables.get("TRAILMETER_BUCKET_REGION"),
            prefix: variables.get("TRAILMETER_PREFIX").unwrap_or_default(),
            queue_url: variables.required("TRAILMETER_QUEUE_URL")?,
            table: variables.required("TRAILMETER_LEDGER_TABLE")?,
            namespace: variables.required("TRAILMETER_NAMESPACE")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: [(&str, &str); 4] = [
        ("TRAILMETER_BUCKET", "logs"),
        ("TRAILMETER_QUEUE_URL", "https://sqs/q"),
        ("TRAILMETER_LEDGER_TABLE", "ledger"),
        ("TRAILMETER_NAMESPACE", "Trailmeter/prod"),
    ];

    #[test]
    fn what_is_missing_is_named() {
        let settings = |without: &str| {
            let set = SET.iter().filter(|(name, _)| *name != without);
            let set: Vec<_> = set.collect();
            Settings::from_lookup(|name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let whole = settings("nothing").unwrap();
        assert_eq!((whole.bucket.as_str(), whole.prefix.as_str(), whole.bucket_region), ("logs", "", None));
        for (variable, _) in SET {
            assert_eq!(settings(variable).unwrap_err().variable, variable);
        }
    }
}
