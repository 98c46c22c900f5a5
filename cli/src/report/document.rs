//! The data of the page, as its script reads them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use trailmeter_detection::{DetectorSet, Severity};

use super::gather::Gathered;
use super::labels::FIELDS;
use super::ranking::Top;
use super::times::{Hours, Timeline};
use crate::scan::inputs::Failure;
use crate::scan::output::hints;
use crate::scan::summary::Summary;

#[derive(Serialize)]
pub(super) struct Document<'a> {
    /// What was asked to be read.
    inputs: &'a [String],
    oldest: Option<i64>,
    newest: Option<i64>,
    objects: Objects<'a>,
    failures: &'a [Failure],
    failures_left_out: u64,
    records: Records,
    malformed: BTreeMap<&'static str, u64>,
    notes: Vec<String>,
    detectors: Vec<DetectorRow<'a>>,
    timeline: Timeline,
    hours: Hours,
    top: BTreeMap<&'static str, Top>,
    findings: Findings,
}

#[derive(Serialize)]
struct Objects<'a> {
    read: u64,
    skipped: &'a BTreeMap<&'static str, u64>,
    failed: &'a BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct Records {
    read: u64,
    matched: u64,
    unmatched: u64,
    malformed: u64,
    duplicate: u64,
}

#[derive(Serialize)]
struct DetectorRow<'a> {
    name: &'a str,
    title: &'a str,
    severity: Severity,
    attack: &'a [String],
    matches: u64,
    excluded: u64,
    findings: u64,
}

#[derive(Serialize)]
struct Findings {
    all: u64,
    without_details: u64,
    volume_only: u64,
    /// Those that are kept, the best first.
    rows: Vec<Box<RawValue>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(
        inputs: &'a [String],
        detectors: &'a DetectorSet,
        summary: &'a Summary,
        gathered: Gathered<'_>,
    ) -> Self {
        let records = &summary.records;
        let (timeline, hours) = gathered.times.finish();
        let failed: u64 = summary.objects_failed.values().sum();
        Self {
            inputs,
            oldest: gathered.oldest,
            newest: gathered.newest,
            objects: Objects {
                read: summary.objects_read,
                skipped: &summary.objects_skipped,
                failed: &summary.objects_failed,
            },
            failures: &summary.failures,
            failures_left_out: failed - summary.failures.len() as u64,
            records: Records {
                read: records.read,
                matched: records.matched,
                unmatched: records.unmatched,
                malformed: records.malformed_total(),
                duplicate: records.duplicate,
            },
            malformed: records.malformed.iter().map(|(reason, &count)| (reason.reason(), count)).collect(),
            notes: hints(summary, detectors),
            detectors: rows(detectors, summary, &gathered.findings),
            timeline,
            hours,
            top: FIELDS
                .iter()
                .map(|(field, _)| *field)
                .zip(gathered.rankings.map(super::ranking::Ranking::top))
                .collect(),
            findings: Findings {
                all: gathered.kept.seen(),
                without_details: gathered.without_details,
                volume_only: gathered.volume_only,
                rows: gathered.kept.into_findings(),
            },
        }
    }

    /// For people: what the page has.
    pub(super) fn in_short(&self) -> String {
        let matches: u64 = self.detectors.iter().map(|detector| detector.matches).sum();
        let found = self.detectors.iter().filter(|detector| detector.matches > 0).count();
        format!(
            "{matches} matches of {found} detectors in {} files; {} of {} findings in the table",
            self.objects.read,
            self.findings.rows.len(),
            self.findings.all,
        )
    }
}

fn rows<'a>(detectors: &'a DetectorSet, summary: &Summary, findings: &[u64]) -> Vec<DetectorRow<'a>> {
    let rows = detectors.detectors().iter().zip(findings).enumerate();
    rows.map(|(at, (detector, &findings))| DetectorRow {
        name: &detector.name,
        title: &detector.title,
        severity: detector.severity,
        attack: &detector.attack,
        matches: summary.matches[at],
        excluded: summary.excluded_by(at),
        findings,
    })
    .collect()
}
