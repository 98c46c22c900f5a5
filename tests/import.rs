//! Detectors from metric filters: every format, what stays behind, and what cannot be read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::command::{Run, Scan, trailmeter};

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/import").join(name).display().to_string()
}

/// An import, what it said, and where it wrote.
struct Import {
    folder: tempfile::TempDir,
    run: Run,
}

impl Import {
    fn of(paths: &[String], more: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("out").display().to_string();
        let mut arguments = vec!["import", "--format", "json", "--out", &out];
        arguments.extend(paths.iter().map(String::as_str));
        arguments.extend(more);
        let run = trailmeter(&arguments)?;
        ensure!(!run.stderr.contains("panicked"), "{}", run.stderr);
        Ok(Self { folder, run })
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn report(&self) -> Result<Value> {
        self.run.json()
    }

    /// `NAME NAMESPACE METRIC ALARM LOG-GROUP` of each detector.
    fn detectors(&self) -> Result<Vec<String>> {
        let report = self.report()?;
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        Ok(array(&report["detectors"])?
            .iter()
            .map(|detector| {
                let metric = &detector["metric"];
                format!(
                    "{} {} {} {} {}",
                    word(&detector["name"]),
                    word(&metric["namespace"]),
                    word(&metric["name"]),
                    if detector["alarm"] == true { "alarm" } else { "-" },
                    word(&detector["log_group"]),
                )
            })
            .collect())
    }

    /// `FILE:LINE WHAT` of everything that was not carried, with its reason.
    fn not_carried(&self) -> Result<Vec<(String, String)>> {
        let report = self.report()?;
        array(&report["not_carried"])?
            .iter()
            .map(|item| {
                let file = item["file"].as_str().and_then(|file| Path::new(file).file_name());
                let file = file.context("no file")?.to_string_lossy().into_owned();
                let what = item["what"].as_str().context("no property")?;
                let reason = item["reason"].as_str().context("no reason")?;
                Ok((format!("{file}:{} {what}", item["line"]), reason.to_owned()))
            })
            .collect()
    }

    fn file(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.out().join(name)).with_context(|| format!("no {name}"))
    }
}

fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("no array")
}

#[track_caller]
fn assert_left_behind(found: &[(String, String)], expected: &[(&str, &str)]) {
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, expected.iter().map(|(place, _)| *place).collect::<Vec<_>>());
    for ((place, reason), (_, part)) in found.iter().zip(expected) {
        assert!(reason.contains(part), "{place}: {reason}");
    }
}

/// What is written loads, its tests hold, and it counts what the filters would.
#[track_caller]
fn assert_counts(import: &Import, records: &Value, expected: &[(&str, u64)]) -> Result<()> {
    let checked = trailmeter(&["check", &import.out().display().to_string()])?;
    assert!(!checked.stdout.contains(": test "), "{}", checked.stdout);
    let log = import.folder.path().join("log.json");
    fs::write(&log, json!({ "Records": records }).to_string())?;
    let found = Scan::of(&[&log]).detectors(&import.out()).json()?;
    for (name, count) in expected {
        assert_eq!(found["detectors"][name]["matches"], *count, "{name} in {}", found["detectors"]);
    }
    assert_eq!(found["detectors"].as_object().map(serde_json::Map::len), Some(expected.len()));
    Ok(())
}

