//! The ports in memory.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::civil::{Date, date};

use crate::{
    Asked, Backfill, BackfillError, Batch, Begun, Estimate, Listed, Listing, ListingError, ListingProblem,
    Page, Place, Places, PortError, Progress, Queue, Ran, Request, Time,
};

pub(super) const BUCKET: &str = "logs";
/// 2026-11-21T06:00:00Z.
pub(super) const NOW: i64 = 1_795_240_800;
pub(super) const TODAY: Date = date(2026, 11, 21);

/// Runs a future to its end, however often it asks to be polled.
pub(super) fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// The key of a log file.
pub(super) fn key(account: u64, region: &str, day: &str, name: &str) -> String {
    format!("AWSLogs/{account:012}/CloudTrail/{region}/{day}/{name}.json.gz")
}

#[derive(Default)]
pub(super) struct World {
    /// Keys with the times at which they were written.
    pub(super) objects: BTreeMap<String, Option<i64>>,
    pub(super) page_size: usize,
    /// A prefix that may not be listed.
    pub(super) forbidden: Option<String>,
    /// How many more requests the queue takes.
    pub(super) sends_left: Mutex<Option<usize>>,
    pub(super) sent: Mutex<Vec<Vec<String>>>,
    pub(super) listed: Mutex<Vec<String>>,
    pub(super) places: Mutex<BTreeMap<(String, String), Place>>,
    pub(super) begun: Mutex<BTreeMap<String, Begun>>,
    pub(super) is_table_broken: AtomicBool,
    pub(super) under_way: AtomicUsize,
    pub(super) most_under_way: AtomicUsize,
    /// Now, and when what was sent.
    pub(super) clock: Mutex<Duration>,
    pub(super) sent_at: Mutex<Vec<(Duration, usize)>>,
}

impl World {
    pub(super) fn new(keys: impl IntoIterator<Item = String>) -> Self {
        let objects = keys.into_iter().map(|key| (key, Some(NOW - 86_400))).collect();
        Self { objects, page_size: 3, ..Self::default() }
    }

    pub(super) fn backfill(&self) -> Backfill<&Self, &Self, &Self, &Self> {
        Backfill { listing: self, queue: self, places: self, time: self }
    }

    pub(super) fn run(&self, asked: &Asked) -> Result<Ran, BackfillError> {
        self.run_for(asked, usize::MAX)
    }

    /// Runs until it was asked so often whether to go on.
    pub(super) fn run_for(&self, asked: &Asked, looks: usize) -> Result<Ran, BackfillError> {
        self.run_with(asked, looks, NOW)
    }

    /// Runs at another time.
    pub(super) fn run_at(&self, asked: &Asked, now: i64) -> Result<Ran, BackfillError> {
        self.run_with(asked, usize::MAX, now)
    }

    fn run_with(&self, asked: &Asked, looks: usize, now: i64) -> Result<Ran, BackfillError> {
        let asked_so_far = Cell::new(0);
        let goes_on = || {
            asked_so_far.set(asked_so_far.get() + 1);
            asked_so_far.get() <= looks
        };
        let mut last = Progress::default();
        let ran = run(self.backfill().run(&request(asked), now, goes_on, |progress| {
            assert!(progress.queued >= last.queued && progress.folders >= last.folders, "{progress:?}");
            last.clone_from(progress);
        }));
        ran.inspect(|ran| assert_eq!(ran.progress, last, "the last that was observed"))
    }

    pub(super) fn estimate(&self, asked: &Asked) -> Result<Estimate, BackfillError> {
        run(self.backfill().estimate(&request(asked), NOW, |_| {}))
    }

