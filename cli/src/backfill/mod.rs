//! `trailmeter backfill`: the log files of past days, to the function's queue.

mod args;
mod bar;
mod cost;
mod output;
mod place;

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use trailmeter_aws::Clients;
use trailmeter_aws::backfill::{BackfillPlaces, BackfillQueue, ListedBucket, TimeAsItPasses};
use trailmeter_backfill::{Backfill, BackfillError, Ran, Request, RequestError, State};

pub(crate) use args::BackfillArgs;
use bar::{Bar, Looking};
use place::Place;

use crate::detectors::{now, today};
use crate::printable::Printable;
use crate::{DONE, WRONG};

type Connected = Backfill<ListedBucket, BackfillQueue, Option<BackfillPlaces>, TimeAsItPasses>;

pub(crate) fn run(args: &BackfillArgs) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("no connections can be made")?.block_on(backfill(args))
}

async fn backfill(args: &BackfillArgs) -> anyhow::Result<u8> {
    // What can be refused without a question is refused before any is asked.
    let unplaced = args.asked(args.place.bucket.as_deref().unwrap_or("?"), None).check(today());
    unplaced.map_err(|error| of_option(&error))?;
    let clients = Clients::load().await;
    let place = Place::find(&args.place, &clients).await?;
    let asked = args.asked(&place.bucket, place.prefix.as_deref());
    let request = asked.check(today()).map_err(|error| of_option(&error))?;
    if !args.dry_run {
        place.destinations()?;
    }
    let backfill = Backfill {
        listing: clients.listed_bucket(place.bucket_region.clone()),
        queue: clients.backfill_queue(place.queue_url.clone().unwrap_or_default()),
        places: place.table.clone().map(|table| clients.backfill_places(table)),
        time: TimeAsItPasses::begin(),
    };
    let time = now().as_second();
    let looking = Looking::begin();
    let estimate = backfill.estimate(&request, time, |so_far| looking.show(so_far)).await;
    looking.finish();
    let estimate = estimate?;
    if estimate.folders == 0 {
        say(&output::nothing(&request))?;
        return Ok(WRONG);
    }
    output::estimate(&request, &estimate, args.format)?;
    if args.dry_run {
        output::outcome(&request, &estimate, None, args.format)?;
        return Ok(DONE);
    }
    if !(args.yes || is_wanted()?) {
        say("nothing was queued")?;
        return Ok(WRONG);
    }
    let ran = send(&backfill, &request, time, estimate.objects).await?;
    output::outcome(&request, &estimate, Some(&ran), args.format)?;
    Ok(if matches!(ran.state, State::Done | State::DoneBefore) { DONE } else { WRONG })
}

/// Sends until all is sent, or Ctrl-C.
async fn send(backfill: &Connected, request: &Request, time: i64, objects: u64) -> anyhow::Result<Ran> {
    let is_stopped = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&is_stopped);
    let listening = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.store(true, Ordering::Relaxed);
        }
    });
    let mut bar = Bar::new(objects);
    let goes_on = || !is_stopped.load(Ordering::Relaxed);
    let ran = backfill.run(request, time, goes_on, |progress| bar.show(progress)).await;
    bar.finish();
    listening.abort();
    match ran {
        // The same command would be refused again.
        Err(refused @ BackfillError::OtherRequest { .. }) => Err(refused.into()),
        ran => ran.with_context(|| {
            format!("the backfill {} stopped; the same command goes on", Printable(&request.name))
        }),
    }
}

/// Whether somebody who can be asked says yes. Where nobody can the command line has to say it, with `--yes`.
fn is_wanted() -> anyhow::Result<bool> {
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        say("there is no terminal to ask on: --yes begins without a question")?;
        return Ok(false);
    }
    let mut err = stderr().lock();
    write!(err, "begin? [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer).context("the answer cannot be read")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// By the option that it is about, of which some may be repeated.
fn of_option(error: &RequestError) -> anyhow::Error {
    anyhow::anyhow!("--{}: {}", error.field.trim_end_matches('s'), error.problem)
}

fn say(text: &str) -> std::io::Result<()> {
    writeln!(stderr().lock(), "trailmeter: {}", Printable(text))
}
