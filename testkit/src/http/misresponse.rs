//! Answers that no server should give.

use std::io::Write;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::Result;

use super::{Response, head};

/// An answer whose head is well-formed and whose body is not what the head says, or is long in coming.
#[derive(Debug, Clone)]
pub struct Misresponse {
    /// Status, headers and the whole body.
    pub response: Response,
    /// What the head gives as the length of the body.
    pub announced: usize,
    /// Bytes of the body that are sent.
    pub given: usize,
    /// The body comes in pieces of so many bytes, with a pause after each.
    pub pace: Option<(usize, Duration)>,
    /// What happens then.
    pub ending: Ending,
}

/// How a [`Misresponse`] ends.
#[derive(Clone)]
pub enum Ending {
    /// The connection waits for the next request: what was given is what was announced.
    Keep,
    /// The connection is closed in order.
    Close,
    /// The connection is reset, as by a host that has forgotten it.
    Reset,
    /// Nothing more comes, until the client gives up.
    Stall,
    /// Somebody is told, and the connection is closed in order.
    Tell(Arc<dyn Fn() + Send + Sync>),
}

impl std::fmt::Debug for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keep => "Keep",
            Self::Close => "Close",
            Self::Reset => "Reset",
            Self::Stall => "Stall",
            Self::Tell(_) => "Tell",
        })
    }
}

pub(super) fn write_misresponse(writer: &mut impl Write, answer: &Misresponse) -> Result<()> {
    let body = &answer.response.body[..answer.given.min(answer.response.body.len())];
    writer.write_all(&head(&answer.response, answer.announced)?)?;
    let Some((piece, pause)) = answer.pace else {
        writer.write_all(body)?;
        return Ok(writer.flush()?);
    };
    // What is waited for never comes: here the slowness itself is what the client has to bear.
    let (_nobody, slowness) = mpsc::channel::<()>();
    for piece in body.chunks(piece.max(1)) {
        writer.write_all(piece)?;
        writer.flush()?;
        slowness.recv_timeout(pause).ok();
    }
    Ok(())
}
