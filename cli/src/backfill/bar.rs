//! How far it has come: a bar on a terminal, a line now and then where there is none.

use std::io::{IsTerminal, Write, stderr};

use indicatif::{ProgressBar, ProgressStyle};
use trailmeter_backfill::{Estimate, Progress};

use crate::printable::Printable;

/// Objects from one line to the next, at the most; a tenth of all where that is less.
const LINE_EVERY: u64 = 10_000;

/// What was found so far, on a terminal: a long past takes minutes to be listed.
pub(super) struct Looking(Option<ProgressBar>);

impl Looking {
    pub(super) fn begin() -> Self {
        Self(stderr().is_terminal().then(ProgressBar::new_spinner))
    }

    pub(super) fn show(&self, so_far: &Estimate) {
        if let Some(spinner) = &self.0 {
            let Estimate { objects, folders, .. } = so_far;
            spinner.set_message(format!("listing: {objects} objects in {folders} folders"));
            spinner.tick();
        }
    }

    pub(super) fn finish(&self) {
        if let Some(spinner) = &self.0 {
            spinner.finish_and_clear();
        }
    }
}

pub(super) struct Bar {
    on_terminal: Option<ProgressBar>,
    all: u64,
    told: u64,
}

impl Bar {
    /// For so many objects.
    pub(super) fn new(all: u64) -> Self {
        let on_terminal = stderr().is_terminal().then(|| ProgressBar::new(all));
        if let Some(bar) = &on_terminal
            && let Ok(style) = ProgressStyle::with_template(
                "{bar:30} {human_pos} of {human_len}, {per_sec}, {eta} left  {msg}",
            )
        {
            bar.set_style(style);
        }
        Self { on_terminal, all, told: 0 }
    }

    pub(super) fn show(&mut self, progress: &Progress) {
        if let Some(bar) = &self.on_terminal {
            bar.set_position(progress.queued);
            bar.set_message(Printable(&progress.folder).to_string());
        } else if progress.queued >= self.told + (self.all / 10).clamp(1, LINE_EVERY) {
            self.told = progress.queued;
            let folder = Printable(&progress.folder);
            // Where nobody listens nothing is lost: the outcome is told in the end.
            drop(writeln!(stderr().lock(), "trailmeter: {} of {} queued, at {folder}", self.told, self.all));
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.on_terminal {
            bar.finish_and_clear();
        }
    }
}