#[test]
fn output_of_the_aws_command_line() -> Result<()> {
    let import = Import::of(&[fixture("filters.json"), fixture("alarms.json")], &[])?;
    assert_eq!(import.run.status, Some(1), "{}", import.run.stderr);
    assert_eq!(
        import.detectors()?,
        [
            "RootUse Audit RootUse alarm trail/main",
            "CopiedBytesBytes Audit Bytes - trail/data",
            "CopiedBytesCalls Audit Calls - trail/data",
        ]
    );
    assert_left_behind(
        &import.not_carried()?,
        &[
            ("alarms.json:4 AlarmName", "the stack names its alarms itself"),
            ("alarms.json:9 AlarmActions", "notify the stack's topic"),
            (
                "alarms.json:22 the whole alarm",
                "a detector has one alarm, and alarm root-use is on this metric already",
            ),
            ("alarms.json:33 the whole alarm", "`period`"),
            ("alarms.json:47 ExtendedStatistic", "percentiles"),
            (
                "alarms.json:53 the whole alarm",
                "no filter in the given files feeds CPUUtilization in AWS/EC2",
            ),
            ("alarms.json:65 Metrics", "metric math"),
            ("alarms.json:71 composite alarm", "an alarm on other alarms"),
            ("filters.json:18 defaultValue", "does not go with dimensions"),
            ("filters.json:22 applyOnTransformedLogs", "as a log transformer left them"),
            ("filters.json:23 fieldSelectionCriteria", "write it into the pattern"),
            ("filters.json:24 emitSystemFieldDimensions", "write `dimensions`"),
            ("filters.json:28 filterPattern", "an empty pattern counts every event"),
            ("filters.json:34 filterPattern", "a pattern of plain terms"),
            ("filters.json:40 filterPattern", "space-delimited fields"),
            ("filters.json:46 filterPattern", "character 34 of the pattern: expected a test"),
        ],
    );
    let root = import.file("root-use.yaml")?;
    for part in [
        "title: root use\n",
        "  - \"filters.json: metric filter root use\"\n",
        "  namespace: Audit\n  name: RootUse\n",
        "default-value: 0\nunit: Count\n",
        "  description: Somebody works as root. Ask who.\n",
        "  evaluation-periods: 3\n  datapoints-to-alarm: 3\n  missing-data: notBreaching\n",
    ] {
        assert!(root.contains(part), "{part} in {root}");
    }
    assert!(
        import
            .file("copied-bytes-bytes.yaml")?
            .contains("value: $.additionalEventData.bytesTransferredOut\n")
    );
    let calls = import.file("copied-bytes-calls.yaml")?;
    assert!(
        calls.contains("value: 2\n") && calls.contains("dimensions:\n  - Account: $.recipientAccountId\n"),
        "{calls}"
    );
    assert_counts(
        &import,
        &json!([
            { "eventID": "1", "userIdentity": { "type": "Root" } },
            { "eventID": "2", "userIdentity": { "type": "Root", "invokedBy": "x" } },
            { "eventID": "3", "eventName": "GetObject", "userIdentity": { "type": "Root" } },
        ]),
        &[("RootUse", 2), ("CopiedBytesBytes", 1), ("CopiedBytesCalls", 1)],
    )
}