    /// All keys that were sent, in the order in which they were.
    pub(super) fn keys_sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().flatten().cloned().collect()
    }

    /// Lets others go on in between, and counts how many are at it.
    async fn list(&self, prefix: &str) -> Result<(), ListingError> {
        let under_way = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_under_way.fetch_max(under_way, Ordering::Relaxed);
        let mut polls = 0;
        poll_fn(|context| {
            polls += 1;
            if polls > 3 {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        self.listed.lock().unwrap().push(prefix.to_owned());
        match &self.forbidden {
            Some(forbidden) if prefix.starts_with(forbidden.as_str()) => {
                let source = format!("cannot list {prefix}").into();
                Err(ListingError { problem: ListingProblem::Denied, source })
            }
            _ => Ok(()),
        }
    }

    fn table(&self) -> Result<(), PortError> {
        if self.is_table_broken.load(Ordering::Relaxed) { Err(PortError("broken".into())) } else { Ok(()) }
    }
}

pub(super) fn request(asked: &Asked) -> Request {
    asked.check(TODAY).unwrap()
}

/// Everything of these days.
pub(super) fn asked(from: &str, to: &str) -> Asked {
    Asked {
        name: Some("b".to_owned()),
        bucket: BUCKET.to_owned(),
        from: from.to_owned(),
        to: Some(to.to_owned()),
        ..Asked::default()
    }
}

impl Listing for &World {
    async fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, ListingError> {
        assert_eq!(bucket, BUCKET);
        self.list(prefix).await?;
        let below = self.objects.keys().filter_map(|key| {
            let (folder, _) = key.strip_prefix(prefix)?.split_once('/')?;
            Some(format!("{prefix}{folder}/"))
        });
        Ok(below.collect::<BTreeSet<_>>().into_iter().collect())
    }

    async fn page(&self, bucket: &str, prefix: &str, after: &str) -> Result<Page, ListingError> {
        assert_eq!(bucket, BUCKET);
        self.list(prefix).await?;
        let mut found =
            self.objects.iter().filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after);
        let objects: Vec<Listed> = found
            .by_ref()
            .take(self.page_size)
            .map(|(key, written)| Listed {
                key: key.clone(),
                size: 100,
                written: *written,
                is_archived: key.contains("-archived"),
            })
            .collect();
        Ok(Page { objects, is_last: found.next().is_none() })
    }
}

impl Queue for &World {
    async fn send(&self, batches: &[Batch<'_>]) -> Result<(), PortError> {
        let mut left = self.sends_left.lock().unwrap();
        match &mut *left {
            Some(0) => return Err(PortError("full".into())),
            Some(left) => *left -= 1,
            None => {}
        }
        assert!((1..=10).contains(&batches.len()));
        for batch in batches {
            assert!((1..=10).contains(&batch.keys.len()));
            self.sent.lock().unwrap().push(batch.keys.iter().map(|&key| key.to_owned()).collect());
        }
        let objects = batches.iter().map(|batch| batch.keys.len()).sum();
        self.sent_at.lock().unwrap().push((*self.clock.lock().unwrap(), objects));
        Ok(())
    }
}

impl Places for &World {
    async fn begin(&self, name: &str, begun: &Begun, _: i64) -> Result<Begun, PortError> {
        self.table()?;
        Ok(self.begun.lock().unwrap().entry(name.to_owned()).or_insert_with(|| begun.clone()).clone())
    }

    async fn end(&self, name: &str, begun: &Begun, _: i64) -> Result<(), PortError> {
        self.table()?;
        self.begun.lock().unwrap().insert(name.to_owned(), begun.clone());
        Ok(())
    }

    async fn read(&self, name: &str, folder: &str) -> Result<Option<Place>, PortError> {
        self.table()?;
        Ok(self.places.lock().unwrap().get(&(name.to_owned(), folder.to_owned())).cloned())
    }

    async fn write(&self, name: &str, folder: &str, place: &Place, _: i64) -> Result<(), PortError> {
        self.table()?;
        self.places.lock().unwrap().insert((name.to_owned(), folder.to_owned()), place.clone());
        Ok(())
    }
}

impl Time for &World {
    fn elapsed(&self) -> Duration {
        *self.clock.lock().unwrap()
    }

    async fn pause(&self, time: Duration) {
        *self.clock.lock().unwrap() += time;
    }
}
