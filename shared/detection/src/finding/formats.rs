//! Findings as others want them: OCSF, and the AWS Security Finding Format.
//!
//! Both are what the finding says, in other words; nothing is looked up and nothing is made up. What a format has no
//! place for stands where it lets a product put its own.

mod asff;
mod attack;
mod ocsf;
mod words;

pub use asff::Product;
use serde_json::{Error, Value};

use super::Finding;

/// How a finding is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FindingFormat {
    /// As it stands in the log.
    #[default]
    Trailmeter,
    /// As a Detection Finding of the Open Cybersecurity Schema Framework.
    Ocsf,
    /// In the AWS Security Finding Format, as findings of this product.
    Asff(Product),
}

impl FindingFormat {
    /// The finding in this format.
    pub fn document(&self, finding: &Finding<'_>) -> Result<Value, Error> {
        match self {
            Self::Trailmeter => serde_json::to_value(finding),
            Self::Ocsf => Ok(ocsf::document(finding)),
            Self::Asff(product) => Ok(asff::document(finding, product)),
        }
    }
}

/// A JSON object without the members that say nothing: null, blank text, empty objects and lists.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !words::is_blank(text),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    let said = members.into_iter().filter(|(_, value)| says(value));
    Value::Object(said.map(|(name, value)| (name.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests;
