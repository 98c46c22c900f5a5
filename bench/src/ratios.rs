//! Trailmeter beside inflating: each corpus with packs and threads.

use anyhow::Result;

use crate::contest::{Contestant, Series, contest};
use crate::corpora::Recipe;
use crate::corpus::{Corpus, Facts};
use crate::markdown::{Table, grouped, short};
use crate::statistics::{float, whole};
use crate::targets::{self, Target};
use crate::work::{Bench, Detectors, Threads};

/// What was measured on one corpus.
#[derive(Debug)]
pub(crate) struct OnCorpus {
    pub(crate) about: String,
    pub(crate) facts: Facts,
    pub(crate) inflate: Series,
    pub(crate) default_pack: Series,
    pub(crate) all_packs: Series,
    pub(crate) all_and_sigma: Series,
    pub(crate) function: Option<Series>,
    pub(crate) on_all_cores: Vec<Series>,
}

/// What was measured on all of them, and what starting alone costs.
#[derive(Debug)]
pub(crate) struct Ratios {
    pub(crate) corpora: Vec<OnCorpus>,
    pub(crate) start: Vec<Series>,
    /// The function's binary from its start to its first poll, and warm on a file of 100 KB.
    pub(crate) cold_start: Option<Series>,
    pub(crate) warm_file: Option<Series>,
    /// What the function says of its run over M.
    pub(crate) requests: Option<String>,
    /// How many detectors there are in the default pack, all packs, and with `SigmaHQ`'s rules.
    pub(crate) detectors: [usize; 3],
    /// How many of a hundred records of M match any of them.
    pub(crate) matched: [f64; 3],
}

/// All packs alone are a row of their own.
const CHOICES: [Detectors; 3] = [Detectors::Default, Detectors::AllPacks, Detectors::AllPacksAndSigma];

pub(crate) fn measure(bench: &Bench) -> Result<Ratios> {
    let mut corpora = Vec::new();
    let recipes =
        [Recipe::main(bench.part), Recipe::large(), Recipe::small(bench.part), Recipe::hostile(bench.part)];
    for recipe in recipes {
        let corpus = bench.corpus(&recipe)?;
        corpora.push(on_corpus(bench, &corpus, recipe.about)?);
    }
    let nothing = bench.corpus(&Recipe::nothing())?;
    let starts = CHOICES
        .iter()
        .map(|choice| bench.scan(&nothing, choice, Threads::One))
        .collect::<Result<Vec<_>>>()?;
    let start = contest("one record", &bench.meter, bench.rounds, &starts)?;
    let mut detectors = [0; 3];
    for (count, choice) in detectors.iter_mut().zip(&CHOICES) {
        *count = bench.count(choice)?;
    }
    let single = |contestant: Option<Contestant<'_>>| -> Result<Option<Series>> {
        let Some(contestant) = contestant else { return Ok(None) };
        let name = contestant.name.clone();
        Ok(contest(&name, &bench.meter, bench.rounds, &[contestant])?.pop())
    };
    let (cold_start, warm_file) = (single(bench.cold_start())?, single(bench.warm_file())?);
    let main = bench.corpus(&Recipe::main(bench.part))?;
    let requests = match bench.function(&main) {
        None => None,
        Some(function) => {
            let said = String::from_utf8_lossy(&bench.meter.run(&function.command)?.output).into_owned();
            said.lines().find(|line| line.contains("requests")).map(str::to_owned)
        }
    };
    let mut matched = [0.0; 3];
    for (share, choice) in matched.iter_mut().zip(&CHOICES) {
        let records = bench.summary(&main, choice)?["records"]["matched"].as_u64().unwrap_or_default();
        *share = 100.0 * float(records) / float(main.facts.records);
    }
    Ok(Ratios { corpora, start, cold_start, warm_file, requests, detectors, matched })
}

fn on_corpus(bench: &Bench, corpus: &Corpus, about: String) -> Result<OnCorpus> {
    let mut contestants: Vec<Contestant<'_>> = vec![bench.inflate_only(corpus)];
    for choice in &CHOICES {
        contestants.push(bench.scan(corpus, choice, Threads::One)?);
    }
    // One file keeps one core busy, whatever the number of threads.
    let is_many = corpus.facts.files > 1;
    if is_many {
        contestants.push(bench.scan(corpus, &Detectors::Default, Threads::All)?);
        contestants.push(bench.scan(corpus, &Detectors::AllPacksAndSigma, Threads::All)?);
    }
    let function = bench.function(corpus);
    let has_function = function.is_some();
    contestants.extend(function);
    let mut series = contest(&corpus.facts.name, &bench.meter, bench.rounds, &contestants)?;
    let function = if has_function { series.pop() } else { None };
    let on_all_cores = series.split_off(4);
    let mut series = series.into_iter();
    let mut next = || series.next().ok_or_else(|| anyhow::anyhow!("a series for each contestant"));
    Ok(OnCorpus {
        about,
        facts: corpus.facts.clone(),
        inflate: next()?,
        default_pack: next()?,
        all_packs: next()?,
        all_and_sigma: next()?,
        function,
        on_all_cores,
    })
}

