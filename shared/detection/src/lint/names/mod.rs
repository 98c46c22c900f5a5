//! The events there are: what services call their operations, and what CloudTrail records besides.

mod beside;
mod versions;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use super::near::{nearest, slips};
pub(super) use versions::{base, written};

/// Written by `tools/event_names.py`. A fact is as old as the first line says.
const OPERATIONS: &str = include_str!("event_names.txt");

static NAMES: LazyLock<Names> = LazyLock::new(Names::read);

/// Services whose operations are all public and all in the table, so that an unknown name is a
/// wrong one. Of others CloudTrail records calls that no model lists.
const WHOLE: [&str; 6] = ["cloudtrail", "elasticache", "guardduty", "iam", "kms", "sts"];

/// Services that surely have no operation that is called like one of another service, unless it is
/// in the table.
const DISTINCT: [&str; 7] = ["cloudtrail", "ec2", "elasticache", "guardduty", "iam", "kms", "sts"];

/// Sources, and the names of their events.
pub(super) struct Names {
    by_source: HashMap<&'static str, HashSet<String>>,
    /// Each name in lower case, with the ways in which it is written.
    by_lower_case: HashMap<String, BTreeSet<String>>,
    /// The words that names begin with.
    verbs: HashSet<String>,
}

/// The table, read once.
pub(super) fn names() -> &'static Names {
    &NAMES
}

/// Where the operations come from, for messages and documents: `botocore 1.43.106 on 2026-11-21`.
pub(super) fn origin() -> &'static str {
    let first = OPERATIONS.lines().next().unwrap_or_default();
    first.split(" from ").nth(1).unwrap_or_default().trim_end_matches('.')
}

impl Names {
    fn read() -> Self {
        let mut by_source: HashMap<&'static str, HashSet<String>> = HashMap::new();
        for line in OPERATIONS.lines().filter(|line| !line.starts_with('#')) {
            let Some((sources, groups)) = line.split_once(' ') else { continue };
            let names: Vec<String> = groups.split(' ').flat_map(group).collect();
            for source in sources.split(',') {
                by_source.entry(source).or_default().extend(names.iter().cloned());
            }
        }
        for (source, names) in beside::EVENTS {
            by_source.entry(source).or_default().extend(names.split_whitespace().map(str::to_owned));
        }
        let mut by_lower_case: HashMap<String, BTreeSet<String>> = HashMap::new();
        for name in by_source.values().flatten() {
            by_lower_case.entry(name.to_ascii_lowercase()).or_default().insert(name.clone());
        }
        let verbs = by_source.values().flatten().map(|name| verb(name).to_owned()).collect();
        Self { by_source, by_lower_case, verbs }
    }

    /// Whether some event bears this name.
    pub(super) fn is_event(&self, name: &str) -> bool {
        self.by_lower_case
            .get(&base(name).to_ascii_lowercase())
            .is_some_and(|known| known.contains(base(name)))
    }

    /// The event whose name differs from `name` in case at most.
    pub(super) fn in_other_case(&self, name: &str) -> Option<String> {
        let base = base(name);
        let known = self.by_lower_case.get(&base.to_ascii_lowercase())?.first()?;
        Some(format!("{known}{}", &name[base.len()..]))
    }

