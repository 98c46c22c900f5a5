//! Files that are no detectors or rules, or bad ones: each is refused for a reason at its place, in
//! bounded memory, and its neighbours are checked all the same.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::command::{Run, trailmeter_within};

/// Room for the command, of which a build with debug information takes a quarter itself.
const KIBIBYTES: u32 = 640 << 10;

const GOOD: &str = "good.yaml";

/// A detector with `rule` in the place of its pattern.
fn detector(name: &str, rule: &str) -> String {
    format!(
        "name: {name}\ntitle: t\nwhat: w\nwhy: y\nsources: [s]\nlogs: cloudtrail\nalarm: none\n{rule}\ntests:\n  \
         - {{ name: a, match: true, record: {{ userAgent: a }} }}\n  \
         - {{ name: b, match: false, record: {{ userAgent: b }} }}\n"
    )
}

fn pattern(text: &str) -> String {
    detector("Bad", &format!("pattern: '{text}'"))
}

/// A Sigma rule with one item and a condition.
fn rule(item: &str, condition: &str) -> String {
    format!(
        "title: t\nlogsource: {{ product: aws, service: cloudtrail }}\ndetection:\n  s:\n    {item}\n  condition: \
         {condition}\n"
    )
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).flat_map(|at| ["\n    - ".to_owned(), line(at)]).collect()
}

/// A name, its content, and how the error begins behind the file's name; nothing if the file is
/// good after all.
type Case = (&'static str, Vec<u8>, Option<&'static str>);

fn bad(name: &'static str, content: impl Into<Vec<u8>>, error: &'static str) -> Case {
    (name, content.into(), Some(error))
}

fn good(name: &'static str, content: impl Into<Vec<u8>>) -> Case {
    (name, content.into(), None)
}

fn not_yaml() -> Vec<Case> {
    const NO_KEYS: &str = ":1:1: a detector is keys with values";
    vec![
        bad("binary.yaml", &b"\x7fELF\x01\x02 {[}"[..], ":1:1: unexpected character"),
        bad("prose.yaml", "just some words: and: more\n", ":1:21: mapping values are not allowed"),
        bad("page.yaml", "<!DOCTYPE html>\n<html><body>404</body></html>\n", NO_KEYS),
        bad("list.yaml", "- a\n- b\n", NO_KEYS),
        bad("number.yaml", "5\n", NO_KEYS),
        bad("null.yaml", "null\n", ": missing field `name`"),
        bad("empty.yaml", "", ":1:1: nothing stands in it"),
        bad("comment.yaml", "# to be written\n", ":2:1: nothing stands in it"),
        bad("separators.yaml", "---\n".repeat(200_000), ":1:1: nothing stands in it"),
        bad("latin-1.yaml", &b"name: A\ntitle: \xe9t\xe9\n"[..], ": not UTF-8, so no detector file"),
        bad("utf-16.yaml", &b"\xff\xfen\0a\0m\0e\0"[..], ": not UTF-8, so no detector file"),
        bad("nul.yaml", pattern("x").replace("title: t", "title: a\0b"), ":2:9: unexpected character"),
        bad("tabs.yaml", pattern("{ $.userAgent = a }").replace("  - {", "\t- {"), ":10:2: tabs disallowed"),
        bad("unclosed.yaml", "name: [", ":1:7: unclosed bracket"),
    ]
}

fn bombs() -> Vec<Case> {
    const TOO_MUCH: &str = "aliases, merge keys or long lists make more of it";
    let of_the_last = |first: &str, next: &dyn Fn(usize) -> String| {
        (1..40).fold(first.to_owned(), |text, at| text + &next(at))
    };
    let aliases = of_the_last("a0: &a0 [x, x, x, x, x, x, x, x, x]\n", &|at| {
        format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 9].join(", "))
    });
    let merges = of_the_last("m0: &m0 { k0: 1 }\n", &|at| {
        let last = at - 1;
        format!("m{at}: &m{at} {{ <<: [*m{last}, *m{last}, *m{last}], k{at}: 1 }}\n")
    });
    let in_rule = format!("{}x:\n  {}", rule("userAgent: a", "s"), aliases.trim_end().replace('\n', "\n  "));
    let blocks: String = (0..1000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    vec![
        bad("aliases.yaml", aliases, TOO_MUCH),
        bad("aliases-in-a-rule.yml", in_rule, TOO_MUCH),
        bad("merge-keys.yaml", merges, TOO_MUCH),
        bad("alias-of-itself.yaml", "a: &a [*a]\n", ":1:8: an alias stands within"),
        bad("deep-lists.yaml", "[".repeat(100_000) + &"]".repeat(100_000), "nests deeper than any detector"),
        bad(
            "deep-maps.yaml",
            "{a: ".repeat(50_000) + "1" + &"}".repeat(50_000),
            "nests deeper than any detector",
        ),
        bad("deep-blocks.yaml", blocks, "nests deeper than any detector"),
        bad(
            "deep-rule.yml",
            rule(&("a: ".to_owned() + &"[".repeat(5_000)), "s"),
            "nests deeper than any detector",
        ),
        bad("values-of-2-bytes.yml", rule(&format!("a: [{}]", "a,".repeat(260_000)), "s"), TOO_MUCH),
        bad("10-mb.yaml", pattern(&"x".repeat(10_000_000)), ": larger than 1 MiB"),
    ]
}

