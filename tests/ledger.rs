//! The ledger in a real table: what was counted by one process is known to every other.

mod races;
mod single_events;
pub(crate) mod table;

use anyhow::Result;
use serde_json::Value;
use trailmeter_testkit::runtime_api::Function;

use crate::counts::Counts;
use crate::messages::{back, batch, cloudtrail, event_bridge, s3, sns};
use crate::support::{World, key, log_since};
use table::{Table, file_of};

/// A world whose functions have a ledger.
struct Remembering {
    world: World,
    table: Table,
}

impl Remembering {
    async fn new(name: &str) -> Result<Self> {
        let world = World::new(name).await?;
        let table = Table::make(world.cloud, name).await?;
        Ok(Self { world, table })
    }

    /// A process of the function, with the ledger in this mode.
    fn start(&self, mode: &str, beside: &[(&str, &str)]) -> Result<Function> {
        let ledger = [("TRAILMETER_LEDGER", mode), ("TRAILMETER_LEDGER_TABLE", &self.table.name)];
        self.world.start(&[&ledger[..], beside].concat())
    }

    async fn put(&self, name: &str, events: std::ops::Range<usize>) -> Result<()> {
        self.world.put(&key(name), &file_of(events)?).await
    }

    fn s3(&self, name: &str) -> String {
        s3(&self.world.bucket, &key(name))
    }

    fn counts(&self) -> Result<Counts> {
        Counts::of(&self.world.cloudwatch)
    }

    fn sums(&self, series: &[&str]) -> Result<Vec<u64>> {
        let counts = self.counts()?;
        Ok(series.iter().map(|series| counts.get(series)).collect())
    }
}

fn invoke(function: &Function, id: &str, body: String) -> Result<Value> {
    function.invoke(&batch(&[(id, body)]))?.response()
}

/// In whatever envelope, to whichever process.
#[tokio::test]
async fn an_object_counts_once_however_often_it_is_announced() -> Result<()> {
    for mode in ["object", "event"] {
        let here = Remembering::new(&format!("again-{mode}")).await?;
        here.put("it", 0..7).await?;
        let (bucket, key) = (here.world.bucket.as_str(), key("it"));
        let bodies =
            [here.s3("it"), cloudtrail(bucket, &[&key]), event_bridge(bucket, &key), sns(&here.s3("it"))];
        for body in bodies {
            assert_eq!(invoke(&here.start(mode, &[])?, "m", body)?, back(&[]));
        }
        let series = ["AccessDenied", "ObjectsIn", "ObjectsRead", "ObjectsDuplicate", "RecordsRead"];
        assert_eq!(here.sums(&series)?, [7, 4, 1, 3, 7], "{mode}");
        assert_eq!(here.sums(&["ObjectsDuplicate{Reason=already-counted}", "CountedMaybeTwice"])?, [3, 0]);
    }
    Ok(())
}

#[tokio::test]
async fn an_event_counts_once_in_whatever_file_it_stands() -> Result<()> {
    for (mode, denied, duplicate) in [("event", 12, 5), ("object", 17, 0)] {
        let here = Remembering::new(&format!("events-{mode}")).await?;
        here.put("one", 0..7).await?;
        here.put("other", 2..12).await?;
        for name in ["one", "other"] {
            assert_eq!(invoke(&here.start(mode, &[])?, "m", here.s3(name))?, back(&[]));
        }
        assert_eq!(here.sums(&["AccessDenied", "RecordsDuplicate"])?, [denied, duplicate], "{mode}");
    }
    Ok(())
}

/// More than a batch of reads and a transaction can hold, with some of them known.
#[tokio::test]
async fn thousands_of_events_are_remembered() -> Result<()> {
    let here = Remembering::new("thousands").await?;
    here.put("one", 0..1234).await?;
    here.put("other", 1000..2345).await?;
    let function = here.start("event", &[])?;
    for name in ["one", "other"] {
        assert_eq!(invoke(&function, "m", here.s3(name))?, back(&[]));
    }
    assert_eq!(here.sums(&["AccessDenied", "RecordsDuplicate"])?, [2345, 234]);
    assert_eq!(here.table.ids("event#").await?.len(), 2345);
    Ok(())
}

/// What is written over under the same name is another object. Its events are the same.
#[tokio::test]
async fn a_key_that_is_written_over_is_another_object() -> Result<()> {
    let here = Remembering::new("over").await?;
    let function = here.start("event", &[])?;
    for events in [0..3, 0..5] {
        here.put("it", events).await?;
        assert_eq!(invoke(&function, "m", here.s3("it"))?, back(&[]));
    }
    assert_eq!(here.sums(&["AccessDenied", "ObjectsRead", "ObjectsDuplicate"])?, [5, 2, 0]);
    assert_eq!(here.table.ids("object#").await?.len(), 2);
    Ok(())
}

