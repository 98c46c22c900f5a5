//! The table of a scan: a line for each detector, laid out for what it is printed on.
//!
//! In a pipe it has four columns, as wide as what is in them. On a terminal it fits: it has as many
//! columns as there is room for, and what is too long is cut, never wrapped.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use trailmeter_detection::{Detector, DetectorSet, Severity};
use unicode_width::UnicodeWidthStr;

use super::summary::Summary;
use super::timeline::Timeline;
use crate::printable::Printable;
use crate::terminal::Terminal;

const HEAD: Style = Style::new().bold();
const TOTAL: Style = Style::new().bold();
/// What found nothing steps back.
const NOTHING: Style = Style::new().dimmed();

/// Between two columns.
const GAP: usize = 2;
/// Before the first one.
const MARGIN: usize = 1;

/// Which columns there are beside names and matches.
#[derive(Clone, Copy)]
struct Layout {
    severity: bool,
    excluded: bool,
    /// So many marks of time, at the most.
    marks: usize,
    /// So much of the titles has to fit, or it is not this layout; none if there are no titles.
    title: usize,
}

/// From the richest to the poorest.
const LAYOUTS: [Layout; 7] = [
    Layout { severity: true, excluded: true, marks: 24, title: 24 },
    Layout { severity: false, excluded: true, marks: 24, title: 20 },
    Layout { severity: false, excluded: true, marks: 16, title: 16 },
    Layout { severity: false, excluded: true, marks: 24, title: 0 },
    Layout { severity: false, excluded: true, marks: 12, title: 0 },
    Layout { severity: false, excluded: false, marks: 12, title: 0 },
    Layout { severity: false, excluded: false, marks: 0, title: 0 },
];

/// How the colour of a severity looks. Only what should not wait has one.
pub(super) fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low | Severity::Informational => Style::new(),
    }
}

/// What is counted, and what it is printed on.
pub(super) struct CountsTable<'s> {
    pub(super) summary: &'s Summary,
    pub(super) detectors: &'s DetectorSet,
    /// The terminal, and what it shows of time.
    pub(super) on: Option<(Terminal, &'s Timeline)>,
}

/// A piece of a line.
struct Cell {
    text: String,
    style: Style,
    is_figure: bool,
}

impl Cell {
    fn text(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, is_figure: false }
    }

    fn figure(text: &impl ToString, style: Style) -> Self {
        Self { text: text.to_string(), style, is_figure: true }
    }
}

impl CountsTable<'_> {
    /// Prints it, and says how many seconds a mark of time stands for, if there are any.
    pub(super) fn print(&self, out: &mut impl Write) -> io::Result<Option<i64>> {
        let (rows, step) = match &self.on {
            None => {
                let shape = Shape { severity: false, line: None, excluded: true, title: true };
                (self.rows(&shape), None)
            }
            Some((terminal, timeline)) => self.fitting(*terminal, timeline),
        };
        let columns = rows.first().map_or(0, Vec::len);
        let width = |column: usize| rows.iter().map(|row| row[column].text.width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        rows.iter().try_for_each(|row| print(out, row, &widths))?;
        Ok(step)
    }

    /// The rows of the richest layout that fits, and the length of its marks.
    fn fitting(&self, terminal: Terminal, timeline: &Timeline) -> (Vec<Vec<Cell>>, Option<i64>) {
        let mut poorest = Vec::new();
        for Layout { severity, excluded, marks, title } in LAYOUTS {
            let scaled = timeline.within(marks.max(1));
            let step = scaled.step().filter(|_| marks > 0);
            let line = step.map(|_| (&scaled, terminal.is_utf8));
            let shape = Shape { severity, line, excluded, title: false };
            let without = self.rows(&shape);
            let taken = breadth(&without);
            let room = terminal.width.saturating_sub(taken + GAP);
            if title > 0 && room >= title {
                let with = self.rows(&Shape { title: true, ..shape });
                return (cut_titles(terminal, with, room), step);
            }
            if title == 0 && taken <= terminal.width {
                return (without, step);
            }
            poorest = without;
        }
        // Names alone are too wide: they give way to the figures.
        let longest = poorest.iter().map(|row| row[0].text.width()).max().unwrap_or(0);
        let room = longest.saturating_sub(breadth(&poorest).saturating_sub(terminal.width));
        for row in &mut poorest {
            row[0].text = terminal.cut(&row[0].text, room);
        }
        (poorest, None)
    }

    /// The head and a row for each detector, and on a terminal the total.
    fn rows(&self, shape: &Shape<'_>) -> Vec<Vec<Cell>> {
        let mut rows = vec![shape.head()];
        let detectors = self.detectors.detectors();
        for (at, detector) in detectors.iter().enumerate() {
            rows.push(shape.row(at, detector, self.summary.matches[at], self.summary.excluded_by(at)));
        }
        if self.on.is_some() {
            let excluded = (0..detectors.len()).map(|at| self.summary.excluded_by(at)).sum();
            rows.push(shape.total(self.summary.matches.iter().sum(), excluded));
        }
        rows
    }
}