#[test]
fn a_template_with_short_forms() -> Result<()> {
    let import = Import::of(&[fixture("template.yaml")], &[])?;
    assert_eq!(import.run.status, Some(1), "{}", import.run.stderr);
    assert_eq!(
        import.detectors()?,
        ["LiveDenied Watch Denied alarm trail-${AWS::AccountId}", "StackedFilter - Trail alarm trail"]
    );
    assert_left_behind(
        &import.not_carried()?,
        &[
            ("template.yaml:36 AlarmName", "the stack names its alarms itself"),
            ("template.yaml:37 AlarmDescription", "AWS::Region is known only where the stack is deployed"),
            ("template.yaml:45 AlarmActions", "notify the stack's topic"),
            (
                "template.yaml:52 FilterPattern",
                "the parameter Team has no default; give it with --var Team=VALUE",
            ),
            ("template.yaml:55 Condition", "not created, as the condition Both is false"),
            ("template.yaml:69 MetricNamespace", "AWS::StackName is known only where the stack is deployed"),
        ],
    );
    assert_eq!(
        (import.report()?["filters"].as_u64(), import.report()?["other_resources"].as_u64()),
        (Some(4), Some(1))
    );
    assert_counts(
        &import,
        &json!([
            { "eventID": "1", "errorCode": "AccessDeniedException" },
            { "eventID": "2", "errorCode": "Client.UnauthorizedOperation", "eventName": "DeleteTrail" },
        ]),
        &[("LiveDenied", 2), ("StackedFilter", 1)],
    )?;
    let import = Import::of(
        &[fixture("template.yaml")],
        &["--var", "Team=blue", "--var", "WithKms=yes", "--var", "Stage=test", "--var", "Namespace=Other"],
    )?;
    assert_eq!(
        import.detectors()?,
        ["TestDenied Other Denied alarm trail-${AWS::AccountId}", "StackedFilter - Trail alarm trail"]
    );
    let denied = import.file("test-denied.yaml")?;
    assert!(denied.contains("  threshold: 200\n  period: 3600\n"), "{denied}");
    // Without the property, CloudWatch's own default.
    assert!(denied.contains("  missing-data: missing\n"), "{denied}");
    let import = Import::of(&[fixture("template.yaml")], &["--var", "Team=blue", "--var", "WithKms=yes"])?;
    assert_eq!(
        import.detectors()?[1..3],
        ["TeamFilter blue/Audit Team - trail", "KmsFilter Watch Kms - trail"]
    );
    Ok(())
}

#[test]
fn a_module_of_several_files() -> Result<()> {
    let import = Import::of(&[fixture("module")], &[])?;
    assert_eq!(import.run.status, Some(1), "{}", import.run.stderr);
    assert_eq!(
        import.detectors()?,
        [
            "BucketPolicyFilter Listed bucket-policy alarm trail",
            "KeyDisabledFilter Listed key-disabled alarm trail",
            "NoMfa Audit no-mfa alarm trail",
            "RootUse Audit root-use alarm trail",
            "TrailChanged Audit/Trail trail-changed alarm ${var.log_group}",
            "Elsewhere - elsewhere - -",
        ]
    );
    assert_left_behind(
        &import.not_carried()?,
        &[
            ("lists.tf:42 alarm_name", "the stack names its alarms itself"),
            ("lists.tf:42 alarm_name", "the stack names its alarms itself"),
            ("main.tf:50 alarm_name", "the stack names its alarms itself"),
            ("main.tf:50 alarm_name", "the stack names its alarms itself"),
            ("main.tf:59 alarm_actions", "notify the stack's topic"),
            ("main.tf:59 alarm_actions", "notify the stack's topic"),
            ("main.tf:61 tags", "detectors have no tags"),
            ("main.tf:61 tags", "detectors have no tags"),
            ("switches.tf:19 alarm_name", "the stack names its alarms itself"),
            ("switches.tf:31 count", "not created, as count is 0"),
            (
                "switches.tf:42 count",
                "taken as switched on: module.label is known only where the module is applied",
            ),
            ("switches.tf:47 namespace", "the variable unset has no default; give it with --var unset=VALUE"),
            ("switches.tf:54 pattern", "it refers to itself: local.a -> local.b -> local.a"),
            ("switches.tf:64 pattern", "the function file is not resolved by this import"),
        ],
    );
    let notes = import.report()?["notes"].clone();
    assert_eq!((notes[0]["of"].as_str(), notes[0]["line"].as_u64()), (Some("module.label"), Some(77)));
    let mfa = import.file("no-mfa.yaml")?;
    assert!(
        mfa.contains("pattern: |-\n  { ($.eventName = \"ConsoleLogin\")\n    && (")
            && mfa.contains("  threshold: 3\n"),
        "{mfa}"
    );
    let listed = import.file("key-disabled-filter.yaml")?;
    for part in [
        "  statistic: Maximum\n",
        "  threshold: 5\n",
        "  period: 300\n",
        "  description: Other.\n",
        "unit: Bytes\n",
    ] {
        assert!(listed.contains(part), "{part} in {listed}");
    }
    assert_counts(
        &import,
        &json!([
            { "eventID": "1", "eventName": "ConsoleLogin", "additionalEventData": { "MFAUsed": "No" } },
            { "eventID": "2", "eventName": "StopLogging", "userIdentity": { "type": "Root" }, "eventType": "AwsApiCall" },
            { "eventID": "3", "eventName": "ScheduleKeyDeletion", "eventSource": "kms.amazonaws.com" },
        ]),
        &[
            ("NoMfa", 1),
            ("RootUse", 1),
            ("TrailChanged", 1),
            ("KeyDisabledFilter", 1),
            ("BucketPolicyFilter", 0),
            ("Elsewhere", 0),
        ],
    )?;
    let import = Import::of(
        &[fixture("module")],
        &["--var", "off_enabled=true", "--var", "prefix=p", "--var", "disabled=[]", "--var", "unset=Set"],
    )?;
    let detectors = import.detectors()?;
    for expected in ["PUnwanted Audit p-unwanted alarm trail", "Off x off - -", "Elsewhere Set elsewhere - -"]
    {
        assert!(detectors.iter().any(|detector| detector == expected), "{expected} in {detectors:?}");
    }
    Ok(())
}

