//! What one message may do to the others of its batch: end the process, or use up the time.

use std::time::Duration;

use trailmeter_testkit::fault_proxy::{Fault, Rule};

use super::queue::End::{self, Acknowledged, Parked};
use super::row::{Row, Work};
use super::services::{Ledger, Service};
use super::world::World;

const GET: &str = "GetObject";
/// The fifth of ten.
const KILLER: usize = 4;
/// With less than this no object is begun.
const RESERVE: Duration = Duration::from_mins(1);

pub(crate) fn rows() -> Vec<Row> {
    vec![
        poison(Ledger::Event, 3),
        poison(Ledger::Off, 3),
        two_poisons(),
        poison_in_a_message(),
        used_up(),
        none_left(),
    ]
}

/// A file that kills the process each time it is read. Those before it in the batch are counted at
/// the second receive, each by itself, those behind it at the third, before it is tried again.
fn poison(ledger: Ledger, behind: u32) -> Row {
    let trouble = |world: &World| {
        let rule = Rule::once(GET, world.kill_before()).naming(&world.files[KILLER].key);
        world.script(Service::S3, rule.always())
    };
    let fault = match ledger {
        Ledger::Off => "one file of ten kills the process, for good, and there is no ledger",
        _ => "one file of ten kills the process, for good",
    };
    let mut ends = vec![Acknowledged(2); 10];
    ends[KILLER] = Parked;
    ends[KILLER + 1..].fill(Acknowledged(behind));
    let row = Row::death(Service::Lambda, GET, fault, trouble);
    row_about(KILLER, row, &ends, ledger)
}

/// With two such files nobody else is parked either: who was tried alone goes last.
fn two_poisons() -> Row {
    let trouble = |world: &World| {
        for killer in [2, 6] {
            let rule = Rule::once(GET, world.kill_before()).naming(&world.files[killer].key);
            world.script(Service::S3, rule.always())?;
        }
        Ok(())
    };
    let mut ends = vec![Acknowledged(2); 10];
    ends[3..].fill(Acknowledged(3));
    ends[7..].fill(Acknowledged(4));
    ends[2] = Parked;
    ends[6] = Parked;
    let row = Row::death(Service::Lambda, GET, "two files of ten kill the process, for good", trouble);
    row_about(2, row, &ends, Ledger::Event)
}

/// A message that names a good file beside one that kills the process.
fn poison_in_a_message() -> Row {
    let trouble = |world: &World| {
        let rule = Rule::once(GET, world.kill_before()).naming(&world.files[0].key);
        world.script(Service::S3, rule.always())
    };
    let fault = "one of two files in a message kills the process, for good";
    let row = Row::death(Service::Lambda, GET, fault, trouble).work(Work::OneMessage);
    // It is taken apart: each file has a message of its own then.
    row.ends(&[Acknowledged(2), Parked, Acknowledged(3)])
}

/// The first of ten files takes long, and then less than a minute is left.
fn used_up() -> Row {
    let trouble = |world: &World| {
        // Enough for a cold start before the first object, and less than the SDK waits for an answer.
        world.hurry(RESERVE + Duration::from_secs(8));
        // Those behind it are read ahead, and may ask before it does.
        let rule = Rule::once(GET, Fault::Hold(world.dawdler(RESERVE))).naming(&world.files[0].key);
        world.script(Service::S3, rule)
    };
    let mut ends = vec![Acknowledged(2); 10];
    ends[0] = Acknowledged(1);
    let row = Row::new(Service::Lambda, GET, "the first file of ten uses up the time", trouble);
    row_about(0, row, &ends, Ledger::Event)
}

fn none_left() -> Row {
    let trouble = |world: &World| {
        world.hurry(Duration::ZERO);
        Ok(())
    };
    let row = Row::new(Service::Lambda, GET, "the invocation begins past its deadline", trouble);
    row_about(0, row, &[Acknowledged(2); 10], Ledger::Event)
}

fn row_about(hit: usize, row: Row, ends: &[End], ledger: Ledger) -> Row {
    Row { hit, ..row.work(Work::TenMessages).ends(ends).with(ledger) }
}
