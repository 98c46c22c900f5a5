//! Values for the placeholders of `expand`.

use std::collections::BTreeMap;

use super::SigmaError;

/// Lists of values by name, for `%name%`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists(pub BTreeMap<String, Vec<String>>);

/// A value with many placeholders of long lists would multiply.
const MOST_VALUES: usize = 10_000;
/// And so would their texts.
const MOST_BYTES: usize = 16 << 20;

impl Lists {
    /// These lists, with those of `other` in the place of lists of the same name.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut lists = self.clone();
        lists.0.extend(other.0.clone());
        lists
    }

    /// Every value that `text` stands for. `\%` is a percent sign.
    pub(super) fn expand(&self, text: &str) -> Result<Vec<String>, SigmaError> {
        let mut values = vec![String::new()];
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            if let Some(before) = rest[..at].strip_suffix('\\') {
                for value in &mut values {
                    value.push_str(before);
                    value.push('%');
                }
                rest = &rest[at + 1..];
                continue;
            }
            let Some(length) = rest[at + 1..].find('%') else { break };
            let name = &rest[at + 1..at + 1 + length];
            let list = self.0.get(name).ok_or_else(|| {
                SigmaError::about(
                    format!("%{name}%"),
                    format!("the placeholder %{name}% has no values here: give it some under `lists`"),
                )
            })?;
            if values.len().saturating_mul(list.len()) > MOST_VALUES {
                return Err(SigmaError::about(
                    text,
                    format!("{text:?} expands to more than {MOST_VALUES} values"),
                ));
            }
            let before = &rest[..at];
            let length_of = |texts: &[String]| texts.iter().map(String::len).sum::<usize>();
            let bytes = (length_of(&values) + before.len() * values.len()).saturating_mul(list.len())
                + length_of(list).saturating_mul(values.len());
            if bytes > MOST_BYTES {
                let reason = format!("{text:?} expands to more than {} MiB", MOST_BYTES >> 20);
                return Err(SigmaError::about(text, reason));
            }
            values = values
                .iter()
                .flat_map(|value| list.iter().map(move |item| format!("{value}{before}{item}")))
                .collect();
            rest = &rest[at + length + 2..];
        }
        for value in &mut values {
            value.push_str(rest);
        }
        Ok(values)
    }
}
