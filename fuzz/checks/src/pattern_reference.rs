//! Patterns that are made, not written, on records that are made for them: what the engine finds is
//! what `docs/filter-patterns.md` says, as a reader of that page would work it out.
//!
//! Input: choices, first those of the record, then those of the pattern.

mod interpret;
mod made;

use trailmeter_detection::pattern::Pattern;

use crate::choices::Choices;

pub(crate) fn check(input: &[u8]) {
    let mut choices = Choices::new(input);
    let record = made::record(&mut choices, 3);
    let tree = made::tree(&mut choices, 4);
    let mut text = "{".to_owned();
    tree.write(&mut text, &mut choices);
    text.push('}');
    let pattern = match text.parse::<Pattern>() {
        Ok(pattern) => pattern,
        Err(error) => panic!("{text}: {} at {}", error.message, error.offset),
    };
    assert_eq!(pattern.matches(&record), interpret::holds(&tree, &record), "{text} on {record}");
}
