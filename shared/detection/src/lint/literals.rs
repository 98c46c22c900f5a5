//! Values of filter patterns that are taken literally, and were not meant to be.

use super::Code;
use super::finding::{Finding, Findings, Spot};
use super::subject::Subject;
use crate::pattern::{Condition, Operand, Text};

pub(super) fn check(subject: &Subject<'_>, found: &mut Findings) {
    for test in subject.tests() {
        let (Condition::Equals(Operand::Text(value)) | Condition::Differs(Operand::Text(value))) =
            &test.condition
        else {
            continue;
        };
        let spot = Spot::Offset(test.offset);
        if value.text.contains('*') {
            let message = format!(
                "the * inside {:?} is a star and no wildcard; a pattern inside a value is written as a regular \
                 expression, as in {}",
                written(value),
                as_regex(value)
            );
            found.add(|| Finding { code: Code::LiteralStar, spot: spot.clone(), message });
        }
        if let Some(inner) = value.text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            let message = format!("the single quotes are characters of the value; write \"{inner}\"");
            found.add(|| Finding { code: Code::SingleQuotes, spot, message });
        }
    }
}

fn written(value: &Text) -> String {
    let star = |is_open: bool| if is_open { "*" } else { "" };
    format!("{}{}{}", star(value.open_start), value.text, star(value.open_end))
}

/// The expression that was probably meant.
fn as_regex(value: &Text) -> String {
    let parts: Vec<String> = value.text.split('*').map(|part| part.replace('.', "\\.")).collect();
    let start = if value.open_start { "" } else { "^" };
    let end = if value.open_end { "" } else { "$" };
    format!("%{start}{}{end}%", parts.join(".*"))
}
