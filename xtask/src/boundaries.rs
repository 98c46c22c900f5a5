//! Proves the direction of the crates, and that the pure ones are pure.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

/// Left may use right, never the reverse. Those that stand in one place do not know each other.
const ORDER: [&[&str]; 5] = [
    &["detect", "notify", "verify", "backfill"],
    &["trailmeter-aws", "trailmeter-variables"],
    &["trailmeter-pipeline", "trailmeter-notices", "trailmeter-integrity", "trailmeter-backfill"],
    &["trailmeter-detection"],
    &["trailmeter-logs"],
];

/// Packages beside the line: each may use any of the line, none of the line may use them.
const BESIDE: [&str; 7] = [
    "trailmeter",
    "trailmeter-bench",
    "trailmeter-demo",
    "trailmeter-fuzz-checks",
    "trailmeter-testkit",
    "trailmeter-tests",
    "xtask",
];

/// The one package of the product that names the AWS SDK.
const SDK: &str = "trailmeter-aws";

/// What only the operator's command asks. In the function it would be megabytes of cold start, and
/// calls that its role need not allow.
const OPERATORS: [&str; 6] = [
    "aws-sdk-cloudformation",
    "aws-sdk-cloudtrail",
    "aws-sdk-cloudwatchlogs",
    "aws-sdk-kms",
    "aws-sdk-lambda",
    "aws-sdk-sns",
];

/// Packages of the product: those of the line, and the command.
fn is_product(package: &str) -> bool {
    has_place(package) || package == "trailmeter"
}

fn has_place(package: &str) -> bool {
    ORDER.iter().any(|place| place.contains(&package))
}

/// These know no AWS, runtime, environment, clock or logging.
const PURE: [&str; 7] = [
    "trailmeter-pipeline",
    "trailmeter-notices",
    "trailmeter-backfill",
    "trailmeter-integrity",
    "trailmeter-detection",
    "trailmeter-logs",
    "trailmeter-variables",
];

/// Dependencies, however indirect, that a pure crate must not have.
const IMPURE: [&str; 14] = [
    "aws-",
    "aws_",
    "smithy",
    "lambda",
    "tokio",
    "async-std",
    "hyper",
    "reqwest",
    "tracing",
    "log",
    "env_logger",
    "chrono",
    "dotenv",
    "rusoto",
];

/// A library that a pure crate may use for all that, and what it may bring along: the parser of
/// Sigma rules warns through the `log` facade, which says nothing where no logger is installed.
const TOLERATED: (&str, &str) = ("rsigma-parser", "log");

/// Libraries whose names look like the SDK's and are none of it: AWS's library of ciphers computes, and asks no
/// service. Signatures of digests are checked with it.
const CIPHERS: [&str; 2] = ["aws-lc-rs", "aws-lc-sys"];

/// What a pure crate must not say, because it would read the environment, the clock or a disk.
const IMPURE_CODE: [&str; 8] = [
    "std::env",
    "env::var",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "std::fs",
    "std::net",
    "println!",
];

