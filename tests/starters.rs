//! `trailmeter new`: what it writes passes, and nothing is ever replaced.

use std::fs;

use anyhow::Result;

use crate::command::trailmeter;

#[test]
fn a_starter_passes_check_and_its_tests_and_is_explained() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for (name, options) in [("BucketOpened", &[][..]), ("Null", &[]), ("BucketOpened2", &["--sigma"])] {
        let path = folder.path().join(format!("{name}.yaml")).display().to_string();
        let run = trailmeter(&[&["new", name, "--out", &path], options].concat())?;
        assert_eq!((run.status, run.stdout.contains("written")), (Some(0), true), "{}", run.stderr);
        let text = fs::read_to_string(&path)?;
        assert_eq!(text.contains("sigma:"), options == ["--sigma"], "{name}");
        let checked = trailmeter(&["check", "--deny-warnings", &path])?;
        assert_eq!(
            (checked.status, checked.stdout.contains(": all is well")),
            (Some(0), true),
            "{}",
            checked.stdout
        );
        let tested = trailmeter(&["test", &path, "--format", "json"])?;
        assert_eq!((tested.status, &tested.json()?["detectors"][0]["name"]), (Some(0), &name.into()));
    }
    let all = trailmeter(&["check", &folder.path().display().to_string()])?;
    assert_eq!(all.status, Some(0), "{}", all.stdout);
    Ok(())
}

#[test]
fn without_a_path_it_is_written_here_under_its_name() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for status in [0, 2] {
        let run = crate::command::trailmeter_in(folder.path(), &["new", "EC2SnapshotShared"])?;
        assert_eq!(run.status, Some(status), "{}", run.stderr);
    }
    let names: Vec<_> = fs::read_dir(folder.path())?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()?;
    assert_eq!(names, ["ec2-snapshot-shared.yaml"]);
    Ok(())
}

#[test]
fn a_name_or_a_place_that_cannot_be_used_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let taken = folder.path().join("taken.yaml");
    fs::write(&taken, "mine")?;
    let taken = taken.display().to_string();
    let here = folder.path().display().to_string();
    let long = "N".repeat(121);
    for (arguments, part) in [
        (&["Fine", "--out", &taken][..], "is there already"),
        (&["Fine", "--out", &here], &here),
        (&["Fine", "--out", "/nowhere/x.yaml"], "cannot write /nowhere/x.yaml: No such file"),
        (&["9lives", "--out", "/nowhere/x.yaml"], "\"9lives\" cannot be used: a name is a letter"),
        (&["two words", "--out", "/nowhere/x.yaml"], "a name is a letter"),
        (&["", "--out", "/nowhere/x.yaml"], "a name is a letter"),
        (&["../../x"], "a name is a letter"),
        (&[&long], "a name is a letter"),
        (&["ObjectsRead"], "a metric of Trailmeter itself"),
        (&[], "required"),
    ] {
        let run = trailmeter(&[&["new"], arguments].concat())?;
        assert_eq!(run.status, Some(2), "{arguments:?}: {}", run.stdout);
        assert!(run.stderr.contains(part), "{arguments:?}: {}", run.stderr);
    }
    assert_eq!(fs::read_to_string(&taken)?, "mine");
    Ok(())
}

#[test]
fn a_name_that_a_packaged_detector_has_is_pointed_out() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.yaml").display().to_string();
    let run = trailmeter(&["new", "RootUsage", "--out", &path])?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("detectors/default/root-usage.yaml has the name too"), "{}", run.stdout);
    Ok(())
}
