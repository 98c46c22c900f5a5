//! Versions come and go, good and bad; what runs is always a whole set.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use trailmeter_detection::DetectorFile;

use super::{Current, DetectorEvent, LiveDetectors, NoDetectors, Watched};
use crate::detector_rules::DetectorRules;
use crate::detector_source::{DetectorSource, Fetched, SourceError, Version};

/// 2026-11-21T06:00:00Z.
const NOW: i64 = 1_795_240_800;
const DAY: i64 = 24 * 3600;

/// What a look at the source meets.
#[derive(Clone)]
enum Look {
    /// A version and its text.
    There(&'static str, String),
    Fails(&'static str),
}

use Look::{Fails, There};

/// A source that plays its looks; the last one is met again and again.
struct Source {
    looks: Mutex<VecDeque<Look>>,
    /// The version that was known at each look.
    known: Mutex<Vec<Option<String>>>,
}

impl Source {
    fn of(looks: &[Look]) -> Self {
        Self { looks: Mutex::new(looks.iter().cloned().collect()), known: Mutex::default() }
    }
}

impl DetectorSource for &Source {
    async fn read(&self, known: Option<&Version>) -> Result<Option<Fetched>, SourceError> {
        self.known.lock().unwrap().push(known.map(ToString::to_string));
        let mut looks = self.looks.lock().unwrap();
        let look = if looks.len() > 1 { looks.pop_front().unwrap() } else { looks[0].clone() };
        match look {
            There(version, _) if known.is_some_and(|known| known.0 == version) => Ok(None),
            There(version, text) => {
                Ok(Some(Fetched { version: Version(version.to_owned()), bytes: text.into_bytes() }))
            }
            // With an id of its own, as AWS's errors have.
            Fails(reason) => {
                let number = self.known.lock().unwrap().len();
                Err(SourceError { reason, source: format!("request {number} failed").into() })
            }
        }
    }
}

fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the source here never waits"),
    }
}

/// The text of a detector file. `more` is YAML at its top level.
fn text(name: &str, more: &str) -> String {
    format!(
        "name: {name}
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/]
logs: cloudtrail
pattern: '{{ $.eventName = \"{name}\" }}'
{more}tests:
  - {{ name: one, match: true, record: {{ eventName: {name} }} }}
  - {{ name: two, match: false, record: {{ eventName: other }} }}
"
    )
}

fn packaged(name: &str, more: &str) -> DetectorFile {
    DetectorFile { path: format!("{name}.yaml"), pack: Some("default".to_owned()), text: text(name, more) }
}

fn rules() -> DetectorRules {
    DetectorRules {
        packaged: vec![packaged("Packed", "alarm: { description: d }\n")],
        namespace: "Trailmeter/it".to_owned(),
        covers_loaded: true,
        ..DetectorRules::default()
    }
}

fn start(rules: DetectorRules, source: &Source) -> Result<(LiveDetectors<&Source>, Current), NoDetectors> {
    let watched = Watched { name: "s3://b/k".to_owned(), source, refresh: 60 };
    at_once(LiveDetectors::start(rules, Some(watched), NOW))
}

fn names(current: &Current) -> String {
    let names: Vec<&str> =
        current.detectors.detectors().iter().map(|detector| detector.name.as_str()).collect();
    names.join(" ")
}

fn events(current: &Current) -> String {
    let word = |event: &DetectorEvent| match event {
        DetectorEvent::Taken { version, .. } => format!("taken {version}"),
        DetectorEvent::Rejected { version, reasons, .. } => {
            let version = version.as_ref().map_or("none", |version| &version.0);
            format!("rejected {version}: {}", reasons.join("; "))
        }
        DetectorEvent::Expired(expired) => format!("expired {}.{}", expired.detector, expired.exclusion),
        DetectorEvent::WithoutAlarm(names) => format!("without alarm {}", names.join(",")),
    };
    current.events.iter().map(word).collect::<Vec<_>>().join("\n")
}

fn news(current: &Current) -> String {
    let series = |news: &crate::News| {
        let dimensions: Vec<_> =
            news.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}{{{}}}={}", news.name, dimensions.join(","), news.value)
    };
    current.news.iter().map(series).collect::<Vec<_>>().join(" ")
}

const REJECTED: &str = "DetectorVersionsRejected{}=1 DetectorVersionsRejected{Source=s3://b/k}=1";

