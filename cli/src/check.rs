//! `trailmeter check`: are these detectors fit to run?

use std::io::Write;

use trailmeter_detection::load;

use crate::args::CheckArgs;
use crate::detectors::{files_below, packaged};
use crate::printable::Printable;
use crate::{DONE, WRONG};

pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<u8> {
    let files = if args.paths.is_empty() { packaged()? } else { files_below(&args.paths)? };
    let mut out = std::io::stdout().lock();
    // One by one, so that a bad file does not keep the others from being tested; then together,
    // for names that stand twice.
    let mut mistakes: Vec<String> = Vec::new();
    let mut tests = 0;
    let mut good = Vec::new();
    for file in &files {
        match load(std::slice::from_ref(file)) {
            Ok(set) => {
                good.push(file.clone());
                for detector in set.detectors() {
                    tests += detector.tests.len();
                    mistakes.extend(detector.run_tests().iter().map(ToString::to_string));
                }
            }
            Err(errors) => mistakes.extend(errors.iter().map(ToString::to_string)),
        }
    }
    if let Err(errors) = load(&good) {
        mistakes.extend(errors.iter().map(ToString::to_string));
    }
    for mistake in &mistakes {
        writeln!(out, "{}", Printable(mistake))?;
    }
    let verdict =
        if mistakes.is_empty() { "all is well".to_owned() } else { format!("{} mistake(s)", mistakes.len()) };
    writeln!(out, "{} detector(s), {tests} inline test(s): {verdict}", files.len())?;
    Ok(if mistakes.is_empty() { DONE } else { WRONG })
}