fn keys() -> Vec<Case> {
    let twice = pattern("{ $.userAgent = a }").replace("why: y", "title: again");
    vec![
        bad("key-twice.yaml", twice, ":4:1: duplicate mapping key: title"),
        bad(
            "key-twice-in-a-rule.yml",
            rule("userAgent: a\n  s:\n    userAgent: b", "s"),
            ":6:3: duplicate mapping key: s",
        ),
        bad(
            "record-with-key-twice.yaml",
            pattern("{ $.a = 1 }").replace("{ userAgent: a }", "{ a: 1, a: 2 }"),
            ":10:45: duplicate",
        ),
        bad(
            "unknown-key.yaml",
            pattern("{ $.a = 1 }").replace("why: y", "why: y\nperiode: 5"),
            ":5:1: unknown field `periode`",
        ),
        bad("huge-number.yml", rule(&format!("a: {}", "9".repeat(5_000)), "s"), ":5:8: non-finite float"),
        bad("not-a-number.yml", rule("a: .nan", "s"), ":5:8: non-finite float"),
    ]
}

fn patterns() -> Vec<Case> {
    let parens = |open: usize, close: usize| {
        pattern(&format!("{{ {}$.userAgent = a{} }}", "(".repeat(open), ")".repeat(close)))
    };
    let tests: Vec<String> = (0..3_000).map(|at| format!("$.userAgent = v{at}")).collect();
    vec![
        bad(
            "parentheses.yaml",
            parens(10_000, 10_000),
            ":8:77: bad pattern: parentheses nest deeper than 64 levels",
        ),
        bad(
            "parentheses-open.yaml",
            parens(10_000, 0),
            ":8:77: bad pattern: parentheses nest deeper than 64 levels",
        ),
        bad(
            "group.yaml",
            pattern("{ $.a = %(a|b)% }"),
            ":8:20: bad pattern: CloudWatch Logs does not allow '('",
        ),
        bad(
            "catastrophic.yaml",
            pattern("{ $.a = %(a+)+$% }"),
            ":8:20: bad pattern: CloudWatch Logs does not allow '('",
        ),
        bad(
            "exclamation.yaml",
            pattern("{ $.a = %a!b% }"),
            ":8:21: bad pattern: CloudWatch Logs does not allow '!'",
        ),
        bad(
            "look-around.yaml",
            pattern("{ $.a = %^(?!x)% }"),
            ":8:21: bad pattern: CloudWatch Logs does not allow '('",
        ),
        bad(
            "repetition.yaml",
            pattern("{ $.a = %x{1000}{1000}{1000}% }"),
            ":8:20: bad pattern: bad regular expression",
        ),
        bad(
            "open-regex.yaml",
            pattern("{ $.a = %a+ }"),
            ":8:19: bad pattern: the regular expression is never closed",
        ),
        bad("no-value.yaml", detector("Bad", "value: $.\npattern: '{ $.a = 1 }'"), ":8:8: bad `value`"),
        good(
            "many-tests.yaml",
            detector("ManyTests", &format!("pattern: '{{ $.userAgent = a || {} }}'", tests.join(" || "))),
        ),
    ]
}