/// Nobody can read what stood there before, so that its events would be nobody's.
#[tokio::test]
async fn what_was_written_over_before_it_counted_is_counted_by_what_stands_there_now() -> Result<()> {
    for (state, lease, denied, maybe_twice) in [
        ("claimed", "1", 5, 0),
        ("flushing", "1", 5, 3),
        ("done", "1", 2, 0),
        ("claimed", "99999999999", 0, 0),
    ] {
        let here = Remembering::new(&format!("before-{state}-{}", lease.len())).await?;
        let function = here.start("event", &[])?;
        here.put("it", 0..3).await?;
        assert_eq!(invoke(&function, "m", here.s3("it"))?, back(&[]));
        here.table.set_only_object(&[("state", state), ("lease", lease)]).await?;
        here.world.cloudwatch.clear();
        here.put("it", 0..5).await?;
        let is_waiting = denied == 0;
        let expected = if is_waiting { back(&["m"]) } else { back(&[]) };
        assert_eq!(invoke(&function, "m", here.s3("it"))?, expected, "{state} until {lease}");
        assert_eq!(here.sums(&["AccessDenied", "CountedMaybeTwice"])?, [denied, maybe_twice], "{state}");
    }
    Ok(())
}

/// Nobody knows whether that attempt was counted. It is counted, and said.
#[tokio::test]
async fn what_a_dead_process_left_behind_is_taken_over() -> Result<()> {
    for (left, takes_over, maybe_twice) in [
        (vec![("state", "claimed"), ("lease", "1")], true, 0),
        (vec![("state", "flushing"), ("lease", "1"), ("matches", "7")], true, 7),
        (vec![("state", "flushing"), ("lease", "99999999999"), ("matches", "7")], false, 0),
        (vec![("state", "claimed"), ("lease", "99999999999")], false, 0),
    ] {
        let name = format!("left-{}-{}", left[0].1, left[1].1.len());
        let here = Remembering::new(&name).await?;
        here.put("it", 0..7).await?;
        // The first attempt is made so that its entry is there, then its end is taken from it.
        assert_eq!(invoke(&here.start("object", &[])?, "m", here.s3("it"))?, back(&[]));
        here.world.cloudwatch.clear();
        here.table.set_only_object(&left).await?;
        let function = here.start("object", &[])?;
        let expected = if takes_over { back(&[]) } else { back(&["m"]) };
        assert_eq!(invoke(&function, "m", here.s3("it"))?, expected, "{name}");
        let denied = if takes_over { 7 } else { 0 };
        assert_eq!(here.sums(&["AccessDenied", "CountedMaybeTwice"])?, [denied, maybe_twice], "{name}");
        let elsewhere = here.sums(&["ObjectsDuplicate{Reason=claimed-elsewhere}", "ObjectsFailed"])?;
        assert_eq!(elsewhere, [u64::from(!takes_over), 0], "{name}");
        let log = log_since(&function, 0).await?.join("\n");
        assert_eq!(log.contains("perhaps counted twice"), maybe_twice > 0, "{log}");
    }
    Ok(())
}

/// Closed unless the settings say otherwise; either way it is told.
#[tokio::test]
async fn a_ledger_that_is_not_there_has_a_stated_outcome() -> Result<()> {
    let here = Remembering::new("absent").await?;
    here.put("it", 0..7).await?;
    let absent = ("TRAILMETER_LEDGER_TABLE", "no-such-table");
    let closed = here.start("event", &[absent])?;
    assert_eq!(invoke(&closed, "m", here.s3("it"))?, back(&["m"]));
    let series =
        ["AccessDenied", "ObjectsFailed{Reason=ledger-unavailable}", "LedgerFailures{Reason=not-found}"];
    assert_eq!(here.sums(&series)?, [0, 1, 1]);
    assert!(log_since(&closed, 0).await?.join("\n").contains("TRAILMETER_LEDGER_TABLE"));

    here.world.cloudwatch.clear();
    let open = here.start("event", &[absent, ("TRAILMETER_LEDGER_UNAVAILABLE", "count")])?;
    assert_eq!(invoke(&open, "m", here.s3("it"))?, back(&[]));
    assert_eq!(here.sums(&["AccessDenied", "CountedWithoutLedger", "LedgerFailures"])?, [7, 1, 1]);
    Ok(())
}

/// Whoever looks at the table can read it, and DynamoDB can empty it.
#[tokio::test]
async fn every_item_says_what_it_is_about_and_when_it_ends() -> Result<()> {
    let here = Remembering::new("items").await?;
    here.put("it", 0..2).await?;
    let function =
        here.start("event", &[("TRAILMETER_LEDGER_DAYS", "10"), ("TRAILMETER_LEDGER_EVENT_HOURS", "3")])?;
    let before = jiff::Timestamp::now().as_second();
    assert_eq!(invoke(&function, "m", here.s3("it"))?, back(&[]));
    let after = jiff::Timestamp::now().as_second();
    let items = here.table.items().await?;
    assert_eq!(items.len(), 3);
    for item in items {
        let (id, ends) = (&item["id"], item["expires"].parse::<i64>()?);
        let lives = if id.starts_with("object#") { 10 * 86_400 } else { 3 * 3600 };
        assert!((before + lives..=after + lives).contains(&ends), "{item:?}");
        if id.starts_with("object#") {
            assert_eq!((item["bucket"].as_str(), item["key"].as_str()), (&*here.world.bucket, &*key("it")));
            assert_eq!((item["state"].as_str(), item["matches"].as_str()), ("done", "2"));
        } else {
            assert!(id.ends_with("#AccessDenied"), "{id}");
        }
    }
    Ok(())
}