impl OnCorpus {
    fn series(&self) -> impl Iterator<Item = &Series> {
        [&self.inflate, &self.default_pack, &self.all_packs, &self.all_and_sigma]
            .into_iter()
            .chain(&self.on_all_cores)
            .chain(&self.function)
    }

    /// Inflated bytes per second of CPU time.
    pub(crate) fn rate(&self, series: &Series) -> f64 {
        float(self.facts.inflated_bytes) / series.cpu_spread().median
    }

    pub(crate) fn table(&self) -> String {
        table(self.series(), &self.inflate, &self.facts)
    }
}

/// A table of series beside inflating.
pub(crate) fn table<'s>(
    all: impl IntoIterator<Item = &'s Series>,
    inflate: &Series,
    facts: &Facts,
) -> String {
    let mut table = Table::new([
        "work",
        "× inflate",
        "spread",
        "CPU s",
        "records per CPU s",
        "MB per CPU s",
        "s passed",
        "peak MB",
    ]);
    for series in all {
        table.row(&cells(series, inflate, facts));
    }
    table.text()
}

/// A row about one series beside inflating.
fn cells(series: &Series, inflate: &Series, facts: &Facts) -> [String; 8] {
    let (ratio, cpu) = (series.ratio_to(inflate), series.cpu_spread().median);
    [
        series.name.clone(),
        format!("{:.2}", ratio.median),
        format!("{:.2}–{:.2}", ratio.min, ratio.max),
        short(cpu),
        grouped(whole(float(facts.records) / cpu)),
        short(float(facts.inflated_bytes) / cpu / 1e6),
        short(series.wall()),
        short(float(series.peak_bytes()) / 1e6),
    ]
}

fn milliseconds(what: &str, stated: f64, series: Option<&Series>) -> Target {
    let measured = series.map(|series| series.cpu_spread().median * 1e3);
    Target { what: what.to_owned(), stated, measured, unit: " ms CPU" }
}

impl Ratios {
    pub(crate) fn targets(&self) -> Vec<Target> {
        let main = self.corpora.iter().find(|on| on.facts.name == "M");
        let large = self.corpora.iter().find(|on| on.facts.name == "L");
        let ratio = |what: &str, stated, measured: Option<f64>| Target {
            what: what.to_owned(),
            stated,
            measured,
            unit: " ×",
        };
        let above = large.map(|on| {
            let most = on.default_pack.peak_bytes().max(on.all_and_sigma.peak_bytes());
            (float(most) - float(on.facts.inflated_bytes)) / f64::from(1 << 20)
        });
        vec![
            ratio(
                "scan, default pack, to inflating (M)",
                targets::DEFAULT_PACK,
                main.map(|on| on.default_pack.ratio_to(&on.inflate).median),
            ),
            ratio(
                &format!("scan, {} detectors, to inflating (M)", self.detectors[2]),
                targets::ALL_PACKS,
                main.map(|on| on.all_and_sigma.ratio_to(&on.inflate).median),
            ),
            ratio(
                &format!("scan, {} detectors, to the default pack (M)", self.detectors[2]),
                targets::ALL_TO_DEFAULT,
                main.map(|on| on.all_and_sigma.ratio_to(&on.default_pack).median),
            ),
            ratio(
                "the function, bytes to requests, to inflating (M)",
                targets::FUNCTION,
                main.and_then(|on| Some(on.function.as_ref()?.ratio_to(&on.inflate).median)),
            ),
            Target {
                what: "peak memory of a scan above the largest inflated file (L)".to_owned(),
                stated: float(targets::MEMORY_ABOVE) / f64::from(1 << 20),
                measured: above,
                unit: " MiB",
            },
            milliseconds(
                "cold start of the function with all packs, to its first poll",
                targets::COLD_START,
                self.cold_start.as_ref(),
            ),
            milliseconds(
                "warm function on a file of 100 KB, network beside",
                targets::WARM_FILE,
                self.warm_file.as_ref(),
            ),
        ]
    }

    pub(crate) fn start_table(&self) -> String {
        let mut table = Table::new(["work", "detectors", "of M's records match", "CPU ms", "peak MB"]);
        for (series, (detectors, matched)) in
            self.start.iter().zip(self.detectors.into_iter().zip(self.matched))
        {
            table.row(&[
                series.name.clone(),
                detectors.to_string(),
                format!("{matched:.1} %"),
                short(series.cpu_spread().median * 1e3),
                short(float(series.peak_bytes()) / 1e6),
            ]);
        }
        table.text()
    }

    pub(crate) fn corpora_table(&self) -> String {
        let mut table =
            Table::new(["corpus", "files", "records", "inflated MB", "packed MB", "ratio", "bytes a record"]);
        for on in &self.corpora {
            let facts = &on.facts;
            table.row(&[
                format!("{}: {}", facts.name, on.about),
                grouped(facts.files),
                grouped(facts.records),
                short(float(facts.inflated_bytes) / 1e6),
                short(float(facts.packed_bytes) / 1e6),
                short(float(facts.inflated_bytes) / float(facts.packed_bytes)),
                grouped(facts.inflated_bytes / facts.records.max(1)),
            ]);
        }
        table.text()
    }
}