fn rules() -> Vec<Case> {
    let condition = |text: String| rule("userAgent: a", &text);
    let long = "a".repeat(200_000);
    let catastrophic =
        detector("Bounded", "sigma:\n  detection: { s: { userAgent|re: '(a+)+$' }, condition: s }")
            .replace("userAgent: a", &format!("userAgent: {long}"))
            .replace("userAgent: b", &format!("userAgent: '{long}!'"));
    vec![
        bad(
            "parentheses.yml",
            condition("(".repeat(10_000) + "s" + &")".repeat(10_000)),
            ":6:3: the condition nests deeper",
        ),
        bad("negations.yml", condition("not ".repeat(16_000) + "s"), ":6:3: the condition nests deeper"),
        bad(
            "long-condition.yml",
            condition(vec!["s"; 20_000].join(" and ")),
            ":6:3: the condition is longer than 65536 bytes",
        ),
        bad("half-a-condition.yml", condition("s and".to_owned()), ":6:3: bad condition"),
        bad(
            "large-search-often.yml",
            rule(
                &format!("userAgent|re:{}", lines(100, |at| format!("a{at}"))),
                &vec!["s"; 9_000].join(" or "),
            ),
            "the rule adds up to too much",
        ),
        bad(
            "repetition.yml",
            rule("userAgent|re: 'x{1000}{1000}{1000}'", "s"),
            ":5:20: bad regular expression",
        ),
        bad(
            "look-around.yml",
            rule("userAgent|re: '^(?!a)'", "s"),
            ":5:20: bad regular expression: look-around",
        ),
        bad(
            "many-expressions.yml",
            rule(&format!("userAgent|re:{}", lines(50_000, |at| format!(r"'\w{{9}}{at}'"))), "s"),
            "the rule adds up to too much",
        ),
        bad("brackets.yml", rule("resources[0].ARN: a", "s"), ":5:5: resources[0].ARN has brackets"),
        bad("tabs.yml", rule("userAgent: a", "s").replace("    user", "\tuser"), ":5:2: tabs disallowed"),
        good("catastrophic-rule.yaml", catastrophic),
        good(
            "70000-values.yml",
            rule(&format!("userAgent:{}", lines(70_000, |at| format!("v{at:05}"))), "s"),
        ),
        good(
            "70000-wildcards.yml",
            rule(&format!("userAgent:{}", lines(70_000, |at| format!("a*{at:05}"))), "s"),
        ),
    ]
}

fn encodings() -> Vec<Case> {
    let two_lines = "pattern: |-\n  { $.userAgent = a\n    && $.userAgent = a }";
    let wrong = two_lines.replace("&& $.userAgent =", "&& $.userAgent ==");
    vec![
        good("crlf.yaml", detector("CrLf", two_lines).replace('\n', "\r\n")),
        bad(
            "crlf-bad.yaml",
            detector("Bad", &wrong).replace('\n', "\r\n"),
            ":10:20: bad pattern: equality is written",
        ),
        good("crlf.yml", rule("userAgent: a", "s").replace('\n', "\r\n")),
        good("byte-order-mark.yaml", format!("\u{feff}{}", detector("Mark", two_lines))),
        good("byte-order-mark.yml", format!("\u{feff}{}", rule("userAgent: a", "s"))),
    ]
}

/// What a `sigma:` path may lead to.
fn companions() -> Vec<Case> {
    let to = |path: &str| detector("Bad", &format!("sigma: {path}"));
    vec![
        bad(
            "to-itself.yaml",
            to("to-itself.yaml"),
            ":8:8: bad Sigma rule in to-itself.yaml: this is no Sigma rule",
        ),
        bad(
            "to-nowhere.yaml",
            to("nowhere.yml"),
            ":8:8: bad Sigma rule in nowhere.yml: cannot be read: No such file",
        ),
        bad("to-a-folder.yaml", to("folder.yaml"), ":8:8: bad Sigma rule in folder.yaml: this is no file"),
        bad("to-a-pipe.yaml", to("pipe"), ":8:8: bad Sigma rule in pipe: this is no file"),
        bad("to-a-device.yaml", to("/dev/zero"), ":8:8: bad Sigma rule in /dev/zero: this is no file"),
        bad(
            "to-the-outside.yaml",
            to("../../../../../etc/hostname"),
            ":8:8: bad Sigma rule in ../../../../../etc/hostname: this is no Sigma rule",
        ),
        bad("to-a-bad-rule.yaml", to("bad.txt"), ":8:8: bad Sigma rule in bad.txt: the condition names t"),
        bad("to-text.yaml", to("words.txt"), ":8:8: bad Sigma rule in words.txt: this is no Sigma rule"),
        good("to-a-rule.yaml", detector("Companion", "sigma: folder.yaml/rule.txt")),
    ]
}

fn cases() -> Vec<Case> {
    [not_yaml(), bombs(), keys(), patterns(), rules(), encodings(), companions()].concat()
}

/// The files that some of them name, and a detector that is good.
fn neighbours(folder: &Path) -> Result<()> {
    fs::write(folder.join(GOOD), detector("Good", "pattern: '{ $.userAgent = a }'"))?;
    fs::create_dir(folder.join("folder.yaml"))?;
    fs::write(folder.join("folder.yaml/rule.txt"), rule("userAgent: a", "s"))?;
    fs::write(folder.join("bad.txt"), rule("userAgent: a", "t"))?;
    fs::write(folder.join("words.txt"), "just some words\n")?;
    let made = Command::new("mkfifo").arg(folder.join("pipe")).status().context("no mkfifo")?;
    ensure!(made.success(), "cannot make a pipe");
    Ok(())
}

