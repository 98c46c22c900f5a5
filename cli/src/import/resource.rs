//! A metric filter or an alarm as some file has it, with whatever the file calls its properties.

use super::node::{Node, Place};

/// More than any account has; the limit bounds what `count` and `for_each` can ask for.
const MOST: usize = 10_000;

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Filter,
    Alarm,
}

/// A metric filter or an alarm, expressions resolved as far as possible.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    /// How its file names it, as in `AWS::Logs::MetricFilter RootUsage`.
    pub(super) origin: String,
    /// What it is called if it has no name of its own.
    pub(super) fallback_name: String,
    pub(super) place: Place,
    /// A map.
    pub(super) properties: Node,
    /// The template or module: expressions of different ones are never the same.
    pub(super) scope: usize,
}

/// Something that does not come along.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NotCarried {
    pub(super) place: Place,
    /// The resource, as its file names it.
    pub(super) of: String,
    /// The property, as its file names it.
    pub(super) what: String,
    pub(super) reason: String,
}

/// Everything that the files hold.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) resources: Vec<Resource>,
    pub(super) not_carried: Vec<NotCarried>,
    /// Worth knowing, but nothing is lost.
    pub(super) notes: Vec<NotCarried>,
    /// Filters and alarms that do not exist with the values that parameters and variables have.
    pub(super) not_created: Vec<Kind>,
    /// How many other resources there are.
    pub(super) other_resources: usize,
    scopes: usize,
    is_full: bool,
}

impl Found {
    pub(super) fn add(&mut self, resource: Resource) {
        if self.resources.len() < MOST {
            return self.resources.push(resource);
        }
        if !self.is_full {
            let reason = format!("more than {MOST} filters and alarms: the rest is left out");
            self.not_carried(&resource.place, &resource.origin, "the rest", reason);
            self.is_full = true;
        }
        self.not_created.push(resource.kind);
    }

    /// Whether more resources would be left out.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// A scope that no resource has yet.
    pub(super) fn new_scope(&mut self) -> usize {
        self.scopes += 1;
        self.scopes
    }

    pub(super) fn not_carried(&mut self, place: &Place, of: &str, what: &str, reason: impl Into<String>) {
        self.not_carried.push(NotCarried {
            place: place.clone(),
            of: of.to_owned(),
            what: what.to_owned(),
            reason: reason.into(),
        });
    }

    pub(super) fn note(&mut self, place: &Place, of: &str, what: &str, reason: impl Into<String>) {
        self.notes.push(NotCarried {
            place: place.clone(),
            of: of.to_owned(),
            what: what.to_owned(),
            reason: reason.into(),
        });
    }
}

/// Properties, found by name however the format spells it. What nobody asks for can be listed.
pub(super) struct Properties<'n> {
    entries: Vec<(&'n str, &'n Node)>,
}

impl<'n> Properties<'n> {
    /// Those that are set: null says that a property is not.
    pub(super) fn of(map: &'n Node) -> Self {
        let entries = map.entries().unwrap_or_default();
        Self {
            entries: entries
                .iter()
                .filter(|(_, node)| !node.is_null())
                .map(|(name, node)| (name.as_str(), node))
                .collect(),
        }
    }

    /// The first property with one of these names: `AlarmName` is also `alarmName` and `alarm_name`.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<(&'n str, &'n Node)> {
        let at = names.iter().find_map(|name| self.entries.iter().position(|(key, _)| is_same(key, name)))?;
        Some(self.entries.remove(at))
    }

    /// What was not taken.
    pub(super) fn rest(self) -> impl Iterator<Item = (&'n str, &'n Node)> {
        self.entries.into_iter()
    }
}

fn is_same(key: &str, name: &str) -> bool {
    key.bytes()
        .filter(|byte| *byte != b'_')
        .map(|byte| byte.to_ascii_lowercase())
        .eq(name.bytes().map(|byte| byte.to_ascii_lowercase()))
}
