//! Findings: which there are, that they are told and kept before their counts, and what becomes of those that
//! cannot be kept.

use std::sync::Mutex;

use trailmeter_detection::finding::{Finding, SummaryLine, WhichFindings};

use super::fixtures::{batch, denied, detector, message, other};
use super::memory_ledger::MemoryLedger;
use super::world::{Attempt, Put, Ran, World};
use crate::pipeline::tests::fixtures::file;
use crate::{
    Datum, FindingError, FindingSettings, FindingSink, LedgerSettings, MetricSink, ObjectVersion, Pipeline,
    Problem, PutError,
};

/// Takes down what is called, in order.
#[derive(Default)]
struct Calls(Mutex<Vec<String>>);

/// What takes findings, or does not.
struct Sink<'t> {
    calls: &'t Calls,
    refuses: bool,
}

/// The world's sink, whose calls are taken down too.
struct Puts<'t>(&'t World, &'t Calls);

impl Calls {
    fn add(&self, call: String) {
        self.0.lock().unwrap().push(call);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl FindingSink for Sink<'_> {
    fn tell(&self, finding: &Finding<'_>) {
        self.calls.add(format!("tell {}", finding.id()));
    }

    fn sum_up(&self, line: &SummaryLine) {
        let summary = &line.summary;
        self.calls.add(format!("sum up {} {} {:?}", line.detector, summary.findings, summary.actors.top()));
    }

    async fn keep(&self, _: &ObjectVersion, findings: &[Finding<'_>]) -> Vec<FindingError> {
        let ids: Vec<String> = findings.iter().map(|finding| finding.id().to_string()).collect();
        self.calls.add(format!("keep {}", ids.join(" ")));
        let findings = findings.len() as u64;
        let error =
            || FindingError { place: "findings-bucket", findings, source: "as the test has it".into() };
        self.refuses.then(error).into_iter().collect()
    }
}

impl MetricSink for Puts<'_> {
    async fn put(&self, data: &[Datum]) -> Result<(), PutError> {
        self.1.add("put".to_owned());
        self.0.put(data).await
    }
}

fn by(id: &str, name: &str) -> String {
    denied(&format!(r#""eventID":"{id}","userIdentity":{{"type":"IAMUser","userName":"{name}"}}"#))
}

/// A world whose `Odd` is for volume, and how its findings are to be.
fn world(which: WhichFindings, lines: usize) -> World {
    let mut world = World::with(&[
        detector("Denied", "{ $.errorCode = \"AccessDenied\" }", ""),
        detector("Odd", "{ $.odd IS TRUE }", "findings: { keep: on-request }\n"),
    ]);
    world.settings.findings = FindingSettings { which, lines, namespace: "Trailmeter/test".to_owned() };
    world.ledger = Some(MemoryLedger::default());
    world.settings.ledger = LedgerSettings { events: true, ..LedgerSettings::default() };
    world
}

fn run(world: &World, refuses: bool, ids: &[(&str, &str)]) -> (Ran, Vec<String>) {
    let calls = Calls::default();
    let pipeline =
        Pipeline::new(world.settings.clone(), world, Puts(world, &calls), world, world.ledger.as_ref())
            .with_findings(Sink { calls: &calls, refuses });
    let messages: Vec<_> = ids.iter().map(|(id, name)| message(id, &[name])).collect();
    let ran = world.step(&pipeline, batch(messages));
    (ran, calls.take())
}

#[test]
fn findings_are_told_and_kept_before_their_counts_are_put_and_once() {
    let world = world(WhichFindings::Usual, 10)
        .object("a", &[by("1", "ann"), other(), by("2", "bob"), denied(r#""eventID":"3","odd":true"#)])
        .object("b", &[by("2", "bob"), by("4", "cat")])
        .object("c", &[other()]);
    let (ran, calls) = run(&world, false, &[("m", "a"), ("n", "b"), ("o", "c")]);
    assert_eq!(
        calls,
        [
            "tell Denied/1",
            "tell Denied/2",
            "tell Denied/3",
            // Odd is there for volume: its match is counted, and no finding.
            "keep Denied/1 Denied/2 Denied/3",
            // The second delivery of an event is no second finding.
            "tell Denied/4",
            "keep Denied/4",
            "put",
        ]
    );
    assert_eq!(ran.report.problems.len(), 0);
    let (_, calls) = run(&world, false, &[("p", "a")]);
    assert_eq!(calls, ["put"], "what is counted is not told again");
}

#[test]
fn volume_is_told_where_it_is_asked_for_and_nothing_where_not() {
    let record = denied(r#""eventID":"1","odd":true"#);
    for (which, told) in [
        (WhichFindings::All, &["tell Denied/1", "tell Odd/1", "keep Denied/1 Odd/1", "put"][..]),
        (WhichFindings::Usual, &["tell Denied/1", "keep Denied/1", "put"]),
        (WhichFindings::None, &["put"]),
    ] {
        let world = world(which, 10).object("a", std::slice::from_ref(&record));
        assert_eq!(run(&world, false, &[("m", "a")]).1, told, "{which:?}");
    }
}

#[test]
fn what_has_no_line_of_its_own_is_summed_up_before_the_put_and_kept_all_the_same() {
    let world = world(WhichFindings::Usual, 2)
        .object("a", &[by("1", "ann"), by("2", "bob"), by("3", "bob")])
        .object("b", &[by("4", "bob"), by("5", "cat")]);
    let (ran, calls) = run(&world, false, &[("m", "a"), ("n", "b")]);
    assert_eq!(
        calls,
        [
            "tell Denied/1",
            "tell Denied/2",
            "keep Denied/1 Denied/2 Denied/3",
            "keep Denied/4 Denied/5",
            "sum up Denied 3 [(\"bob\", 2), (\"cat\", 1)]",
            "put",
        ]
    );
    assert_eq!(ran.taken_sums()["FindingsSummarised"].to_string(), "3");
}

#[test]
fn findings_that_cannot_be_kept_are_counted_and_hold_nothing_up() {
    let world = world(WhichFindings::Usual, 10).object("a", &[by("1", "ann"), by("2", "bob")]);
    let (ran, calls) = run(&world, true, &[("m", "a")]);
    assert_eq!(calls.last().map(String::as_str), Some("put"));
    assert_eq!(ran.report.returned, Vec::<String>::new());
    assert_eq!(ran.taken_sums()["FindingsNotKept"].to_string(), "2");
    assert_eq!(ran.taken_sums()["FindingsNotKept{Reason=findings-bucket}"].to_string(), "2");
    assert!(matches!(&ran.report.problems[..], [Problem::Findings { .. }]), "{:?}", ran.report.problems);
}

/// Whoever reads them takes those of one name for one.
#[test]
fn what_comes_back_is_told_again_under_the_same_names() {
    let told = ["tell Denied/1", "keep Denied/1", "put"];
    let world = world(WhichFindings::Usual, 10)
        .scripted("a", &[Attempt::Body(file(&[by("1", "ann")]))])
        .puts(&[Put::Refused]);
    let (ran, calls) = run(&world, false, &[("m", "a")]);
    assert_eq!(
        (ran.report.returned.as_slice(), &calls[..]),
        (&["m".to_owned()][..], &told.map(str::to_owned)[..])
    );
    let (ran, calls) = run(&world, false, &[("m", "a")]);
    assert_eq!((ran.report.returned.len(), &calls[..]), (0, &told.map(str::to_owned)[..]));
}

#[test]
fn a_file_that_cannot_be_read_has_no_findings() {
    let world = world(WhichFindings::Usual, 10)
        .scripted("a", &[Attempt::BreaksOff(file(&[by("1", "ann"), by("2", "bob"), by("3", "cat")]))]);
    let (_, calls) = run(&world, false, &[("m", "a")]);
    assert_eq!(calls, ["put"]);
}
