//! Saved queries of CloudWatch Logs Insights.
//!
//! Each question is asked twice: of the records of a trail, in a log group that the user has, and of findings, in the
//! function's own.

use std::fmt::Write;

use anyhow::bail;

use super::{Query, camel, write_text};

/// CloudWatch Logs takes 10,000 characters.
const LENGTH: usize = 10_000;

/// What is asked: a folder below `queries/insights`, its log group, and the condition that there is one.
pub(super) struct Log {
    pub(super) folder: &'static str,
    group: &'static str,
    condition: &'static str,
}

pub(super) const LOGS: [Log; 2] = [
    Log { folder: "trail", group: "InsightsLogGroup", condition: "QueriesLogGroup" },
    Log { folder: "findings", group: "DetectLogGroup", condition: "QueriesFindingLines" },
];

pub(super) fn write(out: &mut String, log: &Log, query: &Query) -> anyhow::Result<()> {
    if query.text.len() > LENGTH {
        bail!("it is longer than the {LENGTH} characters that CloudWatch Logs takes");
    }
    if !query.head.parameters.is_empty() {
        bail!("a saved query of Logs Insights has no parameters: name a value to edit");
    }
    writeln!(out, "  Insights{}{}:", camel(log.folder), camel(&query.name))?;
    writeln!(out, "    Type: AWS::Logs::QueryDefinition")?;
    writeln!(out, "    Condition: {}", log.condition)?;
    writeln!(out, "    Properties:")?;
    // The console shows what stands before a slash as a folder.
    writeln!(out, "      Name: !Sub \"${{AWS::StackName}}/{}/{}\"", log.folder, query.name)?;
    writeln!(out, "      LogGroupNames: [!Ref {}]", log.group)?;
    write_text(out, "QueryString:", &query.text)
}

#[cfg(test)]
mod tests {
    use super::super::head;
    use super::*;

    fn saved(text: &str) -> anyhow::Result<String> {
        let query = Query {
            file: "q.txt".to_owned(),
            name: "q01-newest".to_owned(),
            head: head::read(text, "#")?,
            text: text.to_owned(),
        };
        let mut out = String::new();
        write(&mut out, &LOGS[1], &query).map(|()| out)
    }

    #[test]
    fn a_query_stands_in_the_folder_of_its_stack() {
        let expected = r#"  InsightsFindingsQ01Newest:
    Type: AWS::Logs::QueryDefinition
    Condition: QueriesFindingLines
    Properties:
      Name: !Sub "${AWS::StackName}/findings/q01-newest"
      LogGroupNames: [!Ref DetectLogGroup]
      QueryString: |-
        # What?
        # source: Q1
        fields a
        | limit 2
"#;
        assert_eq!(saved("# What?\n# source: Q1\nfields a\n| limit 2\n").unwrap(), expected);
    }

    #[test]
    fn what_cloudwatch_would_not_take_is_refused() {
        for (text, why) in [
            ("# What?\n# source: Q1\n# 1: a bucket\nfields a\n".to_owned(), "no parameters"),
            (format!("# What?\n# source: Q1\nfields {}\n", "a".repeat(LENGTH)), "longer than"),
        ] {
            let error = saved(&text).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
