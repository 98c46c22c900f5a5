//! Saved queries of Athena, in the stack's workgroup.
//!
//! One for each file, with two exceptions. A query of S3 server access logs is written for each of their two layouts, of
//! which a stack has one: lines that end in `-- partitioned` or `-- simple` are for that one only. And the query of a
//! pack is written for each pack. One for each detector would be some 140 more of the 500 resources that a template may
//! have, to say what `findings-of-detector` says with a parameter.

use std::fmt::Write;

use anyhow::bail;

use super::{Pack, Query, camel, write_text};

const DATABASE: &str = "${QueryDatabase}";
const PACK_QUERY: &str = "findings-of-pack";

/// Athena takes a description of 1,024 bytes and a query of 262,144.
const DESCRIPTION: usize = 1024;
const LENGTH: usize = 262_144;

pub(super) fn write(out: &mut String, query: &Query, packs: &[Pack]) -> anyhow::Result<()> {
    if query.name == PACK_QUERY {
        for pack in packs {
            let fill = |text: &str| {
                text.replace("{pack}", pack.name).replace("{detectors}", &listed(&pack.detectors))
            };
            let name = query.name.replace("pack", pack.name);
            let filled = Saved { name: &name, answers: &fill(&query.head.answers), text: &fill(&query.text) };
            filled.write(out, query, "")?;
        }
    } else if without_comments(&query.text).contains("{access_logs}") {
        for layout in ["partitioned", "simple"] {
            let text = of_layout(&query.text, layout);
            let saved = Saved { name: &query.name, answers: &query.head.answers, text: &text };
            saved.write(out, query, layout)?;
        }
    } else {
        Saved { name: &query.name, answers: &query.head.answers, text: &query.text }.write(out, query, "")?;
    }
    Ok(())
}

/// A query as it will stand in the template.
struct Saved<'q> {
    name: &'q str,
    answers: &'q str,
    text: &'q str,
}

impl Saved<'_> {
    fn write(&self, out: &mut String, query: &Query, layout: &str) -> anyhow::Result<()> {
        let layout = camel(layout);
        let text = self
            .text
            .replace("{cloudtrail}", &format!("{DATABASE}.${{CloudTrailTable}}"))
            .replace("{findings}", &format!("{DATABASE}.${{FindingsTable}}"))
            .replace("{access_logs}", &format!("{DATABASE}.${{AccessLogsTable}}"));
        let condition = if text.contains("${FindingsTable}") {
            "QueriesFindings".to_owned()
        } else if text.contains("${AccessLogs") {
            format!("QueriesAccessLogs{layout}")
        } else {
            "MakesQueries".to_owned()
        };
        check(query, &text)?;
        let mut description = self.answers.to_owned();
        for (at, meaning) in query.head.parameters.iter().enumerate() {
            write!(description, " {}: {meaning}.", at + 1)?;
        }
        if description.len() > DESCRIPTION {
            bail!("what it answers and asks for is longer than the {DESCRIPTION} bytes of a description");
        }
        writeln!(out, "  Query{}{layout}:", camel(self.name))?;
        writeln!(out, "    Type: AWS::Athena::NamedQuery")?;
        writeln!(out, "    Condition: {condition}")?;
        writeln!(out, "    Properties:")?;
        writeln!(out, "      Name: {}", self.name)?;
        // A JSON string is a YAML string.
        writeln!(out, "      Description: {}", serde_json::Value::from(description))?;
        writeln!(out, "      Database: !Ref QueryDatabase")?;
        writeln!(out, "      WorkGroup: !Ref QueryWorkGroup")?;
        write_text(out, "QueryString: !Sub", &text)
    }
}

/// Whether Athena would take it, as far as that can be seen from here.
fn check(query: &Query, text: &str) -> anyhow::Result<()> {
    if text.len() > LENGTH {
        bail!("it is longer than the {LENGTH} bytes that Athena takes");
    }
    let code = without_comments(text);
    let asked = code.matches('?').count();
    if asked != query.head.parameters.len() {
        bail!("it has {asked} question marks, and its head describes {}", query.head.parameters.len());
    }
    if !code.contains(DATABASE) {
        bail!("it names no table: {{cloudtrail}}, {{findings}} or {{access_logs}}");
    }
    Ok(())
}

/// Lines that are a comment and nothing else say `?` and names of tables without asking for them.
fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n")
}

