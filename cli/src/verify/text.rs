//! Lines for people and scripts, as `aws cloudtrail validate-logs` writes them.

use std::io::{self, Write, stderr, stdout};

use trailmeter_integrity::{Event, Tally};

use super::report::{Report, Subject};
use super::words;
use crate::printable::Printable;

/// Writes lines. Where blank ones stand is the AWS CLI's way, down to the last.
pub(super) struct Text {
    is_verbose: bool,
    after_blank: bool,
    home_region: String,
    findings: Vec<String>,
    is_walked: bool,
}

impl Text {
    pub(super) fn new(is_verbose: bool) -> Self {
        Self {
            is_verbose,
            after_blank: true,
            home_region: String::new(),
            findings: Vec::new(),
            is_walked: false,
        }
    }

    fn valid(&mut self, line: &str) -> io::Result<()> {
        if !self.is_verbose {
            return Ok(());
        }
        self.after_blank = false;
        writeln!(stdout(), "{line}")
    }

    fn wrong(&mut self, line: &str) -> io::Result<()> {
        let before = if self.after_blank { "" } else { "\n" };
        self.after_blank = true;
        // What was written before stands before, where both go to one place.
        stdout().flush()?;
        write!(stderr(), "{before}{line}\n\n")
    }
}

impl Report for Text {
    fn start(&mut self, subject: &Subject) -> io::Result<()> {
        self.after_blank = true;
        self.is_walked = false;
        self.home_region.clone_from(&subject.chain.home_region);
        let (from, to) = (words::time(subject.period.from), words::time(subject.period.to));
        write!(stdout(), "Validating log files {} between {from} and {to}\n\n", Printable(&subject.title))
    }

    fn event(&mut self, event: &Event<'_>, is_backfill: bool) -> io::Result<()> {
        let backfill = if is_backfill { "(backfill) " } else { "" };
        let shown = |object: &dyn ToString| Printable(&object.to_string()).to_string();
        match event {
            Event::Digest(digest) => {
                let place = shown(&digest.digest().location);
                self.valid(&format!("{backfill}Digest file\t{place}\tvalid"))
            }
            Event::InvalidDigest(error) => {
                let (place, what) = (shown(&error.location), words::digest(error, &self.home_region));
                self.wrong(&format!("{backfill}Digest file\t{place}\tINVALID: {}", shown(&what)))
            }
            Event::MissingDigest(place) => {
                self.wrong(&format!("{backfill}Digest file\t{}\tINVALID: not found", shown(place)))
            }
            Event::NothingDelivered(period) => {
                let (from, to) = (words::time(period.from), words::time(period.to));
                self.wrong(&format!(
                    "{backfill}No log files were delivered by CloudTrail between {from} and {to}"
                ))
            }
            Event::LogFile(place, Ok(())) => self.valid(&format!("Log file\t{}\tvalid", shown(place))),
            Event::LogFile(place, Err(reason)) => {
                let what = words::log_file(*reason);
                self.wrong(&format!("Log file\t{}\tINVALID: {what}", shown(place)))
            }
            Event::Finding(finding) => {
                let line = format!("Finding\t{}\t{}", shown(&finding.location), words::finding(finding));
                if self.is_walked {
                    return writeln!(stderr(), "{line}");
                }
                self.findings.push(line);
                Ok(())
            }
        }
    }

    fn walked(&mut self, subject: &Subject, digests: &Tally, backfills: &Tally) -> io::Result<()> {
        self.is_walked = true;
        let mut out = stdout().lock();
        if !self.after_blank {
            writeln!(out)?;
        }
        let period = subject.period;
        writeln!(out, "Results requested for {} to {}", words::time(period.from), words::time(period.to))?;
        let kinds = [
            (digests.valid_digests, digests.invalid_digests, "digest"),
            (backfills.valid_digests, backfills.invalid_digests, "backfill digest"),
            (
                digests.valid_log_files + backfills.valid_log_files,
                digests.invalid_log_files + backfills.invalid_log_files,
                "log",
            ),
        ];
        if kinds[..2].iter().all(|(valid, invalid, _)| valid + invalid == 0) {
            writeln!(out, "No digests found")?;
        } else {
            match subject.found(digests, backfills) {
                Some(found) => {
                    let (from, to) = (words::time(found.from), words::time(found.to));
                    writeln!(out, "Results found for {from} to {to}:")?;
                }
                None => writeln!(out, "No valid digests found in range")?,
            }
            for (valid, invalid, name) in kinds {
                let total = valid + invalid;
                if total > 0 {
                    write!(out, "\n{valid}/{total} {name} files valid")?;
                }
                if invalid > 0 {
                    write!(out, ", {invalid}/{total} {name} files INVALID")?;
                }
            }
            writeln!(out)?;
        }
        out.flush()?;
        self.findings.drain(..).try_for_each(|line| writeln!(stderr(), "{line}"))
    }

    fn end(&mut self, subject: &Subject, _: &Tally, is_unnamed_known: bool) -> io::Result<()> {
        if is_unnamed_known {
            return Ok(());
        }
        writeln!(
            stderr(),
            "trailmeter: log files that no digest names were not looked for in {}: another trail delivers there, too",
            Printable(&subject.chain.log_folder())
        )
    }
}
