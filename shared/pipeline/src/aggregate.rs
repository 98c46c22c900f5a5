//! Datapoints, added up by series and time before they are sent.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::packing::{MOST_VALUES, size};

/// What the name of every metric ends in that is put for the past.
///
/// An alarm watches metrics by their names. CloudWatch looks again at points that come late, as far back as an
/// alarm's window reaches, a week at the most, and at more points than the window has where some are missing.
/// So a count of yesterday that is put today under the usual name can set off an alarm of today, whatever
/// time it bears; and `ObjectsIn` of a backfill would keep the dead-man's switch quiet while nothing is
/// delivered. To hold back what is younger than the longest window would depend on alarms that people make
/// for themselves. A name that no alarm watches depends on nothing, and a sum over both names is the whole.
pub(crate) const APART: &str = ".Backfill";

/// What one `PutMetricData` request is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Datum {
    /// The namespace it goes into, if not that of the deployment.
    pub namespace: Option<String>,
    /// The metric's name.
    pub name: String,
    /// Its dimensions, by name.
    pub dimensions: Vec<(String, String)>,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// A CloudWatch unit.
    pub unit: Option<String>,
    /// What is added to the series.
    pub values: DatumValues,
    /// How many matches of a detector it carries, for the account of what was counted.
    pub matches: u64,
}

/// The values of a datum.
#[derive(Debug, Clone, PartialEq)]
pub enum DatumValues {
    /// Distinct values, each with its count.
    Distribution(Vec<(f64, f64)>),
    /// What is left where there are more distinct values than a datum may hold.
    Statistics {
        /// How many values.
        count: f64,
        /// Their sum.
        sum: f64,
        /// The smallest.
        minimum: f64,
        /// The largest.
        maximum: f64,
    },
}

/// One series at one time. The namespace comes first: what goes into one request stands together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SeriesKey {
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    pub(crate) dimensions: Vec<(String, String)>,
    pub(crate) timestamp: i64,
    pub(crate) unit: Option<String>,
}

/// Datapoints by series and time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aggregate {
    series: BTreeMap<SeriesKey, Series>,
}

#[derive(Debug, Clone, Default)]
struct Series {
    /// Count by value; the bits of the value as key, since floats have no order of their own.
    distribution: BTreeMap<u64, f64>,
    /// Set once there were too many distinct values.
    statistics: Option<(f64, f64, f64, f64)>,
    matches: u64,
}

impl Aggregate {
    /// Adds `value` so many times to a series. `matches`: what all of it stands for in matches of a
    /// detector.
    pub(crate) fn add(&mut self, key: SeriesKey, value: f64, times: u64, matches: u64) {
        let series = self.series.entry(key).or_default();
        #[expect(clippy::cast_precision_loss, reason = "counts of one message stay far below 2^53")]
        series.add(value, times as f64);
        series.matches += matches;
    }

    pub(crate) fn merge(&mut self, other: Aggregate) {
        for (key, series) in other.series {
            match self.series.entry(key) {
                Entry::Vacant(free) => drop(free.insert(series)),
                Entry::Occupied(mut mine) => mine.get_mut().merge(&series),
            }
        }
    }

    /// Sets all of it apart from what is put for deliveries.
    pub(crate) fn set_apart(&mut self) {
        let series = std::mem::take(&mut self.series);
        let apart = |(key, series): (SeriesKey, Series)| {
            (SeriesKey { name: format!("{}{APART}", key.name), ..key }, series)
        };
        self.series = series.into_iter().map(apart).collect();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// How many data it makes, and about how many bytes.
    pub(crate) fn measure(&self) -> (usize, usize) {
        (self.series.len(), self.series.iter().map(|(key, series)| series.size(key)).sum())
    }

    pub(crate) fn data(&self) -> Vec<Datum> {
        self.series.iter().map(|(key, series)| series.datum(key)).collect()
    }

    /// The namespaces of its series, in their order.
    pub(crate) fn namespaces(&self) -> Vec<Option<String>> {
        let mut namespaces: Vec<_> = self.series.keys().map(|key| &key.namespace).collect();
        namespaces.dedup();
        namespaces.into_iter().cloned().collect()
    }
}

impl Series {
    fn add(&mut self, value: f64, count: f64) {
        if let Some((samples, sum, minimum, maximum)) = &mut self.statistics {
            *samples += count;
            *sum += value * count;
            *minimum = minimum.min(value);
            *maximum = maximum.max(value);
            return;
        }
        *self.distribution.entry(value.to_bits()).or_default() += count;
        if self.distribution.len() > MOST_VALUES {
            self.collapse();
        }
    }

    fn merge(&mut self, other: &Series) {
        self.matches += other.matches;
        for (bits, count) in &other.distribution {
            self.add(f64::from_bits(*bits), *count);
        }
        if let Some((count, sum, minimum, maximum)) = other.statistics {
            if self.statistics.is_none() {
                self.collapse();
            }
            if let Some(mine) = &mut self.statistics {
                *mine = (mine.0 + count, mine.1 + sum, mine.2.min(minimum), mine.3.max(maximum));
            }
        }
    }

    fn size(&self, key: &SeriesKey) -> usize {
        let values = self.statistics.is_none().then_some(self.distribution.len());
        size(&key.name, &key.dimensions, values)
    }

    /// Gives up the distribution for its statistics.
    fn collapse(&mut self) {
        self.statistics = Some((0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY));
        for (bits, count) in std::mem::take(&mut self.distribution) {
            self.add(f64::from_bits(bits), count);
        }
    }

    fn datum(&self, key: &SeriesKey) -> Datum {
        let values = match self.statistics {
            Some((count, sum, minimum, maximum)) => DatumValues::Statistics { count, sum, minimum, maximum },
            None => DatumValues::Distribution(
                self.distribution.iter().map(|(bits, count)| (f64::from_bits(*bits), *count)).collect(),
            ),
        };
        Datum {
            namespace: key.namespace.clone(),
            name: key.name.clone(),
            dimensions: key.dimensions.clone(),
            timestamp: key.timestamp,
            unit: key.unit.clone(),
            values,
            matches: self.matches,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> SeriesKey {
        SeriesKey { namespace: None, name: name.to_owned(), dimensions: Vec::new(), timestamp: 0, unit: None }
    }

    #[test]
    fn equal_values_share_one_count() {
        let mut aggregate = Aggregate::default();
        for value in [1.0, 1.0, 2.5] {
            aggregate.add(key("a"), value, 1, 1);
        }
        let mut twice = aggregate.clone();
        twice.merge(aggregate.clone());
        let data = twice.data();
        assert_eq!(data.len(), 1);
        assert_eq!(data[0].values, DatumValues::Distribution(vec![(1.0, 4.0), (2.5, 2.0)]));
        assert_eq!(data[0].matches, 6);
    }

    #[test]
    fn too_many_distinct_values_become_statistics_whichever_way_they_meet() {
        let with = |values: std::ops::Range<u32>| {
            let mut aggregate = Aggregate::default();
            values.for_each(|value| aggregate.add(key("a"), f64::from(value), 1, 1));
            aggregate
        };
        let expected = DatumValues::Statistics { count: 400.0, sum: 79_800.0, minimum: 0.0, maximum: 399.0 };
        for split in [0, 1, 100, 200, 399, 400] {
            let mut aggregate = with(0..split);
            aggregate.merge(with(split..400));
            assert_eq!(aggregate.data()[0].values, expected, "split at {split}");
        }
    }
}