/// Nothing is lost in these, so nothing is listed.
#[test]
fn json_templates_and_json_modules_are_carried_whole() -> Result<()> {
    let import = Import::of(&[fixture("template.json"), fixture("module.tf.json")], &[])?;
    assert_eq!(import.not_carried()?, []);
    assert_eq!((import.run.status, import.run.stderr.as_str()), (Some(0), ""));
    assert_eq!(import.detectors()?, ["KeyFilter Json Keys alarm trail", "Keys Json keys-made alarm trail"]);
    let keys = import.file("key-filter.yaml")?;
    assert!(keys.contains("  datapoints-to-alarm: 1\n  missing-data: ignore\n"), "{keys}");
    assert!(keys.contains("  description: Keys were made.\n"), "{keys}");
    assert_counts(
        &import,
        &json!([{ "eventID": "1", "eventName": "CreateAccessKey" }]),
        &[("KeyFilter", 1), ("Keys", 1)],
    )
}

#[test]
fn alarms_join_over_files_and_a_metric_may_have_two_filters() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let template = folder.path().join("t.yaml");
    let one = |id: &str, event: &str| {
        format!(
            "  {id}:\n    Type: AWS::Logs::MetricFilter\n    Properties:\n      LogGroupName: g\n      FilterPattern: '{{ $.eventName = {event} }}'\n      MetricTransformations: [{{ MetricName: RootUse, MetricNamespace: Audit, MetricValue: '1' }}]\n"
        )
    };
    fs::write(&template, format!("Resources:\n{}{}", one("First", "A"), one("Second", "B")))?;
    let import = Import::of(&[template.display().to_string(), fixture("alarms.json")], &[])?;
    assert_eq!(import.detectors()?, ["First Audit RootUse alarm g", "Second Audit RootUse - g"]);
    assert!(
        import
            .file("second.yaml")?
            .contains("# The alarm on this metric is with First, which feeds it too.\n")
    );
    assert_counts(&import, &json!([{ "eventID": "1", "eventName": "B" }]), &[("First", 0), ("Second", 1)])
}

