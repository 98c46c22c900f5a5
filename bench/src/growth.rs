//! How the cost grows with what there can be more of, and whether it grows no faster than that.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::chart::{Bar, Bars, Line, Lines, Scale};
use crate::contest::{Contestant, Series, contest};
use crate::corpora::Recipe;
use crate::corpus::Corpus;
use crate::detectors;
use crate::markdown::{Table, grouped, short};
use crate::statistics::{float, whole};
use crate::work::{Bench, Detectors, Threads};

/// One quantity that grows.
#[derive(Debug)]
pub(crate) struct Growth {
    /// The chart's file name without its ending.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) table: String,
    pub(crate) verdict: Verdict,
    pub(crate) chart: String,
}

/// What was computed of it, and whether that is as promised.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) text: String,
    pub(crate) holds: bool,
}

/// A cost that grows with the 1.15th power over all that was measured has begun to bend upwards.
/// Generous: a run of a few dozen milliseconds on a busy machine is off by a tenth at times.
const LINEAR: f64 = 1.15;
/// How much more a thousand detectors may cost than three.
const DETECTORS: f64 = 1.5;

pub(crate) fn measure(bench: &Bench) -> Result<Vec<Growth>> {
    Ok(vec![records(bench)?, files(bench)?, by_detectors(bench)?, matches(bench)?, dimensions(bench)?])
}

/// Scans at each size, beside inflating at each size, and the start that is to be taken off.
struct Sized {
    size: f64,
    corpus: Corpus,
    inflate: Series,
    scan: Series,
}

fn by_size(bench: &Bench, title: &str, corpora: Vec<(f64, Corpus)>) -> Result<(Vec<Sized>, f64)> {
    let nothing = bench.corpus(&Recipe::nothing())?;
    let mut contestants = vec![bench.scan(&nothing, &Detectors::Default, Threads::One)?];
    for (_, corpus) in &corpora {
        contestants.push(bench.inflate_only(corpus));
        contestants.push(bench.scan(corpus, &Detectors::Default, Threads::One)?);
    }
    let mut series = contest(title, &bench.meter, bench.rounds, &contestants)?.into_iter();
    let start = series.next().context("a series for each")?.cpu_spread().median;
    let mut sized = Vec::new();
    for (size, corpus) in corpora {
        let (inflate, scan) = (series.next(), series.next());
        let (inflate, scan) = (inflate.context("a series for each")?, scan.context("a series for each")?);
        sized.push(Sized { size, corpus, inflate, scan });
    }
    Ok((sized, start))
}

/// The table, the verdict and the chart of a growth that may be linear.
fn linear(
    name: &'static str,
    title: &'static str,
    head: &'static str,
    (sized, start): (&[Sized], f64),
) -> Growth {
    let mut table = Table::new([
        head,
        "records",
        "inflate only, CPU ms",
        "scan, CPU ms",
        "without its start",
        "× inflate",
    ]);
    let scan = |sized: &Sized| (sized.scan.cpu_spread().median - start).max(f64::MIN_POSITIVE);
    for sized in sized {
        let cpu = sized.scan.cpu_spread().median;
        table.row(&[
            grouped(whole(sized.size)),
            grouped(sized.corpus.facts.records),
            short(sized.inflate.cpu_spread().median * 1e3),
            short(cpu * 1e3),
            short(scan(sized) * 1e3),
            format!("{:.2}", sized.scan.ratio_to(&sized.inflate).median),
        ]);
    }
    let ends: Vec<(f64, f64)> = sized.iter().map(|sized| (sized.size, scan(sized))).collect();
    let line = |name: &str, cpu: &dyn Fn(&Sized) -> f64| Line {
        name: name.to_owned(),
        points: sized.iter().map(|sized| (sized.size, cpu(sized) * 1e3)).collect(),
    };
    let lines = [
        line("scan, default pack, without its start", &scan),
        line("inflate only", &|sized| sized.inflate.cpu_spread().median),
    ];
    let chart = Lines {
        title,
        across: (head, Scale::Logarithmic),
        up: ("CPU time in ms", Scale::Logarithmic),
        of: &lines,
    };
    Growth { name, title, table: table.text(), verdict: linear_verdict(head, &ends), chart: chart.svg() }
}

/// The power of the quantity that the cost grows with, from the second figure to the last: the
/// first is so small that it is mostly noise.
fn power(points: &[(f64, f64)]) -> f64 {
    let from = points.get(1).filter(|_| points.len() > 2).or_else(|| points.first());
    let (Some(from), Some(to)) = (from, points.last()) else { return 0.0 };
    (to.1 / from.1).ln() / (to.0 / from.0).ln()
}

