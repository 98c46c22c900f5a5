//! From a request to messages in the queue.

use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use trailmeter_logs::{KeyClass, classify_key};

use crate::estimate::Estimate;
use crate::pace::{MOST_IN_MESSAGE, Pace};
use crate::place::{Begun, Place};
use crate::ports::{Batch, Listed, Listing, ListingError, Page, Places, PortError, Queue, Time};
use crate::progress::Progress;
use crate::request::Request;
use crate::walk::{Partition, Walk};

/// Folders that are listed beside each other.
const AT_ONCE: usize = 8;
/// For how long it is remembered how far a backfill has come: 60 days.
const REMEMBERED: i64 = 60 * 86_400;

/// Sends the past to the queue.
#[derive(Debug, Clone)]
pub struct Backfill<L, Q, P, T> {
    /// The bucket.
    pub listing: L,
    /// The queue.
    pub queue: Q,
    /// What was done before.
    pub places: P,
    /// Time.
    pub time: T,
}

/// Why a backfill stopped. What was sent until then is taken down.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// A prefix could not be listed.
    #[error("{0}")]
    Listing(#[from] ListingError),
    /// Objects could not be sent.
    #[error("objects cannot be sent to the queue: {0}")]
    Queue(PortError),
    /// It could not be read or taken down how far it has come.
    #[error("how far it has come cannot be taken down: {0}")]
    Places(PortError),
    /// Another request has the name.
    #[error(
        "there is a backfill {name} already, and it was asked for something else ({before}): give this one another name"
    )]
    OtherRequest {
        /// The name.
        name: String,
        /// What that was asked for.
        before: String,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Everything is sent.
    Done,
    /// All was sent by an earlier run.
    DoneBefore,
    /// It was asked to stop. The next run goes on.
    Unfinished,
    /// There was nothing to send: no folder is what was asked for.
    Nothing,
}

impl State {
    /// A stable word for answers and results.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::DoneBefore => "done-before",
            Self::Unfinished => "unfinished",
            Self::Nothing => "nothing",
        }
    }
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub state: State,
    /// What it did.
    pub progress: Progress,
}

/// A folder, and what comes next in it.
struct Opened {
    partition: Partition,
    place: Place,
    page: Page,
    /// Whether something was left that is to be looked at again: the place stays before it.
    is_held: bool,
}

/// What is sent, and when it is looked at.
struct Run<'r, G, O> {
    request: &'r Request,
    now: i64,
    /// Whether to go on.
    goes_on: G,
    observe: O,
    pace: Pace,
    progress: Progress,
}

