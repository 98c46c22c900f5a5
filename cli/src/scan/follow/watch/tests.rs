//! Against a bucket of names.

use std::sync::Mutex;

use trailmeter_pipeline::ObjectRef;

use super::*;

const ACCOUNT: &str = "AWSLogs/111122223333/CloudTrail";

/// Keys, when they were written, and which prefixes cannot be listed.
#[derive(Default)]
struct Bucket {
    keys: BTreeMap<String, i64>,
    refused: BTreeSet<String>,
    asked: Mutex<Vec<String>>,
}

impl Bucket {
    fn of(keys: &[&str]) -> Self {
        let mut bucket = Self::default();
        bucket.deliver(keys, 0);
        bucket
    }

    fn deliver(&mut self, keys: &[&str], written: i64) {
        self.keys.extend(keys.iter().map(|key| (format!("{ACCOUNT}/{key}"), written)));
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }

    fn ask(&self, prefix: &str, after: &str) -> Result<(), String> {
        self.asked.lock().unwrap().push(if after.is_empty() { prefix } else { after }.to_owned());
        if self.refused.contains(prefix) { Err(prefix.to_owned()) } else { Ok(()) }
    }
}

impl Listing for Bucket {
    type Error = String;

    fn folders(&self, _: &str, prefix: &str) -> Result<Vec<String>, String> {
        self.ask(prefix, "")?;
        let below = self.keys.keys().filter_map(|key| {
            let end = key.strip_prefix(prefix)?.find('/')?;
            Some(key[..=prefix.len() + end].to_owned())
        });
        Ok(below.collect::<BTreeSet<_>>().into_iter().collect())
    }