fn linear_verdict(what: &str, points: &[(f64, f64)]) -> Verdict {
    let power = power(points);
    let holds = power <= LINEAR;
    let text = format!(
        "{}: the cost grows with the power {power:.2} of the {what}; 1 is linear, and up to {LINEAR} is taken for it.",
        if holds { "No faster than linear" } else { "**Faster than linear**" }
    );
    Verdict { text, holds }
}

fn records(bench: &Bench) -> Result<Growth> {
    let corpora = [250, 1000, 4000, 16_000]
        .into_iter()
        .map(|records| {
            let recipe = Recipe::new(&format!("records-{records}"), "", 8, records / bench.part);
            Ok((float((records / bench.part) as u64), bench.corpus(&recipe)?))
        })
        .collect::<Result<Vec<_>>>()?;
    let (sized, start) = by_size(bench, "growth with records per file", corpora)?;
    Ok(linear("records", "Records in each of 8 files", "records per file", (&sized, start)))
}

fn files(bench: &Bench) -> Result<Growth> {
    let corpora = [100, 1000, 10_000]
        .into_iter()
        .map(|files| {
            let recipe = Recipe::new(&format!("files-{files}"), "", files / bench.part, 10);
            Ok((float((files / bench.part) as u64), bench.corpus(&recipe)?))
        })
        .collect::<Result<Vec<_>>>()?;
    let (sized, start) = by_size(bench, "growth with files", corpora)?;
    Ok(linear("files", "Files of 10 records", "files", (&sized, start)))
}

/// The corpus for what is no matter of size.
fn usual(bench: &Bench) -> Result<Corpus> {
    bench.corpus(&Recipe::new("usual", "", 21, 2000 / bench.part))
}

fn by_detectors(bench: &Bench) -> Result<Growth> {
    let (corpus, nothing) = (usual(bench)?, bench.corpus(&Recipe::nothing())?);
    let counts = [3, 30, 300, 1000];
    let mut contestants = vec![bench.inflate_only(&corpus)];
    for count in counts {
        let made = Detectors::At(detectors::many(&bench.folder.join("detectors"), count)?);
        contestants.push(bench.scan(&corpus, &made, Threads::One)?);
        contestants.push(bench.scan(&nothing, &made, Threads::One)?);
    }
    let series = contest("growth with detectors", &bench.meter, bench.rounds, &contestants)?;
    let (inflate, pairs) = series.split_first().context("a series for each")?;
    let mut table = Table::new([
        "detectors",
        "scan, CPU ms",
        "of that the start",
        "without its start",
        "× inflate without its start",
    ]);
    let mut points = Vec::new();
    for (count, pair) in counts.into_iter().zip(pairs.chunks_exact(2)) {
        let (scan, start) = (pair[0].cpu_spread().median, pair[1].cpu_spread().median);
        let ratio = (scan - start) / inflate.cpu_spread().median;
        points.push((float(count as u64), ratio));
        table.row(&[
            grouped(count as u64),
            short(scan * 1e3),
            short(start * 1e3),
            short((scan - start) * 1e3),
            format!("{ratio:.2}"),
        ]);
    }
    let more = points.last().map_or(0.0, |last| last.1) / points.first().map_or(1.0, |first| first.1);
    let holds = more <= DETECTORS;
    let text = format!(
        "{}: scanning with 1,000 detectors costs {more:.2} times what it costs with 3; up to {DETECTORS} is taken for hardly more.",
        if holds { "Hardly at all" } else { "**More than hardly at all**" }
    );
    let lines = [Line { name: "scan without its start".to_owned(), points }];
    let title = "Detectors on the same records";
    let chart = Lines {
        title,
        across: ("detectors", Scale::Logarithmic),
        up: ("CPU time, × inflating only", Scale::Linear),
        of: &lines,
    };
    Ok(Growth {
        name: "detectors",
        title,
        table: table.text(),
        verdict: Verdict { text, holds },
        chart: chart.svg(),
    })
}

