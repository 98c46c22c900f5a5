//! `docs/commands.md` against what each command says of itself.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use crate::command::{trailmeter, trailmeter_in};
use crate::support::root;

/// They have pages of their own, to which this one leads.
const ELSEWHERE: [(&str, &str); 2] = [("import", "import.md"), ("cost", "cost.md")];

fn page() -> Result<String> {
    fs::read_to_string(root().join("docs/commands.md")).context("docs/commands.md cannot be read")
}

/// The subcommands that `trailmeter --help` lists.
fn commands() -> Result<Vec<String>> {
    let help = trailmeter(&["--help"])?.stdout;
    let names = listed(&help);
    assert!(names.len() >= 7, "{help}");
    Ok(names)
}

/// The commands in a help text.
fn listed(help: &str) -> Vec<String> {
    let list = help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
    list.lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// The options of a command, and those of its own commands if it has any.
fn options_of(name: &str) -> Result<BTreeSet<String>> {
    let help = trailmeter(&[name, "--help"])?.stdout;
    let mut found = options(&help);
    for part in listed(&help) {
        found.extend(options(&trailmeter(&[name, &part, "--help"])?.stdout));
    }
    Ok(found)
}

/// What starts with two hyphens.
fn options(text: &str) -> BTreeSet<String> {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '-')
        .filter(|word| word.starts_with("--") && word.len() > 3)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_has_its_section_with_its_options() -> Result<()> {
    let page = page()?;
    let commands = commands()?;
    for name in &commands {
        let section =
            page.split(&format!("\n## {name}\n")).nth(1).and_then(|rest| rest.split("\n## ").next());
        let section = section.with_context(|| format!("docs/commands.md has no section {name}"))?;
        if let Some((_, own)) = ELSEWHERE.iter().find(|(other, _)| other == name) {
            assert!(section.contains(&format!("({own})")), "{name}: the section does not lead to {own}");
            continue;
        }
        let mut known = options_of(name)?;
        known.remove("--help");
        assert_eq!(options(section), known, "{name}: options on the page, and those of the command");
        assert!(section.contains(&format!("trailmeter {name}")), "{name}: no example");
        assert!(section.contains("Exit status: 0"), "{name}: no exit status");
    }
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(
        sections.iter().map(ToString::to_string).collect::<BTreeSet<_>>(),
        commands.iter().cloned().collect()
    );
    Ok(())
}

/// The page quotes what the commands print for its own example.
#[test]
fn the_examples_are_what_comes_out() -> Result<()> {
    let page = page()?;
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let run = trailmeter_in(folder.path(), &["new", "TrailStopped"])?;
    assert!(page.contains(&quoted(&run.stdout)), "the page should quote:\n{}", run.stdout);
    let record = block(&page, "```json").context("no record")?;
    fs::write(at("record.json"), record)?;
    let run = trailmeter_in(folder.path(), &["explain", "trail-stopped.yaml", "record.json"])?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(page.contains(&quoted(&run.stdout)), "the page should quote:\n{}", run.stdout);

    let text = fs::read_to_string(at("trail-stopped.yaml"))?
        .replace("eventName = \"StopLogging\"", "eventName = \"StopLoging\"");
    fs::write(at("trail-stopped.yaml"), text)?;
    let run = trailmeter_in(folder.path(), &["test", "trail-stopped.yaml"])?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(page.contains(&quoted(&run.stdout)), "the page should quote:\n{}", run.stdout);
    Ok(())
}

fn quoted(output: &str) -> String {
    format!("```text\n{output}```")
}

fn block<'p>(page: &'p str, fence: &str) -> Option<&'p str> {
    page.split(&format!("{fence}\n")).nth(1)?.split("```").next()
}
