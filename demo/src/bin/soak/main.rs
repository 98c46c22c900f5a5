//! `make soak`: thousands of deliveries through the local cloud with the real function, and every sum
//! compared with what the generator wrote.
//!
//! The template is deployed as it stands. What is not as deployed: CloudWatch is the strict stand-in,
//! which holds to AWS's limits and keeps series apart, and a message that fails comes back after
//! seconds, or five receives would take 75 minutes.

mod bare;
mod deliveries;
mod delivering;
mod expected;
mod memory;
mod progress;
mod stage;
mod verdict;

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use memory::Memory;
use stage::Stage;

/// Lets files be delivered by the thousand, with duplicates and files that cannot be read, and fails
/// if any sum differs from the truth.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many deliveries.
    #[arg(long, default_value_t = 20_000)]
    deliveries: usize,
    /// Decides every draw.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ends a process of the function, with kill -9, so many times at random moments. Sums may then
    /// exceed the truth by what `CountedMaybeTwice` says.
    #[arg(long, default_value_t = 0)]
    kills: usize,
    /// The parameter `Ledger`. Without one nothing is delivered that only a ledger knows again.
    #[arg(long, value_enum, default_value_t = Ledger::Event)]
    ledger: Ledger,
    /// The parameter `BatchSize`.
    #[arg(long, default_value_t = 10)]
    batch_size: u16,
    /// From so many waiting messages on the next delivery waits.
    #[arg(long, default_value_t = 40)]
    outstanding: u64,
    /// Where to keep what the local cloud and the function logged.
    #[arg(long)]
    log: Option<PathBuf>,
    /// The SAM template.
    #[arg(long, default_value = "template.yaml")]
    template: PathBuf,
    /// Where the packages of the functions are, each in a folder of its name.
    #[arg(long, default_value = "target/lambda")]
    functions: PathBuf,
}

/// What the function remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Ledger {
    /// Objects and matched events.
    Event,
    /// Objects.
    Object,
    /// Nothing.
    Off,
}

impl Ledger {
    /// The parameter's value.
    const fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Object => "object",
            Self::Off => "off",
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    say(&format!("starting the local cloud, with a ledger of kind {:?}", arguments.ledger.word()))?;
    let stage = Stage::set(&arguments).await?;
    let result = soak(&arguments, &stage).await;
    if let Some(path) = &arguments.log {
        std::fs::write(path, stage.log()?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    result
}

async fn soak(arguments: &Arguments, stage: &Stage) -> Result<()> {
    say(&format!("delivering {} times to s3://{}", arguments.deliveries, stage.bucket()))?;
    let mut memory = Memory::of(stage.directory());
    let begin = Instant::now();
    let (delivered, mut expected) = delivering::deliver(arguments, stage, &mut memory).await?;
    stage.all_counted(&expected).await?;
    let whole = begin.elapsed();
    memory.sample();
    say("everything is counted; the files that cannot be read go on to the dead-letter queue")?;
    let letters = stage.settled(&expected).await?;
    expected.receives = Some(letters.iter().map(|letter| letter.receives).sum());
    let bare = bare::get_and_inflate(stage, &delivered.sample).await?;
    let sums = stage.sums()?;
    say(&verdict::table(&sums, &expected))?;
    say(&delivered.summary(&expected))?;
    say(&memory.summary(stage.memory_mib()))?;
    if arguments.kills == 0 {
        // With kills most of the time is that of leases, which have to run out.
        say(&bare.summary(&expected, whole))?;
    }
    verdict::check(&sums, &expected, arguments.kills > 0)?;
    verdict::dead_letters(&letters, &expected)?;
    memory.check(stage.memory_mib())?;
    say("every sum is that of the truth")
}

fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}