fn matches(bench: &Bench) -> Result<Growth> {
    let corpus = usual(bench)?;
    let mut contestants = vec![bench.inflate_only(&corpus)];
    let mut shares = Vec::new();
    for regions in 0..=3 {
        let made = Detectors::At(detectors::regions(&bench.folder.join("detectors"), regions)?);
        contestants.push(bench.scan(&corpus, &made, Threads::One)?);
        let records = &bench.summary(&corpus, &made)?["records"];
        let matched = records["matched"].as_u64().context("how many records matched")?;
        shares.push(100.0 * float(matched) / float(corpus.facts.records));
    }
    let series = contest("growth with matches", &bench.meter, bench.rounds, &contestants)?;
    let (inflate, scans) = series.split_first().context("a series for each")?;
    let mut table = Table::new(["records that match", "CPU ms", "× inflate", "peak MB"]);
    let mut points = Vec::new();
    for (share, scan) in shares.into_iter().zip(scans) {
        let ratio = scan.ratio_to(inflate).median;
        points.push((share, ratio));
        table.row(&[
            format!("{share:.0} %"),
            short(scan.cpu_spread().median * 1e3),
            format!("{ratio:.2}"),
            short(float(scan.peak_bytes()) / 1e6),
        ]);
    }
    let lines = [Line { name: "a detector that asks for regions".to_owned(), points }];
    let title = "Records that match";
    let chart = Lines {
        title,
        across: ("records that match, in %", Scale::Linear),
        up: ("CPU time, × inflating only", Scale::Linear),
        of: &lines,
    };
    let text = "Every match is remembered until the end, so that a repeat of its event is known; this alone may grow faster than linearly.";
    let verdict = Verdict { text: text.to_owned(), holds: true };
    Ok(Growth { name: "matches", title, table: table.text(), verdict, chart: chart.svg() })
}

/// Names of sets, the sets, and how many series they make of the corpus.
const SETS: [(&str, &[&str]); 6] = [
    ("none", &[]),
    ("one set of 3 values", &["Region: $.awsRegion"]),
    ("one set of 6", &["Account: $.recipientAccountId, Region: $.awsRegion"]),
    ("one set of 700", &["Address: $.sourceIPAddress"]),
    ("one set of as many as records", &["Request: $.eventID"]),
    ("two sets of as many as records", &["Request: $.eventID", "Again: $.eventID"]),
];

fn dimensions(bench: &Bench) -> Result<Growth> {
    let corpus = usual(bench)?;
    let folder = bench.folder.join("detectors");
    let made: Vec<PathBuf> = SETS
        .iter()
        .enumerate()
        .map(|(number, (_, sets))| detectors::dimensions(&folder, &format!("dimensions-{number}"), sets))
        .collect::<Result<_>>()?;
    let mut contestants: Vec<Contestant<'_>> = vec![bench.inflate_only(&corpus)];
    for path in made {
        contestants.push(bench.scan(&corpus, &Detectors::At(path), Threads::One)?);
    }
    let series = contest("growth with dimensions", &bench.meter, bench.rounds, &contestants)?;
    let (inflate, scans) = series.split_first().context("a series for each")?;
    let mut table = Table::new(["dimensions of a detector that matches every record", "CPU ms", "× inflate"]);
    let (mut ratios, mut bars) = (Vec::new(), Vec::new());
    for ((name, _), scan) in SETS.iter().zip(scans) {
        let figure = scan.ratio_to(inflate);
        ratios.push(figure.median);
        bars.push(Bar { name: (*name).to_owned(), figure, is_ours: true });
        table.row(&[
            (*name).to_owned(),
            short(scan.cpu_spread().median * 1e3),
            format!("{:.2}", figure.median),
        ]);
    }
    // From none to one set, and from one to two of as many values.
    let (one, two) = (ratios[4] - ratios[0], ratios[5] - ratios[4]);
    let holds = two <= one.max(0.0) * 1.5 + 0.15 * ratios[0];
    let text = format!(
        "{}: the first set of as many values as records adds {one:.2} × inflate, the second {two:.2}.",
        if holds { "No faster than linear" } else { "**Faster than linear**" }
    );
    let title = "Dimensions of a detector that matches every record";
    let chart = Bars { title, axis: "CPU time, × inflating only", scale: Scale::Linear, rows: &bars };
    Ok(Growth {
        name: "dimensions",
        title,
        table: table.text(),
        verdict: Verdict { text, holds },
        chart: chart.svg(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_above_linear_is_seen() {
        let points = |power: f64| [10.0, 100.0, 1000.0].map(|size: f64| (size, 0.3 * size.powf(power)));
        assert!(linear_verdict("files", &points(1.0)).holds);
        assert!(linear_verdict("files", &points(0.2)).holds);
        assert!(!linear_verdict("files", &points(1.5)).holds);
        assert!((power(&points(2.0)) - 2.0).abs() < 1e-9);
    }
}
