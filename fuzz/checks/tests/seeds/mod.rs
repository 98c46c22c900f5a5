//! What the fuzzer begins with: generated files, the payloads of `events/`, the packaged detectors,
//! and the bad inputs that have an outcome in the tables.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use trailmeter_fuzz_checks::{joined, scan_input};
use trailmeter_testkit::bad_input;
use trailmeter_testkit::generate::{Corpus, Plan};

/// libFuzzer's own default for what it makes; longer seeds would be cut.
const LONGEST: usize = 4096;

/// An input to begin with.
pub(crate) struct Seed {
    /// The target that it is for.
    pub(crate) target: &'static str,
    /// Where it comes from.
    pub(crate) name: String,
    /// The input.
    pub(crate) input: Vec<u8>,
}

/// All of them.
pub(crate) fn all() -> Result<Vec<Seed>> {
    let mut seeds = Seeds(Vec::new());
    files(&mut seeds)?;
    detectors(&mut seeds)?;
    deliveries(&mut seeds)?;
    digests(&mut seeds)?;
    access_logs(&mut seeds);
    for number in 0..32_u8 {
        let choices: Vec<u8> =
            (0..96_u8).map(|at| at.wrapping_mul(37).wrapping_add(number * 8) ^ number).collect();
        seeds.add("pattern_reference", &format!("choices-{number}"), choices);
    }
    Ok(seeds.0)
}

/// Digests and log files that others' code wrote, whole and tampered with.
fn digests(seeds: &mut Seeds) -> Result<()> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/integrity/tests/chains/data/chains.json");
    let bundle: Value = serde_json::from_slice(&fs::read(&path)?)?;
    let keys = bundle["chains"]["valid-backfill"]["objects"].as_object().into_iter().flatten();
    for (number, (key, _)) in keys.enumerate() {
        seeds.add("digest", &format!("key-{number}"), key.split_once('/').map_or("", |(_, key)| key).into());
    }
    for (number, object) in bundle["objects"].as_array().into_iter().flatten().enumerate() {
        let stored = STANDARD.decode(object[0].as_str().unwrap_or_default())?;
        seeds.add("digest", &format!("plain-{number}"), inflated(&stored));
        seeds.add("digest", &format!("stored-{number}"), stored);
    }
    Ok(())
}

/// Lines of every form, together and each by itself, in one chunk and in many.
fn access_logs(seeds: &mut Seeds) {
    let alice = "arn:aws:iam::111122223333:user/alice";
    let behind = "SigV4 C AuthHeader b.s3.amazonaws.com TLSv1.2 - - us-east-1";
    let line = |who: &str, operation: &str, status: &str, agent: &str, tail: &str| {
        format!(
            "79a5 b [21/Nov/2026:05:00:00 +0000] 192.0.2.3 {who} 3E57 {operation} a%20b \"GET /a%2520b?x=\"1\" HTTP/1.1\" \
             {status} 113 - 7 - \"-\" \"{agent}\" - {tail}"
        )
    };
    let lines = [
        line(alice, "REST.GET.OBJECT", "200 -", "curl", behind),
        line("-", "REST.GET.OBJECT", "200 -", "curl", &behind.replace("SigV4 C AuthHeader", "- C -")),
        line("-", "BATCH.DELETE.OBJECT", "204 -", "-", ""),
        line(alice, "REST.PUT.OBJECT", "403 AccessDenied", "a \" b\" c", &behind.replace("V4", "V2")),
        line(
            "svc:x.amazonaws.com",
            "S3.EXPIRE.OBJECT",
            "- -",
            "-",
            &behind.replace("v1.2 - -", "v1.1 - Yes more"),
        ),
        "no line".to_owned(),
    ];
    let together = lines.join("\r\n");
    for (number, text) in lines.iter().chain([&together]).enumerate() {
        for chunk in [5, 255] {
            let input = [&[chunk], text.as_bytes()].concat();
            seeds.add("access_log", &format!("line-{number}-{chunk}"), input);
        }
    }
}

struct Seeds(Vec<Seed>);

impl Seeds {
    fn add(&mut self, target: &'static str, name: &str, input: Vec<u8>) {
        if input.len() <= LONGEST {
            self.0.push(Seed { target, name: name.replace(['/', ' '], "-"), input });
        }
    }