/// The lines for one layout of access logs, without their marks.
fn of_layout(text: &str, layout: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let (code, only) = match line.rsplit_once(" -- ") {
            Some((code, only @ ("partitioned" | "simple"))) => (code, Some(only)),
            _ => (line, None),
        };
        if only.is_none_or(|only| only == layout) {
            out.push_str(code);
            out.push('\n');
        }
    }
    out
}

/// Names as a list of SQL, some to a line.
fn listed(names: &[String]) -> String {
    let mut lines = vec![String::new()];
    for (at, name) in names.iter().enumerate() {
        let word = format!("'{name}'{}", if at + 1 < names.len() { "," } else { "" });
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < 100 => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    format!("\n    {}\n  ", lines.join("\n    "))
}

#[cfg(test)]
mod tests {
    use super::super::head;
    use super::*;

    fn saved(name: &str, text: &str) -> anyhow::Result<String> {
        let query = Query {
            file: format!("{name}.sql"),
            name: name.to_owned(),
            head: head::read(text, "--")?,
            text: text.to_owned(),
        };
        let packs = [Pack { name: "x", detectors: vec!["A".to_owned(), "B".to_owned()] }];
        let mut out = String::new();
        write(&mut out, &query, &packs).map(|()| out)
    }

    #[test]
    fn a_query_names_the_tables_of_its_stack() {
        let out = saved(
            "who-did",
            "-- \"Who\"?\n-- source: A2\n-- 1: it\nSELECT 1\nFROM {cloudtrail} WHERE a = ?\n",
        );
        let expected = r#"  QueryWhoDid:
    Type: AWS::Athena::NamedQuery
    Condition: MakesQueries
    Properties:
      Name: who-did
      Description: "\"Who\"? 1: it."
      Database: !Ref QueryDatabase
      WorkGroup: !Ref QueryWorkGroup
      QueryString: !Sub |-
        -- "Who"?
        -- source: A2
        -- 1: it
        SELECT 1
        FROM ${QueryDatabase}.${CloudTrailTable} WHERE a = ?
"#;
        assert_eq!(out.unwrap(), expected);
    }

    #[test]
    fn a_query_of_access_logs_is_written_for_each_layout() {
        let text = "-- Who?\n-- source: A8\n-- 1: bucket\nSELECT 1 FROM {access_logs}\nWHERE s = ? -- partitioned\nWHERE b = ? -- simple\n  AND c -- both\n";
        let out = saved("logs", text).unwrap();
        let (partitioned, simple) = out.split_once("  QueryLogsSimple:").unwrap();
        assert!(partitioned.contains("Condition: QueriesAccessLogsPartitioned"), "{out}");
        assert!(partitioned.contains("${AccessLogsTable}\n        WHERE s = ?\n          AND c -- both\n"));
        assert!(simple.contains("Condition: QueriesAccessLogsSimple"), "{out}");
        assert!(simple.contains("${AccessLogsTable}\n        WHERE b = ?\n          AND c -- both\n"));
    }

    #[test]
    fn the_query_of_a_pack_names_its_detectors() {
        let text = "-- Pack {pack}.\n-- source: pack\nSELECT 1 FROM {findings} WHERE d IN ({detectors})\n";
        let out = saved("findings-of-pack", text).unwrap();
        assert!(out.starts_with("  QueryFindingsOfX:\n"), "{out}");
        assert!(
            out.contains("Condition: QueriesFindings\n") && out.contains("Description: \"Pack x.\""),
            "{out}"
        );
        assert!(out.contains("WHERE d IN (\n            'A', 'B'\n          )\n"), "{out}");
    }

    #[test]
    fn a_query_that_would_fail_in_the_console_is_refused() {
        for (text, why) in [
            ("-- Who?\n-- source: A2\nSELECT 1 FROM {cloudtrail} WHERE a = ?\n", "1 question marks"),
            ("-- Who?\n-- source: A2\n-- 1: it\nSELECT 1 FROM {cloudtrail}\n", "0 question marks"),
            ("-- Who?\n-- source: A2\nSELECT 1 FROM {trail}\n", "names no table"),
            (
                &format!("-- {}\n-- source: A2\nSELECT 1 FROM {{cloudtrail}}\n", "x".repeat(1100)),
                "description",
            ),
        ] {
            let error = saved("q", text).unwrap_err();
            assert!(error.to_string().contains(why), "{text:?}: {error}");
        }
    }
}