/// A layout with what is in it.
struct Shape<'t> {
    severity: bool,
    /// What is shown of time, and whether in more than ASCII.
    line: Option<(&'t Timeline, bool)>,
    excluded: bool,
    title: bool,
}

impl Shape<'_> {
    fn head(&self) -> Vec<Cell> {
        let cell = |text| Cell::text(text, HEAD);
        let figure = |text: &str| Cell::figure(&text, HEAD);
        self.cells([
            cell("DETECTOR"),
            cell("SEVERITY"),
            figure("MATCHES"),
            figure("EXCLUDED"),
            cell("WHEN"),
            cell("WHAT"),
        ])
    }

    fn row(&self, at: usize, detector: &Detector, matches: u64, excluded: u64) -> Vec<Cell> {
        let found = matches > 0;
        let plain = if found { Style::new() } else { NOTHING };
        let coloured = if found { style(detector.severity) } else { NOTHING };
        let line = self.line.map(|(timeline, is_utf8)| timeline.line(at, is_utf8)).unwrap_or_default();
        self.cells([
            Cell::text(detector.name.clone(), coloured),
            Cell::text(detector.severity.word(), coloured),
            Cell::figure(&matches, plain),
            Cell::figure(&excluded, plain),
            Cell::text(line, plain),
            Cell::text(Printable(&detector.title).to_string(), plain),
        ])
    }

    fn total(&self, matches: u64, excluded: u64) -> Vec<Cell> {
        let line = self.line.map(|(timeline, is_utf8)| timeline.line_of_all(is_utf8)).unwrap_or_default();
        self.cells([
            Cell::text("total", TOTAL),
            Cell::text("", TOTAL),
            Cell::figure(&matches, TOTAL),
            Cell::figure(&excluded, TOTAL),
            Cell::text(line, TOTAL),
            Cell::text("", TOTAL),
        ])
    }

    /// Those of the cells that have a column.
    fn cells(&self, cells: [Cell; 6]) -> Vec<Cell> {
        let has_column = [true, self.severity, true, self.excluded, self.line.is_some(), self.title];
        cells.into_iter().zip(has_column).filter_map(|(cell, has)| has.then_some(cell)).collect()
    }
}

/// Titles stand last.
fn cut_titles(terminal: Terminal, mut rows: Vec<Vec<Cell>>, room: usize) -> Vec<Vec<Cell>> {
    for cell in rows.iter_mut().filter_map(|row| row.last_mut()) {
        cell.text = terminal.cut(&cell.text, room);
    }
    rows
}

/// How many columns of a screen the rows take.
fn breadth(rows: &[Vec<Cell>]) -> usize {
    let columns = rows.first().map_or(0, Vec::len);
    let widths = (0..columns).map(|at| rows.iter().map(|row| row[at].text.width()).max().unwrap_or(0));
    MARGIN + widths.sum::<usize>() + GAP * columns.saturating_sub(1)
}

