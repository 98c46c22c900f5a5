//! A replay against the pipeline itself: the same requests, the same data.

use trailmeter_detection::{DetectorFile, FileMatches, load};
use trailmeter_logs::{Limits, LogKind};

use super::fixtures::{NOW, batch, denied, detector, file, message, other};
use super::world::{Ran, World};
use crate::{Datum, Delivered, LOADED_DETECTOR_MATCHES, Replay, Replayed, Settings, Timestamps};

const PATTERN: &str = "{ $.errorCode = \"AccessDenied\" }";

/// Runs and replays one invocation with a message for each of `files`.
fn both(detectors: &[DetectorFile], settings: &Settings, files: &[Vec<String>]) -> (Ran, Replayed) {
    let names: Vec<String> = (0..files.len()).map(|at| format!("file-{at}")).collect();
    let mut world = World::with(detectors);
    for (name, records) in names.iter().zip(files) {
        world = world.object(name, records);
    }
    world.settings = settings.clone();
    let messages: Vec<_> = names.iter().map(|name| message(name, &[name])).collect();
    let ran = world.run(batch(messages));

    let set = load(detectors).unwrap();
    let found: Vec<FileMatches> = files
        .iter()
        .map(|records| {
            let mut scan = set.scan(LogKind::Events, Limits::default());
            scan.push(file(records).as_bytes()).unwrap();
            scan.finish().unwrap()
        })
        .collect();
    let objects: Vec<_> = found.iter().map(Delivered::Read).collect();
    (ran, Replay::new(settings.clone(), &set).invocation(&objects, NOW))
}

fn settings() -> Settings {
    World::new().settings
}

/// Data by series alone, in order.
fn series(data: &[Datum]) -> Vec<String> {
    let mut series: Vec<String> = data
        .iter()
        .map(|datum| format!("{:?} {} {:?}", datum.namespace, datum.name, datum.dimensions))
        .collect();
    series.sort();
    series.dedup();
    series
}

#[test]
fn a_replay_makes_the_requests_and_the_series_that_the_pipeline_puts() {
    let event = |minute: u32, who: &str| {
        denied(&format!(
            r#""eventID":"{minute}-{who}","eventTime":"2026-11-21T05:{minute:02}:07Z","who":"{who}""#
        ))
    };
    let who = "dimensions:\n  - Who: $.who\n";
    let elsewhere = "metric: { namespace: CIS, name: denials }\ndefault-value: 0\n";
    let few = Settings { dimension_values: 2, ..settings() };
    let loaded = Settings { covers_loaded: true, ..settings() };
    let at_events = |timestamps| Settings { timestamps, ..settings() };
    // Enough series for two requests.
    let many: Vec<String> = (0..1200).map(|at| event(1, &format!("user-{at}"))).collect();
    let wide = Settings { dimension_values: 1200, remembered: 5000, ..settings() };
    for (name, more, settings, files) in [
        ("nothing", "", settings(), vec![]),
        ("nothing found", "", settings(), vec![vec![other()]]),
        ("several files", "", settings(), vec![vec![event(1, "a")], vec![event(2, "b"), other()]]),
        ("a repeat", "", settings(), vec![vec![event(1, "a"), event(1, "a")], vec![event(1, "a")]]),
        ("folded", who, few.clone(), vec![vec![event(1, "a"), event(1, "b")], vec![event(1, "c")]]),
        ("a default beside a match", elsewhere, settings(), vec![vec![event(1, "a")], vec![other()]]),
        ("a default alone", elsewhere, settings(), vec![vec![other()], vec![other()]]),
        ("loaded", "", loaded, vec![vec![event(1, "a")]]),
        ("no value", "value: $.n\n", settings(), vec![vec![event(1, "a")]]),
        ("event times", who, at_events(Timestamps::Event), vec![vec![event(1, "a"), event(9, "a")]]),
        ("both times", who, at_events(Timestamps::Both), vec![vec![event(1, "a"), event(9, "a")]]),
        ("two requests", who, wide, vec![many]),
    ] {
        let detectors = [detector("Denied", PATTERN, more), detector("Odd", "{ $.odd IS TRUE }", "")];
        let (ran, replayed) = both(&detectors, &settings, &files);
        assert_eq!(replayed.requests, ran.report.requests, "{name}");
        let all: Vec<Datum> = replayed.detectors.values().flatten().chain(&replayed.own).cloned().collect();
        assert_eq!(series(&all), series(&ran.sent), "{name}");
        let own: Vec<&Datum> = ran
            .sent
            .iter()
            .filter(|datum| !datum.name.to_lowercase().starts_with("deni"))
            .filter(|datum| datum.name != LOADED_DETECTOR_MATCHES)
            .collect();
        assert_eq!(replayed.own.iter().collect::<Vec<_>>(), own, "{name}");
        assert!(!replayed.detectors.contains_key(&1), "{name}: Odd has no data");
    }
}

/// One file may hold hours: its matches are put at their own minutes.
#[test]
fn matches_stand_at_the_minutes_of_their_events() {
    let at = |time: &str| denied(&format!(r#""eventTime":"{time}""#));
    let records =
        [at("2026-11-21T03:00:59Z"), at("2026-11-21T03:00:01Z"), at("2026-11-21T05:01:00Z"), at("yesterday")];
    let (_, replayed) = both(&[detector("Denied", PATTERN, "")], &settings(), &[records.to_vec()]);
    let found: Vec<(i64, u64)> =
        replayed.detectors[&0].iter().map(|datum| (NOW - datum.timestamp, datum.matches)).collect();
    assert_eq!(found, [(3 * 3600, 2), (59 * 60, 1), (0, 1)]);
}

#[test]
fn what_is_not_read_is_a_message_all_the_same() {
    let set = load(&[detector("Denied", PATTERN, "")]).unwrap();
    let replayed = Replay::new(settings(), &set).invocation(&[Delivered::Skipped("digest"); 3], NOW);
    let sums = super::account::sums(&replayed.own, NOW);
    let expected = [("ObjectsIn", 3.0), ("ObjectsSkipped", 3.0), ("ObjectsSkipped{Reason=digest}", 3.0)];
    assert_eq!(sums, expected.map(|(series, sum)| (series.to_owned(), sum)).into());
    assert_eq!(replayed.requests, 1);
}
