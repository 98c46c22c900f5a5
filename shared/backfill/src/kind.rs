//! The kinds of log file, by the words that people write and the folders that CloudTrail writes.

use trailmeter_logs::LogKind;

const KINDS: [(&str, &str, LogKind); 4] = [
    ("events", "CloudTrail", LogKind::Events),
    ("insight", "CloudTrail-Insight", LogKind::Insight),
    ("network-activity", "CloudTrail-NetworkActivity", LogKind::NetworkActivity),
    ("aggregated", "CloudTrail-Aggregated", LogKind::Aggregated),
];

/// The kind that a word stands for.
pub fn kind_of_word(word: &str) -> Option<LogKind> {
    KINDS.iter().find(|(known, _, _)| *known == word).map(|(_, _, kind)| *kind)
}

/// The words there are.
pub fn kind_words() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(word, _, _)| *word)
}

/// The kind whose files stand in a folder.
pub(crate) fn kind_of_folder(folder: &str) -> Option<LogKind> {
    KINDS.iter().find(|(_, known, _)| *known == folder).map(|(_, _, kind)| *kind)
}
