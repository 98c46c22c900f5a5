//! Bars beside each other's names, for figures of different things.

use super::axis::{Axis, Scale};
use super::{Anchor, COLOURS, GRID, INK, WIDTH, block, stroke, svg, text};
use crate::markdown::short;
use crate::statistics::Spread;

/// One bar.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) figure: Spread,
    /// Whether it is Trailmeter's, and gets its colour.
    pub(crate) is_ours: bool,
}

/// A chart of bars, least at the top as given.
#[derive(Debug)]
pub(crate) struct Bars<'a> {
    pub(crate) title: &'a str,
    /// What the figures are, with their unit.
    pub(crate) axis: &'a str,
    pub(crate) scale: Scale,
    pub(crate) rows: &'a [Bar],
}

const NAMES: f64 = 250.0;
const ROW: f64 = 26.0;
const TOP: f64 = 34.0;

impl Bars<'_> {
    pub(crate) fn svg(&self) -> String {
        let rows = self.rows.iter().map(|_| ROW).sum::<f64>();
        let bottom = TOP + rows;
        let figures = self.rows.iter().flat_map(|bar| [bar.figure.median, bar.figure.max]);
        let axis = Axis::around(self.scale, figures, (NAMES, WIDTH - 60.0));
        let mut body = text(WIDTH / 2.0, 18.0, Anchor::Middle, self.title);
        for (figure, name) in axis.ticks() {
            let x = axis.place(figure);
            body += &stroke((x, TOP), (x, bottom), GRID);
            body += &text(x, bottom + 17.0, Anchor::Middle, &name);
        }
        let mut y = TOP;
        for bar in self.rows {
            let colour = if bar.is_ours { COLOURS[0] } else { INK };
            let (from, to) = (axis.place(0.0), axis.place(bar.figure.median));
            body += &text(NAMES - 8.0, y + 18.0, Anchor::End, &bar.name);
            // A bar of no length still shows where it is.
            let width = (to - from).max(2.0);
            body += &block((from, y + 4.0), (width, ROW - 8.0), colour);
            let (low, high) = (axis.place(bar.figure.min), axis.place(bar.figure.max));
            body += &stroke((low, y + ROW / 2.0), (high, y + ROW / 2.0), "#9198a1");
            body += &text(high.max(to) + 6.0, y + 18.0, Anchor::Start, &short(bar.figure.median));
            y += ROW;
        }
        body += &text(f64::midpoint(NAMES, WIDTH - 60.0), bottom + 38.0, Anchor::Middle, self.axis);
        svg(self.title, bottom + 48.0, &body)
    }
}
