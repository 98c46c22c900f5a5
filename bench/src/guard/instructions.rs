//! The same by counting instructions, which come out the same on every run.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::corpora::Recipe;
use crate::corpus::Corpus;
use crate::markdown::{Table, grouped, short};
use crate::statistics::float;
use crate::work::{Bench, Detectors, Threads};

/// How many instructions a scan may take for each one of inflating: twice what it took when this
/// was written. Callgrind knows AVX2 and nothing newer, and what a machine finds at run time is
/// found there as well, so this is about the path that most machines take.
const LIMIT: f64 = 4.0;

/// A table, or a line that says why there is none; and whether the limit holds.
pub(super) fn guard(bench: &Bench) -> Result<(String, bool)> {
    let has_valgrind = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_valgrind {
        return Ok(("Instructions were NOT counted: valgrind is not installed here.\n".to_owned(), true));
    }
    let corpus = bench.corpus(&Recipe::new("counted", "", 2, 2000))?;
    let nothing = bench.corpus(&Recipe::nothing())?;
    let scan = |corpus: &Corpus| bench.scan(corpus, &Detectors::Default, Threads::One);
    let inflate =
        count(&bench.inflate_only(&corpus).command)? - count(&bench.inflate_only(&nothing).command)?;
    let scan = count(&scan(&corpus)?.command)? - count(&scan(&nothing)?.command)?;
    let ratio = float(scan) / float(inflate);
    let mut table = Table::new(["instructions without the start", "millions", "× inflate", "limit"]);
    table.row(&["inflate only".to_owned(), grouped(inflate / 1_000_000), "1.00".to_owned(), String::new()]);
    table.row(&["scan, default pack".to_owned(), grouped(scan / 1_000_000), short(ratio), short(LIMIT)]);
    Ok((table.text(), ratio <= LIMIT))
}

/// The instructions of a command's whole run.
fn count(command: &Command) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .context("cannot run valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind ended with {}: {said}", output.status);
    collected(&said).with_context(|| format!("valgrind counted nothing: {said}"))
}

/// The figure in `==1234== Collected : 5678`.
fn collected(said: &str) -> Option<u64> {
    let (_, behind) = said.split_once("Collected : ")?;
    behind.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found_in_what_valgrind_says() {
        assert_eq!(collected("==1== Events    : Ir\n==1== Collected : 5678\n==1==\n"), Some(5678));
        assert_eq!(collected("==1== no such tool\n"), None);
    }
}