impl<L, Q, P, T> Backfill<L, Q, P, T>
where
    L: Listing + Sync,
    Q: Queue + Sync,
    P: Places + Sync,
    T: Time + Sync,
{
    /// What a request comes to, at this time in seconds since 1970; what earlier runs of the same have done is left out.
    pub async fn estimate(
        &self,
        request: &Request,
        now: i64,
        mut observe: impl FnMut(&Estimate),
    ) -> Result<Estimate, BackfillError> {
        let counted = self.partitions(request).map(|partition| async move {
            let mut counted = Estimate { folders: 1, ..Estimate::default() };
            let Opened { partition, place, mut page, .. } = self.open(partition?, request).await?;
            counted.folders_before = u64::from(place.done);
            counted.pages = u64::from(!place.done);
            loop {
                for object in &page.objects {
                    match fate(object, &partition, now - request.leave) {
                        Fate::Sent => {
                            counted.objects += 1;
                            counted.bytes += object.size;
                        }
                        Fate::Skipped => counted.skipped += 1,
                        Fate::Archived => counted.archived += 1,
                        Fate::Recent => counted.recent += 1,
                    }
                }
                let Some(last) = page.objects.last().filter(|_| !page.is_last) else { return Ok(counted) };
                page = self.listing.page(&request.bucket, &partition.folder, &last.key).await?;
                counted.pages += 1;
            }
        });
        let mut counted = pin!(counted.buffered(AT_ONCE));
        let mut estimate = Estimate::default();
        while let Some(one) = counted.next().await {
            let one: Result<Estimate, BackfillError> = one;
            estimate.add(&one?);
            observe(&estimate);
        }
        Ok(estimate)
    }

    /// Sends what is asked for, until it is done or is not to go on.
    pub async fn run(
        &self,
        request: &Request,
        now: i64,
        goes_on: impl Fn() -> bool,
        observe: impl FnMut(&Progress),
    ) -> Result<Ran, BackfillError> {
        let begun = self.begin(request, now).await?;
        if begun.done {
            return Ok(Ran { state: State::DoneBefore, progress: Progress::default() });
        }
        let ran = self.run_part(request, now, goes_on, observe).await?;
        // What was left to its own delivery is looked at when the same is asked for again.
        if ran.state == State::Done && ran.progress.recent == 0 {
            self.finish(request, now).await?;
        }
        Ok(ran)
    }

    /// Takes down that all of it is done.
    pub async fn finish(&self, request: &Request, now: i64) -> Result<(), BackfillError> {
        let done = Begun { done: true, ..self.begin(request, now).await? };
        self.places.end(&request.name, &done, now + REMEMBERED).await.map_err(BackfillError::Places)
    }

    /// Takes down that it begins, or finds that it did.
    pub async fn begin(&self, request: &Request, now: i64) -> Result<Begun, BackfillError> {
        let begun = Begun { request: request.text(), since: now, done: false };
        let found = self.places.begin(&request.name, &begun, now + REMEMBERED).await;
        let found = found.map_err(BackfillError::Places)?;
        if found.request == begun.request {
            Ok(found)
        } else {
            Err(BackfillError::OtherRequest { name: request.name.clone(), before: found.request })
        }
    }

    /// The same for a part of a backfill, beside others: whoever runs all of them knows when it is done.
    pub async fn run_part(
        &self,
        request: &Request,
        now: i64,
        goes_on: impl Fn() -> bool,
        observe: impl FnMut(&Progress),
    ) -> Result<Ran, BackfillError> {
        let pace = Pace::new(request.rate);
        let mut run = Run { request, now, goes_on, observe, pace, progress: Progress::default() };
        let opened = self.partitions(request).map(|partition| async { self.open(partition?, request).await });
        let mut opened = pin!(opened.buffered(AT_ONCE));
        let mut state = State::Nothing;
        while let Some(opened) = opened.next().await {
            if !self.send(opened?, &mut run).await? {
                return Ok(Ran { state: State::Unfinished, progress: run.progress });
            }
            state = State::Done;
        }
        Ok(Ran { state, progress: run.progress })
    }

    /// The folders of a request, in their order, as they are found.
    fn partitions<'s>(
        &'s self,
        request: &'s Request,
    ) -> impl Stream<Item = Result<Partition, BackfillError>> + use<'s, L, Q, P, T> {
        let walk = Some(Walk::new(&self.listing, request));
        stream::unfold(walk, |walk| async {
            let mut walk = walk?;
            match walk.next().await {
                Ok(Some(partition)) => Some((Ok(partition), Some(walk))),
                Ok(None) => None,
                Err(error) => Some((Err(error.into()), None)),
            }
        })
    }

    /// Finds where to go on in a folder, and what comes next there.
    async fn open(&self, partition: Partition, request: &Request) -> Result<Opened, BackfillError> {
        let place = self.places.read(&request.name, &partition.folder).await;
        let place = place.map_err(BackfillError::Places)?.unwrap_or_default();
        let page = if place.done {
            Page { objects: Vec::new(), is_last: true }
        } else {
            self.listing.page(&request.bucket, &partition.folder, &place.after).await?
        };
        Ok(Opened { partition, place, page, is_held: false })
    }

    /// Sends a folder. Returns whether it came to its end.
    async fn send<G: Fn() -> bool, O: FnMut(&Progress)>(
        &self,
        mut opened: Opened,
        run: &mut Run<'_, G, O>,
    ) -> Result<bool, BackfillError> {
        let Run { request, .. } = *run;
        run.progress.folder.clone_from(&opened.partition.folder);
        run.progress.queued_before += opened.place.queued;
        if opened.place.done {
            run.progress.folders_before += 1;
            (run.observe)(&run.progress);
            // Thousands of folders that are done take their time, too.
            return Ok((run.goes_on)());
        }
        loop {
            let sent = self.send_page(&mut opened, run).await;
            let is_through = matches!(sent, Ok(true)) && opened.page.is_last;
            opened.place.done = is_through && !opened.is_held;
            let expires = run.now + REMEMBERED;
            let Opened { partition, place, page, .. } = &opened;
            let written = self.places.write(&request.name, &partition.folder, place, expires).await;
            run.progress.folders += u64::from(is_through);
            (run.observe)(&run.progress);
            // Why it stopped is worth more than that this could not be taken down either.
            let is_sent = sent?;
            written.map_err(BackfillError::Places)?;
            let Some(last) = page.objects.last().filter(|_| is_sent && !is_through) else {
                return Ok(is_through);
            };
            opened.page = self.listing.page(&request.bucket, &partition.folder, &last.key).await?;
        }
    }

    /// Sends what is left of a page. Returns whether it came to its end.
    async fn send_page<G: Fn() -> bool, O: FnMut(&Progress)>(
        &self,
        opened: &mut Opened,
        run: &mut Run<'_, G, O>,
    ) -> Result<bool, BackfillError> {
        for objects in opened.page.objects.chunks(run.pace.at_once()) {
            if !(run.goes_on)() {
                return Ok(false);
            }
            let mut sent = Vec::with_capacity(objects.len());
            let mut settled = None;
            for object in objects {
                match fate(object, &opened.partition, run.now - run.request.leave) {
                    Fate::Sent => sent.push(object),
                    Fate::Skipped => run.progress.skipped += 1,
                    Fate::Archived => run.progress.archived += 1,
                    Fate::Recent => {
                        run.progress.recent += 1;
                        opened.is_held = true;
                    }
                }
                if !opened.is_held {
                    settled = Some(object);
                }
            }
            if !sent.is_empty() {
                self.send_at_pace(&sent, run).await?;
            }
            let bytes: u64 = sent.iter().map(|object| object.size).sum();
            let objects_sent = sent.len() as u64;
            opened.place.queued += objects_sent;
            opened.place.bytes += bytes;
            run.progress.queued += objects_sent;
            run.progress.bytes += bytes;
            if let Some(settled) = settled {
                opened.place.after.clone_from(&settled.key);
            }
        }
        Ok(true)
    }

    async fn send_at_pace<'k, G, O>(
        &self,
        objects: &[&'k Listed],
        run: &mut Run<'_, G, O>,
    ) -> Result<(), BackfillError> {
        let wait = run.pace.wait(&self.time);
        if !wait.is_zero() {
            self.time.pause(wait).await;
        }
        let Request { bucket, name, recount, .. } = run.request;
        let batch = |objects: &[&'k Listed]| {
            let keys = objects.iter().map(|object| object.key.as_str()).collect();
            Batch { bucket, keys, name, recount: *recount }
        };
        let batches: Vec<Batch<'_>> = objects.chunks(MOST_IN_MESSAGE).map(batch).collect();
        run.pace.sent(objects.len(), &self.time);
        self.queue.send(&batches).await.map_err(BackfillError::Queue)?;
        run.progress.messages += batches.len() as u64;
        Ok(())
    }
}

/// What becomes of an object.
enum Fate {
    Sent,
    Skipped,
    Archived,
    Recent,
}

/// `settled`: what was written after that is left to its own delivery.
fn fate(object: &Listed, partition: &Partition, settled: i64) -> Fate {
    match classify_key(&object.key) {
        KeyClass::Log(kind) if kind == partition.kind => {
            let is_recent = object.written.is_some_and(|written| written > settled);
            match (is_recent, object.is_archived) {
                (true, _) => Fate::Recent,
                (false, true) => Fate::Archived,
                (false, false) => Fate::Sent,
            }
        }
        _ => Fate::Skipped,
    }
}