/// The life of a source in one table: what is there at a look, what is told, what runs then.
#[test]
fn a_bad_version_changes_nothing_and_a_good_one_everything() {
    let good = |name: &str| text(name, "");
    let bad = || good("Two").replace("title", "titel");
    let source = Source::of(&[
        There("1", good("One")),
        There("1", good("One")),
        There("2", bad()),
        There("2", bad()),
        Fails("throttled"),
        Fails("throttled"),
        Fails("access-denied"),
        There("2", bad()),
        There("3", good("Three")),
        There("1", good("One")),
        Fails("not-found"),
        There("1", good("One")),
    ]);
    let (live, first) = start(rules(), &source).unwrap();
    assert_eq!(
        (names(&first), events(&first), news(&first)),
        ("Packed One".into(), "taken 1".into(), String::new())
    );
    let typo = "rejected 2: s3://b/k:2:1: unknown field `titel`";
    for row in [
        ("unchanged", "", "", "Packed One"),
        ("bad", typo, REJECTED, "Packed One"),
        ("still bad", "", REJECTED, "Packed One"),
        ("unreadable", "rejected none: s3://b/k: request 5 failed", REJECTED, "Packed One"),
        ("still unreadable", "", REJECTED, "Packed One"),
        ("for another reason", "rejected none: s3://b/k: request 7 failed", REJECTED, "Packed One"),
        ("readable and bad as before", "", REJECTED, "Packed One"),
        ("mended", "taken 3", "", "Packed Three"),
        ("put back", "taken 1", "", "Packed One"),
        ("gone", "rejected none: s3://b/k: request 11 failed", REJECTED, "Packed One"),
        ("there again", "", "", "Packed One"),
    ]
    .into_iter()
    .enumerate()
    {
        let (at, (step, told, put, runs)) = row;
        let at = i64::try_from(at).unwrap();
        let current = at_once(live.refresh(NOW + (at + 1) * 60));
        assert!(events(&current).starts_with(told), "{step}: {}", events(&current));
        assert_eq!(events(&current).is_empty(), told.is_empty(), "{step}");
        assert_eq!(news(&current), put, "{step}");
        assert_eq!(names(&current), runs, "{step}");
    }
    let known = source.known.lock().unwrap().clone();
    let known: Vec<_> = known.iter().map(|known| known.as_deref().unwrap_or("-")).collect();
    assert_eq!(known.join(" "), "- 1 1 2 2 2 2 2 2 3 1 1");
}

/// Everything that is wrong with a version is named at once, with its place, and none of it runs.
#[test]
fn what_is_wrong_with_a_version_is_named_with_its_place() {
    let failing = text("One", "").replace("eventName: One", "eventName: Won");
    let elsewhere = |namespace: &str, name: &str| {
        text("One", &format!("metric: {{ namespace: {namespace}, name: {name} }}\n"))
    };
    for (name, version, says) in [
        ("nothing", String::new(), "s3://b/k"),
        ("not YAML", "{ name: [".to_owned(), "s3://b/k:"),
        ("no detector", "hello: world\n".to_owned(), "s3://b/k:1:1: unknown field `hello`"),
        ("a failing test", failing, "s3://b/k:9:5: test \"one\" of One: expected a match, found no match"),
        (
            "a name of a pack",
            text("Packed", ""),
            "s3://b/k:1:7: a detector Packed is already defined in Packed.yaml",
        ),
        (
            "a namespace that is not allowed",
            elsewhere("Theirs", "x"),
            "s3://b/k:1:7: the function may not put metrics into the namespace \"Theirs\": add it to the parameter DetectorNamespaces",
        ),
        (
            "a metric of Trailmeter's own",
            elsewhere("Trailmeter/it", "ObjectsIn"),
            "s3://b/k:1:7: ObjectsIn is a metric of Trailmeter itself",
        ),
    ] {
        let source = Source::of(&[There("1", version)]);
        let (live, current) = start(rules(), &source).unwrap();
        assert_eq!(names(&current), "Packed", "{name}");
        let told = events(&current);
        assert!(told.starts_with(&format!("rejected 1: {says}")), "{name}: {told}");
        assert_eq!(news(&at_once(live.refresh(NOW))), REJECTED, "{name}");
    }
    let mut allowed = rules();
    allowed.namespaces = vec!["Ours".to_owned()];
    for (namespace, name) in [("Ours", "ObjectsIn"), ("Trailmeter/it", "x")] {
        let source = Source::of(&[There("1", elsewhere(namespace, name))]);
        let (_, current) = start(allowed.clone(), &source).unwrap();
        assert_eq!(names(&current), "Packed One", "{namespace}");
    }
}

#[test]
fn bytes_that_are_no_text_are_no_detector() {
    struct Bytes;
    impl DetectorSource for Bytes {
        async fn read(&self, _: Option<&Version>) -> Result<Option<Fetched>, SourceError> {
            Ok(Some(Fetched { version: Version("1".to_owned()), bytes: vec![0xff, 0xfe] }))
        }
    }
    let watched = Watched { name: "s3://b/k".to_owned(), source: Bytes, refresh: 60 };
    let (_, current) = at_once(LiveDetectors::start(rules(), Some(watched), NOW)).unwrap();
    assert_eq!(events(&current), "rejected 1: s3://b/k: not UTF-8, so no detector file");
}