#[test]
fn no_file_is_replaced_unasked() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("out");
    let (place, template) = (out.display().to_string(), fixture("template.json"));
    let arguments = ["import", "--out", &place, &template];
    assert_eq!(trailmeter(&arguments)?.status, Some(0));
    let first = fs::read_to_string(out.join("key-filter.yaml"))?;
    // The same again changes nothing, and is no conflict.
    assert_eq!(trailmeter(&arguments)?.status, Some(0));
    fs::write(out.join("key-filter.yaml"), "mine\n")?;
    let run = trailmeter(&arguments)?;
    assert_eq!(run.status, Some(2), "{}", run.stdout);
    assert!(run.stderr.contains("key-filter.yaml; give --force"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(out.join("key-filter.yaml"))?, "mine\n");
    // Of several, none is written if one is in the way.
    let other = fixture("module.tf.json");
    let run = trailmeter(&["import", "--out", &place, &other, &template])?;
    assert_eq!((run.status, out.join("keys.yaml").exists()), (Some(2), false));
    // A link is replaced, and not what it leads to.
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "kept\n")?;
    fs::remove_file(out.join("key-filter.yaml"))?;
    std::os::unix::fs::symlink(&elsewhere, out.join("key-filter.yaml"))?;
    assert_eq!(trailmeter(&arguments)?.status, Some(2));
    let run = trailmeter(&["import", "--force", "--out", &place, &template])?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(fs::read_to_string(out.join("key-filter.yaml"))?, first);
    assert_eq!(fs::read_to_string(&elsewhere)?, "kept\n");
    Ok(())
}

/// Each is named with its place, and the good file beside it is imported all the same.
#[test]
fn what_cannot_be_read_keeps_nothing_else_back() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let bomb: String = std::iter::once("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((1..30).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))))
        .collect();
    let large = "x".repeat((10 << 20) + 1);
    let cases: [(&str, &[u8], &str); 15] = [
        ("empty.yaml", b"", "empty.yaml:1:1: there is nothing in this file"),
        ("words.yaml", b"just words", "words.yaml:1:1: a text that is neither a CloudFormation template"),
        ("other.yaml", b"a: 1\n", "other.yaml:1:1: a map that is neither"),
        ("broken.yaml", b"Resources:\n  a: [\n", "broken.yaml:"),
        (
            "twice.yaml",
            b"Resources: {}\nResources: {}\n",
            "twice.yaml:2:1: the key \"Resources\" stands twice here",
        ),
        ("two.yaml", b"Resources: {}\n---\nResources: {}\n", "two.yaml:1:1: 2 YAML documents in one file"),
        ("bomb.yaml", bomb.as_bytes(), "more than 500000 values"),
        ("broken.json", b"{\"metricFilters\": [}", "broken.json:1:20: this is no JSON"),
        ("binary.yaml", b"\xff\xfe\x00", "binary.yaml:1:1: not UTF-8"),
        ("large.yaml", large.as_bytes(), "large.yaml:1:1: larger than 10 MiB"),
        ("a/broken.tf", b"resource \"a\" \"b\" {\n  x = \n}\n", "broken.tf:2:7: this is no Terraform code"),
        ("b/large.tf", &large.as_bytes()[..300_000], "large.tf:1:1: larger than 256 KiB"),
        ("c/broken.tf.json", b"{\"a\": 1, \"a\": 2}", "broken.tf.json:1:10: the key \"a\" stands twice here"),
        ("d/twice.tf", b"locals { a = 1 }\nlocals { a = 2 }\n", "twice.tf:2:10: local.a is declared twice"),
        ("e/x_override.tf", b"", "x_override.tf:1:1: override files are not merged"),
    ];
    let good = fixture("template.json");
    for (name, content, expected) in cases {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().context("no folder")?)?;
        fs::write(&path, content)?;
        let import = Import::of(&[path.display().to_string(), good.clone()], &[])?;
        assert_eq!(import.run.status, Some(1), "{name}: {}", import.run.stderr);
        assert_eq!(import.detectors()?, ["KeyFilter Json Keys alarm trail"], "{name}");
        let unusable = &import.report()?["unusable"];
        assert_eq!(array(unusable)?.len(), 1, "{name}: {unusable}");
        let problem = &unusable[0];
        let found = format!(
            "{}:{}:{}: {}",
            problem["file"].as_str().unwrap_or_default(),
            problem["line"],
            problem["column"],
            problem["reason"].as_str().unwrap_or_default()
        );
        assert!(found.contains(expected), "{name}: expected {expected} in {found}");
    }
    Ok(())
}

