//! What came of an import, for people and for programs.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::join::{Imported, Outcome};
use super::node::Problem;
use super::resource::{Found, NotCarried};
use crate::printable::Printable;
use crate::table::table;

/// Everything there is to say.
pub(super) struct Report<'r> {
    pub(super) outcome: &'r Outcome,
    pub(super) found: &'r Found,
    pub(super) problems: &'r [Problem],
    /// One for each detector.
    pub(super) paths: &'r [PathBuf],
    pub(super) folder: &'r Path,
}

impl Report<'_> {
    pub(super) fn is_whole(&self) -> bool {
        self.found.not_carried.is_empty() && self.problems.is_empty()
    }

    fn alarms_carried(&self) -> usize {
        self.outcome.detectors.iter().filter(|imported| imported.detector.has_alarm).count()
    }

    pub(super) fn json(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let detectors: Vec<Value> = self
            .outcome
            .detectors
            .iter()
            .zip(self.paths)
            .map(|(imported, path)| detector(imported, path))
            .collect();
        let unusable: Vec<Value> = self
            .problems
            .iter()
            .map(|problem| {
                let place = &problem.place;
                json!({
                    "file": &*place.file, "line": place.line, "column": place.column, "reason": problem.reason,
                })
            })
            .collect();
        let report = json!({
            "filters": self.outcome.filters,
            "alarms": self.outcome.alarms,
            "alarms_carried": self.alarms_carried(),
            "detectors": detectors,
            "not_carried": self.found.not_carried.iter().map(item).collect::<Vec<_>>(),
            "unusable": unusable,
            "notes": self.found.notes.iter().map(item).collect::<Vec<_>>(),
            "other_resources": self.found.other_resources,
        });
        writeln!(out, "{report}")?;
        Ok(())
    }

    pub(super) fn table(&self, out: &mut impl Write) -> anyhow::Result<()> {
        if !self.outcome.detectors.is_empty() {
            let mut table = table(["DETECTOR", "METRIC", "ALARM", "LOG GROUP", "FROM"]);
            for imported in &self.outcome.detectors {
                table.add_row(row(imported));
            }
            writeln!(out, "{}\n", table.trim_fmt())?;
        }
        for (title, items) in [("not carried", &self.found.not_carried), ("note", &self.found.notes)] {
            if items.is_empty() {
                continue;
            }
            writeln!(out, "{title}")?;
            for item in items {
                let line = format!("{}: {}: {}: {}", item.place, item.of, item.what, item.reason);
                writeln!(out, "  {}", Printable(&line))?;
            }
            writeln!(out)?;
        }
        if !self.problems.is_empty() {
            writeln!(out, "cannot be used")?;
            for problem in self.problems {
                let line = format!("{}: {}", problem.place, problem.reason);
                writeln!(out, "  {}", Printable(&line))?;
            }
            writeln!(out)?;
        }
        let folder = self.folder.display().to_string();
        let place = if self.outcome.detectors.is_empty() {
            String::new()
        } else {
            format!(" in {}", Printable(&folder))
        };
        writeln!(
            out,
            "{} filter(s), {} detector(s){place}; {} alarm(s), {} with their detectors; {} thing(s) not carried, \
             {} problem(s), {} other resource(s)",
            self.outcome.filters,
            self.outcome.detectors.len(),
            self.outcome.alarms,
            self.alarms_carried(),
            self.found.not_carried.len(),
            self.problems.len(),
            self.found.other_resources,
        )?;
        Ok(())
    }
}

fn detector(imported: &Imported, path: &Path) -> Value {
    let detector = &imported.detector;
    json!({
        "name": detector.name,
        "title": detector.title,
        "written": path.display().to_string(),
        "metric": { "namespace": detector.namespace, "name": detector.metric },
        "alarm": detector.has_alarm,
        "tests": detector.has_tests,
        "log_group": imported.log_group,
        "of": imported.origin,
        "file": &*imported.place.file,
        "line": imported.place.line,
        "column": imported.place.column,
    })
}

fn item(item: &NotCarried) -> Value {
    json!({
        "file": &*item.place.file,
        "line": item.place.line,
        "column": item.place.column,
        "of": item.of,
        "what": item.what,
        "reason": item.reason,
    })
}

fn row(imported: &Imported) -> [String; 5] {
    let detector = &imported.detector;
    let namespace = detector.namespace.as_deref().map_or_else(String::new, |name| format!("{name} "));
    let printable = |text: &str| Printable(text).to_string();
    [
        detector.name.clone(),
        printable(&format!("{namespace}{}", detector.metric)),
        if detector.has_alarm { "yes" } else { "no" }.to_owned(),
        printable(imported.log_group.as_deref().unwrap_or("-")),
        printable(&imported.place.to_string()),
    ]
}
