//! The page of the linter's warnings, from the table that `check` prints them by.

use std::fmt::Write;

use trailmeter_detection::lint::{About, Code, event_names_origin};

const HEAD: &str = "# Warnings

Written by `make docs` from `shared/detection/src/lint/about.rs`: change that, not this page.

`trailmeter check` warns of what loads, runs, and still does not do what it seems to:

```text
root-login.yaml:10:6: warning[differs-when-absent]: many records have no $.additionalEventData.MFAUsed, and …
```

Warnings change no exit status unless `--deny-warnings` asks for it; `--format json` has them with code, line and column.
Each is given only if it is sure, or if a word in the file answers it. One that is known and stays is allowed where it
occurs, with the reason, and is then counted as allowed:

```yaml
lint:
  allow:
    - code: differs-when-absent
      reason: The pattern is AWS's, to the letter.
```
";

pub(super) fn page() -> anyhow::Result<String> {
    let mut page = HEAD.to_owned();
    writeln!(
        page,
        "\nNames of events and sources are looked up in a table that `tools/event_names.py` made from {}.\n",
        event_names_origin()
    )?;
    writeln!(page, "| warning | finds |\n|---|---|")?;
    for code in Code::ALL {
        let About { name, what, .. } = code.about();
        writeln!(page, "| [{name}](#{name}) | {} |", what.replace('|', "\\|"))?;
    }
    for code in Code::ALL {
        let About { name, what, why, example, mended } = code.about();
        writeln!(page, "\n## {name}\n\n{what}\n\n{why}\n")?;
        writeln!(page, "{}\nBetter:\n\n{}", fenced(example), fenced(mended).trim_end())?;
    }
    Ok(page)
}

/// A filter pattern stands by itself; everything else is YAML.
fn fenced(example: &str) -> String {
    let language = if example.starts_with('{') { "text" } else { "yaml" };
    format!("```{language}\n{}\n```\n", example.trim_end())
}
