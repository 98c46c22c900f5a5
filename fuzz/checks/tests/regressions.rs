//! Replays every input that is kept, and every seed, through the functions that the fuzz targets
//! call. No nightly toolchain and no cargo-fuzz is needed for it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use trailmeter_fuzz_checks::{TARGETS, check};

mod seeds;

fn fuzz() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = read.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Runs one input, and names it if it panics: a fuzzer's own message says nothing of where it was.
fn replay(target: &str, input: &str, bytes: &[u8]) -> Result<()> {
    let outcome = std::panic::catch_unwind(|| check(target, bytes));
    ensure!(outcome.is_ok(), "{target} fails on {input}; what is wrong stands above");
    Ok(())
}

#[test]
fn what_was_found_stays_mended() -> Result<()> {
    for target in &TARGETS {
        let inputs = entries(&fuzz().join("regressions").join(target.name))?;
        ensure!(!inputs.is_empty(), "{} has no inputs", target.name);
        for input in inputs {
            replay(target.name, &input.display().to_string(), &fs::read(&input)?)?;
        }
    }
    Ok(())
}

#[test]
fn every_seed_passes() -> Result<()> {
    let seeds = seeds::all()?;
    for target in &TARGETS {
        ensure!(seeds.iter().any(|seed| seed.target == target.name), "{} has no seeds", target.name);
    }
    seeds.iter().try_for_each(|seed| replay(seed.target, &seed.name, &seed.input))
}

/// A target that stands in one place only is never run, or never replayed.
#[test]
fn the_targets_are_the_same_everywhere() -> Result<()> {
    let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    let mut sorted = known.clone();
    sorted.sort_unstable();
    let of_files = |folder: &str| -> Result<Vec<String>> {
        Ok(entries(&fuzz().join(folder))?.iter().map(|path| name(path)).collect())
    };
    assert_eq!(of_files("fuzz_targets")?, sorted);
    assert_eq!(of_files("regressions")?, sorted);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml"))?;
    let binaries: Vec<&str> =
        manifest.split("[[bin]]").skip(1).filter_map(|bin| bin.split('"').nth(1)).collect();
    assert_eq!(binaries, known);
    for target in known {
        let text = fs::read_to_string(fuzz().join(format!("fuzz_targets/{target}.rs")))?;
        assert!(text.contains(&format!("check(\"{target}\", input)")), "{target}");
    }
    Ok(())
}
