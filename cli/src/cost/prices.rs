//! What AWS charges: one table, with its date.
//!
//! List prices without free tiers, volume discounts (but for metrics, where they come early) and
//! taxes. To bring it up to date, read the page of each line and change the date.

/// The region that the prices are of.
pub(crate) const REGION: &str = "us-east-1";
/// When they were read.
pub(crate) const DATE: &str = "2026-11";

/// Something that AWS charges for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Charge {
    Metrics,
    MetricRequests,
    Alarms,
    QueryAlarms,
    Dashboards,
    Invocations,
    Compute,
    ObjectReads,
    ObjectLists,
    QueueRequests,
    Decryptions,
    Keys,
    LogIngestion,
    LogStorage,
    LedgerWrites,
    LedgerReads,
    LedgerStorage,
    LedgerBackup,
}

/// What it costs in a month.
#[derive(Debug, PartialEq)]
pub(crate) struct Price {
    pub(crate) charge: Charge,
    /// Its word in JSON.
    pub(crate) word: &'static str,
    /// Its name for people.
    pub(crate) title: &'static str,
    /// What is counted.
    pub(crate) unit: &'static str,
    /// Dollars.
    usd: f64,
    /// For how many units that is.
    per: f64,
    /// Other prices, each with the number of units in a month from which on it holds.
    later: &'static [(f64, f64)],
    /// The page that it was read on.
    pub(crate) source: &'static str,
}

impl Price {
    /// The price of something.
    pub(crate) fn of(charge: Charge) -> &'static Self {
        // The table is in the order of the enum, which a test proves.
        &PRICES[charge as usize]
    }

    /// Dollars for so many units in a month.
    pub(crate) fn usd(&self, quantity: f64) -> f64 {
        let (mut from, mut price, mut usd) = (0.0, self.usd, 0.0);
        for &(next, next_price) in self.later.iter().chain(&[(f64::INFINITY, 0.0)]) {
            usd += (quantity.min(next) - from).max(0.0) / self.per * price;
            (from, price) = (next, next_price);
        }
        usd
    }
}

const CLOUDWATCH: &str = "https://aws.amazon.com/cloudwatch/pricing/";
const LAMBDA: &str = "https://aws.amazon.com/lambda/pricing/";
const S3: &str = "https://aws.amazon.com/s3/pricing/";
const SQS: &str = "https://aws.amazon.com/sqs/pricing/";
const KMS: &str = "https://aws.amazon.com/kms/pricing/";
const DYNAMODB: &str = "https://aws.amazon.com/dynamodb/pricing/on-demand/";

/// The prices of [`REGION`] at [`DATE`].
#[rustfmt::skip] // A table: one line, one price.
pub(crate) const PRICES: [Price; 18] = [
    Price {
        later: &[(10_000.0, 0.10), (250_000.0, 0.05), (1_000_000.0, 0.02)],
        ..price(Charge::Metrics, "metrics", "custom metrics", "metric-months", 0.30, 1.0, CLOUDWATCH)
    },
    price(Charge::MetricRequests, "metric_requests", "PutMetricData", "requests", 0.01, 1000.0, CLOUDWATCH),
    price(Charge::Alarms, "alarms", "alarms", "alarms", 0.10, 1.0, CLOUDWATCH),
    price(Charge::QueryAlarms, "query_alarm_metrics", "Metrics Insights alarm", "metrics", 0.10, 1.0, CLOUDWATCH),
    price(Charge::Dashboards, "dashboards", "dashboards", "dashboards", 3.00, 1.0, CLOUDWATCH),
    price(Charge::Invocations, "invocations", "Lambda invocations", "invocations", 0.20, 1e6, LAMBDA),
    // arm64, which the template takes unless told otherwise.
    price(Charge::Compute, "compute", "Lambda compute", "GB-seconds", 0.000_013_333_4, 1.0, LAMBDA),
    price(Charge::ObjectReads, "object_reads", "S3 GET", "requests", 0.0004, 1000.0, S3),
    price(Charge::ObjectLists, "object_lists", "S3 LIST", "requests", 0.005, 1000.0, S3),
    price(Charge::QueueRequests, "queue_requests", "SQS", "requests", 0.40, 1e6, SQS),
    price(Charge::Decryptions, "decryptions", "KMS Decrypt", "requests", 0.03, 10_000.0, KMS),
    price(Charge::Keys, "keys", "KMS keys", "keys", 1.00, 1.0, KMS),
    price(Charge::LogIngestion, "log_ingestion", "log ingestion", "GB", 0.50, 1.0, CLOUDWATCH),
    price(Charge::LogStorage, "log_storage", "log storage", "GB-months", 0.03, 1.0, CLOUDWATCH),
    price(Charge::LedgerWrites, "ledger_writes", "ledger: writes", "write units", 0.625, 1e6, DYNAMODB),
    price(Charge::LedgerReads, "ledger_reads", "ledger: reads", "read units", 0.125, 1e6, DYNAMODB),
    price(Charge::LedgerStorage, "ledger_storage", "ledger: storage", "GB-months", 0.25, 1.0, DYNAMODB),
    price(Charge::LedgerBackup, "ledger_backup", "ledger: recovery", "GB-months", 0.20, 1.0, DYNAMODB),
];

const fn price(
    charge: Charge,
    word: &'static str,
    title: &'static str,
    unit: &'static str,
    usd: f64,
    per: f64,
    source: &'static str,
) -> Price {
    Price { charge, word, title, unit, usd, per, later: &[], source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (at, price) in PRICES.iter().enumerate() {
            assert_eq!(price.charge as usize, at, "{}", price.word);
            assert_eq!(Price::of(price.charge), price);
        }
    }

    #[test]
    fn a_quantity_costs_what_the_price_page_says() {
        for (charge, quantity, usd) in [
            (Charge::Metrics, 0.0, 0.0),
            (Charge::Metrics, 0.5, 0.15),
            (Charge::Metrics, 10_000.0, 3000.0),
            (Charge::Metrics, 10_001.0, 3000.1),
            (Charge::Metrics, 250_000.0, 27_000.0),
            (Charge::Metrics, 1_000_000.0, 64_500.0),
            (Charge::Metrics, 2_000_000.0, 84_500.0),
            (Charge::MetricRequests, 1_500_000.0, 15.0),
            (Charge::Alarms, 16.0, 1.6),
            (Charge::QueryAlarms, 7.0, 0.7),
            (Charge::Dashboards, 2.0, 6.0),
            (Charge::Invocations, 500_000.0, 0.1),
            (Charge::Compute, 1_000_000.0, 13.3334),
            (Charge::ObjectReads, 1_000_000.0, 0.4),
            (Charge::ObjectLists, 10_000.0, 0.05),
            (Charge::QueueRequests, 2_500_000.0, 1.0),
            (Charge::Decryptions, 1_000_000.0, 3.0),
            (Charge::Keys, 2.0, 2.0),
            (Charge::LogIngestion, 100.0, 50.0),
            (Charge::LogStorage, 100.0, 3.0),
            (Charge::LedgerWrites, 2_000_000.0, 1.25),
            (Charge::LedgerReads, 2_000_000.0, 0.25),
            (Charge::LedgerStorage, 4.0, 1.0),
            (Charge::LedgerBackup, 5.0, 1.0),
        ] {
            let found = Price::of(charge).usd(quantity);
            assert!((found - usd).abs() < 1e-9, "{quantity} of {charge:?}: {found}, expected {usd}");
        }
    }
}
