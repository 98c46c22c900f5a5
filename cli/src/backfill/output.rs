//! What is printed: the estimate before, the outcome after.

use std::io::{Write, stdout};
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};
use trailmeter_backfill::{Estimate, KEY_LAYOUT, Progress, Ran, Request, State};

use super::cost::{ASSUMED, bill};
use crate::args::Format;
use crate::cost::number::{dollars, float, grouped, rounded};
use crate::printable::{Printable, json as json_line};

/// Says what it comes to. With JSON nothing: it stands in the result.
pub(super) fn estimate(request: &Request, estimate: &Estimate, format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        return Ok(());
    }
    let mut out = stdout().lock();
    let count = |number: u64| grouped(float(number), 0);
    writeln!(out, "backfill {}: {}", Printable(&request.name), Printable(&request.to_string()))?;
    writeln!(
        out,
        "  objects  {} in {} folder(s), {}",
        count(estimate.objects),
        count(estimate.folders),
        size(estimate.bytes)
    )?;
    if estimate.folders_before > 0 {
        writeln!(out, "           {} folder(s) of these were done before", count(estimate.folders_before))?;
    }
    if estimate.recent > 0 {
        writeln!(
            out,
            "           {} more were just written and are left to their delivery",
            count(estimate.recent)
        )?;
    }
    if estimate.archived > 0 {
        writeln!(
            out,
            "           {} more lie in an archive (GLACIER, DEEP_ARCHIVE) and are not sent: restore them first",
            count(estimate.archived)
        )?;
    }
    if estimate.skipped > 0 {
        writeln!(out, "           {} more are no log files", count(estimate.skipped))?;
    }
    writeln!(out, "  time     {} at {} objects a second", duration(estimate.time(request)), request.rate)?;
    let usd = dollars(bill(estimate).total());
    writeln!(out, "  cost     about $ {usd} {ASSUMED}")?;
    if request.recount {
        writeln!(out, "  recount  what was counted before is counted once more")?;
    }
    Ok(())
}

/// Says that there is nothing below the prefix.
pub(super) fn nothing(request: &Request) -> String {
    format!(
        "there are no log files of what is asked for in {request}: looked below s3://{}/{}, where keys are {KEY_LAYOUT}; \
         compare --prefix, --account, --region, --kind and the days with the bucket",
        request.bucket, request.root
    )
}

/// Says what became of it.
pub(super) fn outcome(
    request: &Request,
    estimate: &Estimate,
    ran: Option<&Ran>,
    format: Format,
) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if format == Format::Json {
        let text = json_line(&result(request, estimate, ran)?);
        return Ok(writeln!(out, "{text}")?);
    }
    let Some(Ran { state, progress }) = ran else { return Ok(()) };
    let queued = grouped(float(progress.queued), 0);
    let name = Printable(&request.name);
    match state {
        State::Done => {
            writeln!(out, "{queued} object(s) queued; the function counts them from now on")?;
            if progress.recent > 0 {
                let recent = grouped(float(progress.recent), 0);
                writeln!(
                    out,
                    "{recent} that were just written are left to their delivery; the same command with --name {name} \
                     looks at them again"
                )?;
            }
        }
        State::DoneBefore => {
            writeln!(out, "backfill {name} is done already: to look once more, give another --name")?;
        }
        State::Unfinished => {
            writeln!(
                out,
                "stopped with {queued} object(s) queued: the same command with --name {name} goes on"
            )?;
        }
        State::Nothing => {}
    }
    Ok(())
}

fn result(request: &Request, estimate: &Estimate, ran: Option<&Ran>) -> anyhow::Result<Value> {
    let asked: Value = serde_json::from_str(&request.text()).context("the request is no JSON")?;
    Ok(json!({
        "name": request.name,
        "request": asked,
        "estimate": {
            "objects": estimate.objects,
            "bytes": estimate.bytes,
            "folders": estimate.folders,
            "folders_before": estimate.folders_before,
            "skipped": estimate.skipped,
            "archived": estimate.archived,
            "recent": estimate.recent,
            "seconds": estimate.time(request).as_secs(),
            "usd": rounded(bill(estimate).total()),
        },
        "state": ran.map_or("estimated", |ran| ran.state.word()),
        "progress": ran.map(|ran| progress(&ran.progress)),
    }))
}

fn progress(progress: &Progress) -> Value {
    json!({
        "folders": progress.folders,
        "folders_before": progress.folders_before,
        "queued": progress.queued,
        "queued_before": progress.queued_before,
        "bytes": progress.bytes,
        "messages": progress.messages,
        "skipped": progress.skipped,
        "archived": progress.archived,
        "recent": progress.recent,
    })
}

fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

fn duration(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds < 60 => format!("{seconds} s"),
        seconds if seconds < 3600 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_tell_them() {
        for (seconds, expected) in
            [(0, "0 s"), (59, "59 s"), (61, "2 min"), (3600, "1 h 0 min"), (10_000, "2 h 46 min")]
        {
            assert_eq!(duration(Duration::from_secs(seconds)), expected);
        }
    }
}
