//! The commands that are measured, and how their answers are checked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::args::CommonArgs;
use crate::contest::Contestant;
use crate::corpora::{self, Recipe};
use crate::corpus::Corpus;
use crate::detectors::THREE;
use crate::measure::Meter;

/// Everything that a measurement needs.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) folder: PathBuf,
    pub(crate) meter: Meter,
    pub(crate) rounds: usize,
    /// Corpora are so small a part of what they should be.
    pub(crate) part: usize,
    pub(crate) trailmeter: PathBuf,
    /// Where the bench's other programs are.
    programs: PathBuf,
    pub(crate) sigma: Option<PathBuf>,
}

/// Which detectors a scan uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Detectors {
    /// The pack that is used if nothing is said.
    Default,
    /// Every pack.
    AllPacks,
    /// Every pack, and `SigmaHQ`'s rules where there are any.
    AllPacksAndSigma,
    /// A file or a folder of them.
    At(PathBuf),
}

/// How many threads a scan uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    One,
    All,
}

/// Whoever turns on the pack `sources` is asked to name the networks that are his: those of the corpora.
const KNOWN_NETWORKS: &str = "known_networks=192.0.2.0/24,198.51.100.0/24,203.0.113.0/24";

impl Bench {
    pub(crate) fn new(args: &CommonArgs) -> Result<Self> {
        let bench = std::env::current_exe().context("cannot find this program")?;
        let programs = bench.parent().context("this program is in no folder")?.to_owned();
        let folder = std::path::absolute(&args.folder)?;
        let trailmeter = args.trailmeter.clone().unwrap_or_else(|| programs.join("trailmeter"));
        let bench = Self {
            meter: Meter::new(&folder.join("runs"))?,
            folder,
            rounds: args.rounds,
            part: args.part.into(),
            trailmeter: std::path::absolute(trailmeter)?,
            programs,
            sigma: args.sigma.clone(),
        };
        for program in [&bench.trailmeter, &bench.program("inflate-only")] {
            ensure!(
                program.exists(),
                "{} is missing: build it with `cargo build --release`, as `make bench` does",
                program.display()
            );
        }
        Ok(bench)
    }

    /// A program of the bench's own.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// The corpus of a recipe; those of parts are kept apart.
    pub(crate) fn corpus(&self, recipe: &Recipe) -> Result<Corpus> {
        let name = if self.part == 1 { "corpora".to_owned() } else { format!("corpora-{}", self.part) };
        corpora::corpus(&self.folder.join(name), recipe)
    }

    /// Reads and inflates each file, and nothing else.
    pub(crate) fn inflate_only(&self, corpus: &Corpus) -> Contestant<'static> {
        let mut command = Command::new(self.program("inflate-only"));
        command.arg(corpus.folder());
        let expected = format!("{} bytes inflated", corpus.facts.inflated_bytes);
        Contestant::new("inflate only (libdeflate)", command, move |output| {
            let said = String::from_utf8_lossy(output);
            ensure!(said.contains(&expected), "{said:?}, where {expected} were expected");
            Ok(())
        })
    }

    /// The whole function on objects in memory; nothing where it was not built.
    pub(crate) fn function(&self, corpus: &Corpus) -> Option<Contestant<'static>> {
        let mut contestant = self.by_its_own_clock("function-path", "the function, all packs")?;
        contestant.command.arg(corpus.folder());
        Some(contestant)
    }

    /// The function's binary from its start to its first poll, all packs.
    pub(crate) fn cold_start(&self) -> Option<Contestant<'static>> {
        self.detect().and_then(|()| self.by_its_own_clock("cold-start", "cold start"))
    }

    /// The function's binary, warm, on a file of 100 KB.
    pub(crate) fn warm_file(&self) -> Option<Contestant<'static>> {
        self.detect().and_then(|()| self.by_its_own_clock("warm-file", "warm file"))
    }

    /// The function's binary, if it was built.
    fn detect(&self) -> Option<()> {
        self.program("detect").exists().then_some(())
    }

    /// A program of the bench's own that times a part of its work; nothing where it was not built.
    fn by_its_own_clock(&self, program: &str, name: &str) -> Option<Contestant<'static>> {
        let program = self.program(program);
        program.exists().then(|| Contestant::new(name, Command::new(program), |_| Ok(())).by_its_own_clock())
    }

    /// A scan of a corpus.
    pub(crate) fn scan(
        &self,
        corpus: &Corpus,
        detectors: &Detectors,
        threads: Threads,
    ) -> Result<Contestant<'static>> {
        let mut command = Command::new(&self.trailmeter);
        command.args(["scan", "--format", "json"]);
        if threads == Threads::One {
            command.args(["--threads", "1"]);
        }
        let mut name = String::from("scan, ");
        match detectors {
            Detectors::Default => name += "default pack",
            Detectors::AllPacks => name += "all packs",
            Detectors::AllPacksAndSigma if self.sigma.is_some() => name += "all packs and SigmaHQ's rules",
            Detectors::AllPacksAndSigma => name += "all packs (no SIGMA named, so without SigmaHQ's rules)",
            Detectors::At(path) => {
                let folder = path.file_name().map(|folder| folder.to_string_lossy().into_owned());
                name += &folder.unwrap_or_default();
            }
        }
        if matches!(detectors, Detectors::AllPacks | Detectors::AllPacksAndSigma) {
            for pack in packs()? {
                command.args(["--pack", &pack]);
            }
            command.args(["--list", KNOWN_NETWORKS]);
        }
        if let (Detectors::AllPacksAndSigma, Some(sigma)) = (detectors, &self.sigma) {
            command.arg("--detectors").arg(sigma).arg("--skip-refused");
        }
        if let Detectors::At(path) = detectors {
            command.arg("--detectors").arg(path);
        }
        if threads == Threads::All {
            name = format!("{name}, {} threads", cores());
        }
        command.arg(corpus.folder());
        let facts = corpus.facts.clone();
        Ok(Contestant::new(name, command, move |output| {
            let summary: Value = serde_json::from_slice(output).context("no summary")?;
            let read = summary["records"]["read"].as_u64();
            ensure!(read == Some(facts.records), "{read:?} records read of {}", facts.records);
            ensure!(summary["objects"]["read"].as_u64() == Some(facts.files), "not every file was read");
            let three = [facts.three.access_denied, facts.three.sig_v2, facts.three.anonymous];
            for (name, expected) in THREE.iter().zip(three) {
                let found = summary["detectors"][name]["matches"].as_u64();
                ensure!(
                    found.is_none_or(|found| found == expected),
                    "{name}: {found:?}, expected {expected}"
                );
            }
            Ok(())
        }))
    }

    /// What one run of a scan prints.
    pub(crate) fn summary(&self, corpus: &Corpus, detectors: &Detectors) -> Result<Value> {
        let scan = self.scan(corpus, detectors, Threads::All)?;
        serde_json::from_slice(&self.meter.run(&scan.command)?.output).context("no summary")
    }

    /// How many detectors a choice is.
    pub(crate) fn count(&self, detectors: &Detectors) -> Result<usize> {
        let corpus = self.corpus(&Recipe::nothing())?;
        let summary = self.summary(&corpus, detectors)?;
        Ok(summary["detectors"].as_object().map_or(0, serde_json::Map::len))
    }
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The names of the packs, as the folder of them has it.
fn packs() -> Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../detectors");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        if entry.path().join("pack.yaml").exists() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}
