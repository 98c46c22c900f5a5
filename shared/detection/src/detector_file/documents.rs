//! The documents of a YAML file.

/// One document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Document<'t> {
    /// How many lines of the file stand before it.
    pub(super) line: u64,
    /// Its text.
    pub(super) text: &'t str,
}

/// Splits a file at its `---` lines. YAML knows no scalar in which such a line could stand. Empty
/// documents are dropped, unless there is nothing else.
pub(super) fn documents(text: &str) -> Vec<Document<'_>> {
    let mut documents = Vec::new();
    let (mut start, mut first_line) = (0, 0);
    let mut at = 0;
    for (line, content) in (0..).zip(text.split_inclusive('\n')) {
        if is_marker(content) {
            documents.push(Document { line: first_line, text: &text[start..at] });
            (start, first_line) = (at, line);
        }
        at += content.len();
    }
    documents.push(Document { line: first_line, text: &text[start..] });
    let has_content = |document: &Document<'_>| {
        document.text.lines().any(|line| {
            let line = line.strip_prefix("---").unwrap_or(line).trim();
            !line.is_empty() && !line.starts_with('#') && line != "..."
        })
    };
    if documents.iter().any(has_content) {
        documents.retain(has_content);
    } else {
        documents.truncate(1);
    }
    documents
}

fn is_marker(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_apart_with_their_lines() {
        for (text, expected) in [
            ("a: 1\n", &[(0, "a: 1\n")][..]),
            ("---\na: 1\n---\nb: 2", &[(0, "---\na: 1\n"), (2, "---\nb: 2")]),
            ("# c\n---\na: 1\n---\n\n", &[(1, "---\na: 1\n")]),
            ("a: --- b\n----\n", &[(0, "a: --- b\n----\n")]),
            ("", &[(0, "")]),
        ] {
            let found: Vec<_> =
                documents(text).iter().map(|document| (document.line, document.text)).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
