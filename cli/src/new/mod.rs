//! `trailmeter new`: a detector to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write, stdout};
use std::path::PathBuf;

use anyhow::{Context, bail};
use trailmeter_detection::{DetectorFile, DetectorSet, LoadError, load};

use crate::DONE;
use crate::detectors::{lines, packaged};
use crate::import::names::file_name;
use crate::printable::Printable;

/// What is changed in the starters below.
const NAME: &str = "NAME";
const WITH_PATTERN: &str = include_str!("pattern.yaml");
const WITH_SIGMA: &str = include_str!("sigma.yaml");

/// Write a commented detector with tests to start from
///
/// What is written passes `trailmeter check` as it stands. A file that is there already is never
/// replaced.
///
/// Exit status: 0 it was written, 2 the name cannot be used or the file cannot be written.
#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// The detector's name, which is also its metric's: a letter, then letters and digits
    #[arg(value_name = "NAME")]
    name: String,
    /// Start from a Sigma rule, not from a filter pattern
    #[arg(long)]
    sigma: bool,
    /// Where it is written [default: the name in lower case with hyphens, as `trail-stopped.yaml`]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &NewArgs) -> anyhow::Result<u8> {
    let text = starter(&args.name, args.sigma)?;
    let path = args.out.clone().unwrap_or_else(|| file_name(&args.name).into());
    let shown = path.display().to_string();
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{shown} is there already: say with --out where else to write")
        }
        file => file.with_context(|| format!("cannot write {shown}"))?,
    };
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {shown}"))?;
    let mut out = stdout().lock();
    writeln!(out, "{} written. Change it, then: trailmeter check {0}", Printable(&shown))?;
    if let Some(other) = packaged_of(&args.name)? {
        writeln!(out, "note: {other} has the name too, so the two cannot be used together")?;
    }
    Ok(DONE)
}

/// The text of a starter, if the loader takes the name.
fn starter(name: &str, is_sigma: bool) -> anyhow::Result<String> {
    let starter = if is_sigma { WITH_SIGMA } else { WITH_PATTERN };
    // Quoted, it is a name whatever it is made of, and the loader has its say. Some words of YAML are
    // good names that have to stay so, such as Null.
    let quoted = starter.replacen(NAME, &serde_json::Value::from(name).to_string(), 1);
    if let Err(errors) = load_text(&quoted) {
        let reasons: Vec<String> = errors.iter().map(|error| error.reason.clone()).collect();
        bail!("{name:?} cannot be used: {}", reasons.join("; "));
    }
    let plain = starter.replacen(NAME, name, 1);
    Ok(if load_text(&plain).is_ok() { plain } else { quoted })
}

fn load_text(text: &str) -> Result<DetectorSet, Vec<LoadError>> {
    load(&[DetectorFile { path: "new.yaml".to_owned(), pack: None, text: text.to_owned() }])
}

/// The packaged detector's file that has this name.
fn packaged_of(name: &str) -> anyhow::Result<Option<String>> {
    let set = load(&packaged()?).map_err(|errors| anyhow::anyhow!("{}", lines(&errors)))?;
    Ok(set.detectors().iter().find(|detector| detector.name == name).map(|detector| detector.file.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starters_pass_their_tests_under_any_good_name() {
        for name in ["A", "StopIt", "x9", "Null", "No", "true", &"N".repeat(120)] {
            for is_sigma in [false, true] {
                let text = starter(name, is_sigma).unwrap();
                let set = load_text(&text).unwrap();
                let [detector] = set.detectors() else { panic!("one detector") };
                assert_eq!((detector.name.as_str(), detector.run_tests()), (name, vec![]));
            }
        }
    }

    #[test]
    fn names_are_refused_as_the_loader_refuses_them() {
        for (name, reason) in [
            ("", "a name is a letter"),
            ("9x", "a name is a letter"),
            ("a b", "a name is a letter"),
            ("a\"\nwhat: b", "a name is a letter"),
            ("../x", "a name is a letter"),
            (&"x".repeat(121), "a name is a letter"),
            ("ObjectsRead", "a metric of Trailmeter itself"),
        ] {
            let error = starter(name, false).unwrap_err().to_string();
            assert!(error.contains(reason), "{name}: {error}");
        }
    }

    /// The name that is made for a file is the one that people give theirs.
    #[test]
    fn packaged_files_are_named_like_their_detectors() {
        for detector in load(&packaged().unwrap()).unwrap().detectors() {
            let name = detector.file.rsplit('/').next().unwrap();
            assert_eq!(name, file_name(&detector.name));
        }
    }
}
