//! The comment at the head of a query: what it answers, where the question comes from, what has to be given to it.

use anyhow::bail;

/// What a query says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// For the list of saved queries.
    pub(super) answers: String,
    /// A line for each execution parameter, in their order.
    pub(super) parameters: Vec<String>,
}

/// `comment` is what a line of comment begins with.
pub(super) fn read(text: &str, comment: &str) -> anyhow::Result<Head> {
    let lines: Vec<_> = text.lines().map_while(|line| line.strip_prefix(comment)).map(str::trim).collect();
    let mut answers = Vec::new();
    let mut parameters = Vec::new();
    let mut has_source = false;
    for line in lines {
        let numbered = line.split_once(": ").filter(|(number, _)| number.parse::<usize>().is_ok());
        if let Some((number, meaning)) = numbered {
            if number != (parameters.len() + 1).to_string() {
                bail!("parameter {number} stands at the place of number {}", parameters.len() + 1);
            }
            parameters.push(meaning.to_owned());
        } else if line.starts_with("source: ") {
            has_source = true;
        } else if has_source {
            bail!("{line:?} stands after the source, where only parameters do; say it above");
        } else {
            answers.push(line);
        }
    }
    if !has_source {
        bail!("the head names no source: a row of docs/queries.md, or what else it is for");
    }
    let answers = answers.join(" ");
    if answers.is_empty() {
        bail!("the head does not say what the query answers");
    }
    Ok(Head { answers, parameters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_what_for_where_from_and_what_is_asked() {
        let head = read(
            "-- Who was it?\n-- And when?\n-- source: A6\n-- 1: the bucket\n-- 2: a key: any\nSELECT 1\n-- 3: no\n",
            "--",
        );
        let parameters = vec!["the bucket".to_owned(), "a key: any".to_owned()];
        assert_eq!(head.unwrap(), Head { answers: "Who was it? And when?".to_owned(), parameters });
    }

    #[test]
    fn a_head_that_says_too_little_is_refused() {
        for (text, why) in [
            ("SELECT 1", "names no source"),
            ("# Who?\nfields a", "names no source"),
            ("# source: Q1\nfields a", "does not say what"),
            ("# Who?\n# source: Q1\n# more\nfields a", "stands after the source"),
            ("# Who?\n# source: Q1\n# 2: a thing\nfields a", "at the place of number 1"),
        ] {
            let error = read(text, if text.starts_with('#') { "#" } else { "--" }).unwrap_err();
            assert!(error.to_string().contains(why), "{text:?}: {error}");
        }
    }
}