fn check(folder: &Path, paths: &[&str]) -> Result<(Run, Vec<Value>)> {
    let run = trailmeter_within(KIBIBYTES, folder, &[&["check", "--format", "json"], paths].concat())?;
    let entries = run.json()?["detectors"].as_array().context("no detectors")?.clone();
    Ok((run, entries))
}

/// Each error of a file names it, and one begins as expected behind the name.
fn ensure_is_refused(file: &str, entry: &Value, expected: &str) -> Result<()> {
    let errors: Vec<&str> =
        entry["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let is_named = |error: &&str| {
        let rest = error.strip_prefix(file).unwrap_or_default();
        let is_there =
            if expected.starts_with(':') { rest.starts_with(expected) } else { rest.contains(expected) };
        is_there && error.len() < 700 && !error.contains('\n')
    };
    ensure!(
        entry["runs"] == false && errors.iter().any(is_named),
        "{file}: expected {expected:?} in {errors:?}"
    );
    Ok(())
}

#[test]
fn each_is_refused_at_its_place_and_its_neighbour_is_checked() -> Result<()> {
    let folder = tempfile::tempdir()?;
    neighbours(folder.path())?;
    let mut wrong = Vec::new();
    for case in cases() {
        if let Err(error) = alone(folder.path(), &case) {
            wrong.push(format!("{error:#}"));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn alone(folder: &Path, (file, content, error): &Case) -> Result<()> {
    fs::write(folder.join(file), content)?;
    let (run, entries) = check(folder, &[file, GOOD]).with_context(|| (*file).to_owned())?;
    let of = |name: &str| entries.iter().find(|entry| entry["file"] == name);
    let entry = of(file).with_context(|| format!("{file} is not named"))?;
    match error {
        Some(expected) => ensure_is_refused(file, entry, expected)?,
        None => ensure!(entry["runs"] == true, "{file}: {}", entry["errors"]),
    }
    ensure!(run.status == Some(i32::from(error.is_some())), "{file}: {:?} {}", run.status, run.stderr);
    ensure!(of(GOOD).is_some_and(|good| good["runs"] == true), "{file} keeps its neighbour from running");
    Ok(())
}

/// All of them in one folder, and one of them for the commands that need their detectors.
#[test]
fn a_folder_of_them_is_checked_to_its_end() -> Result<()> {
    let folder = tempfile::tempdir()?;
    neighbours(folder.path())?;
    let cases = cases();
    for (file, content, _) in &cases {
        fs::write(folder.path().join(file), content)?;
    }
    let (run, entries) = check(folder.path(), &["."])?;
    ensure!(run.status == Some(1), "{:?} {}", run.status, run.stderr);
    let runs = entries.iter().filter(|entry| entry["runs"] == true).count();
    let good = cases.iter().filter(|(_, _, error)| error.is_none()).count();
    ensure!((entries.len(), runs) == (cases.len() + 1, good + 1), "{} entries, {runs} run", entries.len());
    let scan = trailmeter_within(KIBIBYTES, folder.path(), &["scan", "--detectors", "key-twice.yaml", GOOD])?;
    ensure!(
        scan.status == Some(2) && scan.stderr.contains("key-twice.yaml:4:1: duplicate"),
        "{}",
        scan.stderr
    );
    Ok(())
}

/// Of several documents in a file each is checked for itself, and lines are those of the file.
#[test]
fn a_bad_document_leaves_the_others_of_its_file_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let documents = [
        detector("First", "pattern: '{ $.userAgent = a }'"),
        detector("Second", "pattern: '{ $.userAgent == a }'"),
        "x: [\n".to_owned(),
        rule("userAgent|re: '('", "s"),
        detector("First", "pattern: '{ $.userAgent = a }'"),
        detector("Last", "pattern: '{ $.userAgent = a }'"),
    ];
    fs::write(folder.path().join("several.yaml"), documents.join("---\n"))?;
    let (run, entries) = check(folder.path(), &["several.yaml"])?;
    ensure!(run.status == Some(1), "{:?}", run.status);
    let found: Vec<(bool, String)> = entries
        .iter()
        .map(|entry| {
            let error = entry["errors"][0].as_str().unwrap_or_default();
            (entry["runs"] == true, error.chars().take(50).collect())
        })
        .collect();
    let expected = [
        (true, ""),
        (false, "several.yaml:20:25: bad pattern: equality is writt"),
        (false, "several.yaml:25:4: unclosed bracket '['"),
        (false, "several.yaml:31:20: bad regular expression: unclos"),
        (false, "several.yaml:34:7: a detector First is already def"),
        (true, ""),
    ];
    let expected: Vec<(bool, String)> = expected.map(|(runs, error)| (runs, error.to_owned())).into();
    ensure!(found == expected, "{:#}", json!(found));
    Ok(())
}
