//! What a terabyte of logs costs on Lambda at a measured rate.

use crate::markdown::{Table, grouped, short};
use crate::statistics::whole;
#[path = "../../cli/src/cost/prices.rs"]
mod prices;
use prices::{Charge, Price};

/// Dollars for a GB-second on x86-64, the processor that was measured. The table has arm64's, which
/// is what the template deploys to. Source: <https://aws.amazon.com/lambda/pricing/>
const X86_SECOND: f64 = 0.000_016_666_7;
/// Memory that comes with one whole core, in MB.
const ONE_CORE: f64 = 1769.0;
/// Seconds that an invocation is billed beside scanning: events in, requests out. An assumption.
const FIXED: f64 = 0.030;
/// Files in an invocation.
const FILES: f64 = 10.0;

/// Logs of one size at one setting.
#[derive(Debug, Clone, Copy)]
struct Case {
    /// Inflated GB in a file.
    file: f64,
    /// Inflated GB per second of a whole core.
    rate: f64,
    /// MB of the function.
    memory: f64,
    /// Dollars for a GB-second.
    second: f64,
}

/// Dollars for a terabyte of inflated logs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Dollars {
    scanning: f64,
    /// Waiting, that is billed like work.
    fixed: f64,
    requests: f64,
}

impl Case {
    fn dollars(self) -> Dollars {
        let gigabyte_second = self.memory / 1024.0 * self.second;
        let files = 1000.0 / self.file;
        // A function of less memory has less than a core.
        let core = (self.memory / ONE_CORE).min(1.0);
        Dollars {
            scanning: 1000.0 / (self.rate * core) * gigabyte_second,
            fixed: files / FILES * FIXED * gigabyte_second,
            requests: Price::of(Charge::ObjectReads).usd(files)
                + Price::of(Charge::Invocations).usd(files / FILES),
        }
    }
}

impl Dollars {
    fn sum(self) -> f64 {
        self.scanning + self.fixed + self.requests
    }
}

/// Dollars for a terabyte into CloudWatch Logs.
fn ingestion() -> f64 {
    Price::of(Charge::LogIngestion).usd(1000.0)
}

/// The table, for files of two sizes (in bytes) at a rate (in bytes per second of CPU time).
pub(crate) fn table(rate: f64, sizes: &[(&str, f64)]) -> String {
    let mut table = Table::new([
        "files",
        "processor",
        "memory",
        "scanning",
        "30 ms an invocation",
        "requests",
        "sum, $ per TB",
        "CloudWatch Logs ingestion",
    ]);
    for (name, size) in sizes {
        for (processor, second) in
            [("x86-64, as measured", X86_SECOND), ("arm64, an estimate", Price::of(Charge::Compute).usd(1.0))]
        {
            for memory in [1769.0, 256.0] {
                let case = Case { file: size / 1e9, rate: rate / 1e9, memory, second };
                let dollars = case.dollars();
                table.row(&[
                    (*name).to_owned(),
                    processor.to_owned(),
                    format!("{memory:.0} MB"),
                    short(dollars.scanning),
                    short(dollars.fixed),
                    short(dollars.requests),
                    short(dollars.sum()),
                    format!("{} times as much", grouped(whole(ingestion() / dollars.sum()))),
                ]);
            }
        }
    }
    table.text()
}

/// What the table rests on.
pub(crate) fn assumptions() -> String {
    format!(
        "List prices of {}, {}: [Lambda]({}), [S3]({}), [CloudWatch]({}). Ingestion costs ${:.2} per GB, ${:.0} per TB. \
         Assumed and not measured: a core of Lambda as fast as this machine's; for arm64 the same rate at arm64's price; \
         {:.0} files in an invocation, and {:.0} ms of each that are billed beside scanning; \
         metrics, alarms and the queue left out, as they do not depend on how much is scanned.",
        prices::REGION,
        prices::DATE,
        Price::of(Charge::Compute).source,
        Price::of(Charge::ObjectReads).source,
        Price::of(Charge::LogIngestion).source,
        ingestion() / 1000.0,
        ingestion(),
        FILES,
        FIXED * 1e3,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terabyte_costs_what_the_formula_says() {
        let case = Case { file: 0.0032, rate: 1.0, memory: 1769.0, second: X86_SECOND };
        let dollars = case.dollars();
        // 1000 s of 1.7275 GB at 1.66667e-5.
        assert!((dollars.scanning - 0.028_793).abs() < 1e-5, "{dollars:?}");
        // 31,250 invocations of 30 ms.
        assert!((dollars.fixed - 0.026_993).abs() < 1e-5, "{dollars:?}");
        // 312,500 GETs and 31,250 invocations.
        assert!((dollars.requests - (0.125 + 0.006_25)).abs() < 1e-9, "{dollars:?}");
        let less = Case { memory: 1769.0 / 2.0, ..case }.dollars();
        assert!(
            (less.scanning - dollars.scanning).abs() < 1e-9,
            "half the core at half the price for twice the time"
        );
        assert!((ingestion() - 500.0).abs() < 1e-9);
    }
}
