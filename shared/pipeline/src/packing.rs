//! Messages packed into requests, so that a request is the unit of acknowledgement.
//!
//! `PutMetricData` takes a request whole or not at all, and has no token that would make a repeat
//! harmless. So the datapoints of a message are never spread over two requests where one can hold
//! them: if a request fails, exactly its messages come back, and nothing of them was counted.
//!
//! A request bears one namespace. A message whose data stand in several needs a request for each,
//! as does one that is too large for a request; it is packed with messages of the same namespaces
//! only, so that those of one namespace never come back for the sake of another.

use crate::aggregate::{Aggregate, Datum, DatumValues};
use crate::pipeline_metrics::COUNTED_MAYBE_TWICE;

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
    namespaces: Vec<Option<String>>,
    /// What its requests would have, did the messages share no series: data and bytes.
    at_most: (usize, usize),
}

/// Packs the aggregates of messages, in their order.
pub(crate) fn pack(messages: impl IntoIterator<Item = (usize, Aggregate)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (message, aggregate) in messages {
        let measure = aggregate.measure();
        let namespaces = aggregate.namespaces();
        let last = groups.iter_mut().rev().find(|group| group.namespaces == namespaces);
        let left = match last {
            Some(last) => last.take(message, aggregate, measure),
            None => Some(aggregate),
        };
        if let Some(aggregate) = left {
            groups.push(Group { messages: vec![message], aggregate, namespaces, at_most: measure });
        }
    }
    groups
}

impl Group {
    /// Merges a message's aggregate into the group if one request, or one for each namespace, can hold
    /// both, or gives it back.
    ///
    /// The sizes of the namespaces are taken together, which for several is from above.
    fn take(
        &mut self,
        message: usize,
        aggregate: Aggregate,
        (data, bytes): (usize, usize),
    ) -> Option<Aggregate> {
        let fits = |(data, bytes)| data <= MOST_DATA && bytes <= MOST_REQUEST_BYTES;
        let at_most = (self.at_most.0 + data, self.at_most.1 + bytes);
        if fits(at_most) {
            self.aggregate.merge(aggregate);
            self.at_most = at_most;
        } else {
            // Messages share most of their series as a rule, so it is worth looking closer.
            let mut together = self.aggregate.clone();
            together.merge(aggregate.clone());
            let measure = together.measure();
            if !fits(measure) {
                return Some(aggregate);
            }
            self.aggregate = together;
            self.at_most = measure;
        }
        self.messages.push(message);
        None
    }
}

/// Splits data into requests of one namespace each. Several for a namespace only if a message is
/// too large for one. Data of a namespace have to stand together, as [`Aggregate::data`] gives them.
///
/// What says that matches may be counted twice comes first: where only some requests of a message
/// are taken, it is never a count that arrives without it.
pub(crate) fn requests(mut data: Vec<Datum>) -> Vec<Vec<Datum>> {
    data.sort_by_key(|datum| datum.namespace.is_some() || datum.name != COUNTED_MAYBE_TWICE);
    let mut requests: Vec<Vec<Datum>> = Vec::new();
    let mut bytes = 0;
    for datum in data {
        let size = size_of(&datum);
        let is_of = |request: &[Datum]| request.first().is_some_and(|one| one.namespace == datum.namespace);
        match requests.last_mut() {
            Some(last) if is_of(last) && last.len() < MOST_DATA && bytes + size <= MOST_REQUEST_BYTES => {
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

fn size_of(datum: &Datum) -> usize {
    let values = match &datum.values {
        DatumValues::Distribution(values) => Some(values.len()),
        DatumValues::Statistics { .. } => None,
    };
    size(&datum.name, &datum.dimensions, values)
}

/// The bytes of a datum in CBOR, from above: the field names, and at most nine bytes a number. It has so many
/// distinct values, or their statistics.
pub(crate) fn size(name: &str, dimensions: &[(String, String)], values: Option<usize>) -> usize {
    let dimensions: usize = dimensions.iter().map(|(name, value)| name.len() + value.len() + 24).sum();
    name.len() + dimensions + values.map_or(80, |values| values * 18) + 128
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::SeriesKey;

    fn aggregate(names: std::ops::Range<usize>, value_length: usize) -> Aggregate {
        aggregate_in(&[None], names, value_length)
    }

    fn aggregate_in(
        namespaces: &[Option<&str>],
        names: std::ops::Range<usize>,
        value_length: usize,
    ) -> Aggregate {
        let mut aggregate = Aggregate::default();
        for (name, namespace) in names.flat_map(|name| namespaces.iter().map(move |space| (name, space))) {
            let key = SeriesKey {
                namespace: namespace.map(str::to_owned),
                name: format!("Metric{name}"),
                dimensions: vec![("Name".to_owned(), "x".repeat(value_length))],
                timestamp: 0,
                unit: None,
            };
            aggregate.add(key, 1.0, 1, 1);
        }
        aggregate
    }

    fn messages(groups: &[Group]) -> Vec<&[usize]> {
        groups.iter().map(|group| group.messages.as_slice()).collect()
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
        assert_eq!(messages(&groups), [[0], [1], [2], [3]]);
        assert!(groups.iter().all(|group| requests(group.aggregate.data()).len() == 1));
    }

    #[test]
    fn messages_share_requests_with_those_of_the_same_namespaces_only() {
        let (own, both, other): (&[_], &[_], &[_]) = (&[None], &[None, Some("CIS")], &[Some("CIS")]);
        let groups = pack(
            [own, both, own, other, both, own]
                .into_iter()
                .map(|namespaces| aggregate_in(namespaces, 0..2, 1))
                .enumerate(),
        );
        assert_eq!(messages(&groups), [&[0, 2, 5][..], &[1, 4], &[3]]);
        let of = |group: &Group| -> Vec<(usize, Option<String>)> {
            let requests = requests(group.aggregate.data());
            for request in &requests {
                assert!(request.iter().all(|datum| datum.namespace == request[0].namespace), "{request:?}");
            }
            requests.iter().map(|request| (request.len(), request[0].namespace.clone())).collect()
        };
        let cis = || Some("CIS".to_owned());
        assert_eq!(
            groups.iter().map(of).collect::<Vec<_>>(),
            [vec![(2, None)], vec![(2, None), (2, cis())], vec![(2, cis())]]
        );
    }

    #[test]
    fn requests_keep_to_the_limits_and_lose_nothing() {
        for (data, length) in [(0, 1), (1, 1), (1000, 1), (1001, 1), (2500, 1), (900, 1024), (3000, 1024)] {
            let fits = |request: &Vec<Datum>| {
                let (data, bytes) = (request.len(), request.iter().map(size_of).sum::<usize>());
                (1..=MOST_DATA).contains(&data) && bytes <= MOST_REQUEST_BYTES
            };
            let requests = requests(aggregate(0..data, length).data());
            assert_eq!(requests.iter().map(Vec::len).sum::<usize>(), data);
            assert!(requests.iter().all(fits), "{data} data of {length}");
        }
    }
}
