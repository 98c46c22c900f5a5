//! The corpora, made once and kept: which there are, and what is known about each.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use libdeflater::Decompressor;
use serde::{Deserialize, Serialize};
use trailmeter_testkit::generate::{Files, Plan};

use crate::contest::progress;
use crate::corpus::{Corpus, Facts, Three};
use crate::three;

/// Changes whenever the same plan would give other files, so that kept ones are made anew.
const GENERATOR: u32 = 1;

/// What a corpus is to be.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) name: String,
    /// What it is, for the table of corpora.
    pub(crate) about: String,
    pub(crate) plan: Plan,
    /// How many more records than the first a file may have: small files differ in size.
    pub(crate) varied_by: usize,
}

/// A recipe and its result, kept beside the files.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    recipe: String,
    facts: Facts,
}

/// One session's records in a row, as in real files.
const BURST: u32 = 8;
/// As [`Plan::suspicion`]: this makes a third of the records denials.
const UNDER_ATTACK: u32 = 30;

impl Recipe {
    pub(crate) fn new(name: &str, about: &str, files: usize, records_per_file: usize) -> Self {
        let plan = Plan { files, records_per_file, burst: BURST, ..Plan::default() };
        Self { name: name.to_owned(), about: about.to_owned(), plan, varied_by: 0 }
    }

    /// Many files of the size that busy accounts deliver; `share` of them, for a quick look.
    pub(crate) fn main(share: usize) -> Self {
        Self::new("M", "the everyday one: files of 3.2 MB", 500 / share, 2000)
    }

    pub(crate) fn large() -> Self {
        Self::new("L", "one large file", 1, 31_600)
    }

    pub(crate) fn small(share: usize) -> Self {
        let recipe = Self::new("small", "files of 1 to 15 records", 10_000 / share, 1);
        Self { varied_by: 14, ..recipe }
    }

    pub(crate) fn hostile(share: usize) -> Self {
        let mut recipe = Self::new(
            "hostile",
            "escapes, characters beyond ASCII and JSON in strings wherever callers choose the text; a third of the calls denied",
            50 / share,
            2000,
        );
        (recipe.plan.escapes, recipe.plan.suspicion) = (true, UNDER_ATTACK);
        recipe
    }

    /// For tools that need minutes for the everyday one.
    pub(crate) fn peers(share: usize) -> Self {
        Self::new("Q", "a tenth of the everyday one, for the peers", 50 / share, 2000)
    }

    /// One record, which is no work: what is left is starting.
    pub(crate) fn nothing() -> Self {
        Self::new("one", "one record", 1, 1)
    }

    fn text(&self) -> String {
        format!("{GENERATOR} {:?} {}", self.plan, self.varied_by)
    }
}

/// The corpus of a recipe below `folder`: the kept one if it is still what the recipe says.
pub(crate) fn corpus(folder: &Path, recipe: &Recipe) -> Result<Corpus> {
    let place = folder.join(&recipe.name);
    let beside = folder.join(format!("{}.json", recipe.name));
    let kept = fs::read(&beside).ok().and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
    if let Some(kept) = kept.filter(|kept| kept.recipe == recipe.text())
        && let Ok(corpus) = found(&place, &kept.facts)
    {
        return Ok(corpus);
    }
    progress(&format!("making the corpus {}", recipe.name))?;
    if place.exists() {
        fs::remove_dir_all(&place).with_context(|| format!("cannot remove {}", place.display()))?;
    }
    let facts = make(&place, recipe).with_context(|| format!("the corpus {}", recipe.name))?;
    let kept = Kept { recipe: recipe.text(), facts };
    fs::write(&beside, serde_json::to_vec_pretty(&kept)?)?;
    found(&place, &kept.facts)
}

fn make(place: &Path, recipe: &Recipe) -> Result<Facts> {
    let mut files = Files::of(&recipe.plan)?;
    let mut facts = Facts {
        name: recipe.name.clone(),
        files: 0,
        records: 0,
        packed_bytes: 0,
        inflated_bytes: 0,
        three: Three::default(),
    };
    let (mut inflater, mut json) = (Decompressor::new(), Vec::new());
    for number in 0.. {
        if recipe.varied_by > 0 {
            // A prime: neighbours differ, and every size comes equally often.
            let more = number * 7 % (recipe.varied_by + 1);
            files.set_records_per_file(recipe.plan.records_per_file + more);
        }
        let Some(file) = files.next().transpose()? else { break };
        json.resize(usize::try_from(file.inflated_bytes)?, 0);
        inflater.gzip_decompress(&file.body, &mut json).context("what was packed does not inflate")?;
        facts.three += three::count(&json)?;
        facts.files += 1;
        facts.records += file.records.len() as u64;
        facts.packed_bytes += file.body.len() as u64;
        facts.inflated_bytes += file.inflated_bytes;
        let path = place.join(&file.key);
        fs::create_dir_all(path.parent().context("a key without a folder")?)?;
        fs::write(&path, &file.body).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(facts)
}

/// The corpus at a place, if it is there as a whole.
fn found(place: &Path, facts: &Facts) -> Result<Corpus> {
    ensure!(count(place)? == facts.files, "{} has not the files that it had", place.display());
    Ok(Corpus::new(place.to_owned(), facts.clone()))
}

/// The files at any depth of a folder.
fn count(folder: &Path) -> Result<u64> {
    let mut files = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        files += if entry.file_type()?.is_dir() { count(&entry.path())? } else { 1 };
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::float;

    #[test]
    fn a_corpus_is_made_once_and_again_when_the_recipe_changes() {
        let folder = tempfile::tempdir().unwrap();
        let mut recipe = Recipe { varied_by: 2, ..Recipe::new("tiny", "", 6, 3) };
        let corpus_of = |recipe: &Recipe| corpus(folder.path(), recipe).unwrap();
        let made = corpus_of(&recipe);
        assert_eq!((made.facts.files, made.facts.records), (6, 6 * 4));
        let mark = made.folder().join("mark");
        fs::write(&mark, b"").unwrap();
        assert_eq!(corpus_of(&recipe).facts, made.facts, "a file too many, so it is made again");
        assert!(!mark.exists());
        recipe.plan.files = 7;
        assert_eq!(corpus_of(&recipe).facts.files, 7);
    }

    #[test]
    fn a_third_of_the_hostile_one_is_denied() {
        let folder = tempfile::tempdir().unwrap();
        let facts = corpus(folder.path(), &Recipe::hostile(25)).unwrap().facts;
        let share = float(facts.three.access_denied) / float(facts.records);
        assert!((0.28..0.40).contains(&share), "{share}");
    }
}
