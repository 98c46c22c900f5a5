//! The `trailmeter` command as its users meet it.

use std::fs;

use anyhow::Result;
use trailmeter_testkit::bad_input::{good_file, not_gzip};
use trailmeter_testkit::generate::{Corpus, Plan};

use crate::command::{Run, Scan, trailmeter, trailmeter_with};
use crate::support::{World, cloud, key};

#[test]
fn a_generated_corpus_scans_to_its_truth() -> Result<()> {
    let corpus = Corpus::generate(&Plan::with_everything(7))?;
    let folder = tempfile::tempdir()?;
    for file in &corpus.files {
        let path = folder.path().join(&file.key);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(path, &file.body)?;
    }
    for (standing, truth) in
        [(false, &corpus.truth.both_packs.distinct), (true, &corpus.truth.both_packs.standing)]
    {
        let scan = Scan::of(&[folder.path()]).pack("default").pack("activity");
        let scan = if standing { scan.count_duplicates() } else { scan };
        let found = scan.json()?;
        let expected = serde_json::to_value(truth)?;
        assert_eq!(found["records"], expected["records"], "repeats as they stand: {standing}");
        assert_eq!(found["objects"]["read"], serde_json::to_value(corpus.truth.objects.read)?);
        assert_eq!(found["objects"]["skipped"], serde_json::to_value(&corpus.truth.objects.skipped)?);
        for (name, counts) in &truth.detectors {
            assert_eq!(found["detectors"][name]["matches"], counts.matches, "{name}");
            assert_eq!(found["detectors"][name]["excluded"], counts.excluded, "{name}");
        }
    }
    Ok(())
}

#[test]
fn nonsense_on_the_command_line_is_answered_with_what_to_do() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let empty = folder.path().display().to_string();
    let bad = folder.path().join("bad.yaml");
    fs::write(&bad, "name: X\npattern: '{ $.a == 1 }'\n")?;
    let bad = bad.display().to_string();
    for (arguments, status, part) in [
        (&["scan"][..], 2, "required"),
        (&["scan", "/nowhere"], 3, "/nowhere: No such file or directory"),
        (&["scan", "--threads", "0", "."], 2, "1..=1024"),
        (&["scan", "--format", "xml", "."], 2, "possible values"),
        (&["scan", "--pack", "nope", "."], 2, "the packs are"),
        (&["scan", "--detectors", "/nowhere", "."], 2, "/nowhere"),
        (&["scan", "--detectors", bad.as_str(), "."], 2, "bad.yaml:"),
        (&["scan", "s3://"], 2, "names no bucket"),
        (&["check", "/nowhere"], 2, "/nowhere"),
        (&["frobnicate"], 2, "unrecognized subcommand"),
    ] {
        let run = trailmeter(arguments)?;
        assert_eq!(run.status, Some(status), "{arguments:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(part), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{arguments:?}: {}", run.stderr);
    }
    let nothing = trailmeter(&["check", empty.as_str()])?;
    assert_eq!((nothing.status, nothing.stdout.contains("bad.yaml:")), (Some(1), true), "{}", nothing.stdout);
    Ok(())
}