#[test]
fn what_is_no_file_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let empty = folder.path().join("empty");
    fs::create_dir(&empty)?;
    fs::write(empty.join("template.yaml"), "Resources: {}\n")?;
    let pipe = folder.path().join("pipe.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status()?.success());
    for (path, expected) in [
        (empty.as_path(), "no Terraform file (*.tf, *.tf.json) in this folder"),
        (pipe.as_path(), "neither a file nor a folder"),
        (Path::new("/nowhere.yaml"), "No such file or directory"),
    ] {
        let import = Import::of(&[path.display().to_string()], &[])?;
        assert_eq!(import.run.status, Some(1), "{}", path.display());
        let report = import.report()?;
        let reason = report["unusable"][0]["reason"].as_str().unwrap_or_default();
        assert!(reason.contains(expected), "{}: {report}", path.display());
        assert!(!import.out().exists(), "a folder for nothing");
    }
    for (arguments, part) in [
        (&["import"][..], "required"),
        (&["import", "--var", "x", "a.yaml"], "a variable is given as NAME=VALUE"),
    ] {
        let run = trailmeter(arguments)?;
        assert_eq!(run.status, Some(2), "{arguments:?}");
        assert!(run.stderr.contains(part), "{arguments:?}: {}", run.stderr);
    }
    Ok(())
}

/// A pattern that nothing matches has no record to test it with, which the file says.
#[test]
fn where_no_record_is_found_the_file_says_so() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("t.yaml");
    fs::write(
        &path,
        "Resources:\n  Never:\n    Type: AWS::Logs::MetricFilter\n    Properties:\n      LogGroupName: g\n      FilterPattern: '{ $.eventName = A && $.eventName = B }'\n      MetricTransformations: [{ MetricName: N, MetricNamespace: S, MetricValue: '1' }]\n",
    )?;
    let import = Import::of(&[path.display().to_string()], &[])?;
    assert_eq!(import.run.status, Some(1));
    assert_left_behind(&import.not_carried()?, &[("t.yaml:2 tests", "no record that matches could be made")]);
    let never = import.file("never.yaml")?;
    assert!(never.contains("# No record that matches could be made from the pattern."), "{never}");
    assert!(never.contains("# tests:\n#   - name: "), "{never}");
    Ok(())
}

/// People read the table, and nothing in a name moves their cursor.
#[test]
fn the_table_names_everything() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("out").display().to_string();
    let run = trailmeter(&["import", "--out", &out, &fixture("template.yaml")])?;
    for part in [
        "DETECTOR",
        "LiveDenied",
        "Watch Denied",
        "not carried\n",
        ":52:7: AWS::Logs::MetricFilter TeamFilter: FilterPattern: ",
        "4 filter(s), 2 detector(s) in ",
    ] {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    let odd = folder.path().join("odd.json");
    let filter = json!({
        "filterName": "\u{1b}[2J\nname", "filterPattern": "{ $.a = \"\u{1b}\" }", "logGroupName": "g\u{7}", "odd\u{1b}": 1,
        "metricTransformations": [{ "metricName": "m", "metricNamespace": "n", "metricValue": "1" }],
    });
    fs::write(&odd, json!({ "metricFilters": [filter] }).to_string())?;
    let run = trailmeter(&["import", "--out", &out, &odd.display().to_string()])?;
    assert_eq!(run.status, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains(['\u{1b}', '\u{7}']), "{:?}", run.stdout);
    let mut files = 0;
    for file in fs::read_dir(&out)? {
        let text = fs::read_to_string(file?.path())?;
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
        files += 1;
    }
    assert_eq!(files, 3);
    let checked = trailmeter(&["check", &out])?;
    assert!(!checked.stdout.contains("odd") && !checked.stdout.contains("bad pattern"), "{}", checked.stdout);
    Ok(())
}