/// Figures to the right, the rest to the left, nothing behind the last.
fn print(out: &mut impl Write, row: &[Cell], widths: &[usize]) -> io::Result<()> {
    let mut pending = MARGIN;
    for (cell, width) in row.iter().zip(widths) {
        let Cell { text, style, is_figure } = cell;
        let fill = width.saturating_sub(text.width());
        let (before, behind) = if *is_figure { (fill, 0) } else { (0, fill) };
        if text.is_empty() {
            pending += before;
        } else {
            write!(out, "{:1$}{style}{text}{style:#}", "", pending + before)?;
            pending = 0;
        }
        pending += behind + GAP;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use trailmeter_detection::{Memory, Repeats, load, packaged_files};

    use super::*;

    const ALL: [&str; 5] = ["default", "activity", "cis", "sources", "threats"];

    /// Every second detector has so many matches, over a day.
    struct Counted {
        detectors: DetectorSet,
        summary: Summary,
        timeline: Timeline,
    }

    impl Counted {
        fn of(packs: &[&str], matches: u64) -> Self {
            let packs: Vec<String> = packs.iter().map(|&name| name.to_owned()).collect();
            let detectors = load(&packaged_files(&packs).unwrap()).unwrap();
            let mut summary = Summary::new(&detectors, Memory::new(Repeats::Once, 10));
            let mut timeline = Timeline::new(detectors.detectors().len());
            timeline.cover([1_795_240_800, 1_795_240_800 + 86_399]);
            for (at, hour) in (0..detectors.detectors().len()).zip((0..24).cycle()).step_by(2) {
                summary.matches[at] = matches;
                timeline.add(at, 1_795_240_800 + 3600 * hour);
            }
            Self { detectors, summary, timeline }
        }

        /// What is printed, with colours as they are.
        fn printed(&self, width: Option<usize>) -> String {
            let Self { detectors, summary, timeline } = self;
            let on = width.map(|width| (Terminal { width, is_utf8: true }, timeline));
            let mut out = Vec::new();
            CountsTable { summary, detectors, on }.print(&mut out).unwrap();
            String::from_utf8(out).unwrap()
        }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn it_fits_every_terminal_and_never_loses_a_figure() {
        for packs in [&ALL[..1], &ALL] {
            let counted = Counted::of(packs, 123_456);
            for width in (20..140).step_by(3) {
                let text = plain(&counted.printed(Some(width)));
                for line in text.lines() {
                    assert!(line.width() <= width, "{width}: {line:?}");
                    assert_eq!(line.trim_end(), line, "{width}");
                }
                let figures = text.lines().filter(|line| line.contains(" 123456")).count();
                assert_eq!(figures, counted.detectors.detectors().len().div_ceil(2), "{width}:\n{text}");
            }
        }
    }

    #[test]
    fn the_wider_the_terminal_the_more_it_says() {
        let counted = Counted::of(&ALL[..1], 3);
        for (width, head) in [
            (38, " DETECTOR             MATCHES"),
            (60, " DETECTOR             MATCHES  EXCLUDED  WHEN"),
            (80, " DETECTOR             MATCHES  EXCLUDED  WHEN          WHAT"),
            (120, " DETECTOR             SEVERITY  MATCHES  EXCLUDED  WHEN                      WHAT"),
        ] {
            let text = plain(&counted.printed(Some(width)));
            assert_eq!(text.lines().next(), Some(head), "{width}");
            assert!(text.lines().last().unwrap().starts_with(" total "), "{text}");
        }
        let text = plain(&counted.printed(Some(80)));
        assert!(text.contains('…') && text.contains('█'), "{text}");
    }

    #[test]
    fn a_pipe_gets_what_is_there_and_no_more() {
        let text = plain(&Counted::of(&ALL[..1], 3).printed(None));
        assert_eq!(text.lines().count(), 9, "{text}");
        assert!(text.starts_with(" DETECTOR             MATCHES  EXCLUDED  WHAT\n"), "{text}");
        assert!(!text.contains(['…', '█', '·']), "{text}");
    }

    #[test]
    fn what_should_not_wait_has_a_colour_and_what_found_nothing_steps_back() {
        let counted = Counted::of(&ALL[..1], 3);
        let text = counted.printed(Some(100));
        let line = |name: &str| text.lines().find(|line| plain(line).trim_start().starts_with(name)).unwrap();
        for (at, detector) in counted.detectors.detectors().iter().enumerate() {
            let expected = if at % 2 == 0 { style(detector.severity) } else { NOTHING };
            assert!(line(&detector.name).contains(&format!("{expected}{}", detector.name)), "{text}");
        }
        assert!(line("total").contains(&format!("{TOTAL}total")), "{text}");
    }
}
