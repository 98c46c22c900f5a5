//! The one place where the environment is read.

use jiff::SignedDuration;
use trailmeter_integrity::watch::WatchSettings;
use trailmeter_integrity::{Trail, Trails};
use trailmeter_logs::is_organization;
pub use trailmeter_variables::SettingsError;
use trailmeter_variables::Variables;

/// A hundred years, as the template has it for the bucket's lifecycle.
const MOST_DAYS: i64 = 36_500;
/// Deliveries come within minutes, and those that fail at first within half an hour.
const UNDER_WAY_MINUTES: i64 = 30;
/// A digest whose log files are young comes back every half hour, and four times.
const MOST_MINUTES: i64 = 120;

/// What the environment says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `TRAILMETER_BUCKET`, `TRAILMETER_PREFIX`, `TRAILMETER_LEDGER_DAYS`, `TRAILMETER_EXPIRES_DAYS`,
    /// `TRAILMETER_CATCH_UP_AFTER_MINUTES`, `TRAILMETER_TRAILS`, `TRAILMETER_ORGANIZATION`.
    pub watch: WatchSettings,
    /// `TRAILMETER_BUCKET_REGION`: where the log bucket is, if elsewhere.
    pub bucket_region: Option<String>,
    /// `TRAILMETER_NAMESPACE`: the CloudWatch namespace.
    pub namespace: String,
    /// `TRAILMETER_INTEGRITY_TABLE`: where it is taken down what was verified.
    pub table: String,
    /// Where missed deliveries are found and sent to, if they are.
    pub catch_up: Option<CatchUp>,
}

/// Where missed deliveries are found, and sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatchUp {
    /// `TRAILMETER_LEDGER_TABLE`: the ledger of the function that counts.
    pub ledger_table: String,
    /// `TRAILMETER_QUEUE_URL`: its queue.
    pub queue_url: String,
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
        let catch_up = match (variables.get("TRAILMETER_LEDGER_TABLE"), variables.get("TRAILMETER_QUEUE_URL"))
        {
            (Some(ledger_table), Some(queue_url)) => Some(CatchUp { ledger_table, queue_url }),
            (None, None) => None,
            (Some(_), None) => return Err(SettingsError::new("TRAILMETER_QUEUE_URL", NOT_ALONE)),
            (None, Some(_)) => return Err(SettingsError::new("TRAILMETER_LEDGER_TABLE", NOT_ALONE)),
        };
        let prefix = variables.get("TRAILMETER_PREFIX").unwrap_or_default();
        let under_way = variables.number("TRAILMETER_CATCH_UP_AFTER_MINUTES", 0..=MOST_MINUTES)?;
        Ok(Self {
            watch: WatchSettings {
                bucket: variables.required("TRAILMETER_BUCKET")?,
                prefix: prefix.trim_end_matches('/').to_owned(),
                trails: trails(variables)?,
                ledger_days: variables.number("TRAILMETER_LEDGER_DAYS", 1..=MOST_DAYS)?.unwrap_or(0),
                under_way: SignedDuration::from_mins(under_way.unwrap_or(UNDER_WAY_MINUTES)),
                expires_days: variables.number("TRAILMETER_EXPIRES_DAYS", 1..=MOST_DAYS)?,
            },
            bucket_region: variables.get("TRAILMETER_BUCKET_REGION"),
            namespace: variables.required("TRAILMETER_NAMESPACE")?,
            table: variables.required("TRAILMETER_INTEGRITY_TABLE")?,
            catch_up,
        })
    }
}

const NOT_ALONE: &str = "is not set: with TRAILMETER_LEDGER_TABLE and TRAILMETER_QUEUE_URL missed files are caught up, with neither they are not";

