//! Why a Sigma rule is refused.

/// A rule that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SigmaError {
    /// What it is about, as it stands in the file: a key or a value. It helps to find the place.
    pub about: Option<String>,
    /// What is wrong, and what to do about it.
    pub reason: String,
}

impl SigmaError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { about: None, reason: reason.into() }
    }

    pub(super) fn about(about: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { about: Some(about.into()), reason: reason.into() }
    }

    /// Names the subject, unless it is known more closely already.
    pub(super) fn or_about(self, about: &str) -> Self {
        Self { about: self.about.or_else(|| Some(about.to_owned())), ..self }
    }
}
