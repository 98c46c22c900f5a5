//! What the YAML reader says of a file, in words for whoever wrote it.

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

/// Ample for any message; a number of a million digits would be quoted whole.
const LONGEST: usize = 400;

const TOO_DEEP: &str = "nests deeper than any detector: this is something else";
const TOO_MUCH: &str = "aliases, merge keys or long lists make more of it than a detector file may be (250000 \
                        values): write out what is needed";

/// Why a file is not read, without the place, which is printed before it, and on one line.
pub(super) fn reason(error: &Error) -> String {
    let error = error.without_snippet();
    match error {
        Error::Eof { .. } => "nothing stands in it; a detector or a Sigma rule is expected".to_owned(),
        Error::Unexpected { expected: "mapping start", .. } => {
            "a detector is keys with values, such as `name: RootLogin`; here stands something else".to_owned()
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("duplicate mapping key: {}", short(key)),
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => TOO_DEEP.to_owned(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            "an alias stands within what its own anchor names, so that it would never end".to_owned()
        }
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => TOO_MUCH.to_owned(),
        other => own_words(&other.to_string()),
    }
}

/// The reader's own words.
fn own_words(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let end = first.rfind(" at line ").unwrap_or(first.len());
    match first[..end].trim_end_matches([',', ';']) {
        "recursion limit exceeded" => TOO_DEEP.to_owned(),
        // As above, within what an alias names.
        words if words.starts_with("budget breached") => TOO_MUCH.to_owned(),
        words => short(words),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}