pub(crate) fn check(root: &Path) -> anyhow::Result<String> {
    let dependencies = workspace_dependencies(root)?;
    let mut mistakes = Vec::new();
    for package in dependencies.keys() {
        if !has_place(package) && !BESIDE.contains(&package.as_str()) {
            mistakes
                .push(format!("{package} has no place in the order: give it one in xtask/src/boundaries.rs"));
        }
    }
    for (package, uses) in dependencies.iter().filter(|(package, _)| is_product(package) && *package != SDK) {
        let is_sdk = |used: &&String| used.starts_with("aws-") && !CIPHERS.contains(&used.as_str());
        for used in uses.iter().filter(is_sdk) {
            mistakes.push(format!("{package} names {used}: the SDK's types stop in {SDK}"));
        }
    }
    for (at, place) in ORDER.iter().enumerate() {
        let right: Vec<&str> = ORDER[at + 1..].iter().copied().flatten().copied().collect();
        for package in *place {
            let uses =
                dependencies.get(*package).with_context(|| format!("there is no package {package}"))?;
            let uses = uses.iter().filter(|used| dependencies.contains_key(*used));
            for used in uses.filter(|used| !right.contains(&used.as_str())) {
                mistakes.push(format!("{package} uses {used}, which does not stand to its right: move the code there, or turn the call around with a port"));
            }
        }
    }
    for package in PURE {
        mistakes.extend(impure_dependencies(root, package)?);
        mistakes.extend(impure_code(root, package)?);
    }
    let function = "detect";
    for name in tree(root, function, &[])?.iter().filter(|name| OPERATORS.contains(&name.as_str())) {
        mistakes.push(format!(
            "{function} depends on {name}, which stands behind the feature `operator` of {SDK} for the command"
        ));
    }
    if mistakes.is_empty() {
        let places: Vec<String> = ORDER.iter().map(|place| place.join(", ")).collect();
        return Ok(format!("boundaries hold: {}", places.join(" -> ")));
    }
    bail!("{} boundary mistake(s)\n{}", mistakes.len(), mistakes.join("\n"))
}

/// For each package of the workspace, what it names as a dependency outside its tests.
fn workspace_dependencies(root: &Path) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let metadata = cargo(root, &["metadata", "--format-version", "1", "--no-deps", "--locked"])?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let mut found = BTreeMap::new();
    for package in packages {
        let name = package["name"].as_str().context("a package has no name")?;
        let uses = package["dependencies"].as_array().context("a package has no dependencies")?;
        let uses = uses
            .iter()
            .filter(|used| used["kind"] != "dev")
            .filter_map(|used| used["name"].as_str())
            .map(str::to_owned)
            .collect();
        found.insert(name.to_owned(), uses);
    }
    Ok(found)
}

fn impure_dependencies(root: &Path, package: &str) -> anyhow::Result<Vec<String>> {
    let (library, brings) = TOLERATED;
    let mut names = tree(root, package, &[])?;
    ensure!(names.iter().any(|name| name == package), "cargo tree did not list {package}");
    if names.iter().any(|name| name == library) {
        names = tree(root, package, &["--prune", library])?;
        names.extend(tree(root, library, &[])?.into_iter().filter(|name| name != brings));
    }
    let is_impure = |name: &str| {
        !CIPHERS.contains(&name)
            && IMPURE.iter().any(|impure| {
                name == *impure
                    || (impure.ends_with(['-', '_']) || impure.len() > 3) && name.starts_with(impure)
            })
    };
    names.sort_unstable();
    names.dedup();
    Ok(names
        .into_iter()
        .filter(|name| is_impure(name))
        .map(|name| format!("{package} is pure and must not depend on {name}"))
        .collect())
}

/// The names of all that `package` depends on, itself included.
fn tree(root: &Path, package: &str, more: &[&str]) -> anyhow::Result<Vec<String>> {
    let arguments = ["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--locked"];
    let tree = cargo(root, &[&arguments[..], more].concat())?;
    Ok(tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

fn impure_code(root: &Path, package: &str) -> anyhow::Result<Vec<String>> {
    let folder = root.join("shared").join(package.trim_start_matches("trailmeter-")).join("src");
    let mut files = Vec::new();
    rust_files(&folder, &mut files)?;
    ensure!(!files.is_empty(), "no source below {}", folder.display());
    let mut mistakes = Vec::new();
    for file in files.iter().filter(|file| !is_test(file)) {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        for (line, code) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for impure in IMPURE_CODE.iter().filter(|impure| code.contains(**impure)) {
                mistakes.push(format!("{}:{}: a pure crate must not use {impure}", file.display(), line + 1));
            }
        }
    }
    Ok(mistakes)
}

/// Tests may read files; what they test may not.
fn is_test(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

fn cargo(root: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output =
        Command::new("cargo").args(arguments).current_dir(root).output().context("cannot run cargo")?;
    ensure!(
        output.status.success(),
        "cargo {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}
