//! Medians, spreads and ratios: all the arithmetic that the tables rest on.

/// The middle of some figures, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of figures that are numbers; zeros if there are none.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
            return Self { median: 0.0, min: 0.0, max: 0.0 };
        };
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Self { median, min, max }
    }

    /// Of the ratios of figures that were measured in the same rounds. Round by round, because the
    /// machine's speed drifts: two neighbours in time share it, two medians need not.
    pub(crate) fn of_ratios(above: &[f64], below: &[f64]) -> Self {
        Self::of(above.iter().zip(below).map(|(above, below)| above / below))
    }
}

/// A count as a figure to reckon with.
#[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53 here")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// A figure without its fraction, for people to read.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no figure here is below zero or beyond 2^64"
)]
pub(crate) fn whole(figure: f64) -> u64 {
    figure as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        for (figures, median) in [
            (vec![3.0, 1.0, 2.0], 2.0),
            (vec![4.0, 1.0, 3.0, 2.0], 2.5),
            (vec![7.0], 7.0),
            (vec![], 0.0),
            (vec![1.0, 1.0, 100.0], 1.0),
        ] {
            assert!((Spread::of(figures.clone()).median - median).abs() < 1e-12, "{figures:?}");
        }
        let spread = Spread::of([3.0, 1.0, 2.0]);
        assert_eq!((spread.min, spread.max), (1.0, 3.0));
    }

    #[test]
    fn ratios_are_taken_within_rounds() {
        // The machine is half as fast from the third round on: no ratio changes.
        let spread = Spread::of_ratios(&[1.5, 1.5, 3.0, 3.0], &[1.0, 1.0, 2.0, 2.0]);
        assert_eq!((spread.median, spread.min, spread.max), (1.5, 1.5, 1.5));
    }
}
