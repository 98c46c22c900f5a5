//! Writes a generated corpus below a directory, the truth about it beside it.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use jiff::Timestamp;
use trailmeter_testkit::generate::{Files, Plan, Truth, TruthCount};

/// Makes CloudTrail files as CloudTrail delivers them, and truth.json with what is in them.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Directory for the files; objects keep their keys below DIRECTORY/logs.
    directory: PathBuf,
    /// Decides every draw.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Files of management and data events.
    #[arg(long, default_value_t = 100)]
    files: usize,
    /// Records in each of them.
    #[arg(long, default_value_t = 500)]
    records: usize,
    /// Of a thousand records, how many repeat an earlier event.
    #[arg(long, default_value_t = 200)]
    repeats: u32,
    /// Of a thousand records, how many are no object.
    #[arg(long, default_value_t = 1)]
    malformed: u32,
    /// Of a thousand records, how many are addenda to earlier ones.
    #[arg(long, default_value_t = 0)]
    addenda: u32,
    /// Delivery time of the newest files, such as 2026-03-14T09:05:00Z, or `now`.
    #[arg(long)]
    until: Option<String>,
    /// Accounts, twelve digits each.
    #[arg(long = "account")]
    accounts: Vec<String>,
    /// Region folders.
    #[arg(long = "region")]
    regions: Vec<String>,
    /// Id of the organisation, such as o-a1b2c3d4e5.
    #[arg(long)]
    organization: Option<String>,
    /// The trail's key prefix.
    #[arg(long)]
    prefix: Option<String>,
    /// So many files more of each further kind: digest, Insight, network activity, aggregated, other.
    #[arg(long, default_value_t = 1)]
    others: usize,
    /// Multiplies how often records are drawn that the default pack counts.
    #[arg(long, default_value_t = 1)]
    suspicion: u32,
    /// How many records in a row come from one session, on average; in real files some 8.
    #[arg(long, default_value_t = 1)]
    burst: u32,
    /// Fills all that callers choose with escapes and characters beyond ASCII.
    #[arg(long)]
    escapes: bool,
}

impl Arguments {
    fn plan(self) -> Result<Plan> {
        let default = Plan::default();
        let until = match self.until.as_deref() {
            None => default.until,
            Some("now") => Timestamp::now(),
            Some(time) => time.parse().with_context(|| format!("{time} is no time"))?,
        };
        Ok(Plan {
            seed: self.seed,
            files: self.files,
            records_per_file: self.records,
            repeats_per_mille: self.repeats,
            malformed_per_mille: self.malformed,
            addenda_per_mille: self.addenda,
            until,
            accounts: if self.accounts.is_empty() { default.accounts } else { self.accounts },
            regions: if self.regions.is_empty() { default.regions } else { self.regions },
            organization: self.organization,
            prefix: self.prefix,
            digest_files: self.others,
            insight_files: self.others,
            network_activity_files: self.others,
            aggregated_files: self.others,
            unknown_files: self.others,
            suspicion: self.suspicion,
            burst: self.burst,
            escapes: self.escapes,
        })
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let directory = arguments.directory.clone();
    let mut count = TruthCount::default();
    let (mut files, mut bytes) = (0_u64, 0_u64);
    for file in Files::of(&arguments.plan()?)? {
        let file = file?;
        let path = directory.join("logs").join(&file.key);
        let folder = path.parent().context("a key without a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&path, &file.body).with_context(|| format!("cannot write {}", path.display()))?;
        count.add(&file);
        files += 1;
        bytes += file.body.len() as u64;
    }
    let truth = count.truth();
    let beside = directory.join("truth.json");
    fs::write(&beside, serde_json::to_vec_pretty(&truth)?)
        .with_context(|| format!("cannot write {}", beside.display()))?;
    let summary = summary(&truth, files, bytes)?;
    std::io::stdout().write_all(summary.as_bytes()).context("cannot write the summary")
}

fn summary(truth: &Truth, files: u64, bytes: u64) -> Result<String> {
    let records = truth.default_pack.distinct.records;
    let repeats: u64 = truth.repeats.values().sum();
    let mut text = format!(
        "{files} files, {} to be read; {} records, {repeats} of them repeats; {bytes} bytes packed, {} unpacked\n",
        truth.objects.read, records.read, truth.inflated_bytes,
    );
    for (name, counts) in &truth.both_packs.distinct.detectors {
        writeln!(text, "{name:<22}{:>10} events{:>8} excluded", counts.matches, counts.excluded)?;
    }
    Ok(text)
}
