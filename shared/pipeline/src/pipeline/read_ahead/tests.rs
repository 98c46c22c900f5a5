//! How much is ahead, and that nothing is lost or waited for in vain.

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use super::*;
use crate::ReadProblem;

/// How often a call is asked before it answers.
const WAITS: usize = 3;
const CHUNK: usize = 10;

/// Bodies as long as their keys say. It knows what it was asked for, and what for ahead of its turn.
#[derive(Default)]
struct Store(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    /// Every key that was opened, in this order.
    opened: Vec<String>,
    under_way: usize,
    most_under_way: usize,
    /// Bytes of bodies that were handed out and not dropped yet.
    handed_out: usize,
    most_handed_out: usize,
}

struct Body<'s> {
    store: &'s Store,
    left: usize,
    said: usize,
    handed_out: usize,
}

impl Store {
    fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    fn opened(&self) -> Vec<String> {
        self.seen(|seen| seen.opened.clone())
    }
}

impl<'s> ObjectStore for &'s Store {
    type Body = Body<'s>;

    async fn open(&self, object: &ObjectRef) -> Result<Body<'s>, ReadError> {
        self.seen(|seen| {
            seen.opened.push(object.key.clone());
            seen.under_way += 1;
            seen.most_under_way = seen.most_under_way.max(seen.under_way);
        });
        wait().await;
        self.seen(|seen| seen.under_way -= 1);
        let (_, length) = object.key.split_once(':').unwrap();
        match length.split_once('>') {
            _ if length == "gone" => {
                Err(ReadError { problem: ReadProblem::NotFound, source: "as the test has it".into() })
            }
            Some((more, said)) => Ok(self.body(more.parse().unwrap(), said.parse().unwrap())),
            None => Ok(self.body(length.parse().unwrap(), length.parse().unwrap())),
        }
    }
}

impl Store {
    fn body(&self, left: usize, said: usize) -> Body<'_> {
        Body { store: self, left, said, handed_out: 0 }
    }
}

impl ObjectBody for Body<'_> {
    type Chunk = Vec<u8>;

    fn version(&self) -> &'static str {
        "1"
    }

    fn length(&self) -> Option<usize> {
        Some(self.said)
    }

    async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        wait().await;
        let size = self.left.min(CHUNK);
        self.left -= size;
        self.handed_out += size;
        self.store.seen(|seen| {
            seen.handed_out += size;
            seen.most_handed_out = seen.most_handed_out.max(seen.handed_out);
        });
        Ok((size > 0).then(|| vec![b'x'; size]))
    }
}

impl Drop for Body<'_> {
    fn drop(&mut self) {
        self.store.seen(|seen| seen.handed_out -= self.handed_out);
    }
}

async fn wait() {
    let mut times = 0..WAITS;
    poll_fn(|_| if times.next().is_some() { Poll::Pending } else { Poll::Ready(()) }).await;
}

fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    for _ in 0..10_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
    panic!("it waits for what never comes");
}

fn objects(lengths: &[&str]) -> Vec<ObjectRef> {
    let name =
        |(at, length): (usize, &&str)| ObjectRef { bucket: "b".to_owned(), key: format!("{at}:{length}") };
    lengths.iter().enumerate().map(name).collect()
}

/// Reads objects in their order, and gives the length of each, or nothing for one that is gone.
async fn read_all(ahead: &ReadAhead<'_, &Store>, objects: &[ObjectRef]) -> Vec<Option<usize>> {
    let mut lengths = Vec::new();
    for object in objects {
        let Ok(mut body) = ahead.open(object).await else {
            lengths.push(None);
            continue;
        };
        // The claim, which is a word with the ledger.
        wait().await;
        let mut length = 0;
        while let Some(chunk) = body.next_chunk().await.unwrap() {
            length += chunk.len();
        }
        lengths.push(Some(length));
    }
    lengths
}

