//! Made-up rules on made-up records, in both engines.
//!
//! A rule is taken apart: its items are asked one by one, and every item of which the engines
//! differ has to be explained by the table. Then each engine has to make of the whole rule what its
//! answers to the items add up to.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use trailmeter_testkit::rng::Rng;

use super::differences::{explain, explain_condition, explain_refusal};
use super::engines::Pair;
use super::generate;
use super::parts::{Item, Parts};

const ITEMS: usize = 2500;
const RULES: usize = 1500;
const RECORDS: usize = 6;

/// How often each entry of the table was needed, and what was compared.
#[derive(Default)]
struct Tally {
    needed: BTreeMap<&'static str, usize>,
    answers: usize,
    differing: usize,
    matches: usize,
}

impl Tally {
    /// What both say of one item on a record; the table has to explain a difference.
    fn item(&mut self, item: &Item, pair: &Pair, record: &Value) -> Result<(bool, Option<bool>)> {
        let ours = pair.ours.as_ref().ok().context("refused")?.matches(record);
        let theirs = pair.theirs_match(record);
        self.answers += 1;
        self.matches += usize::from(ours);
        if theirs != Some(ours) {
            self.differing += 1;
            let names = explain(item, record, ours).with_context(|| {
                format!(
                    "unexplained: ours {ours}, theirs {theirs:?}: {} on {record}",
                    item.rule()["detection"]["part"]
                )
            })?;
            for name in names {
                *self.needed.entry(name).or_default() += 1;
            }
        }
        Ok((ours, theirs))
    }

    /// Whether we run the rule; if they alone do, the table has to explain it.
    fn runs(&mut self, rule: &Value, pair: &Pair) -> Result<bool> {
        if let (Err(reason), Ok(_)) = (&pair.ours, &pair.theirs) {
            let name = explain_refusal(pair)
                .with_context(|| format!("unexplained: {reason}: {}", rule["detection"]))?;
            *self.needed.entry(name).or_default() += 1;
        }
        Ok(pair.ours.is_ok())
    }
}

#[test]
fn the_engines_differ_only_as_the_table_says() -> Result<()> {
    let mut rng = Rng::new(0x0051_674d);
    let mut tally = Tally::default();
    for _ in 0..ITEMS {
        let rule = generate::item(&mut rng);
        let pair = Pair::of(&rule);
        if !tally.runs(&rule, &pair)? {
            continue;
        }
        let parts = Parts::of(&rule)?;
        for _ in 0..RECORDS {
            tally.item(parts.items()[0], &pair, &generate::record(&mut rng))?;
        }
    }
    for _ in 0..RULES {
        whole_rule(&mut tally, &mut rng)?;
    }
    ensure!(tally.needed.len() > 30, "few differences are met: {:?}", tally.needed);
    // What never matches, or what is hardly ever the same, would prove little.
    ensure!(tally.answers > 15_000, "{} answers", tally.answers);
    ensure!(tally.matches * 10 > tally.answers, "{} of {} match", tally.matches, tally.answers);
    ensure!(tally.differing * 4 < tally.answers, "{} of {} differ", tally.differing, tally.answers);
    Ok(())
}

fn whole_rule(tally: &mut Tally, rng: &mut Rng) -> Result<()> {
    let rule = generate::whole_rule(rng);
    let whole = Pair::of(&rule);
    if !tally.runs(&rule, &whole)? {
        return Ok(());
    }
    let parts = Parts::of(&rule)?;
    let pairs: Vec<(&Item, Pair)> =
        parts.items().into_iter().map(|item| (item, Pair::of(&item.rule()))).collect();
    for _ in 0..RECORDS {
        let record = generate::record(rng);
        let answers = pairs
            .iter()
            .map(|(item, pair)| Ok((*item, tally.item(item, pair, &record)?)))
            .collect::<Result<Vec<_>>>()?;
        let of = |item: &Item| answers.iter().find(|(other, _)| *other == item).map(|(_, answers)| *answers);
        let ours = parts.verdict(&|item| of(item).is_some_and(|(ours, _)| ours));
        ensure!(
            whole.ours.as_ref().is_ok_and(|whole| whole.matches(&record) == ours),
            "the parts add up to {ours}: {} on {record}",
            rule["detection"]
        );
        let Some(found) = whole.theirs_match(&record) else { continue };
        let theirs = parts.verdict(&|item| of(item).and_then(|(_, theirs)| theirs) == Some(true));
        if found != theirs {
            let name = explain_condition(&rule["detection"]["condition"]).with_context(|| {
                format!("their parts add up to {theirs}: {} on {record}", rule["detection"])
            })?;
            *tally.needed.entry(name).or_default() += 1;
        }
    }
    Ok(())
}
