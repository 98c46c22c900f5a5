//! From figures to places on the paper, and the round figures to label.

use crate::markdown::short;

/// How figures become lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// From zero.
    Linear,
    /// For figures above zero whose orders of magnitude count.
    Logarithmic,
}

/// An axis from one place on the paper to another.
#[derive(Debug)]
pub(super) struct Axis {
    scale: Scale,
    figures: (f64, f64),
    places: (f64, f64),
}

impl Axis {
    /// Wide enough for all figures, with round ends.
    pub(super) fn around(scale: Scale, figures: impl Iterator<Item = f64>, places: (f64, f64)) -> Self {
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for figure in figures {
            least = least.min(figure);
            most = most.max(figure);
        }
        let figures = match scale {
            Scale::Linear => (0.0, round_up(most.max(f64::MIN_POSITIVE))),
            Scale::Logarithmic => {
                let low = 10_f64.powf(least.max(f64::MIN_POSITIVE).log10().floor());
                (low, round_up(most).max(low * 10.0))
            }
        };
        Self { scale, figures, places }
    }

    pub(super) fn place(&self, figure: f64) -> f64 {
        let share = match self.scale {
            Scale::Linear => (figure - self.figures.0) / (self.figures.1 - self.figures.0),
            Scale::Logarithmic => {
                let (low, high) = (self.figures.0.log10(), self.figures.1.log10());
                (figure.max(self.figures.0).log10() - low) / (high - low)
            }
        };
        self.places.0 + share * (self.places.1 - self.places.0)
    }

    /// Round figures along the axis, with their names.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let mut figures = Vec::new();
        match self.scale {
            Scale::Linear => {
                let step = round_up(self.figures.1 / 5.0);
                let mut figure = 0.0;
                while figure <= self.figures.1 * 1.001 {
                    figures.push(figure);
                    figure += step;
                }
            }
            Scale::Logarithmic => {
                let decades = (self.figures.1 / self.figures.0).log10();
                let between: &[f64] = if decades > 3.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
                let mut decade = self.figures.0;
                while decade <= self.figures.1 * 1.001 {
                    let within = between.iter().map(|times| times * decade);
                    figures.extend(within.filter(|figure| *figure <= self.figures.1 * 1.001));
                    decade *= 10.0;
                }
            }
        }
        figures.into_iter().map(|figure| (figure, name(figure))).collect()
    }
}

/// The next of 1, 2, 3, 5 and 10 times a power of ten.
fn round_up(figure: f64) -> f64 {
    let decade = 10_f64.powf(figure.log10().floor());
    let times = [1.0, 2.0, 3.0, 5.0, 10.0].into_iter().find(|times| times * decade >= figure * 0.999);
    times.unwrap_or(10.0) * decade
}

fn name(figure: f64) -> String {
    if figure >= 1e6 {
        format!("{}M", plain(figure / 1e6))
    } else if figure >= 1e3 {
        format!("{}k", plain(figure / 1e3))
    } else {
        plain(figure)
    }
}

fn plain(figure: f64) -> String {
    let text = if (figure - figure.round()).abs() < 1e-9 { format!("{figure:.0}") } else { short(figure) };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_covers_its_figures_with_round_ticks() {
        for (scale, figures, names) in [
            (Scale::Linear, vec![0.3, 1.4], vec!["0", "0.5", "1", "1.5", "2"]),
            (Scale::Linear, vec![93.0], vec!["0", "20", "40", "60", "80", "100"]),
            (Scale::Logarithmic, vec![1.0, 57.0], vec!["1", "2", "5", "10", "20", "50", "100"]),
            (
                Scale::Logarithmic,
                vec![3.0, 1000.0],
                vec!["1", "2", "5", "10", "20", "50", "100", "200", "500", "1k"],
            ),
        ] {
            let axis = Axis::around(scale, figures.iter().copied(), (0.0, 100.0));
            let found: Vec<String> = axis.ticks().into_iter().map(|(_, name)| name).collect();
            assert_eq!(found, names, "{figures:?}");
            for figure in figures {
                assert!((0.0..=100.0).contains(&axis.place(figure)), "{figure}");
            }
        }
    }
}
