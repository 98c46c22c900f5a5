//! What the linter says of rules and patterns that others wrote, and how `check` prints it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trailmeter_detection::lint::{Warning, lint};
use trailmeter_detection::{DetectorFile, Options, load_each};
use trailmeter_logs::{Element, Layout, Limits, LogFileReader, Record, RecordSink};

use crate::command::{shared_material, trailmeter};

/// A detector with this pattern, and no more than has to be there.
fn detector_of(name: &str, pattern: &str) -> String {
    let pattern = Value::from(pattern);
    format!(
        "name: {name}\ntitle: t\nwhat: w\nwhy: y\nsources: [https://docs.aws.amazon.com/]\nlogs: cloudtrail\npattern: {pattern}\n\
         alarm: none\ntests:\n  - {{ name: one, match: true, record: {{}} }}\n  - {{ name: two, match: false, record: {{}} }}\n"
    )
}

fn warnings_of(files: &[DetectorFile]) -> Vec<Warning> {
    let options = Options::default();
    let today = jiff::civil::date(2026, 11, 21);
    load_each(files, &options)
        .iter()
        .filter_map(|loaded| Some((files.iter().find(|file| file.path == loaded.file)?, loaded)))
        .flat_map(|(file, loaded)| lint(file, loaded, &options, today))
        .collect()
}

/// How often each warning is given, and with which word in it.
fn counted(warnings: &[Warning]) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for warning in warnings {
        *counts.entry((warning.file.clone(), warning.code.to_string())).or_default() += 1;
    }
    counts
}

fn rules_in(folder: &Path) -> Result<Vec<DetectorFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push(DetectorFile { path: name, pack: None, text: fs::read_to_string(&path)? });
        }
    }
    Ok(files)
}

fn expected(rows: &[(&str, &str, usize)]) -> BTreeMap<(String, String), usize> {
    rows.iter().map(|(file, code, count)| (((*file).to_owned(), (*code).to_owned()), *count)).collect()
}

/// `status` is a field that CloudTrail does not have, and `ElastiCache` has no operations on egress: in
/// each case the rule has a part that never matches. Of 413 rules nothing else is said.
#[test]
fn published_rules_are_warned_of_where_they_never_match() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let suites = material.join("data/suites");
    let sigma = rules_in(&suites.join("sigma/rules"))?;
    ensure!(sigma.len() >= 30, "the suite has shrunk");
    assert_eq!(
        counted(&warnings_of(&sigma)),
        expected(&[
            ("aws_delete_saml_provider.yml", "unknown-field", 1),
            ("aws_elasticache_security_group_modified_or_deleted.yml", "unknown-event-name", 2),
        ])
    );
    let suzaku = rules_in(&suites.join("suzaku_rules"))?;
    ensure!(suzaku.len() >= 350, "the suite has shrunk");
    assert_eq!(counted(&warnings_of(&suzaku)), expected(&[]));
    Ok(())
}

/// The patterns of CIS as AWS prints them, and as public Terraform modules have them. All that is said is
/// that 4.2 misses records without `MFAUsed`, and that one module's exception for Identity Center has a
/// star inside an ARN, and misses users without a role.
#[test]
fn printed_patterns_are_warned_of_where_they_miss_something() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let suites = material.join("data/suites");
    let controls: Vec<Value> = serde_json::from_str(&fs::read_to_string(suites.join("cis_patterns.json"))?)?;
    let wild: Vec<Value> = fs::read_to_string(suites.join("cis_patterns_in_the_wild.jsonl"))?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    for (suite, expected) in [
        (&controls, &[("differs-when-absent", 1)][..]),
        (&wild, &[("differs-when-absent", 3), ("literal-star", 1)]),
    ] {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for (at, case) in suite.iter().enumerate() {
            let pattern = case["pattern"].as_str().context("a case without a pattern")?;
            let file = DetectorFile {
                path: format!("{at}.yaml"),
                pack: None,
                text: detector_of(&format!("Case{at}"), pattern),
            };
            for warning in warnings_of(&[file]) {
                let is_known = warning.message.contains("MFAUsed")
                    || warning.message.contains("sessionIssuer")
                    || warning.message.contains("arn:aws:iam::*");
                ensure!(is_known, "{pattern}: {warning}");
                *found.entry(warning.code.to_string()).or_default() += 1;
            }
        }
        let expected: BTreeMap<String, usize> =
            expected.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect();
        assert_eq!(found, expected);
    }
    Ok(())
}

/// Whatever AWS recorded is not called unknown: events with their sources, fields, and values where those
/// are looked at. Left out are records that others put together or enriched, see SOURCES.md of the corpus.
#[test]
fn nothing_that_aws_recorded_is_called_unknown() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let mut patterns: BTreeSet<String> = BTreeSet::new();
    for folder in fs::read_dir(material.join("data/real"))? {
        let folder = folder?.path();
        if folder.display().to_string().contains("otrf") {
            continue;
        }
        for file in fs::read_dir(&folder)? {
            let mut reader = LogFileReader::new(Limits::default(), Layout::Delivery, Records::default());
            reader.push(&fs::read(file?.path())?)?;
            reader.finish()?.0.iter().for_each(|record| asked_of(record, &mut patterns));
        }
    }
    ensure!(patterns.len() > 500, "{} patterns: the corpus has shrunk", patterns.len());
    for pattern in &patterns {
        let file =
            DetectorFile { path: "d.yaml".to_owned(), pack: None, text: detector_of("Recorded", pattern) };
        let found = warnings_of(&[file]);
        ensure!(found.is_empty(), "{pattern}: {}", found[0]);
    }
    Ok(())
}

