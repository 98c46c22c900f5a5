//! Dimension values: made safe for CloudWatch, and kept few.
//!
//! Each combination of values is a metric that costs money every month, and some of the fields
//! are written by whoever makes the request.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

/// Stands for a field that the record lacks.
pub const ABSENT: &str = "__absent__";
/// Stands for all values beyond those that are kept.
pub const OTHER: &str = "__other__";
/// Stands for a value of white space alone, which CloudWatch refuses.
const BLANK: &str = "__blank__";

/// CloudWatch's limit.
const LONGEST: usize = 1024;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// Keeps the first so many combinations of each dimension set in a day, and folds the rest into one.
///
/// It outlives the invocation, because who writes a value could write new ones into each, and goes
/// by detectors' names, because a version that is loaded may give them other places.
#[derive(Debug)]
pub(crate) struct DimensionLimiter {
    most: usize,
    day: i64,
    kept: HashMap<String, HashMap<usize, HashSet<Vec<String>>>>,
}

impl DimensionLimiter {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, day: 0, kept: HashMap::new() }
    }

    /// Begins anew if `now`, in seconds since 1970, is another day.
    pub(crate) fn on(mut self, now: i64) -> Self {
        let day = now.div_euclid(DAY);
        if day != self.day {
            self.day = day;
            self.kept.clear();
        }
        self
    }

    /// The values to send for dimension set `set` of a detector, and whether they were folded.
    pub(crate) fn admit(
        &mut self,
        detector: &str,
        set: usize,
        values: &[Option<String>],
    ) -> (Vec<String>, bool) {
        let values: Vec<String> =
            values.iter().map(|value| value.as_deref().map_or_else(|| ABSENT.to_owned(), safe)).collect();
        let sets = match self.kept.get_mut(detector) {
            Some(sets) => sets,
            None => self.kept.entry(detector.to_owned()).or_default(),
        };
        let kept = sets.entry(set).or_default();
        if kept.contains(&values) {
            return (values, false);
        }
        if kept.len() < self.most {
            kept.insert(values.clone());
            return (values, false);
        }
        (vec![OTHER.to_owned(); values.len()], true)
    }
}

/// The value in printable ASCII, not blank, and no longer than CloudWatch takes.
///
/// Other characters are written as JSON escapes, and the backslash too, so different values stay
/// different. A value that is cut ends in a hash of the whole.
pub(crate) fn safe(value: &str) -> String {
    if value.trim().is_empty() {
        return BLANK.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    for unit in value.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ 0x20..0x7f) if byte != b'\\' => out.push(char::from(byte)),
            _ => {
                // Writing to a string cannot fail.
                let _infallible = write!(out, "\\u{unit:04x}");
            }
        }
    }
    if out.len() > LONGEST {
        let hash = fnv1a(value.as_bytes());
        out.truncate(LONGEST - 17);
        let _infallible = write!(out, "~{hash:016x}");
    }
    out
}

/// FNV-1a: the same on every run and every build, which std's hasher does not promise.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_made_safe_and_stay_apart() {
        for (value, expected) in [
            ("arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/alice"),
            ("Jürgen", "J\\u00fcrgen"),
            ("J\\u00fcrgen", "J\\u005cu00fcrgen"),
            ("\u{1F600}", "\\ud83d\\ude00"),
            ("a\nb\u{1b}[31m", "a\\u000ab\\u001b[31m"),
            (" ", BLANK),
            ("", BLANK),
        ] {
            assert_eq!(safe(value), expected);
        }
        let long = |tail: &str| safe(&format!("{}{tail}", "x".repeat(5000)));
        assert_eq!(long("a").len(), LONGEST);
        assert_ne!(long("a"), long("b"));
    }

    #[test]
    fn the_first_so_many_values_are_kept_and_the_rest_folded() {
        let mut limiter = DimensionLimiter::new(2);
        let mut admit = |set, value: &str| limiter.admit("Denied", set, &[Some(value.to_owned()), None]);
        let both = |value: &str| vec![value.to_owned(), ABSENT.to_owned()];
        assert_eq!(admit(0, "a"), (both("a"), false));
        assert_eq!(admit(0, "b"), (both("b"), false));
        assert_eq!(admit(0, "c"), (vec![OTHER.to_owned(), OTHER.to_owned()], true));
        assert_eq!(admit(0, "a"), (both("a"), false));
        assert_eq!(admit(1, "c"), (both("c"), false));
        let mut same_day = limiter.on(DAY - 1);
        assert!(same_day.admit("Denied", 0, &[Some("c".to_owned()), None]).1);
        let mut next_day = same_day.on(DAY);
        assert!(!next_day.admit("Denied", 0, &[Some("c".to_owned()), None]).1);
    }
}
