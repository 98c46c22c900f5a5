//! The generator keeps its promises: same plan, same bytes; a truth that adds up; records that look
//! like CloudTrail's.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Corpus, Detector, File, Files, Plan, RecordFact, RepeatKind, Tally, Truth};

#[expect(
    clippy::disallowed_types,
    reason = "files are of one member, and the product's reader must not be its own test"
)]
fn records(file: &File) -> Result<Vec<Value>> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(file.body.as_slice()).read_to_string(&mut text)?;
    ensure!(text.len() as u64 == file.inflated_bytes, "{} has another size", file.key);
    let mut whole: Value = serde_json::from_str(&text).with_context(|| file.key.clone())?;
    match whole["Records"].take() {
        Value::Array(records) => Ok(records),
        _ => Ok(Vec::new()),
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_another_seed_does_not() -> Result<()> {
    let (first, second) =
        (Corpus::generate(&Plan::with_everything(7))?, Corpus::generate(&Plan::with_everything(7))?);
    assert_eq!(first.truth, second.truth);
    for (one, other) in first.files.iter().zip(&second.files) {
        assert_eq!((&one.key, &one.body), (&other.key, &other.body));
    }
    let other = Corpus::generate(&Plan::with_everything(8))?;
    assert_ne!(first.files[0].body, other.files[0].body);
    Ok(())
}

#[test]
fn every_file_holds_the_records_that_are_known_of_it() -> Result<()> {
    let corpus = Corpus::generate(&Plan::with_everything(3))?;
    for file in corpus.files.iter().filter(|file| file.skipped.is_none()) {
        let records = records(file)?;
        assert_eq!(records.len(), file.records.len(), "{}", file.key);
        for (record, fact) in records.iter().zip(&file.records) {
            match fact {
                RecordFact::Malformed(_) => assert!(!record.is_object(), "{record}"),
                RecordFact::Event { template, .. } => assert!(record.is_object(), "{template}"),
            }
        }
    }
    Ok(())
}

#[test]
fn a_repeat_has_the_id_and_the_body_of_its_original() -> Result<()> {
    let corpus = Corpus::generate(&Plan::with_everything(5))?;
    let mut bodies: HashMap<u64, Value> = HashMap::new();
    let mut kinds: BTreeMap<RepeatKind, u64> = BTreeMap::new();
    for file in corpus.files.iter().filter(|file| file.skipped.is_none()) {
        for (record, fact) in records(file)?.into_iter().zip(&file.records) {
            let RecordFact::Event { event, repeat, .. } = fact else { continue };
            let Some(kind) = repeat else {
                assert!(bodies.insert(*event, record).is_none(), "an event is first twice");
                continue;
            };
            *kinds.entry(*kind).or_default() += 1;
            let original = bodies.get(event).context("a repeat before its original")?;
            if *kind == RepeatKind::Addendum {
                assert_eq!(record["addendum"]["originalEventID"], original["eventID"]);
                assert_ne!(record["eventID"], original["eventID"]);
            } else {
                assert_eq!(&record, original);
            }
        }
    }
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    Ok(())
}

#[test]
fn bursts_are_of_one_session_and_make_files_small() -> Result<()> {
    let keys = |burst| -> Result<(usize, usize)> {
        let plan = Plan { files: 1, records_per_file: 2000, burst, ..Plan::default() };
        let file = Corpus::generate(&plan)?.files.pop().context("a plan of one file has one")?;
        let keys: BTreeSet<String> = records(&file)?
            .iter()
            .filter_map(|record| record["userIdentity"]["accessKeyId"].as_str().map(str::to_owned))
            .collect();
        Ok((keys.len(), usize::try_from(file.inflated_bytes)? / file.body.len()))
    };
    let ((strangers, _), (sessions, ratio)) = (keys(1)?, keys(8)?);
    assert!(strangers > 1000 && sessions < strangers / 4, "{strangers} keys, with bursts {sessions}");
    assert!((8..=12).contains(&ratio), "delivered files are 8 to 12 times as small, not {ratio}");
    Ok(())
}

#[test]
fn escapes_are_everywhere_and_still_json() -> Result<()> {
    let plan = Plan { files: 1, records_per_file: 500, burst: 8, escapes: true, ..Plan::default() };
    for record in records(&Corpus::generate(&plan)?.files[0])? {
        let agent = record["userAgent"].as_str().context("a record without userAgent")?;
        // A service gives its name, which is not up to callers.
        let is_escaped = agent.contains(['\\', '"', '\0']) || !agent.is_ascii();
        assert!(is_escaped || agent.ends_with(".amazonaws.com"), "{agent}");
    }
    Ok(())
}

#[test]
fn the_truth_adds_up() -> Result<()> {
    let plan = Plan { files: 40, ..Plan::with_everything(11) };
    let Truth { objects, repeats, default_pack, both_packs, .. } = Corpus::generate(&plan)?.truth;
    assert_eq!(objects.read, 46);
    assert_eq!(objects.skipped, [("digest".to_owned(), 2), ("unknown-key".to_owned(), 2)].into());
    let adds_up = |tally: &Tally| {
        let r = tally.records;
        r.read == 40 * 200 + 6 * 12 && r.read == r.matched + r.unmatched + r.malformed + r.duplicate
    };
    for pack in [&default_pack, &both_packs] {
        assert!(adds_up(&pack.distinct) && adds_up(&pack.standing), "{pack:?}");
        assert_eq!(pack.standing.records.duplicate, 0);
        let repeated = pack.distinct.records.duplicate;
        assert_eq!(pack.distinct.records.matched + repeated, pack.standing.records.matched);
        assert!(repeated > 0 && repeated < repeats.values().sum(), "{repeated} of {repeats:?}");
        for (name, counts) in &pack.distinct.detectors {
            assert!(counts.matches > 0 && counts.matches <= pack.standing.detectors[name].matches, "{name}");
        }
    }
    assert_eq!(both_packs.distinct.detectors.len(), Detector::ALL.len());
    assert!(default_pack.distinct.detectors["AccessDenied"].excluded > 0);
    assert!(default_pack.distinct.detectors["AnonymousPrincipal"].excluded > 0);
    assert!(default_pack.distinct.detectors["InstanceTerminated"].excluded > 0);
    Ok(())
}

#[test]
fn every_template_makes_a_record_of_the_size_and_fields_of_real_ones() -> Result<()> {
    let plan = Plan { files: 20, records_per_file: 500, suspicion: 3, ..Plan::default() };
    let names: BTreeSet<_> = Files::of(&plan)?.template_names().into_iter().collect();
    let corpus = Corpus::generate(&plan)?;
    let mut seen = BTreeSet::new();
    for file in &corpus.files {
        for (record, fact) in records(file)?.iter().zip(&file.records) {
            let RecordFact::Event { template, .. } = fact else { continue };
            seen.insert(*template);
            for field in [
                "eventVersion",
                "userIdentity",
                "eventTime",
                "eventSource",
                "eventName",
                "eventID",
                "eventType",
            ] {
                assert!(record.get(field).is_some(), "{template} lacks {field}");
            }
        }
    }
    assert_eq!(seen, names);
    assert!(names.len() >= 40, "{}", names.len());
    let average = corpus.truth.inflated_bytes / corpus.truth.default_pack.standing.records.read;
    assert!((1150..=1650).contains(&average), "{average} bytes on average");
    Ok(())
}

#[test]
fn without_suspicion_the_default_pack_counts_nothing() -> Result<()> {
    let corpus = Corpus::generate(&Plan { suspicion: 0, ..Plan::default() })?;
    assert_eq!(corpus.truth.default_pack.distinct.records.matched, 0);
    assert!(corpus.truth.both_packs.distinct.records.matched > 0);
    Ok(())
}

#[test]
fn keys_have_cloudtrails_layout_and_differ() -> Result<()> {
    let corpus = Corpus::generate(&Plan::with_everything(2))?;
    let keys: BTreeSet<_> = corpus.files.iter().map(|file| file.key.as_str()).collect();
    assert_eq!(keys.len(), corpus.files.len());
    let first = &corpus.files[0].key;
    assert!(
        first.starts_with(
            "audit/cloudtrail/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/eu-central-1/2026/03/14/111122223333_CloudTrail_eu-central-1_20260314T0900Z_"
        ),
        "{first}"
    );
    assert!(first.ends_with(".json.gz"));
    let plain = Corpus::generate(&Plan { files: 1, ..Plan::default() })?;
    assert!(plain.files[0].key.starts_with("AWSLogs/111122223333/CloudTrail/eu-central-1/2026/03/14/"));
    Ok(())
}

#[test]
fn no_event_is_newer_than_asked_for() -> Result<()> {
    let plan = Plan::with_everything(4);
    let truth = Corpus::generate(&plan)?.truth;
    let newest = truth.newest_event.context("no event at all")?;
    assert!(newest <= plan.until.as_second() && newest > plan.until.as_second() - 600, "{newest}");
    Ok(())
}
