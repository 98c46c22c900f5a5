//! Names of events and of their sources.

use super::Code;
use super::names::{Names, names, origin, written};
use super::scope::Scope;
use super::spelling::{Problem, VALUE};
use crate::model::{Anchor, Path, Step, TextTest};

const SUFFIX: &str = ".amazonaws.com";

/// What is wrong with an event source.
pub(super) fn source(test: &TextTest) -> Option<Problem> {
    let TextTest::Literal { text, anchor: Anchor::Whole, fold_case, .. } = test else { return None };
    let lower = text.to_ascii_lowercase();
    let stem = lower.strip_suffix(".cn").unwrap_or(&lower).strip_suffix(SUFFIX);
    let meant = match stem {
        Some(stem) if names().is_source(stem) => {
            return (!fold_case && lower != *text).then(|| Problem::case(&lower));
        }
        Some(stem) => names().similar_source(stem)?.to_owned(),
        // `ec2`, EventBridge's `aws.ec2`, and suffixes of all sorts.
        None => {
            let name = lower.strip_prefix("aws.").unwrap_or(&lower);
            let stem = name.split('.').next().unwrap_or_default();
            names().is_source(stem).then(|| stem.to_owned())?
        }
    };
    let meant = full(&meant);
    let message = format!("no service is called {VALUE}; did you mean {meant:?}?");
    Some(Problem { code: Code::UnknownEventSource, meant: Some(meant), message })
}

/// The sources that the record has to come from, without what they all end with.
pub(super) fn sources(scope: &Scope<'_>) -> Vec<String> {
    let path = Path::new(vec![Step::Field("eventSource".to_owned())]);
    let named = scope.known(&path).filter_map(|(_, known)| {
        let sources = known.claim.wanted()?.strings().named()?;
        let stems =
            sources.iter().map(|source| Some(source.to_ascii_lowercase().strip_suffix(SUFFIX)?.to_owned()));
        stems.collect::<Option<Vec<String>>>()
    });
    named.min_by_key(Vec::len).unwrap_or_default()
}

/// Whether a test is for the name of an event that there is, in whatever case.
pub(super) fn is_known(test: &TextTest) -> bool {
    matches!(test, TextTest::Literal { text, .. } if names().in_other_case(text).is_some())
}

/// What is wrong with the name of an event of one of these sources, or of any.
pub(super) fn name(test: &TextTest, sources: &[String]) -> Option<Problem> {
    let TextTest::Literal { text, anchor, fold_case, .. } = test else { return None };
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if *anchor != Anchor::Whole || text.is_empty() || !is_name {
        return None;
    }
    let known =
        if *fold_case { names().in_other_case(text) } else { names().is_event(text).then(|| text.clone()) };
    let Some(known) = known else { return unknown(text, *fold_case, sources) };
    if let [source] = sources
        && let Some(written) = written(source, &known)
    {
        let message = format!("CloudTrail writes this call of AWS Lambda as {written:?}");
        return Some(Problem {
            code: Code::UnknownEventName,
            meant: Some(as_compared(written, *fold_case)),
            message,
        });
    }
    let is_elsewhere = !sources.is_empty()
        && sources.iter().all(|source| Names::has_no_other(source) && !names().is_event_of(source, &known));
    is_elsewhere.then(|| {
        let near = sources.iter().find_map(|source| names().similar(Some(source), &known));
        let of = names().sources_of(&known).into_iter().take(3).map(full).collect::<Vec<_>>().join(", ");
        let end = near.map_or_else(|| format!("it is one of {of}"), |near| format!("did you mean {near:?}?"));
        let message = format!("{} has no event {VALUE}; {end}", listed(sources));
        Problem { code: Code::UnknownEventName, meant: None, message }
    })
}

/// A name that is in no table.
fn unknown(text: &str, fold_case: bool, sources: &[String]) -> Option<Problem> {
    if !fold_case && let Some(known) = names().in_other_case(text) {
        return Some(Problem::case(&known));
    }
    let near = if sources.is_empty() {
        names().similar(None, text)
    } else {
        sources.iter().find_map(|source| names().similar(Some(source), text))
    };
    let code = Code::UnknownEventName;
    if let Some(near) = near {
        let message = format!("no event is called {VALUE}; did you mean {near:?}?");
        return Some(Problem { code, meant: None, message });
    }
    let is_sure = !sources.is_empty() && sources.iter().all(|source| Names::is_whole(source));
    is_sure.then(|| {
        let message = format!("{} has no event {VALUE} ({})", listed(sources), origin());
        Problem { code, meant: None, message }
    })
}

/// A name as it stands in a test that folds case, or does not.
fn as_compared(name: &str, fold_case: bool) -> String {
    if fold_case { name.to_lowercase() } else { name.to_owned() }
}

fn listed(sources: &[String]) -> String {
    sources.iter().map(|stem| full(stem)).collect::<Vec<_>>().join(", ")
}

fn full(stem: &str) -> String {
    format!("{stem}{SUFFIX}")
}
