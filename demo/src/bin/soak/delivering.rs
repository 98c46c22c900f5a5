//! Delivers, and never faster than the function takes it.

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use trailmeter_testkit::rng::Rng;

use super::Arguments;
use super::deliveries::{self, Delivery, What};
use super::expected::Expected;
use super::memory::Memory;
use super::progress::Progress;
use super::stage::{Door, Stage};

/// What was delivered.
pub(crate) struct Delivered {
    /// Keys of objects for the bare loop.
    pub(crate) sample: Vec<String>,
    /// How often the next delivery had to wait for the queue to empty.
    waits: u64,
    kills: usize,
}

impl Delivered {
    pub(crate) fn summary(&self, expected: &Expected) -> String {
        let kinds: Vec<String> =
            expected.deliveries.iter().map(|(what, count)| format!("{count} {}", what.words())).collect();
        format!(
            "deliveries  {}\nqueue       was full at {} looks, so that the next delivery waited\n\
             killed      {} processes of the function",
            kinds.join(", "),
            self.waits,
            self.kills
        )
    }
}

/// Objects of which the bare loop reads, at the most.
const SAMPLE: usize = 2000;
/// Deliveries between two looks at the queue.
const LOOK: usize = 20;
/// Looks at the memory.
const SAMPLES: usize = 300;
/// Deliveries at the same time: one after the other they would be slower than what they feed.
const TOGETHER: usize = 8;

/// Delivers everything.
pub(crate) async fn deliver(
    arguments: &Arguments,
    stage: &Stage,
    memory: &mut Memory,
) -> Result<(Delivered, Expected)> {
    let (deliveries, truth) = deliveries::start(arguments)?;
    let mut rng = Rng::new(arguments.seed ^ 0x50AC);
    let mut kills: Vec<usize> = (0..arguments.kills).map(|_| rng.index(arguments.deliveries)).collect();
    let mut delivered = Delivered { sample: Vec::new(), waits: 0, kills: 0 };
    let mut sender = Sender { door: stage.door()?, under_way: JoinSet::new() };
    let progress = Progress::of(arguments.deliveries);
    for at in 0..arguments.deliveries {
        let delivery = tokio::task::block_in_place(|| deliveries.recv());
        // It ended before its time: its error is told below.
        let Ok(delivery) = delivery else { break };
        if delivery.what == What::New && rng.index(arguments.deliveries) < SAMPLE {
            delivered.sample.push(delivery.key.clone());
        }
        sender.send(delivery).await?;
        while let Some(due) = kills.iter().position(|kill| *kill <= at) {
            kills.swap_remove(due);
            delivered.kills += usize::from(memory.kill_one(&mut rng)?);
        }
        if at % LOOK == 0 {
            delivered.waits += stage.wait_for_room(arguments.outstanding).await?;
        }
        if at % (arguments.deliveries / SAMPLES).max(1) == 0 {
            memory.sample();
        }
        progress.is_at(at)?;
    }
    sender.leave(0).await?;
    progress.finish();
    let expected = truth.join().ok().context("the generator panicked")??;
    Ok((delivered, expected))
}

/// Sends deliveries, some at a time.
struct Sender {
    door: Door,
    under_way: JoinSet<Result<()>>,
}

impl Sender {
    async fn send(&mut self, delivery: Delivery) -> Result<()> {
        // What is announced again has to be there.
        let before = if delivery.what == What::Again { 0 } else { TOGETHER - 1 };
        self.leave(before).await?;
        let door = self.door.clone();
        self.under_way.spawn(async move { door.deliver(delivery).await });
        Ok(())
    }

    /// Waits until no more than so many are under way.
    async fn leave(&mut self, most: usize) -> Result<()> {
        while self.under_way.len() > most {
            self.under_way.join_next().await.context("something is under way")???;
        }
        Ok(())
    }
}
