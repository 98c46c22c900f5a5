//! A body that is read before its turn, or was.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::room::{Reserved, Room};
use crate::ports::{ObjectBody, ReadError};

/// An object that was opened, and how much of it was read.
///
/// What is being read when its turn comes goes on at the first question for a chunk: an object is claimed when it was
/// opened, whether the rest of it ever comes or not.
pub(crate) struct Ahead<'r, B: ObjectBody> {
    version: String,
    length: Option<usize>,
    progress: Progress<'r, B>,
}

enum Progress<'r, B: ObjectBody> {
    Unread(B),
    Reading(Pin<Box<dyn Future<Output = Read<B>> + Send + 'r>>),
    Read(Read<B>),
}

/// What was read of a body.
struct Read<B: ObjectBody> {
    body: B,
    chunks: VecDeque<B::Chunk>,
    /// How it ended, if it was read that far.
    end: Option<Result<(), ReadError>>,
    /// The room that its chunks take.
    _room: Reserved,
}

impl<'r, B: ObjectBody + Send + 'r> Ahead<'r, B> {
    /// A body of which nothing was read.
    pub(super) fn unread(body: B) -> Self {
        Self { version: body.version().to_owned(), length: body.length(), progress: Progress::Unread(body) }
    }

    /// Begins to read a body if there is room for all of it, or leaves it as it is.
    pub(super) fn begin(body: B, room: &Arc<Room>) -> Self {
        let (version, length) = (body.version().to_owned(), body.length());
        let reserved = length.and_then(|length| room.reserve(length));
        let progress = match reserved {
            Some(reserved) => Progress::Reading(Box::pin(read(body, reserved))),
            None => Progress::Unread(body),
        };
        Self { version, length, progress }
    }

    /// Goes on if there is anything to be read.
    pub(super) fn read_on(&mut self, context: &mut Context<'_>) {
        if let Progress::Reading(reading) = &mut self.progress
            && let Poll::Ready(read) = reading.as_mut().poll(context)
        {
            self.progress = Progress::Read(read);
        }
    }
}

async fn read<B: ObjectBody + Send>(mut body: B, reserved: Reserved) -> Read<B> {
    let mut chunks = VecDeque::new();
    let mut left = reserved.bytes();
    let end = loop {
        match body.next_chunk().await {
            Ok(Some(chunk)) => {
                let rest = left.checked_sub(chunk.as_ref().len());
                chunks.push_back(chunk);
                // More than it said is not kept on its word.
                let Some(rest) = rest else { break None };
                left = rest;
            }
            Ok(None) => break Some(Ok(())),
            Err(error) => break Some(Err(error)),
        }
    };
    Read { body, chunks, end, _room: reserved }
}

impl<'r, B: ObjectBody + Send + 'r> ObjectBody for Ahead<'r, B> {
    type Chunk = B::Chunk;

    fn version(&self) -> &str {
        &self.version
    }

    fn length(&self) -> Option<usize> {
        self.length
    }

    async fn next_chunk(&mut self) -> Result<Option<B::Chunk>, ReadError> {
        loop {
            match &mut self.progress {
                Progress::Unread(body) => return body.next_chunk().await,
                Progress::Reading(reading) => self.progress = Progress::Read(reading.await),
                Progress::Read(read) => return read.next_chunk().await,
            }
        }
    }
}

impl<B: ObjectBody + Send> Read<B> {
    async fn next_chunk(&mut self) -> Result<Option<B::Chunk>, ReadError> {
        if let Some(chunk) = self.chunks.pop_front() {
            return Ok(Some(chunk));
        }
        match self.end.take() {
            None => self.body.next_chunk().await,
            Some(Ok(())) => {
                self.end = Some(Ok(()));
                Ok(None)
            }
            Some(Err(error)) => Err(error),
        }
    }
}