    /// Whether events of a source that is called `stem` before `.amazonaws.com`, or of one of its
    /// relations (`route53domains` is one of `route53`), may bear this name.
    pub(super) fn is_event_of(&self, stem: &str, name: &str) -> bool {
        let name = base(name).to_ascii_lowercase();
        self.by_source
            .iter()
            .filter(|(source, _)| source.starts_with(stem) || stem.starts_with(**source))
            .any(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(&name)))
    }

    /// The event that was probably meant: of this source, or of any.
    pub(super) fn similar(&self, stem: Option<&str>, name: &str) -> Option<&str> {
        let verb = verb(name);
        let is_verb = !verb.is_empty() && self.verbs.contains(verb);
        // `Attach` and `Detach`, `Get` and `Put` are near one another and not meant for one another.
        let may_be_meant = |known: &&str| !is_verb || known.starts_with(verb);
        let slips = slips(name);
        if let Some(stem) = stem {
            let own = self.by_source.get(stem)?.iter().map(String::as_str);
            return nearest(name, own.filter(may_be_meant), slips);
        }
        let all = self.by_lower_case.values().flatten().map(String::as_str);
        nearest(name, all.filter(may_be_meant), slips)
    }

    /// The sources that have an event of this name.
    pub(super) fn sources_of(&self, name: &str) -> Vec<&str> {
        let name = base(name);
        let has = |names: &HashSet<String>| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let mut sources: Vec<&str> =
            self.by_source.iter().filter(|(_, names)| has(names)).map(|(source, _)| *source).collect();
        sources.sort_unstable();
        sources
    }

    /// Whether there is such a source.
    pub(super) fn is_source(&self, stem: &str) -> bool {
        self.by_source.contains_key(stem) || beside::SOURCES.contains(&stem)
    }

    /// The source that was probably meant.
    pub(super) fn similar_source(&self, stem: &str) -> Option<&str> {
        let known = self.by_source.keys().copied().chain(beside::SOURCES);
        nearest(stem, known, slips(stem))
    }

    /// Whether all events of a source are known.
    pub(super) fn is_whole(stem: &str) -> bool {
        WHOLE.contains(&stem)
    }

    /// Whether a source has no event of a known name but those it is known for.
    pub(super) fn has_no_other(stem: &str) -> bool {
        DISTINCT.contains(&stem)
    }
}

/// The first word of a name: what stands before its second capital.
fn verb(name: &str) -> &str {
    let end = name.char_indices().skip(1).find(|(_, character)| character.is_ascii_uppercase());
    end.map_or("", |(at, _)| &name[..at])
}

/// `Verb:Noun,Noun` is two names.
fn group(group: &str) -> impl Iterator<Item = String> {
    let (verb, nouns) = group.split_once(':').unwrap_or((group, ""));
    nouns.split(',').map(move |noun| format!("{verb}{noun}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_services_and_events_beside_them_are_known() {
        for (name, known) in [
            ("RunInstances", true),
            ("runInstances", false),
            ("ConsoleLogin", true),
            ("UpdateFunctionCode20150331v2", true),
            ("CreateDistribution2020_05_31", true),
            ("PutBucketPublicAccessBlock", true),
            ("DeletTrail", false),
            ("", false),
        ] {
            assert_eq!(names().is_event(name), known, "{name}");
        }
        assert!(names().is_event_of("iam", "CreateUser") && !names().is_event_of("iam", "RunInstances"));
        assert!(names().is_event_of("route53", "TransferDomainToAnotherAwsAccount"), "a relation's");
        assert_eq!(
            names().in_other_case("updatefunctioncode20150331v2").as_deref(),
            Some("UpdateFunctionCode20150331v2")
        );
        assert_eq!(names().similar(Some("cloudtrail"), "DeletTrail"), Some("DeleteTrail"));
        assert_eq!(names().similar(Some("nowhere"), "DeletTrail"), None);
        assert_eq!(names().similar_source("cloudtrails"), Some("cloudtrail"));
        assert!(names().sources_of("GetCallerIdentity").contains(&"sts"));
    }

    /// What is written by hand would otherwise stay when a model has taken it in.
    #[test]
    fn the_table_says_where_it_comes_from_and_is_not_repeated_by_hand() {
        assert!(origin().starts_with("botocore 1."), "{}", origin());
        assert!(OPERATIONS.len() < 400_000);
        let sources: Vec<&str> = OPERATIONS
            .lines()
            .filter_map(|line| line.split(' ').next())
            .flat_map(|sources| sources.split(','))
            .collect();
        for source in beside::SOURCES {
            assert!(!sources.contains(&source), "{source} is in the table");
        }
    }
}
