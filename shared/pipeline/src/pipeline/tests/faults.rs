//! Objects that cannot be read, or not at once.

use super::fixtures::{batch, denied, file, message, other};
use super::world::{Attempt, World};
use crate::ReadProblem;

const READ: &str = "Denied=2 ObjectsIn=1 ObjectsRead=1 RecordsMatched=2 RecordsRead=3 RecordsUnmatched=1";

fn good() -> String {
    file(&[denied(r#""eventID":"1""#), other(), denied("")])
}

/// Reads an object by a script. `failure`: why it fails, if it does.
fn check(name: &str, attempts: &[Attempt], failure: Option<&str>, opened: usize) {
    let world = World::new().scripted("a", attempts);
    let ran = world.run(batch([message("m", &["a"])]));
    match failure {
        None => assert_eq!(ran.account(), READ, "{name}"),
        Some(reason) => assert_eq!(
            ran.account(),
            format!("ObjectsFailed=1 ObjectsFailed{{Reason={reason}}}=1 ObjectsIn=1"),
            "{name}"
        ),
    }
    assert_eq!(ran.report.returned.len(), usize::from(failure.is_some()), "{name}");
    assert_eq!(ran.report.problems.len(), usize::from(failure.is_some()), "{name}");
    assert_eq!(world.opened("a"), opened, "{name}");
}

#[test]
fn only_an_interrupted_read_is_repeated_and_only_once() {
    let body = || Attempt::Body(good());
    let breaks_off = || Attempt::BreaksOff(good());
    let refused = Attempt::Refused;
    for (name, attempts, failure, opened) in [
        ("good", vec![body()], None, 1),
        ("breaks off once", vec![breaks_off(), body()], None, 2),
        ("no connection once", vec![refused(ReadProblem::Interrupted), body()], None, 2),
        ("breaks off twice", vec![breaks_off(), breaks_off(), body()], Some("interrupted"), 2),
        (
            "breaks off, then is denied",
            vec![breaks_off(), refused(ReadProblem::AccessDenied), body()],
            Some("access-denied"),
            2,
        ),
        ("not there", vec![refused(ReadProblem::NotFound), body()], Some("not-found"), 1),
        ("denied", vec![refused(ReadProblem::AccessDenied), body()], Some("access-denied"), 1),
        ("denied by KMS", vec![refused(ReadProblem::KeyDenied), body()], Some("key-denied"), 1),
        ("throttled", vec![refused(ReadProblem::Throttled), body()], Some("throttled"), 1),
        ("anything else", vec![refused(ReadProblem::Other), body()], Some("unreadable"), 1),
    ] {
        check(name, &attempts, failure, opened);
    }
}

/// Late, nothing more is begun: what was read is put, the rest comes back untouched. What needs no
/// reading is still told apart.
#[test]
fn a_late_invocation_puts_what_it_has_and_hands_the_rest_back() {
    let mut world = World::new();
    for name in ["a", "b", "c"] {
        world = world.scripted(name, &[Attempt::Body(good())]);
    }
    world.opens_in_time = 1;
    let ran = world.run(batch([message("m", &["a"]), message("n", &["b"]), message("o", &["c"])]));
    assert_eq!(ran.back(), (vec!["n", "o"], vec![]));
    assert_eq!(
        ran.account(),
        "Denied=2 ObjectsFailed=2 ObjectsFailed{Reason=out-of-time}=2 ObjectsIn=3 ObjectsRead=1 RecordsMatched=2 \
         RecordsRead=3 RecordsUnmatched=1"
    );
    assert_eq!((world.opened("b"), world.opened("c")), (0, 0));
}

/// Whatever its records were: nothing of a file counts before its last byte was good.
#[test]
fn a_file_that_is_broken_at_its_end_counts_nothing() {
    let good = good();
    for (name, text, reason) in [
        ("cut off", good[..good.len() - 1].to_owned(), "truncated-json"),
        ("more behind", format!("{good}{good}"), "trailing-data"),
        ("another Records", good.replace("]}", "],\"Records\":[]}"), "not-cloudtrail"),
        ("a comma too much", good.replace("]}", ",]}"), "broken-json"),
        ("empty", String::new(), "empty"),
        ("no log", "hello".to_owned(), "not-json"),
    ] {
        check(name, &[Attempt::Body(text)], Some(reason), 1);
    }
}

#[test]
fn a_bad_record_leaves_the_others_counted() {
    let records =
        ["null", "7", "[]", r#"{"userIdentity":"root"}"#, r#"{"a":}"#, &denied("")].map(str::to_owned);
    let ran = World::new().object("a", &records).run(batch([message("m", &["a"])]));
    assert_eq!(
        ran.account(),
        "Denied=1 ObjectsIn=1 ObjectsRead=1 RecordsMalformed=5 RecordsMalformed{Reason=invalid-json}=1 \
         RecordsMalformed{Reason=not-an-object}=3 RecordsMalformed{Reason=wrong-type}=1 RecordsMatched=1 \
         RecordsRead=6"
    );
}
