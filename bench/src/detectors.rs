//! Detector files that the bench makes for itself: the peers' three questions, and as many as wanted.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use trailmeter_testkit::generate::Plan;

/// A detector's name and what is particular about it.
struct Made<'a> {
    name: &'a str,
    pattern: &'a str,
    /// A record that it matches, as YAML.
    example: &'a str,
    /// Further lines of the file.
    more: &'a str,
}

impl Made<'_> {
    fn text(&self) -> String {
        let Self { name, pattern, example, more } = self;
        format!(
            "name: {name}\ntitle: {name}\nwhat: Made for a measurement.\nwhy: Made for a measurement.\n\
             sources: [https://docs.aws.amazon.com/awscloudtrail/latest/userguide/]\nlogs: cloudtrail\n\
             pattern: |-\n  {pattern}\n{more}alarm: none\ntests:\n  - {{ name: one, match: true, record: {example} }}\n  \
             - {{ name: none, match: false, record: {{ eventVersion: '0' }} }}\n"
        )
    }
}

/// The names of the detectors for the three questions, in the order of [`crate::corpus::Three`].
pub(crate) const THREE: [&str; 3] = ["AskedAccessDenied", "AskedSigV2", "AskedAnonymous"];

/// Detectors for the three questions.
pub(crate) fn three(folder: &Path) -> Result<PathBuf> {
    let made = [
        Made {
            name: THREE[0],
            pattern: r#"{ ($.errorCode = "AccessDenied*") || ($.errorCode = "*UnauthorizedOperation") }"#,
            example: "{ errorCode: AccessDenied }",
            more: "",
        },
        Made {
            name: THREE[1],
            pattern: r#"{ ($.eventSource = "s3.amazonaws.com") && ($.additionalEventData.SignatureVersion = "SigV2") }"#,
            example: "{ eventSource: s3.amazonaws.com, additionalEventData: { SignatureVersion: SigV2 } }",
            more: "",
        },
        Made {
            name: THREE[2],
            pattern: r#"{ ($.userIdentity.accountId = "anonymous") || ($.userIdentity.principalId = "anonymous") }"#,
            example: "{ userIdentity: { accountId: anonymous } }",
            more: "",
        },
    ];
    write(folder, "three", &made.iter().map(Made::text).collect::<Vec<_>>())
}

/// So many detectors of the kinds that people write: most on one call of one service with something
/// about its outcome or its caller, some on a wildcard, a negation or a missing field.
pub(crate) fn many(folder: &Path, count: usize) -> Result<PathBuf> {
    let texts: Vec<String> = (0..count)
        .map(|number| {
            let (name, call) = (format!("Made{number}"), CALLS[number % CALLS.len()]);
            let (service, event) = call;
            let called = format!(r#"($.eventSource = "{service}.amazonaws.com") && ($.eventName = "{event}")"#);
            let user = format!("user-{number}");
            let record = format!("eventSource: {service}.amazonaws.com, eventName: {event}");
            let (pattern, example) = match number % 6 {
                0 => (
                    format!(r#"{{ {called} && ($.userIdentity.userName = "{user}") }}"#),
                    format!("{{ {record}, userIdentity: {{ userName: {user} }} }}"),
                ),
                1 => (
                    format!(r#"{{ {called} && ($.errorCode = "Client.{user}*") }}"#),
                    format!("{{ {record}, errorCode: Client.{user}.Denied }}"),
                ),
                2 => (
                    format!(
                        r#"{{ {called} && ($.errorCode NOT EXISTS) && ($.userIdentity.arn = "*:user/{user}") }}"#
                    ),
                    format!("{{ {record}, userIdentity: {{ arn: 'arn:aws:iam::111122223333:user/{user}' }} }}"),
                ),
                3 => (
                    format!(r#"{{ {called} && ($.sourceIPAddress = "10.{}.*") }}"#, number % 256),
                    format!("{{ {record}, sourceIPAddress: 10.{}.0.1 }}", number % 256),
                ),
                4 => (
                    format!(
                        r#"{{ {called} && ($.userAgent != "aws-cli*") && ($.requestParameters.name = "{user}") }}"#
                    ),
                    format!("{{ {record}, userAgent: curl, requestParameters: {{ name: {user} }} }}"),
                ),
                _ => (
                    format!(r#"{{ ($.eventName = "Made{number}") || ($.eventName = "*{event}{number}") }}"#),
                    format!("{{ eventName: Made{number} }}"),
                ),
            };
            Made { name: &name, pattern: &pattern, example: &example, more: "" }.text()
        })
        .collect();
    write(folder, &format!("many-{count}"), &texts)
}

/// What [`many`] is about: calls that the corpora are full of, and some that never occur.
const CALLS: [(&str, &str); 12] = [
    ("s3", "GetObject"),
    ("s3", "PutObject"),
    ("kms", "Decrypt"),
    ("sts", "AssumeRole"),
    ("ec2", "DescribeInstances"),
    ("ec2", "RunInstances"),
    ("iam", "CreateUser"),
    ("iam", "AttachUserPolicy"),
    ("signin", "ConsoleLogin"),
    ("cloudtrail", "StopLogging"),
    ("lambda", "UpdateFunctionCode20150331v2"),
    ("secretsmanager", "GetSecretValue"),
];

/// A detector that asks for three regions, so many of which are those of the corpora: records of the
/// others do not match, and the question stays the same.
pub(crate) fn regions(folder: &Path, count: usize) -> Result<PathBuf> {
    let real = Plan::default().regions;
    let asked: Vec<String> = real
        .iter()
        .enumerate()
        .map(|(at, region)| format!(r#"($.awsRegion = "{region}{}")"#, if at < count { "" } else { "-none" }))
        .collect();
    let pattern = format!("{{ {} }}", asked.join(" || "));
    let example = format!("{{ awsRegion: {}{} }}", real[0], if count > 0 { "" } else { "-none" });
    let made = Made { name: "Regions", pattern: &pattern, example: &example, more: "" };
    write(folder, &format!("regions-{count}"), &[made.text()])
}

/// A detector that matches every record, with these sets of dimensions.
pub(crate) fn dimensions(folder: &Path, name: &str, sets: &[&str]) -> Result<PathBuf> {
    let mut more = String::new();
    if !sets.is_empty() {
        more.push_str("dimensions:\n");
    }
    for set in sets {
        writeln!(more, "  - {{ {set} }}")?;
    }
    let made = Made {
        name: "Everything",
        pattern: r#"{ $.eventID = "*" }"#,
        example: "{ eventID: some }",
        more: &more,
    };
    write(folder, name, &[made.text()])
}

fn write(folder: &Path, name: &str, documents: &[String]) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    // A file has at most 1 MiB: so many are well below that.
    let place = folder.join(name);
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::create_dir_all(&place)?;
    for (number, part) in documents.chunks(100).enumerate() {
        let path = place.join(format!("{number}.yaml"));
        fs::write(&path, part.join("---\n")).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(place)
}
