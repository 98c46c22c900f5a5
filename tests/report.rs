//! `trailmeter report` as far as no browser is needed; the page itself is tried in `tests/report`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use trailmeter_testkit::generate::{Corpus, Plan};

use crate::command::{trailmeter, trailmeter_in};

const RECORD: &str =
    r#"{"Records":[{"eventID":"1","eventTime":"2026-11-21T06:00:00Z","errorCode":"AccessDenied"}]}"#;

/// A folder with a log in `logs`.
fn logs() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("logs"))?;
    fs::write(folder.path().join("logs/a.json"), RECORD)?;
    Ok(folder)
}

#[test]
fn the_page_is_written_and_an_older_one_replaced() -> Result<()> {
    let folder = logs()?;
    let page = folder.path().join("report.html");
    fs::write(&page, "what stood here before".repeat(100_000))?;
    let run = trailmeter_in(folder.path(), &["report", "logs", "-o", "report.html"])?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "report.html: 1 matches of 1 detectors in 1 files; 1 of 1 findings in the table\n"
    );
    let text = fs::read_to_string(&page)?;
    assert!(text.starts_with("<!doctype html>\n") && text.ends_with("</html>\n"), "{}", text.len());
    assert!(!text.contains("stood here before"));

    let run = trailmeter_in(folder.path(), &["report", "logs", "-o", "-"])?;
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout, text, "the same on standard output");
    Ok(())
}

#[test]
fn nonsense_is_answered_with_what_to_do_and_leaves_an_older_page() -> Result<()> {
    let folder = logs()?;
    fs::write(folder.path().join("old.html"), "old")?;
    for (arguments, part) in [
        (&["report"][..], "required"),
        (&["report", "logs"], "--output <FILE>"),
        (&["report", "logs", "-o", "old.html", "--pack", "nope"], "the packs are"),
        (&["report", "logs", "-o", "old.html", "--most-findings", "200001"], "200000"),
        (&["report", "logs", "-o", "old.html", "--threads", "0"], "1..=1024"),
        (&["report", "https://example.com/", "-o", "old.html"], "s3://BUCKET/PREFIX"),
        (&["report", "logs", "-o", "logs"], "cannot write logs: Is a directory"),
        (&["report", "logs", "-o", "nowhere/report.html"], "cannot write nowhere/report.html: No such file"),
        (
            &["report", "logs", "-o", "old.html/report.html"],
            "cannot write old.html/report.html: Not a directory",
        ),
        (&["report", "logs", "-o", ""], "cannot write"),
    ] {
        let run = trailmeter_in(folder.path(), arguments)?;
        assert_eq!(run.status, Some(2), "{arguments:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(part), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{arguments:?}: {}", run.stderr);
        assert_eq!(fs::read_to_string(folder.path().join("old.html"))?, "old", "{arguments:?}");
    }
    let run = trailmeter(&["report", &folder.path().display().to_string(), "-o", "/dev/full"])?;
    assert_eq!(run.status, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("cannot write /dev/full: No space left"), "{}", run.stderr);
    Ok(())
}

/// What cannot be read is named on the page, which is written all the same.
#[test]
fn a_failed_file_changes_the_status_and_not_the_page_of_the_others() -> Result<()> {
    let folder = logs()?;
    fs::write(folder.path().join("logs/b.json"), r#"{"Records":["#)?;
    let run = trailmeter_in(folder.path(), &["report", "logs", "-o", "report.html"])?;
    assert_eq!(run.status, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("b.json: the JSON is cut off"), "{}", run.stderr);
    assert!(run.stdout.contains("1 matches"), "{}", run.stdout);
    assert!(folder.path().join("report.html").exists());
    Ok(())
}

/// The page that is being tried for may lie in a folder that is read: it is no log, and not there yet.
#[test]
fn the_page_does_not_count_itself() -> Result<()> {
    let folder = logs()?;
    let counted = || -> Result<String> {
        let run = trailmeter_in(folder.path(), &["report", ".", "-o", "report.html"])?;
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        Ok(fs::read_to_string(folder.path().join("report.html"))?)
    };
    let first = counted()?;
    fs::remove_file(folder.path().join("report.html"))?;
    assert_eq!(first, counted()?);
    Ok(())
}

#[test]
fn the_same_logs_give_the_same_page_on_any_number_of_threads() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let corpus = Corpus::generate(&Plan::with_everything(11))?;
    for file in &corpus.files {
        let path = folder.path().join(&file.key);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(path, &file.body)?;
    }
    let page = |threads: &str| -> Result<String> {
        let run = trailmeter_in(
            folder.path(),
            // Fewer than there are, so that some have to give way.
            &[
                "report",
                "audit",
                "-o",
                "-",
                "--threads",
                threads,
                "--pack",
                "default",
                "--most-findings",
                "20",
            ],
        )?;
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        Ok(run.stdout)
    };
    let one = page("1")?;
    for threads in ["2", "7"] {
        assert!(page(threads)? == one, "{threads} threads give another page");
    }
    Ok(())
}

/// Browsers compare what they run with these; one byte off and the page stays empty.
#[test]
fn the_policy_names_what_the_page_embeds_and_nothing_else() -> Result<()> {
    let folder = logs()?;
    let page = trailmeter_in(folder.path(), &["report", "logs", "-o", "-"])?.stdout;
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"")
        .first()
        .context("no policy")?
        .clone();
    let directives: Vec<(&str, &str)> =
        policy.split("; ").map(|directive| directive.split_once(' ').unwrap_or((directive, ""))).collect();
    let names: Vec<&str> = directives.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "default-src",
            "script-src",
            "style-src",
            "img-src",
            "base-uri",
            "form-action",
            "require-trusted-types-for",
            "trusted-types"
        ]
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(directives[0].1, "'none'");
    assert_eq!(directives[1].1, hashes(&between(&page, "<script>", "</script>")));
    assert_eq!(directives[2].1, hashes(&between(&page, "<style>", "</style>")));
    // The data are a script element that is none.
    assert_eq!(page.matches("<script").count(), 3);
    assert_eq!(between(&page, "<script type=\"text/plain\" id=\"data\">", "</script>").len(), 1);
    Ok(())
}

fn hashes(contents: &[String]) -> String {
    let hash = |content: &String| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content)));
    contents.iter().map(hash).collect::<Vec<_>>().join(" ")
}

/// All that stands between the two.
fn between(text: &str, start: &str, end: &str) -> Vec<String> {
    text.split(start).skip(1).filter_map(|rest| Some(rest.split_once(end)?.0.to_owned())).collect()
}

/// The note on what is embedded of others stands where a reader of licences looks.
#[test]
fn what_is_embedded_of_others_bears_its_licence() -> Result<()> {
    let vendor = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/src/report/page/vendor/uplot");
    let licence = fs::read_to_string(vendor.join("LICENSE"))?;
    let folder = logs()?;
    let page = trailmeter_in(folder.path(), &["report", "logs", "-o", "-"])?.stdout;
    assert!(page.contains(&licence));
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md"))?;
    assert!(readme.contains("cli/src/report/page/vendor"), "README.md does not name what is embedded");
    Ok(())
}