#[test]
fn the_packs_run_alone_if_nothing_can_be_loaded_and_without_packs_nothing_starts() {
    let without_packs = DetectorRules { packaged: Vec::new(), ..rules() };
    let bad_pack = DetectorRules { packaged: vec![packaged("Bad", "unit: Apples\n")], ..rules() };
    let good = || There("1", text("One", ""));
    for (name, rules, look, outcome) in [
        ("good", rules(), good(), Ok("Packed One")),
        ("bad", rules(), There("1", "bad".to_owned()), Ok("Packed")),
        ("unreadable", rules(), Fails("access-denied"), Ok("Packed")),
        ("good, no packs", without_packs.clone(), good(), Ok("One")),
        ("bad, no packs", without_packs.clone(), There("1", "bad".to_owned()), Err("there are no packs")),
        ("unreadable, no packs", without_packs, Fails("throttled"), Err("s3://b/k: request 1 failed")),
        ("a bad pack", bad_pack, good(), Err("Bad.yaml:8:7: \"Apples\" is no CloudWatch unit")),
    ] {
        let source = Source::of(&[look]);
        match (start(rules, &source), outcome) {
            (Ok((_, current)), Ok(runs)) => assert_eq!(names(&current), runs, "{name}"),
            (Err(error), Err(says)) => assert!(error.to_string().contains(says), "{name}: {error}"),
            (found, _) => panic!("{name}: {}", found.map_or_else(|e| e.to_string(), |(_, c)| names(&c))),
        }
    }
    // Without a source there is nothing to look at, and nothing to reject.
    let (live, current) = at_once(LiveDetectors::<&Source>::start(rules(), None, NOW)).unwrap();
    assert_eq!((names(&current), events(&current)), ("Packed".to_owned(), String::new()));
    let current = at_once(live.refresh(NOW + DAY));
    assert_eq!((events(&current), news(&current)), (String::new(), String::new()));
}

#[test]
fn the_source_is_looked_at_when_its_time_has_come() {
    let source = Source::of(&[There("1", text("One", ""))]);
    let (live, _) = start(rules(), &source).unwrap();
    for (seconds, looks) in
        [(0, 1), (59, 1), (60, 2), (61, 2), (119, 2), (120, 3), (100, 4), (159, 4), (160, 5)]
    {
        at_once(live.refresh(NOW + seconds));
        assert_eq!(source.known.lock().unwrap().len(), looks, "after {seconds} seconds");
    }
}

const EXPIRING: &str = "exclude:
  - { name: Drill, owner: o, expires: 2026-11-21, reason: r, pattern: '{ $.drill IS TRUE }' }
  - { name: Old, owner: o, expires: 2020-01-01, reason: r, pattern: '{ $.old IS TRUE }' }
  - { name: Robots, owner: o, expires: never, reason: r, pattern: '{ $.robot IS TRUE }' }
";

#[test]
fn exclusions_end_with_their_day_and_are_told_once_a_day() {
    let source = Source::of(&[There("1", text("One", EXPIRING)), There("1", String::new())]);
    let (live, current) = start(rules(), &source).unwrap();
    let left = |current: &Current| current.detectors.detectors()[1].exclusions.len();
    assert_eq!((events(&current), left(&current)), ("taken 1\nexpired One.Old".to_owned(), 2));
    let old = "ExclusionsExpired{Detector=One,Exclusion=Old}=1";
    assert_eq!(news(&current), format!("ExclusionsExpired{{}}=1 {old}"));
    // Half past five in the afternoon, a second before midnight, midnight, noon, the day after.
    for (at, told, left_over) in [
        (NOW + 11 * 3600 + 1800, "", 2),
        (NOW + 18 * 3600 - 1, "", 2),
        (NOW + 18 * 3600, "expired One.Old\nexpired One.Drill", 1),
        (NOW + 30 * 3600, "", 1),
        (NOW + 18 * 3600 + DAY, "expired One.Old\nexpired One.Drill", 1),
    ] {
        let current = at_once(live.refresh(at));
        assert_eq!((events(&current).as_str(), left(&current)), (told, left_over), "{at}");
        assert_eq!(news(&current).starts_with("ExclusionsExpired{}=2"), !told.is_empty(), "{at}");
    }
}