    fn list(&self, bucket: &str, prefix: &str, after: &str) -> Result<Vec<ListedObject>, String> {
        self.ask(prefix, after)?;
        let listed = self.keys.iter().filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after);
        let listed = listed.map(|(key, written)| ListedObject {
            object: ObjectRef { bucket: bucket.to_owned(), key: key.clone() },
            size: 1,
            written: Some(*written),
        });
        Ok(listed.collect())
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn names(found: &[ListedObject]) -> Vec<&str> {
    found
        .iter()
        .map(|listed| listed.object.key.strip_prefix(ACCOUNT).unwrap().trim_start_matches('/'))
        .collect()
}

fn begun(bucket: &Bucket, today: &str) -> Watch {
    let mut watch = Watch::new("logs", "").unwrap();
    assert!(watch.begin(bucket, None, day(today)).unwrap().is_empty());
    bucket.asked();
    watch
}

#[test]
fn what_is_new_comes_once_also_if_it_sorts_before_what_was_known() {
    let mut bucket = Bucket::of(&["eu-west-1/2026/11/21/b.json.gz"]);
    let mut watch = begun(&bucket, "2026-11-21");
    assert!(watch.look(&bucket, day("2026-11-21")).new.is_empty());
    bucket.deliver(&["eu-west-1/2026/11/21/a.json.gz", "eu-west-1/2026/11/21/c.json.gz"], 0);
    let look = watch.look(&bucket, day("2026-11-21"));
    assert_eq!(names(&look.new), ["eu-west-1/2026/11/21/a.json.gz", "eu-west-1/2026/11/21/c.json.gz"]);
    assert!(watch.look(&bucket, day("2026-11-21")).new.is_empty());
    // Yesterday's file after midnight, and the first of a new day.
    bucket.deliver(&["eu-west-1/2026/11/21/d.json.gz", "eu-west-1/2026/11/22/a.json.gz"], 0);
    let look = watch.look(&bucket, day("2026-11-22"));
    assert_eq!(names(&look.new), ["eu-west-1/2026/11/21/d.json.gz", "eu-west-1/2026/11/22/a.json.gz"]);
    // What could not be read is found again.
    watch.forget(&look.new[0].object.key);
    assert_eq!(names(&watch.look(&bucket, day("2026-11-22")).new), ["eu-west-1/2026/11/21/d.json.gz"]);
}

#[test]
fn names_of_older_days_are_forgotten_and_never_listed() {
    let mut bucket = Bucket::of(&["eu-west-1/2026/11/19/a.json.gz", "eu-west-1/2026/11/20/a.json.gz"]);
    let mut watch = begun(&bucket, "2026-11-21");
    let known = |watch: &Watch| watch.regions.values().map(BTreeSet::len).sum::<usize>();
    assert_eq!(known(&watch), 1);
    for number in 20..29 {
        bucket.deliver(&[&format!("eu-west-1/2026/11/{number}/z.json.gz")], 0);
        let today = day(&format!("2026-11-{number}"));
        watch.look(&bucket, today);
    }
    assert_eq!(known(&watch), 2);
    bucket.asked();
    watch.look(&bucket, day("2026-11-29"));
    assert!(bucket.asked().contains(&format!("{ACCOUNT}/eu-west-1/2026/11/28/")));
}

#[test]
fn a_new_region_a_new_kind_and_a_new_account_are_found() {
    let mut bucket = Bucket::of(&["eu-west-1/2026/11/21/a.json.gz"]);
    let mut watch = begun(&bucket, "2026-11-21");
    bucket.deliver(&["us-east-1/2026/11/21/a.json.gz"], 0);
    let others = [
        "AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2026/11/21/a.json.gz",
        "AWSLogs/444455556666/CloudTrail/eu-west-1/2026/11/21/a.json.gz",
        // These hold no logs, and are not looked into.
        "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/21/a.json.gz",
        "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/21/a.log.gz",
        "AWSLogs/aws-waf/a.json.gz",
        "elsewhere/a.json.gz",
    ];
    bucket.keys.extend(others.map(|key| (key.to_owned(), 0)));
    let look = watch.look(&bucket, day("2026-11-21"));
    let mut found: Vec<&str> = look.new.iter().map(|listed| listed.object.key.as_str()).collect();
    found.sort_unstable();
    let east = format!("{ACCOUNT}/us-east-1/2026/11/21/a.json.gz");
    assert_eq!(found, [others[0], &east, others[1]]);
    let asked = bucket.asked();
    assert!(
        !asked.iter().any(|asked| asked.contains("Digest") || asked.contains("vpc") || asked.contains("waf"))
    );
}

#[test]
fn one_may_begin_with_what_was_written_before() {
    let mut bucket = Bucket::default();
    bucket.deliver(&["eu-west-1/2026/11/17/a.json.gz"], 10);
    bucket.deliver(&["eu-west-1/2026/11/18/a.json.gz"], 20);
    bucket.deliver(&["eu-west-1/2026/11/19/a.json.gz", "eu-west-1/2026/11/21/a.json.gz"], 30);
    let mut watch = Watch::new("logs", "").unwrap();
    let new = watch.begin(&bucket, Some((20, day("2026-11-19"))), day("2026-11-21")).unwrap();
    assert_eq!(
        names(&new),
        [
            "eu-west-1/2026/11/18/a.json.gz",
            "eu-west-1/2026/11/19/a.json.gz",
            "eu-west-1/2026/11/21/a.json.gz"
        ]
    );
    assert!(watch.look(&bucket, day("2026-11-21")).new.is_empty());
}

#[test]
fn many_folders_are_looked_for_now_and_then() {
    let keys: Vec<String> = (0..10)
        .map(|at| format!("AWSLogs/11112222333{at}/CloudTrail/eu-west-1/2026/11/21/a.json.gz"))
        .collect();
    let mut bucket = Bucket::default();
    bucket.keys.extend(keys.iter().map(|key| (key.clone(), 0)));
    let mut watch = begun(&bucket, "2026-11-21");
    let mut lists = Vec::new();
    for _ in 0..SOMETIMES {
        watch.look(&bucket, day("2026-11-21"));
        lists.push(bucket.asked().len());
    }
    // One for each region; and once for the folder above all, those of accounts and those of kinds.
    assert_eq!(lists[..19], [10; 19]);
    assert_eq!(lists[19], 10 + 1 + 10 + 10);
}

#[test]
fn what_cannot_be_listed_takes_nothing_else_with_it_and_is_made_up_for() {
    let mut bucket = Bucket::of(&["eu-west-1/2026/11/21/a.json.gz", "us-east-1/2026/11/21/a.json.gz"]);
    let mut watch = begun(&bucket, "2026-11-21");
    let west = format!("{ACCOUNT}/eu-west-1/");
    bucket.deliver(&["eu-west-1/2026/11/21/b.json.gz", "us-east-1/2026/11/21/b.json.gz"], 0);
    bucket.refused.insert(west.clone());
    let look = watch.look(&bucket, day("2026-11-21"));
    assert_eq!((names(&look.new), look.failed), (vec!["us-east-1/2026/11/21/b.json.gz"], vec![west.clone()]));
    bucket.refused.clear();
    let look = watch.look(&bucket, day("2026-11-21"));
    assert_eq!((names(&look.new), look.failed.len()), (vec!["eu-west-1/2026/11/21/b.json.gz"], 0));
    // At the beginning it is an error: what was there before would come as new.
    bucket.refused.insert(west.clone());
    assert_eq!(Watch::new("logs", "").unwrap().begin(&bucket, None, day("2026-11-21")).err(), Some(west));
}

#[test]
fn a_place_is_the_bucket_a_prefix_or_a_folder_of_logs() {
    let region = "AWSLogs/111122223333/CloudTrail/eu-west-1/";
    for (prefix, expected) in [
        ("", Some("AWSLogs/")),
        ("audit", Some("audit/AWSLogs/")),
        ("audit/logs/", Some("audit/logs/AWSLogs/")),
        ("AWSLogs", Some("AWSLogs/")),
        ("audit/AWSLogs/", Some("audit/AWSLogs/")),
        (region, Some(region)),
        ("AWSLogs/111122223333/CloudTrail/eu-w", Some("AWSLogs/111122223333/CloudTrail/eu-w")),
        ("AWSLogs/111122223333/CloudTrail-Digest/", None),
        ("AWSLogs/111122223333/vpcflowlogs/", None),
    ] {
        assert_eq!(where_to_begin("logs", prefix).ok().as_deref(), expected, "{prefix}");
    }
    // One that stands in a region is listed as it is.
    let bucket = Bucket::of(&["eu-west-1/2026/11/20/a.json.gz", "eu-west-1/2026/11/21/a.json.gz"]);
    let mut watch = Watch::new("logs", &format!("{region}2026/11/21/")).unwrap();
    let new = watch.begin(&bucket, Some((0, day("2026-11-20"))), day("2026-11-21")).unwrap();
    assert_eq!(names(&new), ["eu-west-1/2026/11/21/a.json.gz"]);
}
