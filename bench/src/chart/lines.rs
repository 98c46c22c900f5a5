//! Lines over a quantity that grows.

use super::axis::{Axis, Scale};
use super::{Anchor, COLOURS, GRID, WIDTH, block, dot, stroke, svg, text};

/// One line with a name.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// A chart of lines.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    pub(crate) title: &'a str,
    /// What grows, with its unit, and how it is drawn.
    pub(crate) across: (&'a str, Scale),
    /// What it costs, with its unit, and how it is drawn.
    pub(crate) up: (&'a str, Scale),
    pub(crate) of: &'a [Line],
}

const LEFT: f64 = 80.0;
const RIGHT: f64 = WIDTH - 30.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 280.0;

impl Lines<'_> {
    pub(crate) fn svg(&self) -> String {
        let points = || self.of.iter().flat_map(|line| &line.points);
        let across = Axis::around(self.across.1, points().map(|(x, _)| *x), (LEFT, RIGHT));
        let up = Axis::around(self.up.1, points().map(|(_, y)| *y), (BOTTOM, TOP));
        let mut body = text(WIDTH / 2.0, 18.0, Anchor::Middle, self.title);
        for (figure, name) in across.ticks() {
            let x = across.place(figure);
            body += &stroke((x, TOP), (x, BOTTOM), GRID);
            body += &text(x, BOTTOM + 17.0, Anchor::Middle, &name);
        }
        for (figure, name) in up.ticks() {
            let y = up.place(figure);
            body += &stroke((LEFT, y), (RIGHT, y), GRID);
            body += &text(LEFT - 8.0, y + 4.0, Anchor::End, &name);
        }
        let mut legend = LEFT;
        for (line, colour) in self.of.iter().zip(COLOURS.iter().cycle()) {
            let placed: Vec<(f64, f64)> =
                line.points.iter().map(|(x, y)| (across.place(*x), up.place(*y))).collect();
            let path: Vec<String> = placed.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let (path, style) = (path.join(" "), "fill=\"none\" stroke-width=\"2\"");
            body += &["<polyline points=\"", &path, "\" stroke=\"", colour, "\" ", style, "/>\n"].concat();
            for (x, y) in placed {
                body += &dot((x, y), colour);
            }
            body += &block((legend, 33.0), (14.0, 4.0), colour);
            body += &text(legend + 20.0, 39.0, Anchor::Start, &line.name);
            legend += 36.0 + 7.2 * line.name.chars().map(|_| 1.0).sum::<f64>();
        }
        body += &text(f64::midpoint(LEFT, RIGHT), BOTTOM + 40.0, Anchor::Middle, self.across.0);
        let middle = f64::midpoint(TOP, BOTTOM);
        let upwards = text(0.0, 0.0, Anchor::Middle, self.up.0);
        body = format!("{body}<g transform=\"translate(18 {middle:.1}) rotate(-90)\">{upwards}</g>\n");
        svg(self.title, BOTTOM + 52.0, &body)
    }
}
