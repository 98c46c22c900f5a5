use trailmeter_detection::finding::WhichFindings;
use trailmeter_pipeline::{LedgerSettings, Unavailable};

use super::*;

fn settings(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::from_lookup(|name| {
        variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn defaults_stand_where_nothing_is_set() {
    let settings = settings(&[("TRAILMETER_BUCKETS", " a , b,")]).unwrap();
    assert_eq!(settings.pipeline.buckets, ["a", "b"]);
    assert_eq!(settings.namespace, "Trailmeter");
    assert!(settings.namespaces.is_empty());
    assert_eq!(settings.packs, ["default"]);
    assert_eq!(settings.detectors, None);
    assert_eq!(settings.refresh, 60);
    assert!(settings.lists.is_empty());
    assert_eq!(settings.pipeline.timestamps, Timestamps::Arrival);
    assert_eq!(settings.pipeline.dimension_values, 50);
    assert!(!settings.pipeline.covers_loaded);
    assert_eq!(settings.pipeline.limits.inflated, 512 << 20);
    assert_eq!(settings.ledger, None);
}

#[test]
fn a_ledger_is_whole_or_there_is_none() {
    let ledger = |more: &[(&str, &str)]| settings(&[&[("TRAILMETER_BUCKETS", "b")], more].concat());
    let table = ("TRAILMETER_LEDGER_TABLE", "t");
    let off = ledger(&[("TRAILMETER_LEDGER", "off"), table]).unwrap();
    assert_eq!(off.ledger, None);
    for (mode, events) in [("object", false), ("event", true)] {
        let found = ledger(&[("TRAILMETER_LEDGER", mode), table]).unwrap();
        assert_eq!(found.pipeline.ledger, LedgerSettings { events, unavailable: Unavailable::Hold });
        let retention = Retention { object_days: 35, event_hours: 24 };
        assert_eq!(found.ledger, Some(Ledger { table: "t".to_owned(), retention }));
    }
    let found = ledger(&[
        ("TRAILMETER_LEDGER", "event"),
        table,
        ("TRAILMETER_LEDGER_UNAVAILABLE", "count"),
        ("TRAILMETER_LEDGER_DAYS", "7"),
        ("TRAILMETER_LEDGER_EVENT_HOURS", "72"),
    ])
    .unwrap();
    assert_eq!(found.pipeline.ledger.unavailable, Unavailable::Count);
    assert_eq!(found.ledger.unwrap().retention, Retention { object_days: 7, event_hours: 72 });
    for (variables, names) in [
        (vec![("TRAILMETER_LEDGER", "yes")], "off, object, event"),
        (vec![("TRAILMETER_LEDGER", "event")], "TRAILMETER_LEDGER_TABLE is not set"),
        (
            vec![("TRAILMETER_LEDGER", "event"), table, ("TRAILMETER_LEDGER_UNAVAILABLE", "no")],
            "hold nor count",
        ),
        (vec![("TRAILMETER_LEDGER", "event"), table, ("TRAILMETER_LEDGER_DAYS", "0")], "from 1 to 365"),
        (
            vec![("TRAILMETER_LEDGER", "event"), table, ("TRAILMETER_LEDGER_EVENT_HOURS", "721")],
            "from 1 to 720",
        ),
    ] {
        let error = ledger(&variables).unwrap_err().to_string();
        assert!(error.contains(names), "{error}");
    }
}

#[test]
fn a_sixteenth_of_the_memory_is_for_what_is_read_ahead() {
    for (memory, objects, expected) in [
        (None, None, ReadAheadSettings { objects: 8, bytes: 32 << 20 }),
        (Some("1024"), None, ReadAheadSettings { objects: 8, bytes: 64 << 20 }),
        (Some("10240"), Some("0"), ReadAheadSettings { objects: 0, bytes: 640 << 20 }),
        (Some("unsaid"), Some("64"), ReadAheadSettings { objects: 64, bytes: 32 << 20 }),
    ] {
        let variables = [("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory), ("TRAILMETER_READ_AHEAD", objects)];
        let set = variables.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let variables: Vec<_> = set.chain([("TRAILMETER_BUCKETS", "b")]).collect();
        assert_eq!(settings(&variables).unwrap().pipeline.read_ahead, expected);
    }
}

#[test]
fn values_are_taken_as_they_are_meant() {
    let s3 = |bucket: &str, key: &str| {
        DetectorsPlace::S3(ObjectRef { bucket: bucket.to_owned(), key: key.to_owned() })
    };
    for (text, expected) in [
        ("s3://b/k.yaml", s3("b", "k.yaml")),
        ("s3://b/a/b c/k", s3("b", "a/b c/k")),
        ("ssm:/trailmeter/detectors", DetectorsPlace::Ssm("/trailmeter/detectors".to_owned())),
    ] {
        let found = settings(&[("TRAILMETER_BUCKETS", "b"), ("TRAILMETER_DETECTORS", text)]).unwrap();
        assert_eq!(found.detectors, Some(expected), "{text}");
    }
    let found = settings(&[
        ("TRAILMETER_BUCKETS", "b"),
        ("TRAILMETER_PACKS", "none"),
        ("TRAILMETER_DETECTORS", "ssm:/d"),
        ("TRAILMETER_DETECTORS_REFRESH_SECONDS", "0"),
        ("TRAILMETER_LOADED_ALARM", "yes"),
        ("TRAILMETER_NAMESPACES", "CISBenchmark, Security/Other "),
        ("TRAILMETER_LISTS", " known_networks=10.0.0.0/8, 2001:db8::/32 ; used_regions=eu-west-1;"),
    ])
    .unwrap();
    assert!(found.packs.is_empty());
    assert_eq!(found.refresh, 0);
    assert!(found.pipeline.covers_loaded);
    assert_eq!(found.namespaces, ["CISBenchmark", "Security/Other"]);
    let list = |name: &str| found.lists.get(name).cloned().unwrap_or_default();
    assert_eq!(found.lists.len(), 2);
    assert_eq!(list("known_networks"), ["10.0.0.0/8", "2001:db8::/32"]);
    assert_eq!(list("used_regions"), ["eu-west-1"]);
    // The alarm is on what is loaded, and nothing is.
    let found = settings(&[("TRAILMETER_BUCKETS", "b"), ("TRAILMETER_LOADED_ALARM", "yes")]).unwrap();
    assert!(!found.pipeline.covers_loaded);
    assert!(found.pipeline.caught_up_alarms, "on unless it is turned off");
    let found = settings(&[("TRAILMETER_BUCKETS", "b"), ("TRAILMETER_CATCH_UP_ALARMS", "no")]).unwrap();
    assert!(!found.pipeline.caught_up_alarms);
}

#[test]
fn bad_values_are_named_with_what_they_should_be() {
    let place = "s3://BUCKET/KEY or ssm:/PARAMETER/NAME";
    for (variable, value, problem) in [
        ("TRAILMETER_BUCKETS", " ,", "name the log bucket"),
        ("TRAILMETER_TIMESTAMPS", "now", "none of arrival, event, both"),
        ("TRAILMETER_DIMENSION_VALUES", "many", "no whole number from 0 to 1000"),
        ("TRAILMETER_DIMENSION_VALUES", "1001", "no whole number from 0 to 1000"),
        ("TRAILMETER_MAX_INFLATED_MIB", "0", "from 1 to"),
        ("TRAILMETER_READ_AHEAD", "65", "from 0 to 64"),
        ("TRAILMETER_NAMESPACE", "AWS/Lambda", "no CloudWatch namespace"),
        ("TRAILMETER_NAMESPACE", ":x", "no CloudWatch namespace"),
        ("TRAILMETER_NAMESPACE", "ä", "no CloudWatch namespace"),
        ("TRAILMETER_NAMESPACES", "Good,AWS/Lambda", "no CloudWatch namespace"),
        ("TRAILMETER_PACKS", "none", "TRAILMETER_DETECTORS where to load"),
        ("TRAILMETER_PACKS", ",", "names no pack"),
        ("TRAILMETER_DETECTORS", "s3://b", place),
        ("TRAILMETER_DETECTORS", "s3:///k", place),
        ("TRAILMETER_DETECTORS", "s3://b/folder/", place),
        ("TRAILMETER_DETECTORS", "ssm:/", place),
        ("TRAILMETER_DETECTORS", "ssm:name", place),
        ("TRAILMETER_DETECTORS", "/etc/detectors.yaml", place),
        ("TRAILMETER_DETECTORS_REFRESH_SECONDS", "-1", "from 0 to 86400"),
        ("TRAILMETER_LOADED_ALARM", "true", "neither yes nor no"),
        ("TRAILMETER_CATCH_UP_ALARMS", "true", "neither yes nor no"),
        ("TRAILMETER_LISTS", "10.0.0.0/8", "NAME=VALUE,VALUE"),
        ("TRAILMETER_LISTS", "known_networks=", "without values"),
        ("TRAILMETER_LISTS", "=a", "without a name"),
        ("TRAILMETER_LISTS", "a=1;b=2;a=3", "names the list a twice"),
    ] {
        let found = settings(&[(variable, value), ("TRAILMETER_BUCKETS", "b")]).unwrap_err();
        assert_eq!(found.variable, variable);
        assert!(found.problem.contains(problem), "{value}: {found}");
    }
}

#[test]
fn findings_are_on_unless_they_are_turned_off() {
    let findings = |more: &[(&str, &str)]| settings(&[&[("TRAILMETER_BUCKETS", "b")], more].concat());
    let usual = findings(&[]).unwrap();
    assert_eq!((usual.pipeline.findings.which, usual.pipeline.findings.lines), (WhichFindings::Usual, 100));
    assert_eq!((usual.pipeline.findings.namespace.as_str(), usual.findings.bucket), ("Trailmeter", None));
    let all = findings(&[
        ("TRAILMETER_FINDINGS", "all"),
        ("TRAILMETER_FINDING_LINES", "5"),
        ("TRAILMETER_NAMESPACE", "Trailmeter/prod"),
        ("TRAILMETER_FINDINGS_BUCKET", "kept"),
    ])
    .unwrap();
    assert_eq!((all.pipeline.findings.which, all.pipeline.findings.lines), (WhichFindings::All, 5));
    assert_eq!(all.pipeline.findings.namespace, "Trailmeter/prod");
    assert_eq!(all.findings.bucket.as_deref(), Some("kept"));
    assert_eq!(
        findings(&[("TRAILMETER_FINDINGS", "off")]).unwrap().pipeline.findings.which,
        WhichFindings::None
    );
    for (variable, value, says) in [
        ("TRAILMETER_FINDINGS", "yes", "on, all, off"),
        ("TRAILMETER_FINDING_LINES", "-1", "from 0 to 10000"),
    ] {
        let error = findings(&[(variable, value)]).unwrap_err();
        assert!(error.to_string().starts_with(variable) && error.to_string().contains(says), "{error}");
    }
}

const PRODUCT: &str = "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default";

#[test]
fn findings_go_on_in_the_format_that_is_asked_for() {
    let kept = |more: &[(&str, &str)]| {
        let settings = settings(&[&[("TRAILMETER_BUCKETS", "b")], more].concat())?;
        Ok::<_, SettingsError>(settings.findings)
    };
    assert_eq!(kept(&[]).unwrap(), FindingsKept::default());
    // The template sets the product wherever it may be asked for.
    assert_eq!(kept(&[("TRAILMETER_PRODUCT_ARN", PRODUCT)]).unwrap(), FindingsKept::default());
    let product = Product::parse(PRODUCT).unwrap();
    for (format, is) in [
        ("", FindingFormat::Trailmeter),
        ("trailmeter", FindingFormat::Trailmeter),
        ("ocsf", FindingFormat::Ocsf),
        ("asff", FindingFormat::Asff(product.clone())),
    ] {
        let found = kept(&[
            ("TRAILMETER_EVENT_BUS", "soc"),
            ("TRAILMETER_EVENT_FORMAT", format),
            ("TRAILMETER_PRODUCT_ARN", PRODUCT),
        ]);
        assert_eq!(
            found.unwrap().event_bus,
            Some(EventBus { bus: "soc".to_owned(), format: is }),
            "{format}"
        );
    }
    let hub = kept(&[("TRAILMETER_SECURITY_HUB", "yes"), ("TRAILMETER_PRODUCT_ARN", PRODUCT)]).unwrap();
    assert_eq!((hub.security_hub, hub.event_bus), (Some(product), None));
    for (variables, names) in [
        (vec![("TRAILMETER_EVENT_FORMAT", "ocsf")], "name one in TRAILMETER_EVENT_BUS"),
        (vec![("TRAILMETER_EVENT_BUS", "soc"), ("TRAILMETER_EVENT_FORMAT", "cef")], "trailmeter, ocsf, asff"),
        (
            vec![("TRAILMETER_EVENT_BUS", "soc"), ("TRAILMETER_EVENT_FORMAT", "asff")],
            "TRAILMETER_PRODUCT_ARN is not set to the default product",
        ),
        (vec![("TRAILMETER_SECURITY_HUB", "yes")], "TRAILMETER_PRODUCT_ARN is not set"),
        (
            vec![
                ("TRAILMETER_SECURITY_HUB", "yes"),
                ("TRAILMETER_PRODUCT_ARN", "arn:aws:securityhub:eu-west-1::product/acme/x"),
            ],
            "product/ACCOUNT/default",
        ),
        (vec![("TRAILMETER_SECURITY_HUB", "on")], "TRAILMETER_SECURITY_HUB is neither yes nor no"),
    ] {
        let error = kept(&variables).unwrap_err();
        assert!(error.to_string().contains(names), "{error}");
    }
}

#[test]
fn traces_are_sent_where_they_are_wanted_and_somebody_listens() {
    for (wanted, address, daemon) in [
        ("yes", "169.254.79.129:2000", Some("169.254.79.129:2000")),
        ("yes", "", None),
        ("yes", "somewhere", None),
        ("no", "169.254.79.129:2000", None),
        ("", "169.254.79.129:2000", None),
    ] {
        let settings = settings(&[
            ("TRAILMETER_BUCKETS", "b"),
            ("TRAILMETER_TRACING", wanted),
            ("AWS_XRAY_DAEMON_ADDRESS", address),
        ]);
        let daemon = daemon.map(|address| address.parse().unwrap());
        assert_eq!(settings.unwrap().trace_daemon, daemon, "{wanted} {address}");
    }
    let error = settings(&[("TRAILMETER_BUCKETS", "b"), ("TRAILMETER_TRACING", "Active")]).unwrap_err();
    assert_eq!(error.to_string(), "TRAILMETER_TRACING is neither yes nor no");
}