#[derive(Default)]
struct Records(Vec<Value>);

impl RecordSink for Records {
    fn element(&mut self, element: Element<'_>) {
        if let Ok(record) = Record::parse(element) {
            self.0.push(record.value().clone());
        }
    }
}

/// Patterns that a record satisfies.
fn asked_of(record: &Value, patterns: &mut BTreeSet<String>) {
    let text = |path: &str| record.pointer(path).and_then(Value::as_str);
    if let (Some(source), Some(name)) = (text("/eventSource"), text("/eventName")) {
        // `needs` is not what this is about.
        patterns.insert(format!(r#"{{ ($.eventSource = "{source}") && ($.eventName = "{name}*") }}"#));
        patterns.insert(format!(r#"{{ $.eventName = "{name}" }}"#));
        if text("/eventCategory") != Some("Data") && record["managementEvent"] != false {
            patterns.insert(format!(r#"{{ ($.eventSource = "{source}") && ($.eventName = "{name}") }}"#));
        }
    }
    for path in ["eventType", "errorCode", "awsRegion", "userIdentity/type", "tlsDetails/tlsVersion"] {
        if let Some(value) = text(&format!("/{path}")) {
            patterns.insert(format!(r#"{{ $.{} = "{value}" }}"#, path.replace('/', ".")));
        }
    }
    fields_of(record, "$", patterns);
}

/// A pattern for each field, except in objects that differ from service to service.
fn fields_of(value: &Value, path: &str, patterns: &mut BTreeSet<String>) {
    let is_open = ["requestParameters", "responseElements", "serviceEventDetails"]
        .iter()
        .any(|open| path.ends_with(open));
    for (name, field) in value.as_object().into_iter().flatten() {
        let inner = format!("{path}['{name}']");
        match field {
            Value::Bool(flag) => drop(patterns.insert(format!("{{ {inner} = {flag} }}"))),
            Value::String(_) | Value::Number(_) => drop(patterns.insert(format!(r#"{{ {inner} = "*" }}"#))),
            Value::Null => drop(patterns.insert(format!("{{ {inner} IS NULL }}"))),
            Value::Object(_) if !is_open => fields_of(field, &inner, patterns),
            Value::Array(elements) => {
                for element in elements {
                    fields_of(element, &format!("{inner}[*]"), patterns);
                }
            }
            Value::Object(_) => {}
        }
    }
}

/// A warning changes no exit status unless that is asked for; what a detector allows is no warning.
#[test]
fn check_prints_warnings_and_fails_on_them_only_if_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.yaml");
    let at = path.display().to_string();
    let warned = detector_of("Warned", r#"{ $.errorCode != "AccessDenied" }"#);
    for (text, arguments, status, part) in [
        (warned.clone(), &["check"][..], 0, "a.yaml:7:13: warning[differs-when-absent]: many records"),
        (warned.clone(), &["check"], 0, "1 detector(s), 2 inline test(s): all is well, 1 warning(s)"),
        (warned.clone(), &["check", "--deny-warnings"], 1, "warning[differs-when-absent]"),
        (
            format!("{warned}lint: {{ allow: [{{ code: differs-when-absent, reason: It is meant. }}] }}\n"),
            &["check", "--deny-warnings"],
            0,
            "all is well, 1 allowed",
        ),
        (
            format!("{warned}lint: {{ allow: [{{ code: no-such, reason: r }}] }}\n"),
            &["check"],
            1,
            "the warnings are differs-when",
        ),
        (
            format!("{warned}lint: {{ allow: [{{ code: value-case, reason: '' }}] }}\n"),
            &["check"],
            1,
            "`reason` is empty",
        ),
    ] {
        // The tests of the file have to hold.
        let text = text.replacen("match: true, record: {}", "match: true, record: { errorCode: x }", 1);
        fs::write(&path, &text)?;
        let run = trailmeter(&[arguments, &[at.as_str()]].concat())?;
        assert_eq!(run.status, Some(status), "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    let text = warned.replacen("match: true, record: {}", "match: true, record: { errorCode: x }", 1);
    fs::write(
        &path,
        format!("{text}lint: {{ allow: [{{ code: differs-when-absent, reason: It is meant. }}] }}\n"),
    )?;
    let found = trailmeter(&["check", "--format", "json", &at])?.json()?;
    let warning = &found["detectors"][0]["warnings"][0];
    assert_eq!(
        (&warning["code"], &warning["line"], &warning["column"], &warning["allowed"]),
        (&json!("differs-when-absent"), &json!(7), &json!(13), &json!("It is meant."))
    );

    fs::write(
        &path,
        "title: Stopped\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n  a: { eventName: StopLogging }\n  condition: a\n",
    )?;
    let run = trailmeter(&["check", "--deny-warnings", &at])?;
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    assert!(run.stdout.contains("a.yaml: A, no alarm covers it"), "{}", run.stdout);
    Ok(())
}
