//! What there is to put about the detectors themselves.

use super::DetectorEvent;
use crate::carry::News;

/// The metrics of events that have one.
pub(super) fn news_of(events: &[DetectorEvent]) -> Vec<News> {
    let expired: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            DetectorEvent::Expired(expired) => {
                Some(vec![("Detector", expired.detector.clone()), ("Exclusion", expired.exclusion.clone())])
            }
            _ => None,
        })
        .collect();
    let without_alarm: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            DetectorEvent::WithoutAlarm(names) => Some(names),
            _ => None,
        })
        .flatten()
        .map(|name| vec![("Detector", name.clone())])
        .collect();
    let mut news = counted("ExclusionsExpired", expired.len(), expired);
    news.extend(counted("DetectorsWithoutAlarm", without_alarm.len(), without_alarm));
    news
}

/// The metric of a version that stands rejected.
pub(super) fn rejected(source: &str) -> Vec<News> {
    counted("DetectorVersionsRejected", 1, [vec![("Source", source.to_owned())]])
}

/// A metric of Trailmeter's own: the total, and one in the series of each.
fn counted(
    name: &'static str,
    total: usize,
    each: impl IntoIterator<Item = Vec<(&'static str, String)>>,
) -> Vec<News> {
    if total == 0 {
        return Vec::new();
    }
    let mut news = vec![News { name, dimensions: Vec::new(), value: total as u64 }];
    news.extend(each.into_iter().map(|dimensions| News { name, dimensions, value: 1 }));
    news
}
