//! What both formats say in words, and where a person looks next.

use jiff::Timestamp;

use crate::finding::Finding;

/// Who did what, from where and with which result, in a sentence.
pub(super) fn sentence(finding: &Finding<'_>) -> String {
    let event = &finding.event;
    let called = event
        .api()
        .map_or_else(|| " did what the record does not name".to_owned(), |api| format!(" called {api}"));
    let more = [
        (" from ", &event.source_ip),
        (" in account ", &event.account),
        (" in ", &event.region),
        (", which failed with ", &event.error_code),
    ];
    let more = more.into_iter().filter_map(|(word, said)| Some(format!("{word}{}", said.as_deref()?)));
    [event.actor.name.clone(), called].into_iter().chain(more).collect()
}

/// When it happened; when the file was handled, if the record does not say.
pub(super) fn event_time(finding: &Finding<'_>) -> Timestamp {
    let said = finding.event.event_time.as_deref().and_then(|time| time.parse().ok());
    said.unwrap_or_else(|| arrival_time(finding))
}

/// When the file was handled.
pub(super) fn arrival_time(finding: &Finding<'_>) -> Timestamp {
    finding.arrival_time.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The event in the console of CloudTrail, for whoever is signed in to its account. The other partitions have consoles of
/// their own; and what does not look like an id makes no link.
pub(super) fn console(finding: &Finding<'_>) -> Option<String> {
    let is_plain = |text: &&str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let id = finding.event.event_id.as_deref().filter(is_plain)?;
    let region = finding.event.region.as_deref().filter(is_plain)?;
    if ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"].iter().any(|other| region.starts_with(other)) {
        return None;
    }
    Some(format!("https://{region}.console.aws.amazon.com/cloudtrailv2/home?region={region}#/events/{id}"))
}

/// As much of a text as there is room for, in characters.
pub(super) fn first(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some(_) => text.chars().take(characters - 1).chain(['…']).collect(),
    }
}

/// Whether there is nothing to be read in a text. A byte order mark is white space to the patterns of readers, and to
/// nobody else.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|one| one.is_whitespace() || one == '\u{feff}')
}
