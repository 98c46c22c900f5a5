//! Detectors of packs without the tests they carry.
//!
//! Two thirds of a packaged file are records that it is tested with, and nearly all of loading is reading YAML.
//! Whoever counts has no use for them: they were run before the packs were built in.

/// A document with an empty list in place of its tests. Its other parts keep their lines.
pub(super) fn without_tests(document: &str) -> String {
    // What stands at the beginning of a line is a key of the detector: all within is indented.
    let is_within = |line: &&str| line.starts_with([' ', '\t', '-', '#', '\n', '\r']);
    let mut rest = String::with_capacity(document.len());
    let mut lines = document.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with("tests:") {
            rest.push_str(line);
            continue;
        }
        rest.push_str("tests: []\n");
        let mut empty = String::new();
        while lines.next_if(is_within).is_some() {
            empty.push('\n');
        }
        if lines.peek().is_some() {
            rest.push_str(&empty);
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DetectorSet, Options, load_with, pack_names, packaged_files};

    #[test]
    fn packaged_detectors_are_the_same_without_their_tests() {
        let files = packaged_files(&pack_names()).unwrap();
        let load = |skips_packaged_tests| {
            load_with(&files, &Options { skips_packaged_tests, ..Options::default() }).unwrap()
        };
        let (with, without) = (load(false), load(true));
        let is_tested = |set: &DetectorSet| set.detectors().iter().any(|detector| !detector.tests.is_empty());
        assert!(is_tested(&with) && !is_tested(&without));
        let bare = |mut set: DetectorSet| {
            set.detectors_mut().iter_mut().for_each(|detector| detector.tests.clear());
            format!("{set:#?}")
        };
        assert!(bare(with) == bare(without), "leaving tests out changes a detector");
    }

    #[test]
    fn the_other_parts_keep_their_lines() {
        for (text, expected) in [
            ("a: 1\ntests:\n- b\n  c: 2\n\n# d\n  - e\n", "a: 1\ntests: []\n"),
            ("tests: [\n  {} ]\nz: 1", "tests: []\n\nz: 1"),
            ("a:\n  tests:\n    - b\n", "a:\n  tests:\n    - b\n"),
        ] {
            assert_eq!(without_tests(text), expected, "{text:?}");
        }
    }
}
