//! Values of the variables that a function is given, or what they should have been.
//!
//! Each function reads its environment in its own `settings`, and hands it in as a lookup. What they have in common is
//! here: what counts as unset, and how a mistake is told.

#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// A variable that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct SettingsError {
    /// Its name.
    pub variable: &'static str,
    /// What is wrong with its value and what it should be. It never has the value: that may be a secret in the wrong place.
    pub problem: String,
}

impl SettingsError {
    /// An error about a variable.
    pub fn new(variable: &'static str, problem: impl Into<String>) -> Self {
        Self { variable, problem: problem.into() }
    }
}

/// Variables, by their names.
#[derive(Clone, Copy)]
pub struct Variables<'l>(&'l dyn Fn(&str) -> Option<String>);

impl<'l> Variables<'l> {
    /// Those that `lookup` finds.
    pub fn new(lookup: &'l dyn Fn(&str) -> Option<String>) -> Self {
        Self(lookup)
    }

    /// The value of a variable, without blanks around it. An empty one counts as unset, as a SAM template has no short
    /// way to leave one out.
    pub fn get(self, variable: &'static str) -> Option<String> {
        self.0(variable).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The value of a variable that the template always sets.
    pub fn required(self, variable: &'static str) -> Result<String, SettingsError> {
        self.get(variable).ok_or_else(|| SettingsError::new(variable, "is not set: the template sets it"))
    }

    /// The parts of a list with commas.
    pub fn list(self, variable: &'static str) -> Option<Vec<String>> {
        self.get(variable).map(|text| split(&text))
    }

    /// A whole number within bounds, if it is set.
    pub fn number<N>(
        self,
        variable: &'static str,
        allowed: RangeInclusive<N>,
    ) -> Result<Option<N>, SettingsError>
    where
        N: FromStr + PartialOrd + Display,
    {
        let Some(text) = self.get(variable) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| allowed.contains(number));
        let bounds = || format!("is no whole number from {} to {}", allowed.start(), allowed.end());
        number.map(Some).ok_or_else(|| SettingsError::new(variable, bounds()))
    }

    /// `yes` or `no`, as the template's parameters have it.
    pub fn flag(self, variable: &'static str, default: bool) -> Result<bool, SettingsError> {
        match self.get(variable).as_deref() {
            None => Ok(default),
            Some("no") => Ok(false),
            Some("yes") => Ok(true),
            Some(_) => Err(SettingsError::new(variable, "is neither yes nor no")),
        }
    }
}

/// The parts of a list with commas, without blanks and empty ones.
pub fn split(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}
