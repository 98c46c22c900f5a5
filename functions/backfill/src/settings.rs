//! The one place where the environment is read.

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

/// A variable that is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is not set: the template sets it")]
pub struct SettingsError {
    /// Its name.
    pub variable: &'static str,
}

impl Settings {
    /// Reads the environment of the process.
    pub fn from_environment() -> Result<Self, SettingsError> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables through `lookup`. An empty variable counts as unset.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let get = |name: &'static str| {
            lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let required = |variable: &'static str| get(variable).ok_or(SettingsError { variable });
        Ok(Self {
            bucket: required("TRAILMETER_BUCKET")?,
            bucket_region: get("TRAILMETER_BUCKET_REGION"),
            prefix: get("TRAILMETER_PREFIX").unwrap_or_default(),
            queue_url: required("TRAILMETER_QUEUE_URL")?,
            table: required("TRAILMETER_LEDGER_TABLE")?,
            namespace: required("TRAILMETER_NAMESPACE")?,
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
            assert_eq!(settings(variable), Err(SettingsError { variable }));
        }
    }
}
