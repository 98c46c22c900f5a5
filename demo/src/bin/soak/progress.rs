//! How far it is: a bar on a terminal, some lines elsewhere.

use std::io::{IsTerminal, stderr};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use super::say;

/// Lines where there is no terminal.
const LINES: usize = 10;

pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    of: usize,
}

impl Progress {
    pub(crate) fn of(deliveries: usize) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(deliveries as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len}, {per_sec}, {eta} left")
            {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, of: deliveries }
    }

    pub(crate) fn is_at(&self, delivery: usize) -> Result<()> {
        let done = delivery + 1;
        match &self.bar {
            Some(bar) => bar.set_position(done as u64),
            None if done.is_multiple_of((self.of / LINES).max(1)) => {
                say(&format!("{done} of {} delivered", self.of))?;
            }
            None => {}
        }
        Ok(())
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
