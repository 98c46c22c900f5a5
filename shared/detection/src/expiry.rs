//! Exclusions end: one whose last day is over takes nothing out any more.

use jiff::civil::Date;

use crate::detector::DetectorSet;

/// An exclusion that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredExclusion {
    /// The detector whose matches it took out.
    pub detector: String,
    /// The file of that detector.
    pub file: String,
    /// Its name.
    pub exclusion: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it held.
    pub last_day: Date,
}

impl DetectorSet {
    /// Takes the exclusions out of the set that no longer hold on the day `today`, so that what they
    /// hid counts again, and returns them.
    pub fn expire(&mut self, today: Date) -> Vec<ExpiredExclusion> {
        let mut expired = Vec::new();
        for detector in self.detectors_mut() {
            detector.exclusions.retain(|exclusion| match exclusion.expires {
                Some(last_day) if last_day < today => {
                    expired.push(ExpiredExclusion {
                        detector: detector.name.clone(),
                        file: detector.file.clone(),
                        exclusion: exclusion.name.clone(),
                        owner: exclusion.owner.clone(),
                        last_day,
                    });
                    false
                }
                _ => true,
            });
        }
        expired
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use crate::{DetectorFile, DetectorSet, load};

    const TEXT: &str = "name: Denied
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/]
logs: cloudtrail
pattern: '{ $.errorCode = \"AccessDenied\" }'
exclude:
  - { name: Drill, owner: Security, reason: r, expires: 2026-03-31, pattern: '{ $.drill IS TRUE }' }
  - { name: Robots, owner: Platform, reason: r, expires: never, pattern: '{ $.robot IS TRUE }' }
tests:
  - { name: one, match: true, record: {} }
  - { name: two, match: false, record: {} }
";

    fn set() -> DetectorSet {
        load(&[DetectorFile { path: "denied.yaml".to_owned(), pack: None, text: TEXT.to_owned() }]).unwrap()
    }

    #[test]
    fn an_exclusion_holds_to_the_end_of_its_last_day() {
        for (today, left) in [
            (date(2026, 3, 30), &["Drill", "Robots"][..]),
            (date(2026, 3, 31), &["Drill", "Robots"]),
            (date(2026, 4, 1), &["Robots"]),
            (Date::MAX, &["Robots"]),
        ] {
            let mut set = set();
            let expired = set.expire(today);
            let names: Vec<&str> =
                set.detectors()[0].exclusions.iter().map(|exclusion| exclusion.name.as_str()).collect();
            assert_eq!(names, left, "{today}");
            assert_eq!(expired.len() + left.len(), 2, "{today}");
            if let Some(drill) = expired.first() {
                assert_eq!((drill.detector.as_str(), drill.exclusion.as_str()), ("Denied", "Drill"));
                assert_eq!((drill.owner.as_str(), drill.last_day), ("Security", date(2026, 3, 31)));
            }
            assert_eq!(set.expire(today), [], "{today}: each is told once");
        }
    }
}
