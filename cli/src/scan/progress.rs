//! A progress bar, on a terminal and on long work only.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use super::inputs::Input;

/// Less than this is read before a bar could be looked at.
const LONG: u64 = 64 << 20;

pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(inputs: &[Input]) -> Self {
        let bytes = inputs.iter().map(|input| input.size).sum();
        if bytes < LONG || !stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(bytes);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")
        {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn advance(&self, input: &Input) {
        self.0.inc(input.size);
    }

    /// Prints something above the bar.
    pub(crate) fn suspend(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
