//! The warnings there are, by name.

use std::fmt;
use std::str::FromStr;

/// What is wrong, by a name that does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each says of itself what it is")]
pub enum Code {
    DiffersWhenAbsent,
    LiteralStar,
    SingleQuotes,
    UnknownField,
    WrongType,
    UnknownEventSource,
    UnknownEventName,
    UnknownValue,
    ValueCase,
    Contradiction,
    AlwaysTrue,
    DuplicateBranch,
    SubsumedBranch,
    IdleExclusion,
    UnusedSearch,
    AllOfOne,
    RuleStatus,
    WrongNeeds,
    NoAlarm,
    ExpiredExclusion,
    ExpiringExclusion,
    UnusedAllow,
}

impl Code {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 22] = [
        Self::DiffersWhenAbsent,
        Self::LiteralStar,
        Self::SingleQuotes,
        Self::UnknownField,
        Self::WrongType,
        Self::UnknownEventSource,
        Self::UnknownEventName,
        Self::UnknownValue,
        Self::ValueCase,
        Self::Contradiction,
        Self::AlwaysTrue,
        Self::DuplicateBranch,
        Self::SubsumedBranch,
        Self::IdleExclusion,
        Self::UnusedSearch,
        Self::AllOfOne,
        Self::RuleStatus,
        Self::WrongNeeds,
        Self::NoAlarm,
        Self::ExpiredExclusion,
        Self::ExpiringExclusion,
        Self::UnusedAllow,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        self.about().name
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no such warning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no warning {name:?}; the warnings are {}", Code::ALL.map(Code::name).join(", "))]
pub struct UnknownCode {
    /// What was written.
    pub name: String,
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|code| code.name() == name)
            .ok_or_else(|| UnknownCode { name: name.to_owned() })
    }
}
