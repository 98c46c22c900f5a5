//! The command on the day after: what an exclusion hid until its last day counts again.

use std::fs;

use anyhow::Result;
use trailmeter_testkit::bad_input::good_file;

use crate::command::Scan;
use crate::shelf::detector;

#[test]
fn scan_counts_what_an_expired_exclusion_took_out_and_says_so() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (log, file) = (folder.path().join("log.json.gz"), folder.path().join("one.yaml"));
    fs::write(&log, good_file(4)?)?;
    for (expires, matches, excluded) in
        [("never", 0, 4), ("9999-12-31", 0, 4), ("2020-02-29", 4, 0), ("1999-12-31", 4, 0)]
    {
        let pattern = "'{ $.userIdentity.userName = \"alice\" }'";
        let exclusion = format!(
            "exclude:\n  - {{ name: Alice, owner: Security, reason: r, expires: {expires}, pattern: {pattern} }}\n"
        );
        fs::write(&file, detector("One", &exclusion))?;
        let run = Scan::of(&[&log]).detectors(&file).run()?;
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        let found = &run.json()?["detectors"]["One"];
        assert_eq!((&found["matches"], &found["excluded"]), (&matches.into(), &excluded.into()), "{expires}");
        let warning = format!(
            "one.yaml: the exclusion Alice of One ended on {expires} and takes nothing out; Security answers for it"
        );
        assert_eq!(run.stderr.contains(&warning), matches > 0, "{expires}: {}", run.stderr);
    }
    Ok(())
}
