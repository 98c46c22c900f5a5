//! What is made from the definition of the command line: completions for shells, and manual pages.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{Run, trailmeter};

/// Commands that a help text lists.
fn listed(help: &str) -> Vec<&str> {
    let list = help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
    list.lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect()
}

/// What bash offers for a line whose last word is to be completed.
fn offered(script: &Path, line: &[&str]) -> Result<Vec<String>> {
    let program = r#"
        source "$1" && shift || exit 1
        complete -p trailmeter >/dev/null || exit 1
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _trailmeter trailmeter "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let run = Command::new("bash").args(["--norc", "-c", program, "bash"]).arg(script).args(line).output()?;
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Ok(String::from_utf8(run.stdout)?.lines().map(str::to_owned).collect())
}

#[test]
fn bash_completes_commands_options_and_values() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("trailmeter.bash");
    fs::write(&script, trailmeter(&["completions", "bash"])?.stdout)?;
    let is_sound = Command::new("bash").arg("-n").arg(&script).status()?;
    assert!(is_sound.success());

    let commands = offered(&script, &["trailmeter", ""])?;
    let help = trailmeter(&["--help"])?.stdout;
    for name in listed(&help) {
        assert!(commands.iter().any(|offered| offered == name), "{name}: {commands:?}");
    }
    assert_eq!(offered(&script, &["trailmeter", "sca"])?, ["scan"]);
    assert_eq!(offered(&script, &["trailmeter", "scan", "--fol"])?, ["--follow"]);
    assert_eq!(offered(&script, &["trailmeter", "scan", "--format", ""])?, ["table", "json"]);
    assert_eq!(offered(&script, &["trailmeter", "dlq", "red"])?, ["redrive"]);
    Ok(())
}

#[test]
fn other_shells_have_their_script_too() -> Result<()> {
    for (shell, head) in [
        ("zsh", "#compdef trailmeter"),
        ("fish", "# Print an optspec"),
        ("powershell", "\nusing namespace"),
        ("elvish", "\nuse builtin"),
    ] {
        let run = trailmeter(&["completions", shell])?;
        assert_eq!(run.status, Some(0), "{shell}");
        assert!(run.stdout.starts_with(head), "{shell}: {}", run.stdout);
        assert!(run.stdout.contains("redrive"), "{shell}");
    }
    let Run { status, stderr, .. } = trailmeter(&["completions", "tcsh"])?;
    assert_eq!(status, Some(2));
    assert!(stderr.contains("possible values: bash"), "{stderr}");
    Ok(())
}

#[test]
fn every_command_has_a_manual_page_with_its_options() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let pages = folder.path().join("share/man1");
    let run = trailmeter(&["man", "--folder", &pages.display().to_string()])?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let mut written = 0;
    let mut names: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(words) = names.pop() {
        let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = trailmeter(&arguments)?.stdout;
        names.extend(listed(&help).into_iter().map(|name| [words.as_slice(), &[name.to_owned()]].concat()));
        let file = [&["trailmeter".to_owned()], words.as_slice()].concat().join("-") + ".1";
        let page = fs::read_to_string(pages.join(&file)).with_context(|| format!("there is no {file}"))?;
        written += 1;
        assert!(page.contains(".TH ") && page.contains(".SH NAME"), "{file}: {page}");
        // In a page a hyphen that is no end of a line is escaped.
        let page = page.replace("\\-", "-");
        for option in help.split_whitespace().filter(|word| word.starts_with("--")) {
            let option = option.trim_end_matches(|character: char| !character.is_ascii_alphanumeric());
            assert!(page.contains(option), "{file} has no {option}");
        }
    }
    assert_eq!(fs::read_dir(&pages)?.count(), written, "one page for each command, and no other");

    let whole = trailmeter(&["man"])?.stdout;
    assert!(whole.contains(".TH trailmeter 1") && whole.contains("trailmeter\\-scan(1)"), "{whole}");
    let file = folder.path().join("file");
    fs::write(&file, "")?;
    let Run { status, stderr, .. } = trailmeter(&["man", "--folder", &file.display().to_string()])?;
    assert_eq!(status, Some(2));
    assert!(stderr.contains("the pages cannot be written to"), "{stderr}");
    Ok(())
}
