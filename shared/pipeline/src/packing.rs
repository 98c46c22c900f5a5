//! Messages packed into requests, so that a request is the unit of acknowledgement.
//!
//! `PutMetricData` takes a request whole or not at all, and has no token that would make a repeat
//! harmless. So the datapoints of a message are never spread over two requests where one can hold
//! them: if a request fails, exactly its messages come back, and nothing of them was counted.

use crate::aggregate::{Aggregate, Datum, DatumValues};

/// Data in one request. <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
pub const MOST_DATA: usize = 1000;
/// Distinct values in one datum.
pub const MOST_VALUES: usize = 150;
/// Bytes of one request: 1 MB less some room, as sizes are estimated from above.
pub const MOST_REQUEST_BYTES: usize = 950_000;

/// What is sent together: the aggregate of some messages, by their places.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) messages: Vec<usize>,
    pub(crate) aggregate: Aggregate,
    /// What the request would have, did the messages share no series: data and bytes.
    at_most: (usize, usize),
}

/// Packs the aggregates of messages, in their order.
pub(crate) fn pack(messages: impl IntoIterator<Item = (usize, Aggregate)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (message, aggregate) in messages {
        let measure = measure(&aggregate.data());
        if let Some(last) = groups.last_mut()
            && last.takes(&aggregate, measure)
        {
            last.messages.push(message);
            continue;
        }
        groups.push(Group { messages: vec![message], aggregate, at_most: measure });
    }
    groups
}

impl Group {
    /// Merges `aggregate` into the group if one request can hold both.
    fn takes(&mut self, aggregate: &Aggregate, (data, bytes): (usize, usize)) -> bool {
        let at_most = (self.at_most.0 + data, self.at_most.1 + bytes);
        if at_most.0 <= MOST_DATA && at_most.1 <= MOST_REQUEST_BYTES {
            self.aggregate.merge(aggregate);
            self.at_most = at_most;
            return true;
        }
        // Messages share most of their series as a rule, so it is worth looking closer.
        let mut together = self.aggregate.clone();
        together.merge(aggregate);
        let measure = measure(&together.data());
        let fits = measure.0 <= MOST_DATA && measure.1 <= MOST_REQUEST_BYTES;
        if fits {
            self.aggregate = together;
            self.at_most = measure;
        }
        fits
    }
}

fn measure(data: &[Datum]) -> (usize, usize) {
    (data.len(), data.iter().map(size).sum())
}

/// Splits data into requests. More than one only for a message too large for a request.
pub(crate) fn requests(data: Vec<Datum>) -> Vec<Vec<Datum>> {
    let mut requests: Vec<Vec<Datum>> = Vec::new();
    let mut bytes = 0;
    for datum in data {
        let size = size(&datum);
        match requests.last_mut() {
            Some(last) if last.len() < MOST_DATA && bytes + size <= MOST_REQUEST_BYTES => {
                bytes += size;
                last.push(datum);
            }
            _ => {
                bytes = size;
                requests.push(vec![datum]);
            }
        }
    }
    requests
}

/// The bytes of a datum in CBOR, from above: the field names, and at most nine bytes a number.
fn size(datum: &Datum) -> usize {
    let dimensions: usize = datum.dimensions.iter().map(|(name, value)| name.len() + value.len() + 24).sum();
    let values = match &datum.values {
        DatumValues::Distribution(values) => values.len() * 18,
        DatumValues::Statistics { .. } => 80,
    };
    datum.name.len() + dimensions + values + 128
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::SeriesKey;

    fn aggregate(names: std::ops::Range<usize>, value_length: usize) -> Aggregate {
        let mut aggregate = Aggregate::default();
        for name in names {
            let dimensions = vec![("Name".to_owned(), "x".repeat(value_length))];
            let key = SeriesKey { name: format!("Metric{name}"), dimensions, timestamp: 0, unit: None };
            aggregate.add(key, 1.0, 1);
        }
        aggregate
    }

    #[test]
    fn messages_that_share_their_series_share_a_request() {
        let groups = pack((0..50).map(|message| (message, aggregate(0..600, 1))));
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].messages.len(), 50);
    }

    #[test]
    fn a_message_is_not_spread_over_two_requests_if_one_holds_it() {
        let groups = pack((0..4).map(|message| (message, aggregate(message * 600..(message + 1) * 600, 1))));
        assert_eq!(
            groups.iter().map(|group| group.messages.clone()).collect::<Vec<_>>(),
            [[0], [1], [2], [3]]
        );
        assert!(groups.iter().all(|group| requests(group.aggregate.data()).len() == 1));
    }

    #[test]
    fn requests_keep_to_the_limits_and_lose_nothing() {
        for (data, length) in [(0, 1), (1, 1), (1000, 1), (1001, 1), (2500, 1), (900, 1024), (3000, 1024)] {
            let fits = |request: &Vec<Datum>| {
                let (data, bytes) = measure(request);
                (1..=MOST_DATA).contains(&data) && bytes <= MOST_REQUEST_BYTES
            };
            let requests = requests(aggregate(0..data, length).data());
            assert_eq!(requests.iter().map(Vec::len).sum::<usize>(), data);
            assert!(requests.iter().all(fits), "{data} data of {length}");
        }
    }
}