/// The trails that deliver to the bucket, by their ARNs.
fn trails(variables: Variables<'_>) -> Result<Option<Trails>, SettingsError> {
    const VARIABLE: &str = "TRAILMETER_TRAILS";
    const ORGANIZATION: &str = "TRAILMETER_ORGANIZATION";
    let organization = variables.get(ORGANIZATION);
    let Some(arns) = variables.list(VARIABLE) else {
        let problem = "is not set: TRAILMETER_ORGANIZATION is whose trails it names";
        return if organization.is_some() { Err(SettingsError::new(VARIABLE, problem)) } else { Ok(None) };
    };
    if arns.is_empty() {
        return Err(SettingsError::new(VARIABLE, "names no trail: leave it out where any trail will do"));
    }
    if organization.as_deref().is_some_and(|id| !is_organization(id)) {
        return Err(SettingsError::new(ORGANIZATION, "is no id of an organisation, such as o-a1b2c3d4e5"));
    }
    let trails = arns.iter().map(|arn| Trail::of_arn(arn)).collect::<Result<_, _>>();
    let trails = trails.map_err(|_| {
        SettingsError::new(
            VARIABLE,
            "has an entry that is no ARN of a trail: arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME",
        )
    })?;
    Ok(Some(Trails { trails, organization }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: [(&str, &str); 3] = [
        ("TRAILMETER_BUCKET", "logs"),
        ("TRAILMETER_NAMESPACE", "Trailmeter/prod"),
        ("TRAILMETER_INTEGRITY_TABLE", "prod-integrity"),
    ];

    fn settings(more: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_lookup(|name| {
            let set = more.iter().chain(&SET).find(|(variable, _)| *variable == name);
            set.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_is_caught_up_where_nobody_knows_what_was_counted() {
        let settings = settings(&[]).unwrap();
        assert_eq!((settings.catch_up, settings.watch.ledger_days), (None, 0));
        assert_eq!((settings.watch.expires_days, settings.watch.trails), (None, None));
    }

    #[test]
    fn what_is_set_is_taken() {
        let settings = settings(&[
            ("TRAILMETER_PREFIX", "security/trail/"),
            ("TRAILMETER_LEDGER_TABLE", "prod-ledger"),
            ("TRAILMETER_QUEUE_URL", "https://queue"),
            ("TRAILMETER_LEDGER_DAYS", "35"),
            ("TRAILMETER_EXPIRES_DAYS", "400"),
            ("TRAILMETER_TRAILS", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/a, arn:aws:cloudtrail:us-east-1:444455556666:trail/b"),
            ("TRAILMETER_ORGANIZATION", "o-a1b2c3d4e5"),
        ])
        .unwrap();
        assert_eq!(settings.watch.prefix, "security/trail");
        assert_eq!((settings.watch.ledger_days, settings.watch.expires_days), (35, Some(400)));
        let trails = settings.watch.trails.unwrap();
        assert_eq!(trails.trails.iter().map(|trail| &*trail.name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(trails.organization.as_deref(), Some("o-a1b2c3d4e5"));
        let expected =
            CatchUp { ledger_table: "prod-ledger".to_owned(), queue_url: "https://queue".to_owned() };
        assert_eq!(settings.catch_up, Some(expected));
    }

    #[test]
    fn mistakes_are_named() {
        for (variable, _) in SET {
            let error = settings(&[(variable, " ")]).unwrap_err();
            assert_eq!(error.to_string(), format!("{variable} is not set: the template sets it"));
        }
        for (set, variable) in [
            (("TRAILMETER_LEDGER_TABLE", "t"), "TRAILMETER_QUEUE_URL"),
            (("TRAILMETER_QUEUE_URL", "q"), "TRAILMETER_LEDGER_TABLE"),
            (("TRAILMETER_LEDGER_DAYS", "0"), "TRAILMETER_LEDGER_DAYS"),
            (("TRAILMETER_EXPIRES_DAYS", "soon"), "TRAILMETER_EXPIRES_DAYS"),
            (("TRAILMETER_CATCH_UP_AFTER_MINUTES", "121"), "TRAILMETER_CATCH_UP_AFTER_MINUTES"),
            (("TRAILMETER_TRAILS", "ours"), "TRAILMETER_TRAILS"),
            (("TRAILMETER_TRAILS", ","), "TRAILMETER_TRAILS"),
            (("TRAILMETER_ORGANIZATION", "o-a1b2c3d4e5"), "TRAILMETER_TRAILS"),
        ] {
            assert_eq!(settings(&[set]).unwrap_err().variable, variable);
        }
        let trails = ("TRAILMETER_TRAILS", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/a");
        let error = settings(&[trails, ("TRAILMETER_ORGANIZATION", "o-short")]).unwrap_err();
        assert_eq!(error.variable, "TRAILMETER_ORGANIZATION");
        let error = settings(&[("TRAILMETER_TRAILS", "a secret in the wrong place")]).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
