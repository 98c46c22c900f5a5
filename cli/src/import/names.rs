//! Names for detectors, which are letters and digits, from names that were anything.

use std::collections::{BTreeMap, BTreeSet};

use trailmeter_detection::{RESERVED_METRIC_NAMES, pack_names, packaged_files};

/// The loader allows 120; some are kept for a number behind it.
const LONGEST: usize = 100;

/// Names that are taken, in lower case: not every disk tells `RootUse` from `ROOTUSE`.
pub(super) struct Names {
    packaged: BTreeSet<String>,
    given: BTreeSet<String>,
    /// The next number to try behind a name.
    next: BTreeMap<String, u32>,
}

impl Names {
    pub(super) fn new() -> Self {
        let mut packaged: BTreeSet<String> =
            RESERVED_METRIC_NAMES.iter().map(|name| name.to_lowercase()).collect();
        for file in packaged_files(&pack_names()).unwrap_or_default() {
            let name = file.text.lines().find_map(|line| line.strip_prefix("name:"));
            packaged.extend(name.map(|name| name.trim().to_lowercase()));
        }
        Self { packaged, given: BTreeSet::new(), next: BTreeMap::new() }
    }

    /// A name like `original` that nothing else has, packaged detectors included, so that they can
    /// run beside it.
    pub(super) fn give(&mut self, original: &str) -> String {
        let mut name = camel_case(original);
        if self.packaged.contains(&name.to_lowercase()) {
            name.push_str("Imported");
        }
        let mut unique = name.clone();
        let next = self.next.entry(name.to_lowercase()).or_insert(2);
        while self.packaged.contains(&unique.to_lowercase()) || !self.given.insert(unique.to_lowercase()) {
            let between = if name.ends_with(|last: char| last.is_ascii_digit()) { "N" } else { "" };
            unique = format!("{name}{between}{next}");
            *next += 1;
        }
        unique
    }
}

fn camel_case(original: &str) -> String {
    let mut name = String::new();
    let mut is_start = true;
    for character in original.chars() {
        if !character.is_ascii_alphanumeric() {
            is_start = true;
            continue;
        }
        name.push(if is_start { character.to_ascii_uppercase() } else { character });
        is_start = false;
        if name.len() == LONGEST {
            break;
        }
    }
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name.insert_str(0, "Filter");
    }
    name
}

/// `ConsoleLogin` is in `console-login.yaml`, `SigV2` in `sig-v2.yaml`.
pub(crate) fn file_name(name: &str) -> String {
    let mut file = String::new();
    let characters: Vec<char> = name.chars().collect();
    for (at, character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| characters[at]);
        let after = characters.get(at + 1);
        let is_word = before.is_some_and(|before| {
            before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || after.is_some_and(char::is_ascii_lowercase)
        });
        if character.is_ascii_uppercase() && is_word {
            file.push('-');
        }
        file.push(character.to_ascii_lowercase());
    }
    file.push_str(".yaml");
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_and_digits_and_unique() {
        let mut names = Names::new();
        for (original, expected, file) in [
            ("root-usage", "RootUsageImported", "root-usage-imported.yaml"),
            ("my root usage", "MyRootUsage", "my-root-usage.yaml"),
            ("my_root_usage", "MyRootUsage2", "my-root-usage2.yaml"),
            ("MYROOTUSAGE", "MYROOTUSAGE3", "myrootusage3.yaml"),
            (
                "3.1-UnauthorizedAPICalls",
                "Filter31UnauthorizedAPICalls",
                "filter31-unauthorized-api-calls.yaml",
            ),
            ("CIS 1", "CIS1", "cis1.yaml"),
            ("CIS.1", "CIS1N2", "cis1-n2.yaml"),
            ("ü", "Filter", "filter.yaml"),
            ("", "Filter2", "filter2.yaml"),
            ("RecordsRead", "RecordsReadImported", "records-read-imported.yaml"),
        ] {
            let name = names.give(original);
            assert_eq!((name.as_str(), file_name(&name).as_str()), (expected, file), "{original}");
        }
        assert_eq!(names.give(&"x".repeat(500)).len(), LONGEST);
    }
}
