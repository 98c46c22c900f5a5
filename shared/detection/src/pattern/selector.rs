//! Property selectors: `$.userIdentity.arn`, `$.resources[0].ARN`, `$['a.b']`, `$.users[*].name`.

use std::str::FromStr;

use super::error::PatternError;
use super::parser;
use crate::model::Path;

impl FromStr for Path {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        parser::parse_selector(text)
    }
}
