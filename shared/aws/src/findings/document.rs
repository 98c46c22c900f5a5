//! Findings as texts in some format, put together into requests.

use trailmeter_detection::finding::{Finding, FindingFormat};

use super::sent::Source;

/// The text of a finding, unless it is larger than the place takes.
pub(super) fn document(
    finding: &Finding<'_>,
    format: &FindingFormat,
    largest: usize,
) -> Result<String, Source> {
    let text = serde_json::to_string(&format.document(finding)?)?;
    if text.len() > largest {
        let id = finding.id();
        return Err(format!("{id} has {} bytes and {largest} are taken", text.len()).into());
    }
    Ok(text)
}

/// Items in the order they come in, in groups of so many items and bytes at the most. One that is larger than a group
/// may be stands alone.
pub(super) fn groups<T>(
    items: Vec<T>,
    most: usize,
    most_bytes: usize,
    size: impl Fn(&T) -> usize,
) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0;
    for item in items {
        let more = size(&item);
        let has_room = |group: &&mut Vec<T>| group.len() < most && bytes + more <= most_bytes;
        if let Some(group) = groups.last_mut().filter(has_room) {
            bytes += more;
            group.push(item);
        } else {
            bytes = more;
            groups.push(vec![item]);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_as_full_as_they_may_be() {
        for (sizes, grouped) in [
            (vec![], vec![]),
            (vec![1, 1, 1, 1], vec![vec![1, 1, 1], vec![1]]),
            (vec![6, 4, 1], vec![vec![6, 4], vec![1]]),
            (vec![6, 5, 5], vec![vec![6], vec![5, 5]]),
            (vec![99, 1], vec![vec![99], vec![1]]),
        ] {
            assert_eq!(groups(sizes.clone(), 3, 10, |size| *size), grouped, "{sizes:?}");
        }
    }
}