#[test]
fn no_more_is_ahead_than_there_is_room_for() {
    let lengths = ["40", "0", "gone", "90", "7", "500", "35", "35>30", "12", "99", "1", "80", "30>35"];
    let expected = [40, 0, 0, 90, 7, 500, 35, 35, 12, 99, 1, 80, 30].map(Some);
    let objects = objects(&lengths);
    for (most, bytes) in [(0, 0), (1, 0), (1, 100), (3, 100), (20, 100), (20, 10_000)] {
        let store = Store::default();
        let settings = ReadAheadSettings { objects: most, bytes };
        let stores = &store;
        let ahead = ReadAhead::new(&stores, settings, &objects, &|| true);
        let found = finish(ahead.alongside(read_all(&ahead, &objects)));
        let expected = expected.iter().enumerate().map(|(at, length)| length.filter(|_| at != 2));
        assert_eq!(found, expected.collect::<Vec<_>>(), "{most} objects, {bytes} bytes");
        let keys = objects.iter().map(|object| object.key.clone());
        assert_eq!(
            store.opened(),
            keys.collect::<Vec<_>>(),
            "each is opened once, in the order of the turns"
        );
        store.seen(|seen| {
            // Beside what is ahead there is the object whose turn it is, and one chunk beyond what was said.
            let at_hand = 500 + CHUNK;
            assert!(seen.most_handed_out <= bytes + at_hand, "{} bytes of {bytes}", seen.most_handed_out);
            assert!(seen.most_under_way <= most.max(1), "{} of {most}", seen.most_under_way);
            assert!(seen.most_under_way >= most.min(3), "{} of {most}", seen.most_under_way);
            assert_eq!(seen.handed_out, 0);
        });
    }
}

#[test]
fn what_is_ahead_is_kept_within_the_bytes() {
    let objects = objects(&["30", "30", "30", "30", "30"]);
    let store = Store::default();
    let stores = &store;
    let ahead = ReadAhead::new(&stores, ReadAheadSettings { objects: 5, bytes: 70 }, &objects, &|| true);
    // Nobody asks for anything, for as long as it takes to read all that there is room for.
    finish(ahead.alongside(async {
        for _ in 0..20 {
            wait().await;
        }
    }));
    assert_eq!(store.opened().len(), 5, "all are opened");
    assert_eq!(store.seen(|seen| seen.handed_out), 60, "two are read");
    finish(ahead.alongside(read_all(&ahead, &objects)));
    assert_eq!(store.opened().len(), 5, "none is opened again");
}

#[test]
fn what_is_passed_over_makes_room_and_is_not_waited_for() {
    let objects = objects(&["30", "30", "30", "30", "30", "30"]);
    let store = Store::default();
    let stores = &store;
    let ahead = ReadAhead::new(&stores, ReadAheadSettings { objects: 2, bytes: 60 }, &objects, &|| true);
    let asked_for = [objects[1].clone(), objects[4].clone(), objects[5].clone()];
    assert_eq!(finish(ahead.alongside(read_all(&ahead, &asked_for))), [Some(30); 3]);
    assert_eq!(ahead.room.reserve(60).map(drop), Some(()), "all room is free again");
}

#[test]
fn nothing_is_begun_when_it_is_late() {
    let objects = objects(&["30", "30", "30", "30"]);
    let store = Store::default();
    let stores = &store;
    let is_in_time = AtomicBool::new(true);
    let has_time = || is_in_time.load(Ordering::Relaxed);
    let ahead = ReadAhead::new(&stores, ReadAheadSettings { objects: 2, bytes: 60 }, &objects, &has_time);
    finish(ahead.alongside(wait()));
    assert_eq!(store.opened().len(), 2);
    is_in_time.store(false, Ordering::Relaxed);
    finish(ahead.alongside(read_all(&ahead, &objects[..2])));
    assert_eq!(store.opened().len(), 2, "what was begun is there, and nothing took its place");
    // Whoever asks all the same is answered.
    assert_eq!(finish(ahead.alongside(read_all(&ahead, &objects[2..]))), [Some(30); 2]);
}

#[test]
fn an_object_that_is_named_twice_is_opened_for_each() {
    let mut objects = objects(&["30", "20"]);
    objects.extend(objects.clone());
    let store = Store::default();
    let stores = &store;
    let ahead = ReadAhead::new(&stores, ReadAheadSettings { objects: 4, bytes: 200 }, &objects, &|| true);
    let lengths = finish(ahead.alongside(read_all(&ahead, &objects)));
    assert_eq!(lengths, [30, 20, 30, 20].map(Some));
    assert_eq!(store.opened().len(), 4);
}