#[test]
fn detectors_that_no_alarm_watches_are_told_once_for_each_version() {
    let alarm = "alarm: { description: d }\n";
    let unsaid = DetectorRules { packaged: vec![packaged("Packed", "")], ..rules() };
    for (name, rules, more, told) in [
        ("all covered", rules(), "", ""),
        ("a pack's without", unsaid.clone(), "", "Packed"),
        (
            "loaded, and the alarm on them is off",
            DetectorRules { covers_loaded: false, ..rules() },
            alarm,
            "One",
        ),
        (
            "loaded, and none is wanted",
            DetectorRules { covers_loaded: false, ..rules() },
            "alarm: none\n",
            "",
        ),
        ("both", DetectorRules { covers_loaded: false, ..unsaid }, "", "Packed,One"),
    ] {
        let source = Source::of(&[
            There("1", text("One", more)),
            There("1", String::new()),
            There("2", text("One", more)),
        ]);
        let (live, first) = start(rules, &source).unwrap();
        let tell = |version| {
            if told.is_empty() {
                format!("taken {version}")
            } else {
                format!("taken {version}\nwithout alarm {told}")
            }
        };
        assert_eq!(events(&first), tell(1), "{name}");
        let each: Vec<String> = told
            .split(',')
            .filter(|name| !name.is_empty())
            .map(|name| format!("DetectorsWithoutAlarm{{Detector={name}}}=1"))
            .collect();
        let total = (!each.is_empty()).then(|| format!("DetectorsWithoutAlarm{{}}={}", each.len()));
        let expected = total.into_iter().chain(each).collect::<Vec<_>>().join(" ");
        assert_eq!(news(&first), expected, "{name}");
        assert_eq!(events(&at_once(live.refresh(NOW + 60))), "", "{name}");
        assert_eq!(events(&at_once(live.refresh(NOW + 120))), tell(2), "{name}");
    }
}

/// A version is a file of several documents; a mistake in one keeps all of them out.
#[test]
fn a_version_holds_any_number_of_detectors_and_counts_as_a_whole() {
    let (one, two) = (text("One", ""), text("Two", ""));
    for (name, version, runs, told) in [
        ("two", format!("{one}---\n{two}"), "Packed One Two", "taken 1"),
        (
            "the second is bad",
            format!("{one}---\n{}", two.replace("what: w", "what: ''")),
            "Packed",
            "rejected 1: s3://b/k:12:7: `what` is empty",
        ),
        (
            "a name twice",
            format!("{one}---\n{one}"),
            "Packed",
            "rejected 1: s3://b/k:12:7: a detector One is already defined in s3://b/k",
        ),
    ] {
        let source = Source::of(&[There("1", version)]);
        let (_, current) = start(rules(), &source).unwrap();
        assert_eq!(names(&current), runs, "{name}");
        assert!(events(&current).starts_with(told), "{name}: {}", events(&current));
    }
}

const WITH_LIST: &str = "name: One
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/]
logs: cloudtrail
sigma:
  detection:
    selection: { 'awsRegion|expand': '%used_regions%' }
    condition: not selection
lists:
  used_regions: [eu-west-1]
tests:
  - { name: one, match: true, record: { awsRegion: us-east-1 } }
  - { name: two, match: false, record: { awsRegion: eu-west-1 } }
";

/// The deployment's lists decide what matches; the tests of a detector hold for its own.
#[test]
fn lists_of_the_deployment_take_the_place_of_the_detectors_own() {
    use trailmeter_logs::{Limits, LogKind};
    let matched = |current: &Current, region: &str| {
        let mut scan = current.detectors.scan(LogKind::Events, Limits::default());
        scan.push(format!("{{\"Records\":[{{\"awsRegion\":\"{region}\"}}]}}").as_bytes()).unwrap();
        !scan.finish().unwrap().hits().is_empty()
    };
    let without_own = WITH_LIST.replace("lists:\n  used_regions: [eu-west-1]\n", "");
    let list = |region: &str| [("used_regions".to_owned(), vec![region.to_owned()])].into_iter().collect();
    for (name, lists, version, told, strange) in [
        ("its own", BTreeMap::new(), WITH_LIST, "taken 1", "us-east-1"),
        ("the deployment's", list("us-east-1"), WITH_LIST, "taken 1", "eu-west-1"),
        ("the deployment's alone", list("eu-west-1"), &without_own, "taken 1", "us-east-1"),
        (
            "its test against the deployment's",
            list("us-east-1"),
            &without_own,
            "rejected 1: s3://b/k:12:5: test",
            "",
        ),
        ("none at all", BTreeMap::new(), &without_own, "rejected 1: s3://b/k", ""),
    ] {
        let source = Source::of(&[There("1", version.to_owned())]);
        let (_, current) = start(DetectorRules { lists, ..rules() }, &source).unwrap();
        assert!(events(&current).starts_with(told), "{name}: {}", events(&current));
        for region in ["us-east-1", "eu-west-1"] {
            assert_eq!(matched(&current, region), region == strange, "{name}: {region}");
        }
    }
}