    /// A file, whole and in small chunks, as it is stored and inflated.
    fn file(&mut self, name: &str, stored: &[u8]) {
        let plain = inflated(stored);
        for (form, bytes) in [("stored", stored), ("plain", plain.as_slice())] {
            self.add("log_file", &format!("{name}-{form}"), [&[6], bytes].concat());
            self.add("scan_reference", &format!("{name}-{form}"), scan_input(bytes));
        }
        self.add("record_scanner", name, records(&plain));
        // In two members with zeros behind.
        self.add("scan_reference", &format!("{name}-packed"), [&[0x86, 2, 8, 0], plain.as_slice()].concat());
    }
}

/// The records of a file as they are delivered: minified, a line for each.
fn records(plain: &[u8]) -> Vec<u8> {
    let file: Value = serde_json::from_slice(plain).unwrap_or_default();
    let records = file["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    lines.join("\n").into_bytes()
}

#[expect(clippy::disallowed_types, reason = "capped here; and the product's reader must not be its own test")]
fn inflated(stored: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    // What does not inflate is a seed as far as it does.
    let _broken = flate2::read::MultiGzDecoder::new(stored).take(LONGEST as u64 + 1).read_to_end(&mut plain);
    plain
}

fn files(seeds: &mut Seeds) -> Result<()> {
    let plan = Plan { files: 12, records_per_file: 2, suspicion: 20, ..Plan::with_everything(5) };
    for (at, file) in Corpus::generate(&plan)?.files.iter().enumerate() {
        seeds.file(&format!("generated-{at}"), &file.body);
    }
    let plan = Plan { escapes: true, ..plan };
    for (at, file) in Corpus::generate(&plan)?.files.iter().enumerate() {
        seeds.add("record_scanner", &format!("escapes-{at}"), records(&inflated(&file.body)));
    }
    for input in bad_input::all()? {
        seeds.file(input.name, &input.body);
    }
    Ok(())
}

fn detectors(seeds: &mut Seeds) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for path in below(&root.join("detectors"))? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        // What the head of the target says already would stand twice.
        let rest = |from: &str| text.find(from).map(|at| text[at..].to_owned());
        if let Some(rule) = rest("\nsigma:").or_else(|| rest("\npattern:")) {
            let rule = rule.split("\ntests:").next().unwrap_or_default().to_owned();
            seeds.add("detector_file", &name, [b"\0", rule.as_bytes()].concat());
        }
        seeds.add("sigma_rule", &name, text.clone().into_bytes());
        if let Some(detection) = rest("  detection:\n") {
            let lines = detection.lines().skip(1).take_while(|line| line.starts_with("    "));
            let lines: Vec<&str> = lines.map(|line| &line[2..]).collect();
            seeds.add("sigma_rule", &format!("{name}-detection"), joined(&lines.join("\n"), ""));
        }
        // Braces in a pattern stand at its ends only.
        let patterns = text.split("{ ").skip(1).filter_map(|rest| rest.split_once(" }"));
        for (at, (pattern, _)) in patterns.filter(|(pattern, _)| pattern.contains("$.")).enumerate() {
            let record = bad_input::good_record(at);
            seeds.add(
                "filter_pattern",
                &format!("{name}-{at}"),
                joined(&format!("{{ {pattern} }}"), &record),
            );
        }
    }
    Ok(())
}

/// Every payload, and every payload as Lambda sends it to a destination after it failed, which is
/// what comes back from a dead-letter queue.
fn deliveries(seeds: &mut Seeds) -> Result<()> {
    for path in below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events"))? {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let payload: Value = serde_json::from_slice(&fs::read(&path)?)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        seeds.add("delivery", &name, payload.to_string().into_bytes());
        let failed = json!({
            "version": "1.0", "timestamp": "2026-11-21T06:00:12.345Z",
            "requestContext": { "requestId": "1", "condition": "RetriesExhausted", "approximateInvokeCount": 3 },
            "requestPayload": payload, "responseContext": { "statusCode": 200, "functionError": "Unhandled" },
        });
        seeds.add("delivery", &format!("{name}-failed"), failed.to_string().into_bytes());
        let record = json!({ "eventSource": "aws:sqs", "messageId": "1", "body": failed.to_string() });
        seeds.add(
            "delivery",
            &format!("{name}-redriven"),
            json!({ "Records": [record] }).to_string().into_bytes(),
        );
    }
    Ok(())
}

fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(below(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
