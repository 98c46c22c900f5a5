//! A month of an organisation: a million keys, listed and queued in the memory of some pages.
#![allow(clippy::unwrap_used, reason = "what cannot be read ends the test")]

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::civil::date;
use trailmeter_backfill::{
    Asked, Backfill, Batch, Listed, Listing, ListingError, Page, PortError, Queue, State, Time,
};

const ACCOUNTS: usize = 100;
const REGIONS: [&str; 4] = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"];
const DAYS: usize = 25;
/// In each folder: 100 × 4 × 25 × 100 is a million.
const OBJECTS: usize = 100;
const ALL: u64 = (ACCOUNTS * REGIONS.len() * DAYS * OBJECTS) as u64;
/// Less than a page has, so that each folder takes several.
const PAGE: usize = 40;
/// 2026-11-21T06:00:00Z.
const NOW: i64 = 1_795_240_800;

/// A bucket that makes its listing as it is asked, and a queue that remembers numbers alone.
#[derive(Default)]
struct Simulated(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    /// Keys that were listed and not sent yet, and the most of them.
    alive: usize,
    most_alive: usize,
    sent: u64,
    /// How many of each folder, while it is not done.
    open: BTreeMap<String, usize>,
    now: Duration,
}

impl Listing for &Simulated {
    async fn folders(&self, _: &str, prefix: &str) -> Result<Vec<String>, ListingError> {
        let below: Vec<String> = match prefix.matches('/').count() {
            1 => (0..ACCOUNTS).map(|account| format!("{account:012}")).collect(),
            2 => vec!["CloudTrail".to_owned()],
            3 => REGIONS.map(str::to_owned).to_vec(),
            6 if prefix.ends_with("/2026/10/") => (1..=DAYS).map(|day| format!("{day:02}")).collect(),
            6 => Vec::new(),
            _ => panic!("nobody needs to list {prefix}"),
        };
        Ok(below.into_iter().map(|folder| format!("{prefix}{folder}/")).collect())
    }

    async fn page(&self, _: &str, prefix: &str, after: &str) -> Result<Page, ListingError> {
        let number =
            |key: &str| key.rsplit_once('_').and_then(|(_, end)| end.get(..6)?.parse::<usize>().ok());
        let first = if after.is_empty() { 0 } else { number(after).unwrap() + 1 };
        let end = (first + PAGE).min(OBJECTS);
        let listed = |at| Listed {
            // As long as the real ones are.
            key: format!("{prefix}111122223333_CloudTrail_eu-central-1_20261121T0600Z_{at:06}.json.gz"),
            size: 4000,
            written: Some(NOW - 86_400),
            is_archived: false,
        };
        let mut seen = self.0.lock().unwrap();
        seen.alive += end - first;
        seen.most_alive = seen.most_alive.max(seen.alive);
        Ok(Page { objects: (first..end).map(listed).collect(), is_last: end == OBJECTS })
    }
}

impl Queue for &Simulated {
    async fn send(&self, batches: &[Batch<'_>]) -> Result<(), PortError> {
        let mut seen = self.0.lock().unwrap();
        for key in batches.iter().flat_map(|batch| &batch.keys) {
            seen.alive -= 1;
            seen.sent += 1;
            let (folder, _) = key.rsplit_once('/').unwrap();
            let done = seen.open.get(folder).copied().unwrap_or(0) + 1;
            if done == OBJECTS {
                seen.open.remove(folder);
            } else {
                seen.open.insert(folder.to_owned(), done);
            }
        }
        Ok(())
    }
}

impl Time for &Simulated {
    fn elapsed(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    async fn pause(&self, time: Duration) {
        self.0.lock().unwrap().now += time;
    }
}

fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here ever waits"),
    }
}

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_million_keys_are_planned_and_queued_in_the_memory_of_some_pages() {
    let world = Simulated::default();
    let asked = Asked {
        bucket: "logs".to_owned(),
        from: "2026-10-01".to_owned(),
        to: Some("2026-10-31".to_owned()),
        rate: Some(1000),
        ..Asked::default()
    };
    let request = asked.check(date(2026, 11, 21)).unwrap();
    let before = peak();
    let backfill = Backfill { listing: &world, queue: &world, places: (), time: &world };
    let estimate = run(backfill.estimate(&request, NOW, |_| {})).unwrap();
    assert_eq!((estimate.objects, estimate.bytes, estimate.folders), (ALL, ALL * 4000, 10_000));
    assert_eq!(estimate.time(&request), Duration::from_secs(ALL / 1000));

    *world.0.lock().unwrap() = Seen::default();
    let ran = run(backfill.run(&request, NOW, || true, |_| {})).unwrap();
    assert_eq!((ran.state, ran.progress.queued, ran.progress.folders), (State::Done, ALL, 10_000));
    let seen = world.0.lock().unwrap();
    assert_eq!((seen.sent, seen.alive, seen.open.len()), (ALL, 0, 0));
    // Eight that are listed side by side, one that is being sent.
    assert!(seen.most_alive <= 10 * PAGE, "{}", seen.most_alive);
    // A thousand in a second; behind the last twenty nobody waits.
    assert_eq!(seen.now, Duration::from_secs(ALL / 1000).checked_sub(Duration::from_millis(20)).unwrap());
    // The keys alone would be 130 MB.
    let more = peak() - before;
    assert!(more < 16 * 1024, "{more} KiB more than before");
}
