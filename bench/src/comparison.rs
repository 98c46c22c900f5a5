//! Others on the same work.

use anyhow::{Context, Result, bail, ensure};

use crate::chart::{Bar, Bars, Scale};
use crate::contest::{Contestant, Series, contest, progress};
use crate::corpora::Recipe;
use crate::corpus::{Corpus, Facts};
use crate::detectors;
use crate::peers::{self, Answer, Peer, Tools};
use crate::ratios::table;
use crate::work::{Bench, Detectors, Threads};

/// What was measured of the peers.
#[derive(Debug)]
pub(crate) struct Comparison {
    facts: Facts,
    inflate: Series,
    ours: Vec<Series>,
    peers: Vec<(Peer, Series)>,
    left_out: Vec<String>,
}

pub(crate) fn measure(bench: &Bench, without: &[String]) -> Result<Comparison> {
    let all = peers::all();
    for name in without {
        let names: Vec<&str> = all.iter().map(|peer| peer.name).collect();
        ensure!(
            names.contains(&name.as_str()),
            "there is no peer {name} to leave out, but {}",
            names.join(", ")
        );
    }
    let (out, peers): (Vec<Peer>, Vec<Peer>) =
        all.into_iter().partition(|peer| without.iter().any(|name| name == peer.name));
    let corpus = bench.corpus(&Recipe::peers(bench.part))?;
    let tools = Tools { folder: bench.folder.join("tools") };
    std::fs::create_dir_all(&tools.folder)?;
    for peer in &peers {
        progress(&format!("installing {} {}", peer.title, peer.version))?;
        peer.install(&tools).with_context(|| {
            format!("{} is missing; leave it out with PEERS_WITHOUT={}", peer.title, peer.name)
        })?;
    }

    let three = detectors::three(&bench.folder.join("detectors"))?;
    let all = Detectors::AllPacksAndSigma;
    let many = format!("Trailmeter, {} detectors", bench.count(&all)?);
    let mut contestants = vec![
        bench.inflate_only(&corpus),
        bench.scan(&corpus, &Detectors::At(three), Threads::One)?.named("Trailmeter"),
        bench.scan(&corpus, &all, Threads::One)?.named(many),
    ];
    for peer in &peers {
        contestants.push(contestant(*peer, &tools, &corpus));
    }
    let mut series = contest("peers", &bench.meter, bench.rounds, &contestants)?.into_iter();
    let inflate = series.next().context("a series for each contestant")?;
    let ours = series.by_ref().take(2).collect();
    Ok(Comparison {
        facts: corpus.facts.clone(),
        inflate,
        ours,
        peers: peers.into_iter().zip(series).collect(),
        left_out: out.iter().map(|peer| peer.title.to_owned()).collect(),
    })
}

fn contestant<'a>(peer: Peer, tools: &Tools, corpus: &'a Corpus) -> Contestant<'a> {
    let command = (peer.command)(tools, corpus);
    Contestant::new(peer.title, command, move |output| match (peer.answer)(output)? {
        Answer::Counts(three) => {
            ensure!(three == corpus.facts.three, "{three:?}, expected {:?}", corpus.facts.three);
            Ok(())
        }
        Answer::Other(0) => bail!("it found nothing"),
        Answer::Other(_) => Ok(()),
    })
}

impl Comparison {
    pub(crate) fn table(&self) -> String {
        let peers = self.peers.iter().map(|(_, series)| series);
        let all = std::iter::once(&self.inflate).chain(&self.ours).chain(peers);
        table(all, &self.inflate, &self.facts)
    }

    /// What each peer was asked.
    pub(crate) fn asked(&self) -> String {
        let mut lines: Vec<String> = self
            .peers
            .iter()
            .map(|(peer, _)| format!("- {} {}: {}", peer.title, peer.version, peer.work))
            .collect();
        if !self.left_out.is_empty() {
            lines.push(format!("\nLeft out of this run by name: {}.", self.left_out.join(", ")));
        }
        lines.join("\n")
    }

    /// Whether Trailmeter is ahead of all of them, and by how much of the nearest.
    pub(crate) fn verdict(&self) -> String {
        let Some(ours) = self.ours.first() else { return String::new() };
        let nearest = self
            .peers
            .iter()
            .map(|(peer, series)| (series.ratio_to(ours).median, peer.title))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        match nearest {
            None => String::new(),
            Some((ratio, title)) if ratio > 1.0 => {
                format!(
                    "Trailmeter is ahead of all; the nearest, {title}, takes {ratio:.1} times the CPU time.\n"
                )
            }
            Some((ratio, title)) => {
                format!("**Trailmeter is not ahead of all**: {title} takes {ratio:.2} of its CPU time.\n")
            }
        }
    }

    pub(crate) fn chart(&self) -> String {
        let bar = |series: &Series, is_ours| Bar {
            name: series.name.clone(),
            figure: series.ratio_to(&self.inflate),
            is_ours,
        };
        let mut bars = vec![bar(&self.inflate, false)];
        bars.extend(self.ours.iter().map(|series| bar(series, true)));
        bars.extend(self.peers.iter().map(|(_, series)| bar(series, false)));
        bars.sort_by(|a, b| a.figure.median.total_cmp(&b.figure.median));
        let chart = Bars {
            title: "CPU time to scan the same gzipped CloudTrail files",
            axis: "CPU time, as a multiple of inflating only (logarithmic)",
            scale: Scale::Logarithmic,
            rows: &bars,
        };
        chart.svg()
    }
}