#[test]
fn check_names_each_mistake_by_file_line_and_column() -> Result<()> {
    let well = trailmeter(&["check"])?;
    assert_eq!(well.status, Some(0), "{}", well.stdout);
    assert!(well.stdout.contains("all is well"), "{}", well.stdout);

    let folder = tempfile::tempdir()?;
    let good = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../detectors/default/sig-v2.yaml"))?;
    fs::write(folder.path().join("a.yaml"), &good)?;
    fs::write(folder.path().join("b.yaml"), &good)?;
    fs::write(
        folder.path().join("c.yaml"),
        good.replace("name: SigV2", "name: Other").replace("match: true", "match: false"),
    )?;
    let run = trailmeter(&["check", &folder.path().display().to_string()])?;
    assert_eq!(run.status, Some(1));
    for part in [
        "b.yaml:1:7: a detector SigV2 is already defined in",
        "c.yaml:",
        "needs at least one record that must match",
    ] {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    Ok(())
}

/// One good file, one bad, one digest: the good one counts, the bad one is named, the exit says so.
#[test]
fn a_bad_file_takes_no_good_one_with_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let record = r#"{"eventID":"1","errorCode":"AccessDenied"}"#;
    fs::write(folder.path().join("good.json"), format!(r#"{{"Records":[{record},{record},null]}}"#))?;
    fs::write(folder.path().join("bad.json"), r#"{"Records":["#)?;
    fs::write(folder.path().join("111122223333_CloudTrail-Digest_us-east-1_x.json.gz"), "")?;
    fs::write(folder.path().join("notes.txt"), "hello")?;
    let run = Scan::of(&[folder.path()]).run()?;
    assert_eq!(run.status, Some(3));
    let found = run.json()?;
    assert_eq!(
        found["objects"],
        serde_json::json!({ "read": 1, "skipped": { "digest": 1, "unknown-key": 1 }, "failed": { "truncated-json": 1 } })
    );
    assert_eq!(
        found["records"],
        serde_json::json!({ "read": 3, "matched": 1, "unmatched": 0, "malformed": 1, "duplicate": 1 })
    );
    assert_eq!(found["detectors"]["AccessDenied"]["matches"], 1);
    let Run { stderr, .. } = run;
    assert!(stderr.contains("bad.json: the JSON is cut off (at byte 12 of the inflated file)"), "{stderr}");
    Ok(())
}

#[test]
fn the_table_says_which_detectors_are_blind() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("a.json"), r#"{"Records":[{"eventCategory":"Management"}]}"#)?;
    let run = trailmeter(&["scan", &folder.path().display().to_string()])?;
    assert!(
        run.stdout.contains("no data events in these logs: AnonymousPrincipal, SigV2 see nothing"),
        "{}",
        run.stdout
    );
    fs::write(folder.path().join("a.json"), r#"{"Records":[{"eventCategory":"Data"}]}"#)?;
    let run = trailmeter(&["scan", &folder.path().display().to_string()])?;
    assert!(!run.stdout.contains("no data events"), "{}", run.stdout);
    Ok(())
}

/// What would never end, or is not there, is counted by its reason; a pipe is not even opened.
#[test]
fn links_and_pipes_in_a_folder_are_counted_and_not_followed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    fs::write(at("good.json"), r#"{"Records":[]}"#)?;
    std::os::unix::fs::symlink(at("good.json"), at("link.json"))?;
    std::os::unix::fs::symlink(folder.path(), at("loop"))?;
    std::os::unix::fs::symlink("/nowhere", at("gone.json"))?;
    let made = std::process::Command::new("mkfifo").arg(at("pipe.json.gz")).status()?;
    assert!(made.success());
    let run = Scan::of(&[folder.path()]).run()?;
    assert_eq!(run.status, Some(3));
    assert_eq!(
        run.json()?["objects"],
        serde_json::json!({ "read": 2, "skipped": { "link": 1, "not-a-file": 1 }, "failed": { "not-found": 1 } })
    );
    assert!(run.stderr.contains("gone.json"), "{}", run.stderr);
    Ok(())
}

#[test]
fn a_place_that_only_looks_like_one_is_refused() -> Result<()> {
    for place in ["S3://bucket/AWSLogs", "s3:/bucket", "https://bucket.s3.amazonaws.com/AWSLogs"] {
        let run = trailmeter(&["scan", place])?;
        assert_eq!(run.status, Some(2), "{place}");
        assert!(run.stderr.contains(place) && run.stderr.contains("s3://BUCKET/PREFIX"), "{}", run.stderr);
    }
    let folder = tempfile::tempdir()?;
    let nothing = trailmeter(&["scan", &folder.path().display().to_string()])?;
    assert!(nothing.stdout.contains("there was nothing to read"), "{}", nothing.stdout);
    Ok(())
}

/// A bucket is read as the function reads it; what fails is named by its address.
#[tokio::test]
async fn a_bucket_is_scanned_by_its_keys() -> Result<()> {
    let world = World::new("scanned").await?;
    world.put(&key("good"), &good_file(3)?).await?;
    world.put(&key("bad"), &not_gzip()).await?;
    world.put("notes.txt", b"hello").await?;
    let environment = [
        ("AWS_ENDPOINT_URL", cloud().await?.endpoint()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let place = format!("s3://{}/", world.bucket);
    let run = trailmeter_with(&environment, &["scan", "--format", "json", &place])?;
    assert_eq!(run.status, Some(3), "{}", run.stderr);
    let found = run.json()?;
    assert_eq!(
        found["objects"],
        serde_json::json!({ "read": 1, "skipped": { "unknown-key": 1 }, "failed": { "not-json": 1 } })
    );
    assert_eq!(found["detectors"]["AccessDenied"]["matches"], 3);
    assert!(run.stderr.contains(&format!("{place}{}", key("bad"))), "{}", run.stderr);

    let run = trailmeter_with(&environment, &["scan", "--format", "json", "s3://no-such-bucket-here/"])?;
    assert_eq!((run.status, run.json()?["objects"]["failed"]["unlistable"].as_u64()), (Some(3), Some(1)));
    assert!(run.stderr.contains("s3://no-such-bucket-here/"), "{}", run.stderr);
    Ok(())
}
