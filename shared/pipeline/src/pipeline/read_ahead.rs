//! Objects that are opened and read before it is their turn: while one is scanned, the store is at the next.
//!
//! Only that happens early. Claims, matches and puts come one after the other, in the order of the messages, as
//! they would without it; and what goes wrong ahead is met at the object's turn, as if it had gone wrong then.

mod body;
mod room;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use crate::delivery::ObjectRef;
use crate::ports::{ObjectBody, ObjectStore, ReadError};
use crate::settings::ReadAheadSettings;
pub(super) use body::Ahead;
use room::Room;

/// The objects of a round, in the order in which they are asked for.
pub(super) struct ReadAhead<'r, S: ObjectStore> {
    store: &'r S,
    most: usize,
    room: Arc<Room>,
    /// Whether there is time to begin with another object.
    has_time: &'r (dyn Fn() -> bool + Send + Sync),
    state: Mutex<State<'r, S::Body>>,
}

struct State<'r, B: ObjectBody> {
    /// Not begun yet.
    coming: VecDeque<&'r ObjectRef>,
    /// Begun, and perhaps read to the end.
    begun: VecDeque<Begun<'r, B>>,
    /// Whether something was begun, or taken, since all of it was polled.
    is_stirred: bool,
}

struct Begun<'r, B: ObjectBody> {
    object: &'r ObjectRef,
    stage: Stage<'r, B>,
}

enum Stage<'r, B: ObjectBody> {
    Opening(Pin<Box<dyn Future<Output = Result<B, ReadError>> + Send + 'r>>),
    Opened(Opened<'r, B>),
}

/// An object that was opened.
type Opened<'r, B> = Result<Ahead<'r, B>, ReadError>;

impl<'r, S: ObjectStore + Sync> ReadAhead<'r, S> {
    /// Nothing is begun before [`alongside`](Self::alongside).
    pub(super) fn new(
        store: &'r S,
        settings: ReadAheadSettings,
        objects: &'r [ObjectRef],
        has_time: &'r (dyn Fn() -> bool + Send + Sync),
    ) -> Self {
        let coming = objects.iter().collect();
        Self {
            store,
            most: settings.objects,
            room: Arc::new(Room::new(settings.bytes)),
            has_time,
            state: Mutex::new(State { coming, begun: VecDeque::new(), is_stirred: false }),
        }
    }

    /// Does `work`, and reads ahead whenever that waits.
    pub(super) async fn alongside<T>(&self, work: impl Future<Output = T>) -> T {
        // Boxed: it is most of an invocation, which is moved about as a whole.
        let mut work = Box::pin(work);
        poll_fn(|context| {
            loop {
                self.read_on(context);
                if let Poll::Ready(done) = work.as_mut().poll(context) {
                    return Poll::Ready(done);
                }
                if !self.state().is_stirred {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Opens the object whose turn it is. What stands before it is not asked for any more.
    pub(super) async fn open(&self, object: &ObjectRef) -> Opened<'r, S::Body> {
        let ahead = poll_fn(|_| {
            let mut state = self.state();
            state.pass_over_all_before(object);
            self.begin(&mut state);
            let taken = state.take(object);
            // What takes its place is on its way before the object is looked at.
            self.begin(&mut state);
            taken
        });
        match ahead.await {
            Some(opened) => opened,
            None => self.open_now(object).await,
        }
    }

    /// Opens an object of which nothing was read ahead.
    pub(super) async fn open_now(&self, object: &ObjectRef) -> Opened<'r, S::Body> {
        self.store.open(object).await.map(Ahead::unread)
    }

    /// Begins with as many objects as may be under way.
    fn begin(&self, state: &mut State<'r, S::Body>) {
        while state.begun.len() < self.most && (self.has_time)() {
            let Some(object) = state.coming.pop_front() else { return };
            state.begun.push_back(Begun { object, stage: Stage::Opening(Box::pin(self.store.open(object))) });
            state.is_stirred = true;
        }
    }

    /// Goes on with all that is under way.
    fn read_on(&self, context: &mut Context<'_>) {
        let mut state = self.state();
        self.begin(&mut state);
        state.is_stirred = false;
        for Begun { stage, .. } in &mut state.begun {
            if let Stage::Opening(opening) = stage
                && let Poll::Ready(opened) = opening.as_mut().poll(context)
            {
                *stage = Stage::Opened(opened.map(|body| Ahead::begin(body, &self.room)));
            }
            if let Stage::Opened(Ok(body)) = stage {
                body.read_on(context);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<'r, S::Body>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'r, B: ObjectBody> State<'r, B> {
    fn pass_over_all_before(&mut self, object: &ObjectRef) {
        if let Some(at) = self.begun.iter().position(|begun| begun.object == object) {
            drop(self.begun.drain(..at));
        } else if let Some(at) = self.coming.iter().position(|coming| *coming == object) {
            drop(self.coming.drain(..at));
            self.begun.clear();
        }
    }

    /// The object, once it is open; nothing if it was not begun, and is not going to be.
    fn take(&mut self, object: &ObjectRef) -> Poll<Option<Opened<'r, B>>> {
        let Some(first) = self.begun.pop_front_if(|begun| begun.object == object) else {
            self.coming.pop_front_if(|coming| *coming == object);
            return Poll::Ready(None);
        };
        match first.stage {
            Stage::Opened(opened) => Poll::Ready(Some(opened)),
            Stage::Opening(_) => {
                self.begun.push_front(first);
                Poll::Pending
            }
        }
    }
}
