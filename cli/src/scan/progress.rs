//! A progress bar, on a terminal and on long work only.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use super::inputs::Input;

/// Less than this is read before a bar could be looked at.
const LONG: u64 = 64 << 20;

/// `None` if there is nobody to see it.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(crate) fn new(inputs: &[Input]) -> Self {
        let bytes = inputs.iter().map(|input| input.size).sum();
        if bytes < LONG || !stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(bytes);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")
        {
            bar.set_style(style);
        }
        Self(Some(bar))
    }

    pub(crate) fn advance(&self, input: &Input) {
        if let Some(bar) = &self.0 {
            bar.inc(input.size);
        }
    }

    /// Prints something above the bar.
    pub(crate) fn suspend(&self, print: impl FnOnce()) {
        match &self.0 {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
