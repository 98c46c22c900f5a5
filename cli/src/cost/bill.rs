//! The bill of a month: quantities times prices, and nothing else.

use std::collections::BTreeMap;

use super::prices::{Charge, Price};

/// How much of everything is used in a month.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Usage(BTreeMap<Charge, f64>);

impl Usage {
    /// Adds so much of something.
    pub(crate) fn with(mut self, charge: Charge, quantity: f64) -> Self {
        *self.0.entry(charge).or_default() += quantity;
        self
    }
}

/// What a month costs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bill {
    /// In the order of the price table; what is not used is not in it.
    pub(crate) items: Vec<Item>,
}

/// A line of a bill.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Item {
    pub(crate) price: &'static Price,
    pub(crate) quantity: f64,
    pub(crate) usd: f64,
}

impl Bill {
    /// The bill for a month's usage.
    pub(crate) fn of(usage: &Usage) -> Self {
        let used = usage.0.iter().filter(|(_, quantity)| **quantity > 0.0);
        let items = used.map(|(&charge, &quantity)| {
            let price = Price::of(charge);
            Item { price, quantity, usd: price.usd(quantity) }
        });
        Self { items: items.collect() }
    }

    /// The sum in dollars.
    pub(crate) fn total(&self) -> f64 {
        // Not `sum`, which makes minus zero of no lines at all.
        self.items.iter().fold(0.0, |sum, item| sum + item.usd)
    }

    /// Its line for something.
    pub(crate) fn item(&self, charge: Charge) -> Option<&Item> {
        self.items.iter().find(|item| item.price.charge == charge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_is_the_sum_of_its_lines() {
        let nothing = Bill::of(&Usage::default().with(Charge::Alarms, 0.0));
        assert_eq!((nothing.items.len(), nothing.total()), (0, 0.0));

        let usage = Usage::default()
            .with(Charge::LogIngestion, 4.0)
            .with(Charge::Metrics, 1.0)
            .with(Charge::Metrics, 2.0)
            .with(Charge::Alarms, 0.0);
        let bill = Bill::of(&usage);
        let lines: Vec<_> = bill.items.iter().map(|item| (item.price.word, item.quantity)).collect();
        assert_eq!(lines, [("metrics", 3.0), ("log_ingestion", 4.0)]);
        // 3 x 0.30 + 4 x 0.50
        assert!((bill.total() - 2.9).abs() < 1e-9, "{}", bill.total());
        assert!((bill.item(Charge::Metrics).unwrap().usd - 0.9).abs() < 1e-9);
        assert_eq!(bill.item(Charge::Keys), None);
    }
}
