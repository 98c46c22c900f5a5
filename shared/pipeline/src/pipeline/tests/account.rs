//! What was put, added up, and the identities that hold whatever happens.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::world::{Put, Ran};
use crate::packing::{MOST_DATA, MOST_VALUES};
use crate::{Datum, DatumValues, Problem, Timestamps};

/// The identities, which hold whatever happens.
pub(super) fn checked(ran: &Ran, requests: &[(Vec<Datum>, Put)], timestamps: Timestamps) {
    let Ran { report, sent, now, .. } = ran;
    let totals = &report.totals;
    assert!(totals.balance(), "{totals:?}");
    assert!(!report.problems.iter().any(|problem| matches!(problem, Problem::Unbalanced(_))));
    assert_eq!(report.requests, requests.len() as u64);
    for (data, _) in requests {
        assert!((1..=MOST_DATA).contains(&data.len()));
        assert!(data.iter().all(|datum| datum.namespace == data[0].namespace), "{data:?}");
        assert!(data.iter().all(|datum| is_acceptable(datum, *now)), "{data:?}");
    }
    let sums = sums(sent, *now);
    let one = |name: &str| sums.get(name).copied().unwrap_or(0.0);
    // What is counted of the past stands apart, and is counted as well.
    let apart = |name: &str| one(&format!("{name}.Backfill"));
    let plain = |name: &str| one(name) + apart(name);
    // A series by reason or detector adds up to the plain one beside it.
    let mut split: BTreeMap<&str, f64> = BTreeMap::new();
    for (series, sum) in &sums {
        let name = series.split_once('{').map(|(name, _)| name.trim_end_matches(".Backfill"));
        if let Some(name) = name.filter(|name| IN_PARTS.contains(name)) {
            *split.entry(name).or_default() += sum;
        }
    }
    for (name, sum) in split {
        assert_close(sum, plain(name), name);
    }
    // A message whose data fill several requests is cut short by the first that fails.
    let is_cut_short = requests.iter().any(|(_, put)| *put != Put::Taken)
        && requests.iter().any(|(data, _)| data.len() == MOST_DATA);
    // Nothing is sent of messages whose objects the ledger does not let go.
    let is_held = |problem: &Problem| {
        matches!(problem, Problem::ClaimLost(_) | Problem::Ledger { object: Some(_), .. })
    };
    if is_cut_short || report.problems.iter().any(is_held) {
        return;
    }
    let records = &totals.records;
    for (name, total) in [
        ("ObjectsIn", totals.objects_in),
        ("ObjectsRead", totals.objects_read),
        ("ObjectsSkipped", totals.objects_skipped.values().sum()),
        ("ObjectsDuplicate", totals.objects_duplicate.values().sum()),
        ("ObjectsFailed", totals.objects_failed.values().sum()),
        ("MessagesSkipped", totals.messages_skipped.values().sum()),
        ("MessagesFailed", totals.messages_failed.values().sum()),
        ("RecordsRead", records.read),
        ("RecordsMatched", records.matched),
        ("RecordsUnmatched", records.unmatched),
        ("RecordsMalformed", records.malformed_total()),
        ("RecordsDuplicate", records.duplicate),
    ] {
        assert_close(plain(name), as_float(total), name);
    }
    if requests.iter().all(|(_, put)| *put == Put::Taken) {
        let mut carried = as_float(sent.iter().map(|datum| datum.matches).sum()) + plain("ValuesMissing");
        if timestamps == Timestamps::Event {
            carried += one("EventTimeRejected");
        }
        // Which bears the time of events whatever the setting.
        carried += apart("EventTimeRejected");
        assert_close(carried, as_float(report.matches.iter().sum()), "data and matches");
    }
}

/// Metrics whose series with dimensions are parts of the plain one.
const IN_PARTS: [&str; 11] = [
    "DimensionValuesFolded",
    "EventTimeRejected",
    "LedgerFailures",
    "MatchesExcluded",
    "MessagesFailed",
    "MessagesSkipped",
    "ObjectsDuplicate",
    "ObjectsFailed",
    "ObjectsSkipped",
    "RecordsMalformed",
    "ValuesMissing",
];

/// What CloudWatch asks of a datum.
fn is_acceptable(datum: &Datum, now: i64) -> bool {
    let is_text = |text: &str| {
        !text.trim().is_empty() && text.len() <= 1024 && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
    };
    let is_number = |value: f64| value.abs() <= 2_f64.powi(360);
    let are_numbers = match &datum.values {
        DatumValues::Distribution(values) => {
            (1..=MOST_VALUES).contains(&values.len())
                && values.iter().all(|&(value, count)| is_number(value) && count >= 1.0)
        }
        DatumValues::Statistics { count, sum, minimum, maximum } => {
            *count >= 1.0 && [*sum, *minimum, *maximum].into_iter().all(is_number)
        }
    };
    let age = now - datum.timestamp;
    is_text(&datum.name)
        && datum.dimensions.len() <= 30
        && datum.dimensions.iter().all(|(name, value)| is_text(name) && is_text(value))
        && (-7200..=14 * 24 * 3600).contains(&age)
        && are_numbers
}

#[expect(clippy::cast_precision_loss, reason = "counts of a test are small")]
pub(super) fn as_float(count: u64) -> f64 {
    count as f64
}

fn assert_close(one: f64, other: f64, what: &str) {
    assert!((one - other).abs() < 1e-6, "{what}: {one} and {other}");
}

/// The sum of each series: `Name`, `Name{Dimension=value}`, with `Namespace:` before it if it is not
/// the deployment's, and `@seconds` behind it for data that bear another time than that of arrival.
pub(super) fn sums(data: &[Datum], now: i64) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for datum in data {
        let mut series = datum.namespace.as_ref().map(|name| format!("{name}:")).unwrap_or_default();
        series.push_str(&datum.name);
        let dimensions: Vec<String> =
            datum.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !dimensions.is_empty() {
            write!(series, "{{{}}}", dimensions.join(",")).unwrap();
        }
        if datum.timestamp != now {
            write!(series, "@{}", datum.timestamp - now).unwrap();
        }
        *sums.entry(series).or_default() += match &datum.values {
            DatumValues::Distribution(values) => values.iter().map(|(value, count)| value * count).sum(),
            DatumValues::Statistics { sum, .. } => *sum,
        };
    }
    sums
}
