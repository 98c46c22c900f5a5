//! The stated figures, and whether they are met.

use crate::markdown::{Table, short};

/// Scanning with the default pack, beside inflating only.
pub(crate) const DEFAULT_PACK: f64 = 1.30;
/// Scanning with all packs and `SigmaHQ`'s rules, beside inflating only.
pub(crate) const ALL_PACKS: f64 = 1.40;
/// What scanning with all packs and `SigmaHQ`'s rules has come to, as long as that is not met: what CI guards.
pub(crate) const ALL_PACKS_REACHED: f64 = 2.90;
/// What scanning S3 server access logs with all packs has come to, beside inflating only: what CI guards.
pub(crate) const ACCESS_LOGS_REACHED: f64 = 16.0;
/// The same beside the default pack.
pub(crate) const ALL_TO_DEFAULT: f64 = 1.10;
/// The function from bytes to requests, beside inflating only.
pub(crate) const FUNCTION: f64 = 1.6;
/// Peak memory of a scan, above the inflated size of the largest file in flight.
pub(crate) const MEMORY_ABOVE: u64 = 32 << 20;

/// CPU milliseconds from the start of the function's binary to its first poll.
pub(crate) const COLD_START: f64 = 60.0;
/// CPU milliseconds of a warm function for a file of 100 KB.
pub(crate) const WARM_FILE: f64 = 3.0;

/// A figure that was promised, and the one that was measured.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) stated: f64,
    pub(crate) measured: Option<f64>,
    /// Behind both figures.
    pub(crate) unit: &'static str,
}

impl Target {
    pub(crate) fn is_met(&self) -> bool {
        self.measured.is_some_and(|measured| measured <= self.stated)
    }

    fn verdict(&self) -> &'static str {
        match self.measured {
            None => "not measured",
            Some(_) if self.is_met() => "met",
            Some(_) => "**missed**",
        }
    }
}

pub(crate) fn table(targets: &[Target]) -> String {
    let mut table = Table::new(["figure", "stated", "measured", "verdict"]);
    for target in targets {
        let unit = target.unit;
        table.row(&[
            target.what.clone(),
            format!("≤ {}{unit}", short(target.stated)),
            target.measured.map_or_else(|| "–".to_owned(), |measured| format!("{}{unit}", short(measured))),
            target.verdict().to_owned(),
        ]);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_up_to_its_figure() {
        let target = |measured| Target { what: String::new(), stated: 1.3, measured, unit: "" };
        assert!(target(Some(1.3)).is_met());
        assert!(!target(Some(1.31)).is_met());
        assert!(!target(None).is_met());
        assert_eq!(target(None).verdict(), "not measured");
    }
}
